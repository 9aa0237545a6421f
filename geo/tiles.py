"""Reading map tiles from one PMTiles file.

The format is described at https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md. The file
is mapped into memory and its directory read once, so opening takes milliseconds and a tile is one
look-up and one slice, from any thread.
"""

from __future__ import annotations

import gzip
import json
import mmap
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pmtiles.tile import (
    Compression,
    Entry,
    HeaderDict,
    MagicNumberNotFound,
    SpecVersionUnsupported,
    TileType,
    deserialize_directory,
    deserialize_header,
    zxy_to_tileid,
)

from geo.errors import UnreadableRegion
from geo.model import BBox

_HEADER_BYTES = 127
_DEEPEST_LEAF = 3
"""Directories below the root that a reader has to follow (specification, section 4)."""


@dataclass(frozen=True, slots=True)
class TileArchive:
    """Vector tiles, compressed with gzip, as they are sent to a browser.

    ``metadata`` is the archive's JSON: attribution, ``vector_layers``, ``minzoom`` and ``maxzoom``.
    """

    bounds: BBox
    metadata: Mapping[str, Any]
    min_zoom: int
    max_zoom: int
    _data: mmap.mmap
    _tile_ids: list[int]
    _entries: list[Entry]
    _offset: int

    @classmethod
    def open(cls, path: Path) -> TileArchive:
        """Open an archive.

        Raises
        ------
        UnreadableRegion
            The file is missing, damaged or no archive of vector tiles.
        """
        try:
            with path.open("rb") as file:
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            return cls._read(data)
        except (
            OSError,  # gzip.BadGzipFile too
            ValueError,
            EOFError,
            IndexError,
            zlib.error,
            MagicNumberNotFound,
            SpecVersionUnsupported,
        ) as error:
            raise UnreadableRegion(
                f"the map tiles {path} cannot be read; build the region again."
            ) from error

    @classmethod
    def _read(cls, data: mmap.mmap) -> TileArchive:
        if len(data) < _HEADER_BYTES:
            raise ValueError("shorter than a header")
        header = deserialize_header(data[:_HEADER_BYTES])
        if (header["tile_type"], header["tile_compression"]) != (TileType.MVT, Compression.GZIP):
            raise ValueError("not vector tiles compressed with gzip")
        entries = list(_entries(data, header, header["root_offset"], header["root_length"]))
        end = max((entry.offset + entry.length for entry in entries), default=0)
        if header["tile_data_offset"] + end > len(data):
            raise ValueError("cut off")
        return cls(
            bounds=_bounds(header),
            metadata=_metadata(data, header),
            min_zoom=header["min_zoom"],
            max_zoom=header["max_zoom"],
            _data=data,
            _tile_ids=[entry.tile_id for entry in entries],
            _entries=entries,
            _offset=header["tile_data_offset"],
        )

    def __len__(self) -> int:
        """Return the number of tiles."""
        return sum(entry.run_length for entry in self._entries)

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """Return a tile compressed with gzip; None where there is nothing to draw.

        Numbers that name no tile on Earth have none either.
        """
        if not (self.min_zoom <= z <= self.max_zoom and 0 <= x < 1 << z and 0 <= y < 1 << z):
            return None
        tile_id = zxy_to_tileid(z, x, y)
        index = bisect_right(self._tile_ids, tile_id) - 1
        if index < 0:
            return None
        entry = self._entries[index]
        if tile_id - entry.tile_id >= entry.run_length:
            return None
        start = self._offset + entry.offset
        return self._data[start : start + entry.length]


def _entries(
    data: mmap.mmap, header: HeaderDict, offset: int, length: int, depth: int = 0
) -> Iterator[Entry]:
    """Yield the tiles of a directory and of those below it."""
    if header["internal_compression"] != Compression.GZIP:
        raise ValueError("directories not compressed with gzip")
    for entry in deserialize_directory(data[offset : offset + length]):
        if entry.run_length:
            yield entry
        elif depth < _DEEPEST_LEAF:
            leaf = header["leaf_directory_offset"] + entry.offset
            yield from _entries(data, header, leaf, entry.length, depth + 1)


def _metadata(data: mmap.mmap, header: HeaderDict) -> dict[str, Any]:
    start = header["metadata_offset"]
    found = json.loads(gzip.decompress(data[start : start + header["metadata_length"]]))
    if not isinstance(found, dict):
        raise ValueError("metadata is no JSON object")
    return found


def _bounds(header: HeaderDict) -> BBox:
    return BBox(
        header["min_lon_e7"] / 1e7,
        header["min_lat_e7"] / 1e7,
        header["max_lon_e7"] / 1e7,
        header["max_lat_e7"] / 1e7,
    )
