"""Tiles into one PMTiles file (https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md)."""

from __future__ import annotations

import gzip
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pmtiles.tile import Compression, TileType
from pmtiles.writer import Writer

from geo.model import BBox

Tile = tuple[int, bytes]
"""The tile's id (its place along the Hilbert curve, zoom by zoom) and its bytes, not compressed."""

_COMPRESSION_LEVEL = 6
_AHEAD = 256
"""Tiles that may wait for their compression, which runs beside the making of the next ones."""


def write_archive(
    path: Path,
    tiles: Iterable[Tile],
    *,
    bounds: BBox,
    metadata: Mapping[str, Any],
) -> int:
    """Write a PMTiles file and return the number of tiles; the same tiles give the same bytes.

    Parameters
    ----------
    tiles
        In the order of their ids.
    """
    count = 0
    with path.open("wb") as file:
        writer = Writer(file)
        with writer.tile_f:
            for number, packed in _compressed(tiles):
                writer.write_tile(number, packed)
                count += 1
            if count == 0:  # the format knows no archive without tiles: one with nothing in it
                writer.write_tile(0, _compress(b""))
            writer.finalize(_header(bounds), dict(metadata))
    return count


def _compressed(tiles: Iterable[Tile]) -> Iterator[tuple[int, bytes]]:
    """Yield the id and the compressed bytes of each tile, in their order."""
    waiting: deque[tuple[int, Future[bytes]]] = deque()
    with ThreadPoolExecutor(1) as beside:
        for number, data in tiles:
            waiting.append((number, beside.submit(_compress, data)))
            while waiting and (len(waiting) > _AHEAD or waiting[0][1].done()):
                first, packed = waiting.popleft()
                yield first, packed.result()
        for number, packed in waiting:
            yield number, packed.result()


def _compress(data: bytes) -> bytes:
    return gzip.compress(data, _COMPRESSION_LEVEL, mtime=0)


def _header(bounds: BBox) -> dict[str, Any]:
    center = bounds.center
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": round(bounds.west * 1e7),
        "min_lat_e7": round(bounds.south * 1e7),
        "max_lon_e7": round(bounds.east * 1e7),
        "max_lat_e7": round(bounds.north * 1e7),
        "center_zoom": 10,
        "center_lon_e7": round(center.lon * 1e7),
        "center_lat_e7": round(center.lat * 1e7),
    }
