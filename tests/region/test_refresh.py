"""Fresh places: what answers of an Overpass server change in a region, and what they must not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo.errors import InputError, PlacesMissing, UnknownName, UnreadableExtract
from geo.model import BBox, Point
from geo.proximity import near_me
from geo.region import Region, load_region, read_freshness, remove_region
from geo.region.build import build_region
from geo.region.bundle import FRESH, RefreshManifest
from geo.region.manifest import read_manifest
from geo.region.osm_merge import own_squares
from geo.region.refresh import MergeRules, merge_places

HERE = BBox(-0.51, 51.99, -0.43, 52.05)
"""Around the village: one café (1001) and one library (1002)."""

STAMP = "2026-11-20T10:00:00Z"


def node(ref: int, tags: dict[str, str], lon: float = -0.4709, lat: float = 52.0181) -> Any:
    return {"type": "node", "id": ref, "lon": lon, "lat": lat, "tags": tags, "version": 9}


KETTLE = node(1001, {"amenity": "cafe", "name": "The Copper Kettle", "internet_access": "wlan"})
LIBRARY = node(1002, {"amenity": "library"}, -0.4999, 52.0001)
BAKERY = node(1009, {"amenity": "cafe", "name": "Crumb"}, -0.48, 52.01)


@pytest.fixture
def answer(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes an answer of an Overpass server."""

    def write(*elements: Any, stamp: str | None = STAMP, name: str = "answer.json") -> Path:
        path = tmp_path / name
        head = {"osm3s": {"timestamp_osm_base": stamp}} if stamp else {}
        path.write_text(json.dumps({"version": 0.6, **head, "elements": elements}))
        return path

    return write


@pytest.fixture
def lanes(village: Path, build_once: Callable[[Path, str], Region], tmp_path: Path) -> Path:
    """Return a folder of regions with the village, which a test may change."""
    region = build_once(village, "nine-lanes")
    source = Path(region.basemap).parent.parent if region.basemap else None
    assert source is not None
    shutil.copytree(source, tmp_path / "regions" / "nine-lanes")
    return tmp_path / "regions"


def merge(
    answers: list[Path],
    boxes: Sequence[BBox],
    *,
    regions_dir: Path,
    kinds: tuple[str, ...] | None = None,
    **rules: Any,
) -> RefreshManifest:
    """Merge answers that may take any number of places away, unless a test says otherwise."""
    accepted = MergeRules(kinds=kinds, **{"accept_missing": True, **rules})
    return merge_places("nine-lanes", answers, boxes, accepted, regions_dir=regions_dir)


def _names(regions_dir: Path) -> dict[str, str | None]:
    region = load_region("nine-lanes", regions_dir=regions_dir)
    return {place.osm_id: place.name for place in region.places}


def test_new_changed_and_gone_places_are_told_and_found(lanes: Path, answer) -> None:
    fresh = merge([answer(KETTLE, BAKERY)], [HERE], regions_dir=lanes)
    assert (fresh.new, fresh.changed, fresh.gone) == (1, 1, 1)
    assert _names(lanes) == {"n1001": "The Copper Kettle", "n1009": "Crumb"}
    region = load_region("nine-lanes", regions_dir=lanes)
    found = near_me(region, Point(-0.48, 52.01), cutoff_s=600, kinds=["cafe"]).places
    assert [one.place.name for one in found] == ["Crumb", "The Copper Kettle"]
    assert found[0].place.tags["amenity"] == "cafe"


def test_a_place_outside_of_the_answered_boxes_or_kinds_is_never_gone(lanes: Path, answer) -> None:
    elsewhere = BBox(-0.475, 52.01, -0.43, 52.05)  # holds the café alone
    fresh = merge([answer()], [elsewhere], regions_dir=lanes)
    assert fresh.gone == 1
    assert _names(lanes) == {"n1002": None}
    again = merge([answer()], [HERE], kinds=("cafe",), regions_dir=lanes)
    assert again.gone == 0
    assert _names(lanes) == {"n1002": None}


def test_the_same_answer_twice_changes_nothing_the_second_time(lanes: Path, answer) -> None:
    answers = [answer(KETTLE, BAKERY, LIBRARY)]
    merge(answers, [HERE], regions_dir=lanes)
    again = merge(answers, [HERE], regions_dir=lanes)
    assert (again.new, again.changed, again.gone) == (0, 0, 0)
    folders = [path.name for path in (lanes / "nine-lanes").iterdir() if path.is_dir()]
    assert sorted(folders) == sorted({again.build, again.folder})


def test_an_outline_and_the_node_within_it_are_one_place(lanes: Path, answer) -> None:
    corners = [(-0.471, 52.018), (-0.4708, 52.018), (-0.4708, 52.0182), (-0.471, 52.0182)]
    nodes = [node(2001 + k, {}, lon, lat) for k, (lon, lat) in enumerate(corners)]
    hall = {
        "type": "way",
        "id": 77,
        "nodes": [2001, 2002, 2003, 2004, 2001],
        "tags": {"amenity": "cafe", "building": "yes"},
    }
    merge([answer(KETTLE, hall, *nodes)], [HERE], regions_dir=lanes)
    assert _names(lanes) == {"n1001": "The Copper Kettle"}


def test_the_date_of_a_refresh_is_the_regions_once_every_square_is_answered(
    lanes: Path, answer
) -> None:
    folder = lanes / "nine-lanes"
    squares = own_squares(folder, read_manifest(folder))
    first = merge([answer(KETTLE, LIBRARY)], squares[:1], regions_dir=lanes)
    assert first.squares == 1
    assert first.squares_in_all == len(squares) > 1
    region = load_region("nine-lanes", regions_dir=lanes)
    assert region.manifest.refreshed_at is None
    newer = "2026-11-21T10:00:00Z"
    rest = answer(KETTLE, LIBRARY, stamp=newer)
    whole = merge([rest], squares[1:], regions_dir=lanes)
    assert whole.is_whole
    assert whole.osm_timestamp == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert whole.latest == datetime(2026, 11, 21, 10, tzinfo=UTC)
    region = load_region("nine-lanes", regions_dir=lanes)
    assert "places of 2026-11-20" in region.manifest.attribution_line
    assert region.freshness == whole == read_freshness(lanes / "nine-lanes")


def test_a_build_forgets_the_refresh_and_a_failed_one_does_not(
    lanes: Path, village: Path, answer, tmp_path: Path
) -> None:
    merge([answer(BAKERY)], [HERE], regions_dir=lanes)
    with pytest.raises(UnreadableExtract):
        build_region(tmp_path / "none.osm.pbf", "nine-lanes", regions_dir=lanes)
    assert _names(lanes) == {"n1009": "Crumb"}
    build_region(village, "nine-lanes", regions_dir=lanes)
    assert _names(lanes) == {"n1001": "The Kettle", "n1002": None}
    assert not (lanes / "nine-lanes" / FRESH).exists()
    assert len([path for path in (lanes / "nine-lanes").iterdir() if path.is_dir()]) == 1


def test_a_damaged_refresh_leaves_the_places_of_the_build(lanes: Path, answer) -> None:
    fresh = merge([answer(BAKERY)], [HERE], regions_dir=lanes)
    lines = lanes / "nine-lanes" / fresh.folder / "places" / "places.jsonl"
    lines.write_text(lines.read_text().replace("Crumb", "Crime"))
    assert set(_names(lanes)) == {"n1001", "n1002"}
    path = lanes / "nine-lanes" / FRESH
    for text in ("", "{", "[]", "null", path.read_text().replace('"new"', "5")[:-5], "[" * 90_000):
        path.write_text(text)
        assert set(_names(lanes)) == {"n1001", "n1002"}


def test_an_answer_that_is_none_changes_nothing(lanes: Path, answer, tmp_path: Path) -> None:
    merge([answer(BAKERY)], [HERE], regions_dir=lanes)
    before = read_freshness(lanes / "nine-lanes")
    page = tmp_path / "page.json"
    page.write_text("<html>busy</html>")
    with pytest.raises(UnreadableExtract, match="no answer"):
        merge([page], [HERE], regions_dir=lanes)
    with pytest.raises(InputError, match="nothing was answered"):
        merge([], [], regions_dir=lanes)
    with pytest.raises(UnknownName, match="kind"):
        merge([answer()], [HERE], kinds=("spa",), regions_dir=lanes)
    assert read_freshness(lanes / "nine-lanes") == before
    assert _names(lanes) == {"n1009": "Crumb"}


def test_a_refreshed_region_can_be_removed(lanes: Path, answer) -> None:
    merge([answer(BAKERY)], [HERE], regions_dir=lanes)
    remove_region("nine-lanes", lanes)
    assert not (lanes / "nine-lanes").exists()


def test_a_region_without_places_can_be_refreshed(lanes: Path, answer) -> None:
    merge([answer()], [HERE], regions_dir=lanes)
    assert _names(lanes) == {}
    fresh = merge([answer(BAKERY)], [HERE], regions_dir=lanes)
    assert fresh.new == 1


def test_names_follow_the_places(lanes: Path, answer) -> None:
    def found(text: str) -> list[str]:
        gazetteer = load_region("nine-lanes", regions_dir=lanes).gazetteer
        return [match.label for match in gazetteer.search(text)]

    assert found("the kettle") == ["The Kettle, Nine Lanes"]
    merge([answer(KETTLE, BAKERY, LIBRARY)], [HERE], regions_dir=lanes)
    assert found("crumb") == ["Crumb, Nine Lanes"]
    assert found("crmb") == ["Crumb, Nine Lanes"]  # a slip is mended as ever
    assert found("the copper kettle") == ["The Copper Kettle, Nine Lanes"]
    assert "The Kettle, Nine Lanes" not in found("the kettle")
    assert found("nine lanes")[0] == "Nine Lanes"
    merge([answer(KETTLE, LIBRARY)], [HERE], regions_dir=lanes)
    assert found("crumb") == []
    assert found("copper kettle") == ["The Copper Kettle, Nine Lanes"]
    merge([answer()], [HERE], regions_dir=lanes)
    assert found("kettle") == []
    assert found("lane 3")[0] == "Lane 3, Nine Lanes"


def test_of_two_twins_the_one_that_stays_is_still_found(lanes: Path, answer) -> None:
    old = {"amenity": "cafe", "name": "The Kettle"}
    twin = node(1010, old, -0.4710, 52.0182)
    merge([answer(twin)], [HERE], regions_dir=lanes)
    region = load_region("nine-lanes", regions_dir=lanes)
    (match,) = region.gazetteer.search("the kettle")
    assert match.osm_id == "n1010"


@pytest.mark.parametrize(
    ("left", "is_refused"), [([KETTLE, LIBRARY], False), ([KETTLE], True), ([], True)]
)
def test_more_than_a_fifth_of_the_places_goes_only_if_somebody_agrees(
    lanes: Path, answer, left: list[Any], is_refused: bool
) -> None:
    before = _names(lanes)
    if not is_refused:
        assert merge([answer(*left)], [HERE], regions_dir=lanes, accept_missing=False).gone == 0
        return
    with pytest.raises(PlacesMissing, match="of the 2 places") as refusal:
        merge([answer(*left)], [HERE], regions_dir=lanes, accept_missing=False)
    assert refusal.value.gone == 2 - len(left)
    assert _names(lanes) == before
    assert len(list((lanes / "nine-lanes").iterdir())) == 2
    assert merge([answer(*left)], [HERE], regions_dir=lanes).gone == 2 - len(left)


def test_new_places_beyond_the_border_are_left_out(lanes: Path, answer) -> None:
    far = node(1010, {"amenity": "cafe", "name": "Over There"}, -0.5, 52.05)  # 1.5 km off the roads
    merge([answer(KETTLE, LIBRARY, BAKERY, far)], [HERE], regions_dir=lanes)
    assert sorted(_names(lanes)) == ["n1001", "n1002", "n1009"]
    outline = shapely.box(-0.5, 52.0, -0.49, 52.036)  # holds the library alone
    inn = node(1011, {"amenity": "cafe"}, -0.495, 52.01)
    merge([answer(KETTLE, LIBRARY, BAKERY, far, inn)], [HERE], regions_dir=lanes, outline=outline)
    assert sorted(_names(lanes)) == ["n1001", "n1002", "n1009", "n1011"]
