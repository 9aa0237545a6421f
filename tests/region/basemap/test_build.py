"""From objects of an extract to tiles, read by another's reader.

A map that a second process draws, and what becomes of that process.
"""

from __future__ import annotations

import gzip
import os
import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo.cancellation import no_progress
from geo.errors import SetupError, UnreadableExtract
from geo.model import BBox
from geo.region.basemap import BasemapCollector, build, start_basemap
from geo.region.extract import read_extract
from geo.region.osm_objects import OsmArea, OsmNode, OsmWay
from geo.region.processes import ChildProcess
from geo.tiles import TileArchive

Draw = Callable[..., TileArchive]
TilesOf = Callable[..., Any]


def features(tiles: Any, layer: str) -> list[dict[str, Any]]:
    return [
        feature["properties"]
        for _, _, tile in tiles
        for feature in tile.get(layer, {"features": []})["features"]
    ]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "trunk_link"}, {"class": "trunk", "link": 1}),
        ({"highway": "residential", "name": "Şehir"}, {"class": "minor", "name": "Şehir"}),
        ({"highway": "track"}, {"class": "track", "unpaved": 1}),
        ({"highway": "track", "surface": "asphalt"}, {"class": "track"}),
        ({"highway": "tertiary", "surface": "gravel"}, {"class": "tertiary", "unpaved": 1}),
        ({"highway": "primary", "tunnel": "yes"}, {"class": "primary", "tunnel": 1}),
        ({"highway": "primary", "tunnel": "no", "ref": "A 1"}, {"class": "primary", "ref": "A 1"}),
        ({"highway": "primary", "bridge": "viaduct"}, {"class": "primary", "bridge": 1}),
        ({"railway": "rail"}, {"class": "rail"}),
        ({"route": "ferry", "name": "Fähre"}, {"class": "ferry", "name": "Fähre"}),
        ({"highway": "proposed"}, None),
        ({"highway": "pedestrian", "area": "yes"}, None),
        ({"railway": "abandoned"}, None),
        ({"building": "yes", "highway": "corridor"}, None),
    ],
)
def test_roads(
    tags: dict[str, str],
    expected: dict[str, Any] | None,
    way: Callable[..., OsmWay],
    draw: Draw,
    tiles_of: TilesOf,
) -> None:
    archive = draw([way([(1.5, 42.5), (1.501, 42.501)], **tags)])
    assert features(tiles_of(archive, 14), "road")[:1] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("tags", "layer", "expected"),
    [
        ({"natural": "wood"}, "landcover", {"class": "wood"}),
        ({"landuse": "forest"}, "landcover", {"class": "wood"}),
        ({"landuse": "meadow"}, "landcover", {"class": "grass"}),
        ({"leisure": "park", "name": "P"}, "landcover", {"class": "park"}),
        ({"natural": "water", "landuse": "meadow"}, "water", {}),
        ({"waterway": "riverbank"}, "water", {}),
        ({"building": "yes"}, "building", {}),
        ({"building": "no"}, "building", None),
        ({"landuse": "unheard of"}, "landcover", None),
    ],
)
def test_areas(
    tags: dict[str, str],
    layer: str,
    expected: dict[str, Any] | None,
    area: Callable[..., OsmArea],
    draw: Draw,
    tiles_of: TilesOf,
) -> None:
    archive = draw([area(shapely.box(1.5, 42.5, 1.502, 42.502), **tags)])
    assert features(tiles_of(archive, 14), layer)[:1] == ([] if expected is None else [expected])


def test_labels(node: Callable[..., OsmNode], draw: Draw, tiles_of: TilesOf) -> None:
    archive = draw(
        [
            node(1.50, 42.5, place="village", name="B"),
            node(1.52, 42.5, place="town", name="A"),
            node(1.54, 42.5, place="village", name="C", population="5 000"),
            node(1.56, 42.5, place="village"),
            node(1.58, 42.5, natural="peak", name="Pic", ele="2942.7 m"),
            node(1.59, 42.5, natural="peak", ele="high"),
        ]
    )
    places = sorted(features(tiles_of(archive, 14), "place"), key=lambda found: found["rank"])
    assert [(found["name"], found["class"], found["rank"]) for found in places] == [
        ("A", "town", 1),
        ("C", "village", 2),
        ("B", "village", 3),
    ]
    assert features(tiles_of(archive, 14), "peak") == [{"name": "Pic", "ele": 2943}]
    assert [found["name"] for found in features(tiles_of(archive, 7), "place")] == ["A"]


def test_a_border_is_drawn_once_by_its_highest_rank(
    way: Callable[..., OsmWay], area: Callable[..., OsmArea], draw: Draw, tiles_of: TilesOf
) -> None:
    left, right = shapely.box(1.50, 42.5, 1.51, 42.51), shapely.box(1.51, 42.5, 1.52, 42.51)
    border = [(1.51, 42.5), (1.51, 42.51)]
    administrative = {"boundary": "administrative"}
    archive = draw(
        [
            way(border, admin_level="8", **administrative),
            area(left, admin_level="4", **administrative),
            area(right, admin_level="8", **administrative),
            way(border, admin_level="9", **administrative),
            way(border, admin_level="2", maritime="yes", **administrative),
            way(border, admin_level="<b>", **administrative),
        ]
    )
    lengths = dict.fromkeys((2, 4, 8), 0.0)
    for x, y, tile in tiles_of(archive, 14):
        frame = shapely.box(0, 0, 4096, 4096)
        for feature in tile["boundary"]["features"]:
            line = shapely.geometry.shape(feature["geometry"]).intersection(frame)
            lengths[feature["properties"]["level"]] += line.length
        del x, y
    wide, high = 0.01 / 360 * 2**26, 0.01 / 360 * 2**26 / 0.7372
    assert lengths[2] == 0
    assert lengths[4] == pytest.approx(2 * wide + 2 * high, rel=0.01)
    assert lengths[8] == pytest.approx(2 * wide + high, rel=0.01)


def test_the_sea_around_an_island(
    way: Callable[..., OsmWay], draw: Draw, tiles_of: TilesOf
) -> None:
    coast = [(0.01, 0.01), (0.03, 0.01), (0.03, 0.03), (0.01, 0.03), (0.01, 0.01)]
    archive = draw([way(coast, natural="coastline")], BBox(0.0, 0.0, 0.04, 0.04))
    for zoom in (14, 12, 10):
        frame = shapely.box(0, 0, 4096, 4096)
        area = sum(
            shapely.geometry.shape(feature["geometry"]).buffer(0).intersection(frame).area
            for _, _, tile in tiles_of(archive, zoom)
            for feature in tile["water"]["features"]
        )
        whole = (0.04 / 360 * 2**zoom * 4096) ** 2
        assert area == pytest.approx(whole * 3 / 4, rel=0.02)


def test_names_are_data(node: Callable[..., OsmNode], draw: Draw, tiles_of: TilesOf) -> None:
    names = ["<img src=x onerror=alert(1)>", "東京 \u202eעברית", "'; DROP TABLE--", "e\u0301" * 400]
    archive = draw([node(1.5 + 0.01 * i, 42.5, place="city", name=n) for i, n in enumerate(names)])
    found = {row["name"] for row in features(tiles_of(archive, 14), "place")}
    assert found == {name[:200] for name in names}


def test_an_extract_without_a_box_or_anything(draw: Draw, way: Callable[..., OsmWay]) -> None:
    empty = draw([])
    assert len(empty) == 1
    assert gzip.decompress(empty.tile(0, 0, 0) or b"") == b""
    road = draw([way([(1.5, -42.5), (1.6, -42.4)], highway="primary")])
    assert road.bounds.west == pytest.approx(1.5, abs=1e-4)
    assert road.bounds.north == pytest.approx(-42.4, abs=1e-4)


def test_broken_objects_are_left_out(
    way: Callable[..., OsmWay], draw: Draw, tiles_of: TilesOf
) -> None:
    bow_tie = shapely.Polygon([(1.5, 42.5), (1.51, 42.51), (1.51, 42.5), (1.5, 42.51)])
    archive = draw(
        [
            way([(1.5, 42.5)], highway="primary"),
            way([(1.5, 42.5), (1.5, 42.5)], highway="primary"),
            OsmArea("r1", {"natural": "water", "name": "?"}, None, ""),
            OsmArea("r2", {"natural": "water", "name": "?"}, None, "00ff"),
            OsmArea("r3", {"natural": "wood"}, None, shapely.to_wkb(bow_tie, hex=True)),
        ]
    )
    assert features(tiles_of(archive, 14), "road") == []
    assert features(tiles_of(archive, 14), "water") == []


def test_the_same_extract_gives_the_same_bytes(
    way: Callable[..., OsmWay], area: Callable[..., OsmArea], tmp_path: Path
) -> None:
    written = []
    for name in ("a", "b"):
        collector = BasemapCollector()
        collector.way(way([(1.5, 42.5), (1.6, 42.6)], highway="primary", name="X"))
        collector.area(area(shapely.Point(1.55, 42.55).buffer(0.02), natural="wood"))
        collector.write(tmp_path / name)
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]


def test_progress_rises_to_one(way: Callable[..., OsmWay], tmp_path: Path) -> None:
    collector = BasemapCollector()
    collector.way(way([(1.5, 42.5), (1.6, 42.6)], highway="primary"))
    told: list[float] = []
    collector.write(tmp_path / "tiles", progress=lambda _step, done: told.append(done))
    assert told == sorted(told)
    assert told[-1] == 1


def test_the_archive_says_whose_data_it_is(draw: Draw) -> None:
    metadata = draw([], BBox(1.0, 42.0, 2.0, 43.0)).metadata
    assert metadata["attribution"] == "© OpenStreetMap contributors"
    assert "ODbL" in metadata["license"]
    assert metadata["bounds"] == [1, 42, 2, 43]
    assert (metadata["minzoom"], metadata["maxzoom"]) == (0, 14)
    assert [layer["id"] for layer in metadata["vector_layers"]] == [
        "landcover",
        "water",
        "waterway",
        "building",
        "road",
        "boundary",
        "water_name",
        "peak",
        "place",
    ]


def test_tiles_are_gzip(way: Callable[..., OsmWay], draw: Draw) -> None:
    archive = draw([way([(0.1, -0.1), (0.2, -0.2)], highway="motorway")])
    data = archive.tile(4, 8, 8)
    assert data is not None
    assert gzip.decompress(data).startswith(b"\x1a")


BOX = BBox(-0.5, 52.0, -0.4, 52.1)


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(build, "_LARGE_BYTES", 1)


def test_it_draws_the_same_map(village: Path, tmp_path: Path, beside: None) -> None:
    told: list[tuple[str, float]] = []

    def report(step: str, done: float) -> None:
        told.append((step, done))

    read = partial(read_extract, village)
    with start_basemap(read, tmp_path / "here", source_bytes=0) as here:
        read(here.collectors)
        here.set_bbox(BOX)
        here.finish(report)
    with start_basemap(read, tmp_path / "beside", source_bytes=10) as second:
        assert list(second.collectors) == []
        second.set_bbox(BOX)
        second.finish(report)
    assert (tmp_path / "here").read_bytes() == (tmp_path / "beside").read_bytes()
    half = len(told) // 2
    assert told[:half] == told[half:]
    assert told[-1] == ("basemap", 1.0)


def test_its_errors_are_ours(village: Path, tmp_path: Path, beside: None) -> None:
    missing = tmp_path / "x.osm"
    for extract, path, error, words in (
        (village, tmp_path / "nowhere" / "map", FileNotFoundError, "nowhere"),
        (missing, tmp_path / "map", UnreadableExtract, "there is no file"),
    ):
        with start_basemap(partial(read_extract, extract), path, source_bytes=10) as second:
            second.set_bbox(BOX)
            with pytest.raises(error, match=words):
                second.finish(no_progress)


def test_where_it_is_killed_we_say_so(village: Path, tmp_path: Path, beside: None) -> None:
    with start_basemap(partial(read_extract, village), tmp_path / "map", source_bytes=10) as second:
        assert second._child is not None
        second._child.kill()
        second.set_bbox(BOX)
        with pytest.raises(SetupError, match="ended from outside"):
            second.finish(no_progress)


def test_it_ends_with_a_build_that_fails(village: Path, tmp_path: Path, beside: None) -> None:
    begun = []

    def fail() -> None:
        with start_basemap(
            partial(read_extract, village), tmp_path / "map", source_bytes=10
        ) as second:
            begun.append(second)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert begun[0]._child.process.returncode is not None
    assert not (tmp_path / "map").exists()


@pytest.mark.parametrize("after_the_box", [False, True])
def test_it_ends_when_whoever_started_it_is_killed(
    village: Path, tmp_path: Path, after_the_box: bool
) -> None:
    with ChildProcess(build._draw, if_killed="it was killed") as child:
        assert child.process.stdin is not None
        child.send((partial(read_extract, village), tmp_path / "map"))
        if after_the_box:
            child.send(BOX)
        child.process.stdin.close()  # as the system does for a process that is killed
        assert child.process.wait(timeout=120) == 1
        assert child.process.stdout is not None
        assert pickle.dumps(None, pickle.HIGHEST_PROTOCOL) not in child.process.stdout.read()
