"""The small world of `tests.online.world` with addresses, whose downloads can be held up."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.conftest import village_xml
from tests.online.world import World


class Internet(World):
    """Services of the village; an extract comes to its half while ``gate`` is not set."""

    def __init__(self, server: HTTPServer, folder: Path) -> None:
        super().__init__(server, village_xml(), folder)
        self.gate = threading.Event()
        self.gate.set()
        self.addresses: list[dict[str, Any]] = []
        self.sought: list[str] = []
        server.expect_request("/nominatim/search").respond_with_handler(self._search)

    def _search(self, request: Request) -> Response:
        self.sought.append(request.args["q"])
        return Response(json.dumps(self.addresses), content_type="application/json")

    def _extract(self, request: Request) -> Response:
        whole = super()._extract(request)
        body = whole.get_data()
        if request.method == "HEAD" or self.gate.is_set():
            return whole
        middle = len(body) // 2

        def halves() -> Iterator[bytes]:
            yield body[:middle]
            self.gate.wait(60)
            yield body[middle:]

        whole.response = halves()
        whole.headers["Content-Length"] = str(len(body))
        return whole


@contextmanager
def small_internet(folder: Path) -> Iterator[Internet]:
    """Serve the village's services on a free port of this computer while the block runs."""
    server = HTTPServer(host="127.0.0.1", port=0, threaded=True)
    server.start()
    internet = Internet(server, folder)
    try:
        yield internet
    finally:
        internet.gate.set()
        if server.is_running():
            server.stop()
