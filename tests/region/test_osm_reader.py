"""What is read of files that lack nodes, carry them on their ways, or hold what is deleted."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import osmium
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from osmium.osm import mutable

from geo.errors import SetupError, UnreadableExtract
from geo.region.build import build_region
from geo.region.extract import read_extract
from geo.region.osm_objects import ObjectFilter, OsmArea, OsmNode, OsmWay
from geo.region.roads import RoadCollector
from tests.region.test_odd_extracts import SIDE, write_town

STREET = "<tag k='highway' v='residential'/>"


class Copies:
    """Copies the ways and relations that it is shown."""

    wanted = ObjectFilter()

    def __init__(self) -> None:
        self.nodes: list[int] = []
        self.runs: dict[int, list[list[int]]] = {}
        self.known: dict[int, list[int]] = {}
        self.rings: dict[int, bool] = {}
        self.areas: dict[str, str] = {}

    def node(self, node: OsmNode) -> None:
        self.nodes.append(node.id)

    def way(self, way: OsmWay) -> None:
        self.runs[way.id] = [run.refs.tolist() for run in way.runs]
        self.known[way.id] = way.refs.tolist()
        self.rings[way.id] = bool(way.ring)
        for run in way.runs:
            assert len(run.refs) == len(run.lon_e7) == len(run.lat_e7) == len(run.packed) / 16
            assert run.id == way.id
            assert run.tags == way.tags

    def area(self, area: OsmArea) -> None:
        self.areas[area.osm_id] = area.wkb


def copy(path: Path) -> Copies:
    copies = Copies()
    read_extract(path, [copies])
    return copies


def opl(path: Path, known: set[int], ways: dict[int, list[int]]) -> Path:
    """Write nodes in a row to the east, as far as they are known, and streets between them."""
    nodes = "".join(f"n{ref} x{1 + ref / 1000} y1\n" for ref in sorted(known))
    streets = "".join(
        f"w{number} Thighway=residential N{','.join(f'n{ref}' for ref in refs)}\n"
        for number, refs in sorted(ways.items())
    )
    path.write_text(nodes + streets, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("known", "runs"),
    [
        ({1, 2, 3, 4, 5, 6}, [[1, 2, 3, 4, 5, 6]]),
        ({1, 2, 5, 6}, [[1, 2], [5, 6]]),
        ({2, 3, 4}, [[2, 3, 4]]),
        ({1, 3, 4, 6}, [[3, 4]]),
        ({1, 3, 5}, []),
        (set(), []),
    ],
)
def test_a_way_falls_into_runs_of_nodes_that_the_file_has(
    tmp_path: Path, known: set[int], runs: list[list[int]]
) -> None:
    whole = {number: [7, 8] for number in range(10, 20)}
    path = opl(tmp_path / "cut.opl", known | {7, 8}, {1: [1, 2, 3, 4, 5, 6]} | whole)
    copies = copy(path)
    assert copies.runs[1] == runs
    assert copies.known[1] == sorted(known)


def test_an_outline_that_lacks_a_node_is_no_area(tmp_path: Path) -> None:
    ways = {1: [1, 2, 3, 1], 2: [1, 2, 4, 3, 1], 3: [9, 1, 2, 3, 1, 9]}
    assert copy(opl(tmp_path / "ring.opl", {1, 2, 3}, ways)).rings == {1: True, 2: False, 3: False}


@given(
    ways=st.lists(st.lists(st.integers(1, 12), min_size=2, max_size=10), min_size=1, max_size=5),
    missing=st.sets(st.integers(1, 12), max_size=8),
)
def test_no_road_joins_two_nodes_that_are_no_neighbours(
    ways: list[list[int]], missing: set[int]
) -> None:
    numbered = dict(enumerate([*ways, *[[20, 21]] * 30], 1))
    steps = {frozenset(step) for refs in numbered.values() for step in pairwise(refs)}
    with tempfile.TemporaryDirectory() as folder:
        path = opl(Path(folder) / "x.opl", {*range(1, 13), 20, 21} - missing, numbered)
        roads = RoadCollector()
        read_extract(path, [roads])
    graph = roads.finish()
    refs = [round((lon / 1e7 - 1) * 1000) for lon in graph.shape_lon.tolist()]
    starts = graph.shape_start.tolist()
    driven = {frozenset(s) for a, b in pairwise(starts) for s in pairwise(refs[a:b])}
    assert {step for step in driven if len(step) > 1} <= steps
    assert not missing.intersection(refs)
    # Of what is known, nothing is lost before the parts that nobody lives in are left out.
    lacking = [refs for refs in ways if missing.intersection(refs)]
    assert roads.cut_roads == sum(bool(set(refs) - missing) for refs in lacking)


def test_roads_that_leave_the_file_are_counted(tmp_path: Path) -> None:
    path = write_town(tmp_path / "town.osm")
    text = path.read_text("utf-8")
    gone = "<node id='1001' lat='10.0' lon='20.004'/>"
    assert gone in text
    path.write_text(text.replace(gone, ""), "utf-8")
    manifest = build_region(path, "town", regions_dir=tmp_path / "regions")
    assert manifest.counts["cut_roads"] == 2  # the row and the column that met there


def test_a_file_without_most_of_its_nodes_is_refused(tmp_path: Path) -> None:
    ways = {number: [number, number + 1, number + 2] for number in range(1, 40)}
    with pytest.raises(UnreadableExtract, match="without their nodes"):
        copy(opl(tmp_path / "bare.opl", {1, 2, 3, 10, 20, 30}, ways))


def with_locations(source: Path, target: Path) -> Path:
    """Write a file as 'osmium add-locations-to-ways' does: places on ways, fewer nodes."""
    ending = "".join(target.suffixes)[1:]
    file = osmium.io.File(target, f"{ending},locations_on_ways=true")
    with osmium.SimpleWriter(file) as writer:
        for thing in osmium.FileProcessor(source).with_locations():
            if len(thing.tags) or not thing.is_node():
                writer.add(thing)
    return target


MORE = (
    "<way id='90'><nd ref='1000'/><nd ref='1001'/><nd ref='1009'/><nd ref='1000'/></way>"
    "<relation id='5'><member type='way' ref='90' role='outer'/>"
    "<tag k='type' v='multipolygon'/><tag k='landuse' v='forest'/></relation></osm>"
)


@pytest.mark.parametrize("ending", [".osm.pbf", ".opl", ".osm", ".osm.bz2"])
def test_locations_on_ways_are_read_as_nodes_are(tmp_path: Path, ending: str) -> None:
    node = "<node id='3000' lat='10.001' lon='20.001'><tag k='amenity' v='cafe'/></node>"
    town = write_town(tmp_path / "town.osm", more=node)
    town.write_text(town.read_text("utf-8").replace("</osm>", MORE), "utf-8")
    low = with_locations(town, tmp_path / f"low{ending}")
    plain, carried = copy(town), copy(low)
    assert carried.runs == plain.runs
    assert carried.nodes == plain.nodes == [3000]
    assert carried.areas == plain.areas
    assert shapely.from_wkb(carried.areas["r5"]).area > 0
    built = [build_region(p, "t", regions_dir=tmp_path / "r").counts for p in (town, low)]
    assert built[0] == built[1]
    assert built[1]["cut_roads"] == 0


def test_ways_with_places_but_without_node_ids_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "geom.osm"
    nodes = "".join(f"<nd lat='1' lon='1.{k}'/>" for k in range(5))
    path.write_text(f"<osm version='0.6'><way id='1'>{nodes}{STREET}</way></osm>", "utf-8")
    with pytest.raises(UnreadableExtract, match="no node ids"):
        copy(path)


@pytest.mark.parametrize("mark", ["action='delete'", 'action = "delete"', "visible='false'"])
def test_what_is_deleted_is_not_there(tmp_path: Path, mark: str) -> None:
    node = "<node id='3000' lat='10' lon='20'><tag k='amenity' v='cafe'/></node>"
    town = write_town(tmp_path / "town.osm", more=node)
    text = town.read_text("utf-8").replace("</osm>", MORE)
    assert copy(town).nodes == [3000]
    for name in ("<way id='3'", "<node id='3000'", "<relation id='5'"):
        assert name in text
        text = text.replace(name, f"{name} {mark}")
    town.write_text(text, "utf-8")
    copies = copy(town)
    assert (copies.nodes, copies.areas) == ([], {})
    assert sorted(copies.runs) == [k for k in range(1, 2 * SIDE + 1) if k != 3]


def test_a_deleted_object_of_an_opl_file_is_not_there(tmp_path: Path) -> None:
    path = opl(tmp_path / "town.opl", {1, 2, 3}, {1: [1, 2], 2: [2, 3]})
    path.write_text(path.read_text("utf-8").replace("w2 ", "w2 v3 dD "), "utf-8")
    assert list(copy(path).runs) == [1]


@pytest.mark.parametrize(
    "versions",
    [
        "<way id='50' version='1'>{refs}</way><way id='50' version='2'>{refs}</way>",
        "<way id='50' version='1'>{refs}</way><way id='50' version='2' visible='false'/>",
        "<relation id='1' version='1'>{area}</relation><relation id='1'>{area}</relation>",
    ],
)
def test_a_history_under_the_name_of_an_extract_is_refused(tmp_path: Path, versions: str) -> None:
    refs = f"<nd ref='1000'/><nd ref='1001'/>{STREET}"
    area = "<tag k='type' v='multipolygon'/><tag k='landuse' v='forest'/>"
    town = write_town(tmp_path / "town.osm")
    more = versions.format(refs=refs, area=area)
    town.write_text(town.read_text("utf-8").replace("</osm>", f"{more}</osm>"), "utf-8")
    with pytest.raises(UnreadableExtract, match="history"):
        copy(town)


def write_pbf(path: Path, ways: list[list[int]]) -> Path:
    with osmium.SimpleWriter(path) as writer:
        for ref in range(1, 13):
            writer.add(mutable.Node(id=ref, location=(1 + ref / 1000, 1)))
        for number, refs in enumerate(ways, 1):
            writer.add(mutable.Way(id=number, nodes=refs, tags={"highway": "residential"}))
    return path


@pytest.mark.parametrize(
    ("ways", "sentence"),
    [
        ([[1 + k % 12 for k in range(100_000)]], r"way 1 has 100,000 nodes"),
        ([[1 + k % 12 for k in range(2000)]] * 40, r"roads meet at one junction"),
        ([[1 + k % 2 for k in range(40_000)]], r"39,999 roads meet at one junction"),
        ([[1] * 40_000], r"no road that joins two places"),
    ],
)
def test_a_few_bytes_that_hold_roads_without_end_are_refused(
    tmp_path: Path, ways: list[list[int]], sentence: str
) -> None:
    path = write_pbf(tmp_path / "small.osm.pbf", ways)
    assert path.stat().st_size < 2000
    with pytest.raises(UnreadableExtract, match=sentence) as caught:
        build_region(path, "small", regions_dir=tmp_path / "regions")
    assert str(caught.value).count("\n") == 0


def test_the_hostile_files_are_refused(shared: Callable[[str], Path], tmp_path: Path) -> None:
    for name in ("pbf-refs-100k.osm.pbf", "bz2-bomb.osm.bz2"):
        path = shared(f"cases/hostile/{name}")
        with pytest.raises(UnreadableExtract, match="damaged"):
            build_region(path, "small", regions_dir=tmp_path / "regions")


def test_a_memory_that_is_full_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_roads: RoadCollector) -> None:
        raise MemoryError

    monkeypatch.setattr(RoadCollector, "finish", full)
    with pytest.raises(SetupError, match="not enough memory"):
        build_region(write_town(tmp_path / "t.osm"), "town", regions_dir=tmp_path / "regions")
