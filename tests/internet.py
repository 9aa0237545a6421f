"""A little internet on loopback: a catalogue with extracts, an Overpass server, a Nominatim server.

It serves what tests put into it, as the real ones would, and notes what it was asked for.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

STAMP = "2026-11-20T10:00:00Z"
STATUS = "Connected as: 1\nRate limit: 0\nCurrently running queries (pid):\n"


@dataclass
class Internet:
    """What is served, and what was asked.

    Attributes
    ----------
    base
        The address of it all.
    extracts
        Bytes of ``.osm.pbf`` by id; ``outlines`` has the box of each as west, south, east, north.
    elements
        What the Overpass server answers.
    addresses
        What the Nominatim server answers: label, lat, lon.
    open_gate
        While it is not set, downloads stand still in their middle.
    asked
        Path and body of each request.
    """

    base: str = ""
    extracts: dict[str, bytes] = field(default_factory=dict)
    outlines: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)
    elements: list[dict[str, Any]] = field(default_factory=list)
    addresses: list[tuple[str, float, float]] = field(default_factory=list)
    open_gate: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, str]:
        """The settings of an app that lives in this internet."""
        return {
            "CROSSROADS_GEOFABRIK_INDEX_URL": f"{self.base}/index-v1.json",
            "CROSSROADS_OVERPASS_URL": f"{self.base}/api/interpreter",
            "CROSSROADS_NOMINATIM_URL": f"{self.base}/nominatim",
        }

    def catalogue(self) -> dict[str, Any]:
        """Return ``index-v1.json``."""
        features = []
        for name, (west, south, east, north) in self.outlines.items():
            ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
            features.append(
                {
                    "type": "Feature",
                    "properties": {
                        "id": name,
                        "name": name.title().replace("-", " "),
                        "urls": {"pbf": f"{self.base}/{name}-latest.osm.pbf"},
                    },
                    "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]},
                }
            )
        return {"type": "FeatureCollection", "features": features}


class _Handler(BaseHTTPRequestHandler):
    internet: Internet
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._extract(urlsplit(self.path).path, with_body=False)

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.internet.asked.append((self.path, ""))
        if url.path == "/index-v1.json":
            self._json(self.internet.catalogue())
        elif url.path == "/api/status":
            self._send(200, "text/plain", STATUS.encode())
        elif url.path == "/nominatim/search":
            self._json([_address(*one) for one in self.internet.addresses])
        else:
            self._extract(url.path, with_body=True)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.internet.asked.append((self.path, parse_qs(body).get("data", [""])[0]))
        self._json({"osm3s": {"timestamp_osm_base": STAMP}, "elements": self.internet.elements})

    def log_message(self, *_said: object) -> None:
        pass

    def _json(self, values: Any) -> None:
        self._send(200, "application/json", json.dumps(values).encode())

    def _send(self, status: int, kind: str, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _extract(self, path: str, *, with_body: bool) -> None:
        """Serve an extract: the latest is a redirect, as Geofabrik's is; ranges are kept."""
        name = path.removeprefix("/").removesuffix(".md5").removesuffix(".osm.pbf")
        content = self.internet.extracts.get(name.removesuffix("-latest").removesuffix("-261120"))
        if content is None:
            self._send(404, "text/html", b"<html>Not found</html>" if with_body else b"")
        elif path.endswith(".md5"):
            digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
            self._send(200, "text/plain", f"{digest}  {name}.osm.pbf\n".encode())
        elif name.endswith("-latest"):
            target = path.replace("-latest", "-261120")
            self._send(302, "text/html", b"", Location=target)
        else:
            self._part(content, with_body=with_body)

    def _part(self, content: bytes, *, with_body: bool) -> None:
        tag = f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
        asked = self.headers.get("Range", "")
        first = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        self.send_response(206 if asked else 200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(content) - first))
        self.send_header("ETag", tag)
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if with_body:
            middle = (first + len(content)) // 2
            self.wfile.write(content[first:middle])
            self.wfile.flush()
            self.internet.open_gate.wait(60)
            self.wfile.write(content[middle:])


def _address(label: str, lat: float, lon: float) -> dict[str, Any]:
    return {"display_name": label, "lat": str(lat), "lon": str(lon), "place_id": 1}


@contextmanager
def serve_internet() -> Iterator[Internet]:
    """Serve a little internet on a free port while the block runs."""
    internet = Internet()
    handler = type("Handler", (_Handler,), {"internet": internet})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    internet.base = f"http://127.0.0.1:{server.server_port}"
    internet.open_gate.set()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield internet
    finally:
        internet.open_gate.set()
        server.shutdown()
        server.server_close()
        thread.join()
