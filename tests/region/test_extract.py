from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely

from geo.errors import UnreadableExtract
from geo.model import BBox
from geo.region.extract import ExtractHeader, read_extract
from geo.region.osm_objects import NEGATIVE_VALUES, ObjectFilter, OsmArea, OsmNode, OsmWay

SHEET = """<osm version="0.6">
<bounds minlat="1" minlon="2" maxlat="3" maxlon="4"/>
<node id="1" lat="1.0" lon="2.0"/>
<node id="2" lat="1.0" lon="2.1"/>
<node id="3" lat="1.1" lon="2.1"/>
<node id="4" lat="1.5" lon="2.5" timestamp="2024-05-06T07:08:09Z">
  <tag k="amenity" v="cafe"/><tag k="name" v="Café Zoë"/></node>
<node id="5" lat="1.2" lon="2.2"/>
<way id="10" timestamp="2023-01-02T03:04:05Z">
  <nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way>
<way id="11"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/><tag k="building" v="yes"/></way>
<way id="12">
  <nd ref="98"/><nd ref="1"/><nd ref="99"/><nd ref="2"/><tag k="highway" v="track"/></way>
<way id="13"><nd ref="1"/><nd ref="5"/></way>
<way id="14"><nd ref="97"/><nd ref="98"/><tag k="highway" v="path"/></way>
<way id="15"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/></way>
<relation id="20"><member type="way" ref="15" role="outer"/>
  <tag k="type" v="multipolygon"/><tag k="landuse" v="forest"/></relation>
<relation id="21"><member type="way" ref="13" role="outer"/>
  <tag k="type" v="multipolygon"/><tag k="landuse" v="meadow"/></relation>
</osm>"""


class Notes:
    """Copies what it is shown."""

    def __init__(self, wanted: ObjectFilter = ObjectFilter()) -> None:  # noqa: B008 - it is frozen
        self.wanted = wanted
        self.nodes: list[OsmNode] = []
        self.ways: dict[int, OsmWay] = {}
        self.areas: dict[str, OsmArea] = {}

    def node(self, node: OsmNode) -> None:
        self.nodes.append(node)

    def way(self, way: OsmWay) -> None:
        self.ways[way.id] = OsmWay(
            way.id, way.tags, way.timestamp, way.refs, way.lon_e7, way.lat_e7
        )
        if wkb := way.wkb:
            self.areas[way.osm_id] = OsmArea(way.osm_id, way.tags, way.timestamp, wkb)

    def area(self, area: OsmArea) -> None:
        self.areas[area.osm_id] = OsmArea(area.osm_id, area.tags, area.timestamp, area.wkb)


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "sheet.osm"
    path.write_text(SHEET, encoding="utf-8")
    return path


@pytest.fixture
def notes(sheet: Path) -> Notes:
    taken = Notes()
    read_extract(sheet, [taken])
    return taken


def test_only_tagged_nodes_come(notes: Notes) -> None:
    (cafe,) = notes.nodes
    assert cafe == OsmNode(
        4,
        {"amenity": "cafe", "name": "Café Zoë"},
        datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
        2.5,
        1.5,
    )


def test_a_way_brings_its_nodes_and_their_places(notes: Notes) -> None:
    way = notes.ways[10]
    assert way.tags == {"highway": "residential"}
    assert way.timestamp == datetime(2023, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert way.refs.tolist() == [1, 2, 3]
    assert way.lon_e7.tolist() == [20_000_000, 21_000_000, 21_000_000]
    assert way.lat_e7.tolist() == [10_000_000, 10_000_000, 11_000_000]
    assert (way.refs.dtype, way.lon_e7.dtype) == (np.int64, np.int32)


def test_a_way_cut_at_the_edge_keeps_its_known_part(notes: Notes) -> None:
    assert notes.ways[12].refs.tolist() == [1, 2]
    assert notes.ways[12].lon_e7.tolist() == [20_000_000, 21_000_000]
    assert notes.ways[14].refs.tolist() == notes.ways[14].lon_e7.tolist() == []


def test_untagged_ways_do_not_come(notes: Notes) -> None:
    assert set(notes.ways) == {10, 11, 12, 14}


def test_closed_ways_and_multipolygons_are_areas(notes: Notes) -> None:
    building = shapely.from_wkb(notes.areas["w11"].wkb)
    assert notes.areas["w11"].tags == {"building": "yes"}
    assert building.geom_type == "MultiPolygon"
    assert building.bounds == pytest.approx((2.0, 1.0, 2.1, 1.1))
    assert shapely.from_wkb(notes.areas["r20"].wkb).area == pytest.approx(0.005)
    assert notes.areas["r20"].tags["landuse"] == "forest"


def test_an_area_whose_ring_is_open_is_left_out_or_empty(notes: Notes) -> None:
    assert "r21" not in notes.areas or notes.areas["r21"].wkb == ""


def test_without_a_timestamp_there_is_none(notes: Notes) -> None:
    assert notes.ways[11].timestamp is None


def test_every_collector_sees_the_same(sheet: Path) -> None:
    first, second = Notes(), Notes()
    read_extract(sheet, [first, second])
    assert first.nodes == second.nodes
    assert list(first.ways) == list(second.ways)
    assert list(first.areas) == list(second.areas)


def test_a_collector_sees_only_what_it_wants(sheet: Path) -> None:
    roads = Notes(
        ObjectFilter(node=NEGATIVE_VALUES, way=frozenset({"highway"}), area=NEGATIVE_VALUES)
    )
    read_extract(sheet, [roads])
    assert (roads.nodes, set(roads.ways), roads.areas) == ([], {10, 12, 14}, {})
    assert roads.ways[10].tags == {"highway": "residential"}
    cafes = Notes(ObjectFilter(frozenset({"amenity"}), NEGATIVE_VALUES, frozenset({"landuse"})))
    both = Notes(roads.wanted)
    read_extract(
        sheet, [both, cafes, Notes(ObjectFilter(NEGATIVE_VALUES, NEGATIVE_VALUES, NEGATIVE_VALUES))]
    )
    assert (both.nodes, set(both.ways), both.areas) == ([], {10, 12, 14}, {})
    assert [node.id for node in cafes.nodes] == [4]
    assert (cafes.ways, set(cafes.areas) - {"r21"}) == ({}, {"r20"})


def test_a_closed_way_is_an_area_unless_it_says_no(tmp_path: Path) -> None:
    ring = '<nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/>'
    cut = ring.replace('<nd ref="2"/>', '<nd ref="2"/><nd ref="96"/>')
    path = tmp_path / "more.osm"
    path.write_text(
        SHEET.replace(
            '<relation id="20">',
            f'<way id="16">{ring}<tag k="highway" v="service"/><tag k="area" v="no"/></way>'
            f'<way id="17">{cut}<tag k="landuse" v="forest"/></way><relation id="20">',
        ),
        encoding="utf-8",
    )
    taken, relations = (
        Notes(),
        Notes(ObjectFilter(way=NEGATIVE_VALUES, area=frozenset({"landuse"}))),
    )
    read_extract(path, [taken, relations])
    assert {16, 17} <= set(taken.ways)
    assert set(taken.areas) - {"r21"} == {"w11", "r20"}
    assert set(relations.areas) - {"r21"} == {"r20"}


def test_an_outline_that_crosses_itself_is_all_that_it_goes_around(tmp_path: Path) -> None:
    bow_tie = [(1.0, 2.0), (1.1, 2.1), (1.1, 2.0), (1.0, 2.1), (1.0, 2.0)]
    nodes = "".join(f'<node id="{k}" lat="{y}" lon="{x}"/>' for k, (y, x) in enumerate(bow_tie, 1))
    refs = "".join(f'<nd ref="{k}"/>' for k in range(1, 6))
    path = tmp_path / "bow.osm"
    way = f'<way id="1">{refs}<tag k="landuse" v="forest"/></way>'
    path.write_text(f'<osm version="0.6">{nodes}{way}</osm>', encoding="utf-8")
    taken = Notes()
    read_extract(path, [taken])
    shape = shapely.from_wkb(taken.areas["w1"].wkb)
    assert shape.is_valid
    assert shape.area == pytest.approx(0.005)


def test_the_header_says_what_the_file_says(sheet: Path, tmp_path: Path) -> None:
    assert read_extract(sheet, []) == ExtractHeader(BBox(2, 1, 4, 3), None)
    bare = tmp_path / "bare.osm"
    bare.write_text('<osm version="0.6"></osm>', encoding="utf-8")
    assert read_extract(bare, []) == ExtractHeader(None, None)


@pytest.mark.parametrize("ending", [".osm.bz2", ".osm.gz", ".osm.pbf", ".pbf"])
def test_every_format_reads_the_same(sheet: Path, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"other{ending}"
    if ending == ".osm.bz2":
        path.write_bytes(bz2.compress(sheet.read_bytes()))
    elif ending == ".osm.gz":
        path.write_bytes(gzip.compress(sheet.read_bytes()))
    else:
        with osmium.SimpleWriter(path) as writer:
            for thing in osmium.FileProcessor(sheet):
                writer.add(thing)
    plain, other = Notes(), Notes()
    read_extract(sheet, [plain])
    read_extract(path, [other])
    assert other.nodes == plain.nodes
    assert {ref: way.refs.tolist() for ref, way in other.ways.items()} == {
        ref: way.refs.tolist() for ref, way in plain.ways.items()
    }
    assert {key: area.wkb for key, area in other.areas.items()} == {
        key: area.wkb for key, area in plain.areas.items()
    }


def test_progress_rises_from_0_to_1(shared: Callable[[str], Path]) -> None:
    shares: list[float] = []
    header = read_extract(
        shared("osm/rutland.osm.pbf"), [Notes()], progress=lambda _step, done: shares.append(done)
    )
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert len(shares) > 5
    assert header.timestamp == datetime(2018, 2, 27, 21, 43, 2, tzinfo=UTC)
    assert header.bbox == BBox(-0.822934, 52.52355, -0.427654, 52.76109)


@pytest.mark.parametrize("share", [0.0005, 0.1, 0.5, 0.99])
def test_a_file_that_is_cut_off_is_refused(
    shared: Callable[[str], Path], tmp_path: Path, share: float
) -> None:
    whole = shared("osm/rutland.osm.pbf").read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(UnreadableExtract, match=r"cut\.osm\.pbf is cut off"):
        read_extract(path, [])


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.osm.pbf", b"", "is empty"),
        ("page.osm.pbf", b"<html><body>404 Not Found</body></html>", "no OpenStreetMap extract"),
        ("page.osm", b"<html></html>", "no OpenStreetMap extract"),
        ("cut.osm", b'<osm version="0.6"><node id="1"', "cut off|damaged"),
        ("noise.osm.bz2", bytes(range(256)), "no OpenStreetMap extract"),
        ("photo.jpg", b"\xff\xd8\xff", "must end in"),
    ],
)
def test_what_is_no_extract_is_refused(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableExtract, match=sentence) as caught:
        read_extract(path, [])
    assert str(caught.value).count("\n") == 0


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableExtract, match="there is no file"):
        read_extract(tmp_path / "none.osm.pbf", [])
    with pytest.raises(UnreadableExtract, match="is a folder"):
        read_extract(tmp_path, [])


def test_unsorted_objects_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "unsorted.osm"
    rows = "".join(f'<way id="{ref}"><nd ref="1"/><tag k="a" v="b"/></way>' for ref in (2, 1))
    path.write_text(f'<osm version="0.6">{rows}</osm>', encoding="utf-8")
    with pytest.raises(UnreadableExtract, match="not in order"):
        read_extract(path, [Notes()])


TWO_NODES = '<node id="1" lat="1" lon="1"/><node id="2" lat="1" lon="1.1"/>'
STREET = '<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="road"/></way>'


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (STREET + TWO_NODES, "without their nodes, or before them"),
        (STREET, "without their nodes"),
        (
            TWO_NODES + STREET + '<node id="3" lat="1" lon="1"><tag k="amenity" v="cafe"/></node>',
            "not in order",
        ),
        ((TWO_NODES + STREET).replace('="1"', '="-1"'), "negative ids"),
    ],
)
def test_ways_that_cannot_be_drawn_are_refused(tmp_path: Path, rows: str, sentence: str) -> None:
    path = tmp_path / "odd.osm"
    path.write_text(f'<osm version="0.6">{rows}</osm>', encoding="utf-8")
    with pytest.raises(UnreadableExtract, match=sentence):
        read_extract(path, [Notes()])


def test_changes_and_histories_are_refused(tmp_path: Path) -> None:
    change = tmp_path / "day.osc"
    change.write_text(f'<osmChange version="0.6"><create>{TWO_NODES}</create></osmChange>', "utf-8")
    header = osmium.io.Header()
    header.has_multiple_object_versions = True
    history = tmp_path / "history.osh.pbf"
    with osmium.SimpleWriter(history, header=header) as writer:
        for version in (1, 2):
            writer.add_node(osmium.osm.mutable.Node(id=1, version=version, location=(1, version)))
    renamed = history.with_name("history.osm.pbf")
    renamed.write_bytes(history.read_bytes())
    for path in (change, history, renamed):
        with pytest.raises(UnreadableExtract, match="contains history or changes"):
            read_extract(path, [Notes()])


def test_an_error_of_a_collector_is_its_own(sheet: Path) -> None:
    class Broken(Notes):
        def way(self, way: OsmWay) -> None:
            raise RuntimeError(f"way {way.id}")

    with pytest.raises(RuntimeError, match="way 10"):
        read_extract(sheet, [Broken()])
