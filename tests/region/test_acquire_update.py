"""What an update takes for new: other content, whatever a server says or leaves out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from geo.online import Services
from geo.region import load_region, read_manifest
from geo.region.acquire import get_region, update_region
from geo.settings import Settings
from tests.conftest import village_xml
from tests.online.world import pbf

OLD, NEW = "The Kettle", "The Mettle"  # as long as each other, so that the extracts are too


@dataclass
class Mirror:
    """A file server that says as much of its files as it is told to."""

    content: bytes
    says: tuple[str, ...] = ()
    date: str = "Sun, 01 Nov 2026 00:00:00 GMT"
    downloads: int = 0
    url: str = ""

    def file(self, request: Request) -> Response:
        headers = {"ETag": f'"{self.sum()}"', "Last-Modified": self.date}
        if request.method == "HEAD" and "nothing to HEAD" in self.says:
            return Response("", 405)
        self.downloads += request.method == "GET"
        said = {name: value for name, value in headers.items() if name in self.says}
        return Response(self.content, headers=said)

    def md5(self, _request: Request) -> Response:
        known = "MD5" in self.says
        return Response(f"{self.sum()}  village.osm.pbf\n" if known else "", 200 if known else 404)

    def sum(self) -> str:
        return hashlib.md5(self.content).hexdigest()  # noqa: S324 - what is published


@pytest.fixture(scope="module")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    folder = tmp_path_factory.mktemp("extracts")
    old, new = (pbf(village_xml(cafe=cafe), folder, compression="none") for cafe in (OLD, NEW))
    assert len(old) == len(new)
    return old, new


@pytest.fixture
def mirror(httpserver: HTTPServer, extracts: tuple[bytes, bytes]) -> Mirror:
    mirror = Mirror(extracts[0], url=httpserver.url_for("/village.osm.pbf"))
    httpserver.expect_request("/village.osm.pbf").respond_with_handler(mirror.file)
    httpserver.expect_request("/village.osm.pbf.md5").respond_with_handler(mirror.md5)
    return mirror


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with Services(Settings(data_dir=tmp_path)) as services:
        yield services


@pytest.mark.parametrize(
    ("says", "looks_are_enough"),
    [
        (("MD5", "ETag", "Last-Modified"), True),
        (("ETag",), True),
        (("Last-Modified",), True),
        (("MD5", "nothing to HEAD"), True),
        ((), False),
        (("ETag", "nothing to HEAD"), False),
    ],
)
def test_other_content_of_the_same_size_is_an_update_and_the_same_content_is_none(
    says: tuple[str, ...],
    looks_are_enough: bool,
    mirror: Mirror,
    services: Services,
    extracts: tuple[bytes, bytes],
    tmp_path: Path,
) -> None:
    mirror.says = says
    regions_dir = tmp_path / "regions"
    get_region([mirror.url], "village", services=services, regions_dir=regions_dir)
    (source,) = read_manifest(regions_dir / "village").sources
    assert (source.md5, bool(source.etag)) == (mirror.sum(), "ETag" in says)

    assert update_region("village", services=services, regions_dir=regions_dir) is None
    assert mirror.downloads == (1 if looks_are_enough else 2)
    assert list(services.settings.downloads_dir.iterdir()) == []

    mirror.content, mirror.date = extracts[1], "Mon, 02 Nov 2026 00:00:00 GMT"
    assert update_region("village", services=services, regions_dir=regions_dir) is not None
    names = {place.name for place in load_region("village", regions_dir=regions_dir).places}
    assert NEW in names
    assert OLD not in names


def test_the_old_region_stays_where_the_new_extract_cannot_be_built(
    mirror: Mirror, services: Services, tmp_path: Path
) -> None:
    urls, regions_dir = [mirror.url], tmp_path / "regions"
    before = get_region(urls, "village", services=services, regions_dir=regions_dir)
    mirror.content = mirror.content[: len(mirror.content) // 2]
    with pytest.raises(ValueError, match="cut off"):
        update_region("village", services=services, regions_dir=regions_dir)
    assert load_region("village", regions_dir=regions_dir).manifest == before
