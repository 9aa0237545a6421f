"""Nodes and ways out of blocks, beside what pyosmium reads of the same files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import osmium
import osmium.osm.mutable as osm
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.region.basemap.packing import varint
from geo.region.blocks import things_of
from geo.region.build import sample_path
from geo.region.objects import NOTHING, OsmNode, OsmWay, Wanted
from geo.region.pbf import is_understood, numbers, signed
from geo.region.streamed import stream

Keys = frozenset[str] | None
EDITED = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def ours(path: Path, node: Keys = None, way: Keys = None) -> Iterator[tuple[Any, ...]]:
    assert is_understood(path)
    return map(written, things_of(path, Wanted(node, way), lambda _done: None))


def theirs(path: Path, node: Keys = None, way: Keys = None) -> Iterator[tuple[Any, ...]]:
    return map(written, stream(path, Wanted(node, way, NOTHING), lambda _done: None))


def written(thing: object) -> tuple[Any, ...]:
    """Return all that can be read of a node or way."""
    if isinstance(thing, OsmNode):
        return thing.id, thing.tags, thing.timestamp, thing.lon, thing.lat
    assert isinstance(thing, OsmWay)
    return thing.id, thing.tags, thing.timestamp, thing.refs.tolist(), thing.packed, thing.ring


ROADS = frozenset({"highway", "addr:housenumber"})


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("sample", None),
        ("sample", ROADS),
        ("osm/rutland.osm.pbf", None),
        ("osm/andorra.osm.pbf", ROADS),
        pytest.param("osm/andorra.osm.pbf", None, marks=pytest.mark.slow),
    ],
)
def test_it_is_what_pyosmium_reads(shared: Callable[[str], Path], name: str, keys: Keys) -> None:
    extract = sample_path() if name == "sample" else shared(name)
    count = 0
    for mine, its in zip(ours(extract, keys, keys), theirs(extract, keys, keys), strict=True):
        assert mine == its
        count += 1
    assert count > 1000


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Return what writes a small extract in a given way of packing."""

    def write(packing: str = "", *, without: int = 0) -> Path:
        path = tmp_path / "small.osm.pbf"
        nodes = [
            osm.Node(id=1, location=(-10.5, -20.25)),
            osm.Node(id=2, location=(-10.4, -20.25), tags={"natural": "tree", "note": ""}),
            osm.Node(id=3, location=(179.9999999, 89.9999999)),
            osm.Node(id=5, location=(0, 0), tags={"name": "Zoë 漢字"}, timestamp=EDITED),
        ]
        ways = [
            osm.Way(id=7, nodes=[1, 2, 3, 1], tags={"building": "yes"}, timestamp=EDITED),
            osm.Way(id=8, nodes=[1, 4, 5], tags={"highway": "path", "area": "no"}),
            osm.Way(id=9, nodes=[4], tags={"highway": "track"}),
            osm.Way(id=10, nodes=[], tags={"highway": "track"}),
            osm.Way(id=11, nodes=[1, 2]),
        ]
        with osmium.SimpleWriter(osmium.io.File(path, f"pbf{packing}"), overwrite=True) as writer:
            for node in nodes[without:]:
                writer.add_node(node)
            for way in ways:
                writer.add_way(way)
        return path

    return write


@pytest.mark.parametrize(
    "packing", ["", ",pbf_dense_nodes=false", ",pbf_compression=none", ",add_metadata=false"]
)
def test_every_packing_reads_the_same(write: Callable[..., Path], packing: str) -> None:
    path = write(packing)
    found = list(ours(path))
    assert found == list(theirs(path))
    tree, zoe, house, path_, lost, empty = found
    assert tree[1] == {"natural": "tree", "note": ""}
    assert zoe == (5, {"name": "Zoë 漢字"}, None if "meta" in packing else EDITED, 0.0, 0.0)
    assert (house[3], len(house[-1])) == ([1, 2, 3, 1], 64)
    assert (path_[3], path_[-1]) == ([1, 5], b"")
    assert lost[3] == empty[3] == []


def test_only_what_is_wanted_comes(write: Callable[..., Path]) -> None:
    path = write()
    keys = frozenset({"name", "building"})
    assert [thing[0] for thing in ours(path, keys, keys)] == [5, 7]
    assert list(ours(path, NOTHING, NOTHING)) == []


def test_ways_without_any_node_come_without_points(write: Callable[..., Path]) -> None:
    assert [way[3] for way in ours(write(without=4))] == [[], [], [], []]


@pytest.mark.parametrize("packing", [",pbf_compression=lz4", ",locations_on_ways=true"])
def test_what_needs_more_is_left_to_pyosmium(write: Callable[..., Path], packing: str) -> None:
    try:
        path = write(packing)
    except ValueError:
        pytest.skip("this osmium cannot write it")
    assert not is_understood(path)


def test_other_formats_are_left_to_pyosmium(tmp_path: Path) -> None:
    named = tmp_path / "sheet.pbf"
    named.write_text('<osm version="0.6"></osm>', encoding="utf-8")
    assert not is_understood(named)
    assert not is_understood(named.with_suffix(".osm"))


@pytest.mark.parametrize("at", [0.2, 0.5, 0.8, 0.97])
def test_a_byte_that_is_wrong_is_told(tmp_path: Path, at: float) -> None:
    content = bytearray(sample_path().read_bytes())
    content[int(len(content) * at)] ^= 0x55
    path = tmp_path / "wrong.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=re.compile(".")):
        list(ours(path))


@pytest.mark.parametrize(
    "blob",
    [
        b"\x0a\x09OSMHeader\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",  # -1 bytes long
        b"\x0a\x09OSMHeader\x18\x80\x80\x80\x20",  # 64 MB
        b"\xff\xff",
        b"\x0a\x01\xff",  # no text
    ],
)
def test_what_only_begins_like_one_is_left_to_pyosmium(tmp_path: Path, blob: bytes) -> None:
    path = tmp_path / "odd.osm.pbf"
    path.write_bytes(len(blob).to_bytes(4, "big") + blob + b"\x0a\x02\xff\xff")
    assert not is_understood(path)


@pytest.mark.parametrize("content", [b"\x80", b"\x01\xff", b"\xff" * 10 + b"\x01"])
def test_a_number_that_does_not_end_is_told(content: bytes) -> None:
    with pytest.raises(ValueError, match="a number is cut off"):
        numbers(content)


@given(st.lists(st.integers(-(2**62), 2**62 - 1)))
def test_numbers_are_those_that_were_written(values: list[int]) -> None:
    content = b"".join(varint(value << 1 if value >= 0 else -value * 2 - 1) for value in values)
    found, ends = numbers(content)
    assert signed(found).tolist() == values
    assert ends[-1:].tolist() == [len(content)][: len(values)]


def test_nodes_after_ways_are_told(write: Callable[..., Path], tmp_path: Path) -> None:
    path = write()
    twice = tmp_path / "twice.osm.pbf"
    twice.write_bytes(path.read_bytes() * 2)
    with pytest.raises(ValueError, match="node 1 is out of order"):
        list(ours(twice))
