"""One region from several extracts, and from answers of an Overpass server."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pytest

from geo.errors import InputError, UnreadableExtract
from geo.model import Point
from geo.proximity import near_me
from geo.region import Region, load_region
from geo.region.build import build_region, sample_path
from geo.region.collect_places import PlaceCollector
from geo.region.extract import read_extract
from geo.region.manifest import DownloadInfo
from geo.region.osm_merge import read_overpass_result, write_overpass_extract
from tests.region.test_osm_reader import with_locations


def cut(whole: Path, target: Path, *, west: float, east: float) -> Path:
    """Cut what lies between two meridians out of an extract, with all that it refers to."""
    inside: set[int] = set()
    header = osmium.FileProcessor(whole).header
    box = header.box()
    named = osmium.io.Header()
    if box.valid():
        low, high = box.bottom_left, box.top_right
        named.add_box(osmium.osm.Box(max(west, low.lon), low.lat, min(east, high.lon), high.lat))
    for key in ("osmosis_replication_timestamp", "generator"):
        named.set(key, header.get(key))
    plain = target.with_name(f"plain-{target.name}")
    ways: set[int] = set()
    with osmium.BackReferenceWriter(plain, ref_src=whole, remove_tags=False) as writer:
        for thing in osmium.FileProcessor(whole):
            if thing.is_node():
                if west <= thing.lon <= east:
                    inside.add(thing.id)
                    writer.add(thing)
            elif thing.is_way():
                if any(node.ref in inside for node in thing.nodes):
                    ways.add(thing.id)
                    writer.add(thing)
            elif any(member.type == "w" and member.ref in ways for member in thing.members):
                writer.add(thing)
    with osmium.SimpleWriter(target, header=named) as writer:
        osmium.apply(str(plain), writer)
    return target


def as_answer(extract: Path, target: Path) -> Path:
    """Write an extract as an Overpass server would answer it with ``out meta``."""
    header = osmium.FileProcessor(extract).header
    stamp = header.get("osmosis_replication_timestamp")
    elements = [_element(thing) for thing in osmium.FileProcessor(extract)]
    head = {"version": 0.6, "osm3s": {"timestamp_osm_base": stamp} if stamp else {}}
    target.write_text(json.dumps({**head, "elements": elements}))
    return target


def _element(thing: Any) -> dict[str, Any]:
    about = {"id": thing.id, "version": thing.version, "tags": dict(iter(thing.tags))}
    if thing.is_node():
        return {"type": "node", "lat": thing.lat, "lon": thing.lon, **about}
    if thing.is_way():
        return {"type": "way", "nodes": [node.ref for node in thing.nodes], **about}
    names = {"n": "node", "w": "way", "r": "relation"}
    members = [{"type": names[m.type], "ref": m.ref, "role": m.role} for m in thing.members]
    return {"type": "relation", "members": members, **about}


def assert_same(built: Region, whole: Region, *, starts: int = 5) -> None:
    """Hold two regions to the same roads, places, names, water and answers."""
    assert built.manifest.counts == whole.manifest.counts
    assert list(built.places) == list(whole.places)
    box = whole.bbox
    for share in np.linspace(0.2, 0.8, starts):
        match = whole.gazetteer.nearest_settlement(
            Point(box.west + share * (box.east - box.west), box.center.lat)
        )
        assert match is not None
        ours, theirs = (
            near_me(region, match.point, cutoff_s=1800, with_return=True)
            for region in (built, whole)
        )
        assert [one.place.osm_id for one in ours.places] == [
            one.place.osm_id for one in theirs.places
        ]
        assert [one.travel_time_s for one in ours.places] == pytest.approx(
            [one.travel_time_s for one in theirs.places], abs=0.01
        )
        assert np.sort(ours.reach.seconds) == pytest.approx(np.sort(theirs.reach.seconds), abs=0.01)


def halves(whole: Path, folder: Path, middle: float) -> list[Path]:
    return [
        cut(whole, folder / "west.osm.pbf", west=-180, east=middle + 0.01),
        cut(whole, folder / "east.osm.pbf", west=middle - 0.01, east=180),
    ]


def test_two_halves_of_the_village_are_the_village(
    village: Path, build_once: Callable[[Path, str], Region], tmp_path: Path
) -> None:
    files = halves(village, tmp_path, -0.47)
    build_region(files, "both", regions_dir=tmp_path)
    assert_same(load_region("both", regions_dir=tmp_path), build_once(village, "nine-lanes"))


@pytest.mark.parametrize("carriers", [(0,), (1,), (0, 1)])
def test_halves_that_carry_nodes_on_their_ways_are_the_village(
    village: Path, build_once: Callable[[Path, str], Region], tmp_path: Path, carriers: tuple[int]
) -> None:
    files = halves(village, tmp_path, -0.47)
    for one in carriers:
        files[one] = with_locations(files[one], tmp_path / f"carrier-{one}.osm.pbf")
    build_region(files, "both", regions_dir=tmp_path)
    assert_same(load_region("both", regions_dir=tmp_path), build_once(village, "nine-lanes"))


def test_a_deleted_way_of_one_of_two_files_is_not_there(village: Path, tmp_path: Path) -> None:
    files = halves(village, tmp_path, -0.47)
    text = tmp_path / "east.osm"
    with osmium.SimpleWriter(text) as writer:
        for thing in osmium.FileProcessor(files[1]):
            writer.add(thing)
    whole = build_region([files[0], text], "whole", regions_dir=tmp_path)
    east = {way.id for way in osmium.FileProcessor(files[1], osmium.osm.WAY)}
    gone = min(east - {way.id for way in osmium.FileProcessor(files[0], osmium.osm.WAY)})
    marked = text.read_text("utf-8").replace(
        f'<way id="{gone}"', f'<way id="{gone}" action="delete"'
    )
    text.write_text(marked, "utf-8")
    less = build_region([files[0], text], "less", regions_dir=tmp_path)
    assert less.counts["edges"] < whole.counts["edges"]


@pytest.mark.slow
def test_two_halves_of_the_county_are_the_county(county: Region, tmp_path: Path) -> None:
    files = halves(sample_path(), tmp_path, county.bbox.center.lon)
    urls = ["https://example.org/west", "https://example.org/east"]
    origins = [DownloadInfo(url, md5="0" * 32) for url in urls]
    manifest = build_region(files, "both", regions_dir=tmp_path, origins=origins)
    assert manifest.fictional
    assert manifest.source == "west.osm.pbf + east.osm.pbf"
    assert manifest.source_bytes == sum(path.stat().st_size for path in files)
    assert [source.url for source in manifest.sources] == urls
    assert manifest.bbox == county.bbox
    assert not list((tmp_path / "both").rglob("*.pbf"))
    built = load_region("both", regions_dir=tmp_path)
    assert built.manifest == manifest
    assert_same(built, county)


@pytest.mark.slow
def test_two_halves_of_a_real_extract_are_the_whole(
    rutland: Region, shared: Callable[[str], Path], tmp_path: Path
) -> None:
    files = halves(shared("osm/rutland.osm.pbf"), tmp_path, rutland.bbox.center.lon)
    build_region(files, "both", regions_dir=tmp_path)
    assert_same(load_region("both", regions_dir=tmp_path), rutland)


def test_answers_of_two_boxes_are_the_village(
    village: Path, build_once: Callable[[Path, str], Region], tmp_path: Path
) -> None:
    answers = [
        as_answer(path, path.with_suffix(".json")) for path in halves(village, tmp_path, -0.47)
    ]
    manifest = build_region(answers, "just-here", regions_dir=tmp_path)
    assert [source.name for source in manifest.sources] == ["west.osm.json", "east.osm.json"]
    assert manifest.source == "2 Overpass answers"
    built, whole = load_region("just-here", regions_dir=tmp_path), build_once(village, "nine-lanes")
    assert_same(built, whole, starts=2)


def test_many_answers_are_sorted_in_groups(
    village: Path, build_once: Callable[[Path, str], Region], tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("geo.region.osm_merge._BATCH_SIZE", 1)
    answers = [
        as_answer(path, path.with_suffix(".json")) for path in halves(village, tmp_path, -0.47)
    ]
    build_region(answers, "just-here", regions_dir=tmp_path)
    built, whole = load_region("just-here", regions_dir=tmp_path), build_once(village, "nine-lanes")
    assert_same(built, whole, starts=1)
    assert not list((tmp_path / "just-here").rglob("*.pbf"))


def test_the_oldest_source_dates_the_region(village: Path, tmp_path: Path) -> None:
    text = village.read_text("utf-8")
    for year, column in ((2020, 0), (2024, 1)):
        header = osmium.io.Header()
        header.set("osmosis_replication_timestamp", f"{year}-01-01T00:00:00Z")
        header.add_box(osmium.osm.Box(-0.5 + column * 0.02, 52.0, -0.44, 52.04))
        with osmium.SimpleWriter(tmp_path / f"{year}.osm.pbf", header=header) as writer:
            osmium.apply(str(village), writer)
    files = [tmp_path / "2024.osm.pbf", tmp_path / "2020.osm.pbf"]
    manifest = build_region(files, "lanes", regions_dir=tmp_path)
    assert manifest.osm_timestamp == datetime(2020, 1, 1, tzinfo=UTC)
    assert manifest.bbox.west == -0.5
    assert [source.osm_timestamp.year for source in manifest.sources if source.osm_timestamp] == [
        2024,
        2020,
    ]
    undated = tmp_path / "plain.osm"
    undated.write_text(text, "utf-8")
    assert build_region([*files, undated], "lanes", regions_dir=tmp_path).osm_timestamp is None


def test_the_newest_version_of_what_is_in_both_is_kept(village: Path, tmp_path: Path) -> None:
    text = village.read_text("utf-8")
    files = []
    for version, name in ((2, "New Kettle"), (1, "Old Kettle")):
        path = tmp_path / f"v{version}.osm"
        path.write_text(
            text.replace("The Kettle", name).replace("<node id", f'<node version="{version}" id'),
            "utf-8",
        )
        files.append(path)
    for order in (files, files[::-1]):
        build_region(order, "lanes", regions_dir=tmp_path)
        places = load_region("lanes", regions_dir=tmp_path).places
        assert [place.name for place in places] == ["New Kettle", None]


def test_extracts_that_are_no_region_together_are_refused(
    village: Path, shared: Callable[[str], Path], tmp_path: Path
) -> None:
    def build(*files: Path) -> None:
        build_region(files, "town", regions_dir=tmp_path / "regions")

    with pytest.raises(InputError, match="one at least"):
        build()
    with pytest.raises(InputError, match="invented"):
        build(village, sample_path())
    with pytest.raises(UnreadableExtract, match="there is no file"):
        build(village, tmp_path / "none.osm.pbf")
    unsorted = tmp_path / "unsorted.osm"
    rows = "".join(f'<node id="{ref}" lat="1" lon="1"><tag k="a" v="b"/></node>' for ref in (2, 1))
    unsorted.write_text(f'<osm version="0.6">{rows}</osm>', "utf-8")
    with pytest.raises(UnreadableExtract, match=r"unsorted\.osm are not in order"):
        build(village, unsorted)
    assert not (tmp_path / "regions" / "town").exists()
    far = [shared(f"osm/{name}.osm.pbf") for name in ("andorra", "rutland")]
    with pytest.raises(InputError, match="far from each other"):
        build(*far)


def _places(path: Path, tmp_path: Path) -> list[Any]:
    extract = tmp_path / "one.osm.pbf"
    write_overpass_extract([path], extract)
    collector = PlaceCollector()
    read_extract(extract, [collector])
    return collector.finish()


def test_a_real_answer_is_read(shared: Callable[[str], Path], tmp_path: Path) -> None:
    path = shared("overpass/a_normal.json")
    places = _places(path, tmp_path)
    elements = {f"{one['type'][0]}{one['id']}": one for one in read_overpass_result(path).elements}
    assert {place.osm_id for place in places} == {
        osm_id for osm_id, one in elements.items() if one["type"] != "relation"
    }
    for place in places:
        place_is = elements[place.osm_id]
        middle = place_is.get("center", place_is)
        assert (place.point.lon, place.point.lat) == pytest.approx((middle["lon"], middle["lat"]))
    empty = shared("overpass/e_empty_result.json")
    assert write_overpass_extract([empty], tmp_path / "none.osm.pbf") == [
        datetime(2025, 1, 19, 21, 21, 36, tzinfo=UTC)
    ]


def test_an_answer_that_is_not_whole_is_refused(shared: Callable[[str], Path]) -> None:
    for name in ("b_partial_timeout.json", "b_maxsize1k_all.json"):
        with pytest.raises(
            UnreadableExtract, match=r"is incomplete; the server reported: .runtime error"
        ):
            read_overpass_result(shared(f"overpass/{name}"))
    with pytest.raises(UnreadableExtract, match="no answer of an Overpass server"):
        read_overpass_result(shared("overpass/e_maxsize_huge.html"))


def test_an_answer_with_deleted_objects_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    node = {"type": "node", "id": 1, "version": 1, "lat": 1, "lon": 1}
    gone = {"type": "node", "id": 1, "version": 2, "visible": False}
    path.write_text(json.dumps({"version": "0.6", "elements": [node, gone]}))
    with pytest.raises(UnreadableExtract, match="history"):
        read_overpass_result(path)


def test_the_course_of_a_way_may_come_without_its_nodes(tmp_path: Path) -> None:
    course = [(1.0, 42.0), (1.001, 42.0), (1.001, 42.001), (1.0, 42.0)]
    way = {
        "type": "way",
        "id": 5,
        "nodes": [11, 12, 13, 11],
        "geometry": [{"lon": lon, "lat": lat} for lon, lat in course],
        "tags": {"amenity": "library"},
    }
    path = tmp_path / "geom.json"
    path.write_text(json.dumps({"elements": [way, {"type": "count", "id": 0, "tags": {}}]}))
    (place,) = _places(path, tmp_path)
    assert place.osm_id == "w5"
    assert 1.0 < place.point.lon < 1.001


ODD: list[Any] = [
    {"type": "node", "id": 1},
    {"type": "node", "id": -1, "lon": 1, "lat": 1},
    {"type": "node", "id": 1, "lon": 181, "lat": 1},
    {"type": "node", "id": 1, "lon": None, "lat": 1},
    {"type": "node", "id": True, "lon": 1, "lat": 1},
    {"type": "node", "id": 1 << 70, "lon": 1, "lat": 1},
    {"type": "node", "id": 1, "lon": 1, "lat": 1, "tags": {"a": 5}},
    {"type": "node", "id": 1, "lon": 1, "lat": 1, "tags": []},
    {"type": "node", "id": 1, "lon": 1, "lat": 1, "version": "x"},
    {"type": "node", "id": 1, "lon": 1, "lat": 1, "tags": {"a": "x" * 100_000}},
    {"type": "way", "id": 1, "nodes": ["x"]},
    {"type": "way", "id": 1, "nodes": 5},
    {"type": "way", "id": 1, "center": {}},
    {"type": "relation", "id": 1, "members": [{}]},
    {"id": 1},
]


@pytest.mark.parametrize("element", ODD)
def test_elements_that_cannot_be_are_refused(tmp_path: Path, element: Any) -> None:
    path = tmp_path / "odd.json"
    path.write_text(json.dumps({"elements": [element]}))
    with pytest.raises(UnreadableExtract, match=r"element 1 of .* is none of OpenStreetMap"):
        write_overpass_extract([path], tmp_path / "odd.osm.pbf")


@pytest.mark.parametrize("text", ["", "{", "[]", "5", '{"elements": {}}', '{"elements": [5]}'])
def test_what_is_no_answer_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.json"
    path.write_text(text)
    with pytest.raises(UnreadableExtract, match="ask again"):
        build_region(path, "odd", regions_dir=tmp_path / "regions")
