"""A small world on this computer: a catalogue, its extracts, and an Overpass server, for a village.

It answers as the real services do, over the same nine by nine crossroads as `tests.conftest`.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import osmium
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from geo.settings import Settings
from tests.conftest import village_xml

_BOX = re.compile(r"\((-?[\d.]+),(-?[\d.]+),(-?[\d.]+),(-?[\d.]+)\)")
BORDER = -0.5 + 8 * 0.0073
"""Where the village ends and its neighbour begins, in degrees east."""

STAMP = "2026-11-01T00:00:00Z"


class World:
    """All services behind one address."""

    def __init__(self, server: HTTPServer, xml: str, folder: Path) -> None:
        self.server = server
        self.queries: list[str] = []
        self.is_off = False
        self.stamp = STAMP
        self._folder = folder
        self._beside = pbf(neighbour_xml(), folder)
        self.change(xml)
        for path, respond in (
            ("/index-v1.json", self._index),
            ("/europe-latest.osm.pbf", lambda _request: Response("", 404)),
            ("/europe/village-latest.osm.pbf", self._latest),
            ("/europe/village-261101.osm.pbf", self._extract),
            ("/europe/village-261101.osm.pbf.md5", self._md5),
            ("/europe/neighbour-latest.osm.pbf", self._neighbour),
            ("/europe/neighbour-latest.osm.pbf.md5", lambda _request: Response("", 404)),
            ("/api/interpreter", self._interpret),
            ("/api/status", lambda _request: Response("Rate limit: 0\n")),
        ):
            server.expect_request(path).respond_with_handler(self._unless_off(respond))

    @property
    def settings(self) -> Settings:
        return Settings(
            data_dir=self._folder / "data",
            geofabrik_index_url=self.server.url_for("/index-v1.json"),
            overpass_url=self.server.url_for("/api/interpreter"),
            nominatim_url=self.server.url_for("/nominatim"),
        )

    @property
    def environment(self) -> dict[str, str]:
        """The same settings as variables."""
        settings = self.settings
        return {
            "CROSSROADS_DATA_DIR": str(settings.data_dir),
            "CROSSROADS_GEOFABRIK_INDEX_URL": settings.geofabrik_index_url,
            "CROSSROADS_OVERPASS_URL": settings.overpass_url,
            "CROSSROADS_NOMINATIM_URL": settings.nominatim_url,
        }

    @property
    def extract_url(self) -> str:
        return self.server.url_for("/europe/village-latest.osm.pbf")

    def change(self, xml: str) -> None:
        """Let OpenStreetMap look like this from now on."""
        self.elements = list(map(_element, ElementTree.fromstring(xml)))  # noqa: S314 - ours
        self.extract = pbf(xml, self._folder)

    def _unless_off(self, respond: Any) -> Any:
        return lambda request: Response("", 503) if self.is_off else respond(request)

    def _index(self, _request: Request) -> Response:
        europe = {"id": "europe", "name": "Europe", "urls": {"pbf": "/europe-latest.osm.pbf"}}
        village: dict[str, Any] = {"id": "village", "name": "Nine Lanes", "parent": "europe"}
        village["urls"] = {"pbf": "europe/village-latest.osm.pbf"}
        beside: dict[str, Any] = {"id": "neighbour", "name": "Ten Lanes", "parent": "europe"}
        beside |= {"iso3166-2": None, "urls": {"pbf": "europe/neighbour-latest.osm.pbf"}}
        far = {"id": "antipodes", "name": "Antipodes", "urls": {"pbf": "/far-latest.osm.pbf"}}
        features = [
            _feature(europe, (-30, 30, 40, 70)),
            _feature(village, (-1, 51, BORDER, 53)),
            _feature(beside, (BORDER, 51, 0.2, 53)),
            _feature(far, (140, -40, 150, -30)),
        ]
        return _json({"type": "FeatureCollection", "features": features})

    def _neighbour(self, _request: Request) -> Response:
        return Response(self._beside, headers={"ETag": '"east"'})

    def _latest(self, _request: Request) -> Response:
        return Response("", 302, {"Location": "/europe/village-261101.osm.pbf"})

    def _extract(self, request: Request) -> Response:
        etag = f'"{self._sum()}"'
        asked = request.headers.get("Range", "")
        if not asked or request.headers.get("If-Range") != etag:
            return Response(self.extract, headers={"ETag": etag})
        start, size = int(asked[6:-1]), len(self.extract)
        headers = {"ETag": etag, "Content-Range": f"bytes {start}-{size - 1}/{size}"}
        return Response(self.extract[start:], 206, headers)

    def _sum(self) -> str:
        return hashlib.md5(self.extract).hexdigest()  # noqa: S324 - what is published

    def _md5(self, _request: Request) -> Response:
        return Response(f"{self._sum()}  village-261101.osm.pbf\n")

    def _interpret(self, request: Request) -> Response:
        query = request.form["data"]
        self.queries.append(query)
        boxes = {tuple(map(float, match)) for match in _BOX.findall(query)}
        wants_roads = 'way["highway"]' in query
        nodes = {one["id"]: one for one in self.elements if one["type"] == "node"}
        chosen: dict[tuple[str, int], Any] = {}
        for one in self.elements:
            refs = [nodes[ref] for ref in one.get("nodes", ())] or [one]
            wanted = wants_roads if one["type"] == "way" else "amenity" in one.get("tags", {})
            if wanted and any(_is_inside(node, boxes) for node in refs):
                chosen |= {(thing["type"], thing["id"]): thing for thing in (*refs, one)}
        return _json(
            {
                "version": 0.6,
                "generator": "Overpass API 0.7.62",
                "osm3s": {"timestamp_osm_base": self.stamp},
                "elements": list(chosen.values()),
            }
        )


def neighbour_xml() -> str:
    """Return the village again, east of itself: they share the crossroads on their border."""
    root = ElementTree.fromstring(village_xml(cafe="The Far Cup"))  # noqa: S314 - ours
    for thing in root:
        number = thing.attrib["id"]
        thing.set("id", _moved(int(number)) if thing.tag == "node" else f"1{number}")
        if "lon" in thing.attrib:
            thing.set("lon", f"{float(thing.attrib['lon']) + BORDER + 0.5:.7f}")
        for child in thing:
            if child.tag == "nd":
                child.set("ref", _moved(int(child.attrib["ref"])))
            elif child.get("v") == "Nine Lanes":
                child.set("v", "Ten Lanes")
    root[:] = sorted(root, key=lambda thing: (thing.tag, int(thing.attrib["id"])))
    return ElementTree.tostring(root, "unicode")


def _moved(number: int) -> str:
    """Return the number of a node of the neighbour."""
    is_on_border = number <= 81 and number % 9 == 1
    return str(number + 8 if is_on_border else 10_000 + number)


def pbf(xml: str, folder: Path, *, compression: str = "zlib") -> bytes:
    """Return OpenStreetMap XML as an extract; a folder is needed for a while."""
    source, target = folder / "now.osm", folder / "now.osm.pbf"
    source.write_text(xml, "utf-8")
    file = osmium.io.File(str(target), f"pbf,pbf_compression={compression}")
    with osmium.SimpleWriter(file, overwrite=True) as writer:
        for thing in osmium.FileProcessor(source):
            writer.add(thing)
    return target.read_bytes()


def _feature(properties: dict[str, Any], box: tuple[float, ...]) -> dict[str, Any]:
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    geometry = {"type": "MultiPolygon", "coordinates": [[ring]]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _is_inside(node: dict[str, Any], boxes: set[tuple[float, ...]]) -> bool:
    return any(
        south <= node["lat"] <= north and west <= node["lon"] <= east
        for south, west, north, east in boxes
    )


def _element(thing: ElementTree.Element) -> dict[str, Any]:
    found: dict[str, Any] = {"type": thing.tag, "id": int(thing.attrib["id"]), "version": 1}
    found["timestamp"] = STAMP
    if thing.tag == "node":
        found |= {"lat": float(thing.attrib["lat"]), "lon": float(thing.attrib["lon"])}
    else:
        found["nodes"] = [int(child.attrib["ref"]) for child in thing.iter("nd")]
    tags = {child.attrib["k"]: child.attrib["v"] for child in thing.iter("tag")}
    return {**found, "tags": tags} if tags else found


def _json(values: Any) -> Response:
    import json

    return Response(json.dumps(values), content_type="application/json")
