"""Reading a PMTiles file that another's writer has written, and files that are none."""

from __future__ import annotations

import gzip
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from geo.errors import UnreadableRegion
from geo.model import BBox
from geo.tiles import TileArchive

Tiles = dict[tuple[int, int, int], bytes]


def write(path: Path, tiles: Tiles, **changed: Any) -> Path:
    with path.open("wb") as file:
        writer = Writer(file)
        for zxy in sorted(tiles, key=lambda zxy: zxy_to_tileid(*zxy)):
            writer.write_tile(zxy_to_tileid(*zxy), tiles[zxy])
        header = {
            "tile_type": TileType.MVT,
            "tile_compression": Compression.GZIP,
            "min_lon_e7": 14_000_000,
            "min_lat_e7": -425_000_000,
            "max_lon_e7": 18_000_000,
            "max_lat_e7": -420_000_000,
        } | changed
        writer.finalize(header, {"attribution": "© us"})
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write(tmp_path / "small.pmtiles", {(0, 0, 0): b"a", (3, 1, 2): b"b", (5, 9, 9): b"c"})


def test_tiles_come_back(small: Path) -> None:
    archive = TileArchive.open(small)
    assert archive.tile(0, 0, 0) == b"a"
    assert archive.tile(3, 1, 2) == b"b"
    assert archive.tile(5, 9, 9) == b"c"
    assert len(archive) == 3
    assert archive.bounds == BBox(1.4, -42.5, 1.8, -42.0)
    assert archive.metadata == {"attribution": "© us"}
    assert (archive.min_zoom, archive.max_zoom) == (0, 5)


@pytest.mark.parametrize(
    "zxy", [(1, 0, 0), (3, 1, 3), (5, 9, 10), (3, 8, 0), (3, -1, 0), (-1, 0, 0), (40, 0, 0)]
)
def test_no_tile_is_none(small: Path, zxy: tuple[int, int, int]) -> None:
    assert TileArchive.open(small).tile(*zxy) is None


def test_runs_of_the_same_tile_and_leaf_directories(tmp_path: Path) -> None:
    zoom = 8
    tiles = {
        (zoom, x, y): b"sea" if x < 128 else gzip.compress(b"%d" % (x * y), mtime=0)
        for x in range(256)
        for y in range(256)
    }
    archive = TileArchive.open(write(tmp_path / "large.pmtiles", tiles))
    assert len(archive) == len(tiles)
    for zxy in [*list(tiles)[::97], (zoom, 255, 255), (zoom, 0, 0)]:
        assert archive.tile(*zxy) == tiles[zxy]


def test_threads_share_an_archive(small: Path) -> None:
    archive = TileArchive.open(small)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: archive.tile(3, 1, 2), range(500)))
    assert set(found) == {b"b"}


def test_an_archive_outlives_its_file(small: Path) -> None:
    archive = TileArchive.open(small)
    small.unlink()
    assert archive.tile(5, 9, 9) == b"c"


def test_damaged_files_are_told_apart_from_empty_ones(small: Path, tmp_path: Path) -> None:
    whole = small.read_bytes()
    bad = {
        "empty": b"",
        "short": whole[:100],
        "no archive": b"PK" + whole[2:],
        "another version": whole[:7] + b"\x02" + whole[8:],
        "cut in the tiles": whole[:-1],
        "cut in the directory": whole[:140],
        "zeros": whole[:127] + bytes(len(whole) - 127),
        "noise": whole[:130] + io.BytesIO(whole[130:]).read()[::-1],
    }
    for name, data in bad.items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(UnreadableRegion, match="build the region again"):
            TileArchive.open(path)
    with pytest.raises(UnreadableRegion):
        TileArchive.open(tmp_path / "missing")


@pytest.mark.parametrize(
    "changed", [{"tile_type": TileType.PNG}, {"tile_compression": Compression.NONE}]
)
def test_archives_of_something_else_are_refused(tmp_path: Path, changed: dict[str, Any]) -> None:
    path = write(tmp_path / "other.pmtiles", {(0, 0, 0): b"a"}, **changed)
    with pytest.raises(UnreadableRegion):
        TileArchive.open(path)
