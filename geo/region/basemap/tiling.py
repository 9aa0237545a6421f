"""From layers to a PMTiles file: block by block, so that memory is bounded by a block, not a state.

https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md
"""

from __future__ import annotations

import gzip
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from geo.cancellation import Progress, no_progress
from geo.model import BBox
from geo.region.basemap.encode import GeometryKind, clean, encode_layers
from geo.region.basemap.generalise import Layer, Pyramid
from geo.region.basemap.shapes import (
    BUFFER,
    EXTENT,
    Bools,
    Floats,
    TiledShapes,
    cut_half_plane,
    cut_into_tiles,
    join,
)

_BLOCK_POINTS = 500_000
"""Points that a block should hold on the whole; with fewer, a zoom is worked on in one."""
_SMALLEST_BLOCK = 5
"""A block is 2^5 x 2^5 tiles at least."""

STEP = "basemap"
"""What is reported of the making of tiles."""


@dataclass(frozen=True, slots=True)
class Block:
    """What lies in one block of a zoom: 2^above x 2^above tiles, cut a little beyond the edge."""

    zoom: int
    above: int
    column: int
    row: int
    layers: tuple[Layer, ...]


class MapBlocks(Protocol):
    """Does what the built-in map does, perhaps with help."""

    def __call__(
        self, function: Callable[[Block], list[Tile]], items: Iterable[Block], /
    ) -> Iterator[list[Tile]]:
        """Yield the result for each item, in their order."""


def make_tiles(
    pyramids: Sequence[Pyramid],
    *,
    progress: Progress = no_progress,
    map_blocks: MapBlocks = map,
) -> Iterator[Tile]:
    """Yield every tile that has something in it, zoom by zoom along the Hilbert curve.

    The pyramids are the layers in the order in which they stand in a tile.
    """
    for tiles in map_blocks(tiles_of, _all_blocks(pyramids, progress)):
        yield from tiles
    progress(STEP, 1.0)


def _all_blocks(pyramids: Sequence[Pyramid], progress: Progress) -> Iterator[Block]:
    zooms = sorted({zoom for pyramid in pyramids for zoom in pyramid})
    for zoom in zooms:
        progress(STEP, 0.25 ** (zooms[-1] - zoom + 1))
        layers = [pyramid[zoom] for pyramid in pyramids if zoom in pyramid]
        layers = [layer for layer in layers if len(layer.rows)]
        yield from _cut_to_blocks(layers, zoom)


def _cut_to_blocks(layers: Sequence[Layer], zoom: int) -> Iterator[Block]:
    if not layers:
        return
    points = sum(len(layer.shapes.xy) for layer in layers)
    bounds = [layer.shapes.bounds() for layer in layers]
    above = zoom
    blocks = _blocks(bounds, zoom, above)
    # Halved until the blocks over the layers' box hold few enough points on the whole.
    while above > _SMALLEST_BLOCK and points > _BLOCK_POINTS * len(blocks):
        above -= 1
        blocks = _blocks(bounds, zoom, above)
    side = float(EXTENT << above)
    for column, row in blocks:
        low = np.array((column, row)) * side - BUFFER
        high = low + side + 2 * BUFFER
        parts = []
        for layer, (least, most) in zip(layers, bounds, strict=True):
            touching = ((most >= low) & (least <= high)).all(axis=1)
            if np.any(touching):
                rows = np.flatnonzero(touching)
                # Few shapes cross a block's edge; the others are passed on without being cut.
                inside = np.all((least[rows] >= low) & (most[rows] <= high), axis=1)
                parts.append(_cut_to_box(layer.take(rows), inside, low, high))
        yield Block(zoom, above, column, row, tuple(parts))


def tiles_of(block: Block) -> list[Tile]:
    """Return the tiles of a block, in the order of their ids."""
    found: dict[tuple[int, int], list[bytes]] = {}
    above = block.above
    for layer in block.layers:
        for (x, y), data in _layer_tiles(layer, block.zoom):
            if (x >> above, y >> above) == (block.column, block.row):
                found.setdefault((x, y), []).append(data)
    return sorted(
        (zxy_to_tileid(block.zoom, x, y), b"".join(parts)) for (x, y), parts in found.items()
    )


def _blocks(
    bounds: Sequence[tuple[Floats, Floats]], zoom: int, above: int
) -> list[tuple[int, int]]:
    """Return the x and y of every block that something may lie in, along the Hilbert curve.

    A block is 2^above x 2^above tiles.
    """
    side, last = float(EXTENT << above), (1 << (zoom - above)) - 1
    first_xy = np.min([least.min(axis=0) for least, _ in bounds], axis=0) - BUFFER
    last_xy = np.max([most.max(axis=0) for _, most in bounds], axis=0) + BUFFER
    x_0, y_0 = np.clip(first_xy // side, 0, last).astype(int).tolist()
    x_1, y_1 = np.clip(last_xy // side, 0, last).astype(int).tolist()
    blocks = [(x, y) for x in range(x_0, x_1 + 1) for y in range(y_0, y_1 + 1)]
    return sorted(blocks, key=lambda block: zxy_to_tileid(zoom - above, *block))


def _cut_to_box(layer: Layer, inside: Bools, low: Floats, high: Floats) -> Layer:
    """Cut the shapes that are not wholly inside; the order stays."""
    if layer.kind == GeometryKind.POINT or inside.all():
        return layer
    across = layer.take(~inside)
    shapes = across.shapes
    for axis in (0, 1):
        for bound, above in ((low, True), (high, False)):
            shapes = cut_half_plane(shapes, axis, np.full(len(shapes), bound[axis]), above=above)
    within = layer.take(inside)
    order = np.argsort(np.concatenate([np.flatnonzero(inside), np.flatnonzero(~inside)]))
    rows = np.concatenate([within.rows, across.rows])
    return replace(layer, shapes=join([within.shapes, shapes]), rows=rows).take(order)


def _layer_tiles(layer: Layer, zoom: int) -> Iterator[tuple[tuple[int, int], bytes]]:
    """Yield x and y of each tile of a layer, and the layer as it stands in it."""
    pieces = (
        _points_in_tiles(layer) if layer.kind == GeometryKind.POINT else _clean_pieces(layer, zoom)
    )
    if not len(pieces.source):
        return
    order = np.lexsort((pieces.source, pieces.tile[:, 1], pieces.tile[:, 0]))
    pieces = pieces.take(order)
    changes = np.flatnonzero((np.diff(pieces.tile, axis=0) != 0).any(axis=1)) + 1
    start = np.concatenate(([0], changes, [len(pieces.source)]))
    rows = layer.rows[pieces.source]
    data = encode_layers(layer.name, pieces.shapes, layer.kind, rows, layer.table, start)
    yield from zip(map(tuple, pieces.tile[start[:-1]].tolist()), data, strict=True)


def _clean_pieces(layer: Layer, zoom: int) -> TiledShapes:
    pieces = cut_into_tiles(layer.shapes, zoom)
    shapes = clean(pieces.shapes.moved(-EXTENT * pieces.tile.astype(np.float64)))
    pieces = replace(pieces, shapes=shapes)
    return pieces.take(np.flatnonzero(np.diff(shapes.shape_start)))


def _points_in_tiles(layer: Layer) -> TiledShapes:
    """Put each point into its one tile; points need no buffer."""
    xy = np.floor(layer.shapes.xy)
    tile = (xy // EXTENT).astype(np.int64)
    shapes = replace(layer.shapes, xy=xy - tile * EXTENT)
    return TiledShapes(shapes, np.arange(len(tile)), tile)


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
    """Write a PMTiles file and return the number of tiles; the same tiles give the same bytes."""
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
    with ThreadPoolExecutor(1) as executor:
        for number, data in tiles:
            waiting.append((number, executor.submit(_compress, data)))
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
