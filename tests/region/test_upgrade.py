"""A region of an earlier version is said to be one, and is built again by one command or click."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from geo.cli import main
from geo.errors import InputError, OutdatedRegion
from geo.files import json_crc32
from geo.online import Services
from geo.region import list_regions, load_region, read_manifest
from geo.region.acquire import update_region
from geo.region.build import build_region
from geo.region.manifest import FORMAT, MANIFEST
from tests.conftest import village_xml
from tests.online.world import World

OF_0_1_0 = Path(__file__).parent / "region_0_1_0.zip"
"""The village as 0.1.0 built it from a file of its own; never written anew."""


@pytest.fixture
def regions_dir(tmp_path: Path) -> Path:
    with zipfile.ZipFile(OF_0_1_0) as box:
        box.extractall(tmp_path / "regions")
    return tmp_path / "regions"


def let_it_come_from(folder: Path, url: str) -> None:
    """Let a manifest say that the region was downloaded."""
    values = json.loads((folder / MANIFEST).read_text("utf-8"))
    del values["seal"]
    values["sources"] = [
        {"name": "village.osm", "bytes": 8001, "osm_timestamp": None, "url": url, "md5": "",
         "etag": "", "modified": ""}
    ]  # fmt: skip
    values["seal"] = json_crc32(values)
    (folder / MANIFEST).write_text(json.dumps(values), "utf-8")


def test_a_region_of_0_1_0_is_told_as_such_and_built_again(
    regions_dir: Path, village: Path, capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(regions_dir.parent))
    reason = "'village' was built by an earlier version .* 'crossroads region build EXTRACT --name"
    with pytest.raises(OutdatedRegion, match=reason) as told:
        load_region("village", regions_dir=regions_dir)
    assert not told.value.can_update
    assert list_regions(regions_dir) == ["village"]
    assert main(["near", "52.0181,-0.4709", "--region", "village"]) == 2
    assert "built by an earlier version" in capsys.readouterr().err
    assert main(["region", "list"]) == 0
    assert "unreadable" in capsys.readouterr().out
    assert main(["region", "build", str(village), "--name", "village"]) == 0
    assert main(["near", "52.0181,-0.4709", "--region", "village"]) == 0
    assert len([one for one in (regions_dir / "village").iterdir() if one.is_dir()]) == 1


def test_a_region_of_0_1_0_that_was_downloaded_is_updated(
    regions_dir: Path, httpserver: HTTPServer, tmp_path: Path
) -> None:
    world = World(httpserver, village_xml(cafe="The New Kettle"), tmp_path)
    with Services(world.settings) as services:
        with pytest.raises(InputError, match="a file of your own"):
            update_region("village", services=services, regions_dir=regions_dir)
        let_it_come_from(regions_dir / "village", world.extract_url)
        with pytest.raises(OutdatedRegion, match="'crossroads region update village'") as told:
            read_manifest(regions_dir / "village")
        assert told.value.can_update
        assert update_region("village", services=services, regions_dir=regions_dir) is not None
    region = load_region("village", regions_dir=regions_dir)
    assert region.manifest.to_json()["format"] == FORMAT
    assert "The New Kettle" in {place.name for place in region.places}


def test_a_damaged_region_of_0_1_0_is_not_taken_for_one(regions_dir: Path) -> None:
    path = regions_dir / "village" / MANIFEST
    path.write_text(path.read_text("utf-8").replace('"junctions": 81', '"junctions": 82'), "utf-8")
    with pytest.raises(ValueError, match="is damaged"):
        read_manifest(regions_dir / "village", allow_outdated=True)


def test_a_region_of_now_is_none(village: Path, tmp_path: Path) -> None:
    build_region(village, "village", regions_dir=tmp_path)
    assert read_manifest(tmp_path / "village") == read_manifest(
        tmp_path / "village", allow_outdated=True
    )
