"""The layers of vector tiles as messages: features with their attributes, and what they refer to.

A layer lists each key and each value of its attributes once, and features name them by their place
in these lists (Vector Tile Specification 2.1, section 4.4). All layers of one name in a block of
tiles are written by numpy in one go.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from geo.region.basemap.clip import EXTENT
from geo.region.basemap.mvt import GeometryKind, Properties, Value, encode_geometries
from geo.region.basemap.packing import Packed, interleaved, pack, repeated, varint, varints
from geo.region.basemap.shapes import Ints, Shapes, gather

_END = b"\x28" + varint(EXTENT) + b"\x78\x02"
"""The end of a layer: how wide a tile is, and that this is version 2."""


def encode_layers(
    name: str,
    shapes: Shapes,
    kind: GeometryKind,
    rows: Ints,
    table: Sequence[Properties],
    tile_start: Ints,
) -> list[bytes]:
    """Return a layer as it stands in each of some tiles.

    Parameters
    ----------
    shapes
        The geometry of each feature, in whole units from the upper left corner of its tile; tile
        after tile.
    rows
        For each feature the row of ``table`` that holds its attributes.
    tile_start
        (t + 1,) features ``tile_start[k]:tile_start[k + 1]`` are in tile k.
    """
    tiles = len(tile_start) - 1
    tile = np.repeat(np.arange(tiles), np.diff(tile_start))
    known, row = np.unique(rows, return_inverse=True)
    sets, combination = np.unique(tile * len(known) + row, return_inverse=True)
    of_tile, of_row = np.divmod(sets, max(len(known), 1))
    tags, keys, values = _attributes([table[row] for row in known.tolist()], of_row, of_tile, tiles)
    geometries = encode_geometries(shapes, kind)
    size = varints(geometries.lengths)
    rest = (
        tags.take(combination),
        repeated(bytes((0x18, kind, 0x22)), len(rows)),
        size,
        geometries,
    )
    features = _messages(0x12, rest).joined(tile_start)
    begin = repeated(_message(0x0A, name.encode()), tiles)
    end = repeated(_END, tiles)
    return _messages(0x1A, (begin, features, keys, values, end)).to_list()


def _attributes(
    known: Sequence[Properties], rows: Ints, tile: Ints, tiles: int
) -> tuple[Packed, Packed, Packed]:
    """Return the attributes of sets in tiles, and the keys and the values of each tile.

    Parameters
    ----------
    known
        Sets of attributes.
    rows, tile
        (s,) which of them is in which tile; rising.
    tiles
        How many tiles there are.
    """
    keys: dict[str, int] = {}
    values: dict[tuple[type, Value], int] = {}
    key_of = [keys.setdefault(key, len(keys)) for one in known for key, _ in one]
    value_of = [
        values.setdefault((type(value), value), len(values)) for one in known for _, value in one
    ]
    known_start = np.cumsum([0, *map(len, known)], dtype=np.int64)
    pairs, start = gather(known_start, rows)
    tile_of_pair = np.repeat(tile, np.diff(start))
    key_list = pack([_message(0x1A, key.encode()) for key in keys])
    value_list = pack([_value_message(*value) for value in values])
    key, tile_keys = _listed(np.array(key_of, np.int64)[pairs], tile_of_pair, key_list, tiles)
    value, tile_values = _listed(
        np.array(value_of, np.int64)[pairs], tile_of_pair, value_list, tiles
    )
    numbers = varints(np.stack([key, value], axis=1).ravel()).joined(2 * start)
    tags = _messages(0x12, (numbers,)).where(np.diff(start) > 0)
    return tags, tile_keys, tile_values


def _listed(item: Ints, tile: Ints, messages: Packed, tiles: int) -> tuple[Ints, Packed]:
    """Return the place of each item in the list of its tile, and the list of each tile."""
    count = max(len(messages.start) - 1, 1)
    used, found = np.unique(tile * count + item, return_inverse=True)
    start = np.searchsorted(used, np.arange(tiles + 1) * count)
    return found - start[tile], messages.take(used % count).joined(start)


def _messages(tag: int, columns: Sequence[Packed]) -> Packed:
    """Return a message for each row: the tag, the length, and what all columns hold."""
    lengths = np.sum([column.lengths for column in columns], axis=0)
    return interleaved([repeated(bytes((tag,)), len(lengths)), varints(lengths), *columns])


def _message(tag: int, body: bytes) -> bytes:
    return bytes((tag,)) + varint(len(body)) + body


@lru_cache(maxsize=65_536)
def _value_message(_kind: type, value: Value) -> bytes:
    """Return a value as it stands in a layer; neighbouring blocks name the same roads."""
    return _message(0x22, _value(value))


def _value(value: Value) -> bytes:
    """Return a Value message (section 4.4)."""
    if isinstance(value, str):
        return _message(0x0A, value.encode("utf-8", "replace"))
    if isinstance(value, float):
        return b"\x19" + struct.pack("<d", value)
    if value >= 0:
        return b"\x28" + varint(value)
    return b"\x30" + varint(-2 * value - 1)
