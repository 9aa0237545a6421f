"""The places of a region on disk: positions and kinds as arrays, the rest read when asked for.

A search touches every position and kind, but shows a few places; so these lie in memory-mapped
arrays and a place's name and tags in one line of JSON each, read from the map at its offset. Rows
keep the order in which they were written: what is stored beside them (how each place joins the
road network) stays aligned.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.errors import UnknownName, UnreadableRegion
from geo.model import Place, Point
from geo.places.kinds import load_kinds

_LINES = "places.jsonl"
_KINDS = "kinds.json"


class PlaceIndex:
    """The places of a region; row numbers count from 0 and never change.

    Attributes
    ----------
    lon, lat
        (n,) float64 degrees, read-only.
    kind_codes
        (n,) uint8, positions in ``kinds``: the main kind of each.
    other_kinds
        (n,) uint64, a bit for each further kind, the lowest for the first of ``kinds``.
    """

    def __init__(self, folder: Path) -> None:
        self.lon: npt.NDArray[np.float64] = _load(folder / "lon.npy")
        self.lat: npt.NDArray[np.float64] = _load(folder / "lat.npy")
        self.kind_codes: npt.NDArray[np.uint8] = _load(folder / "kind.npy")
        self.other_kinds: npt.NDArray[np.uint64] = _load(folder / "other_kinds.npy")
        self._starts: npt.NDArray[np.int64] = _load(folder / "starts.npy")
        self.kinds: tuple[str, ...] = tuple(json.loads((folder / _KINDS).read_text("utf-8")))
        self._lines = _map(folder / _LINES)
        self._read: dict[int, Place] = {}

    @classmethod
    def open(cls, folder: Path) -> PlaceIndex:
        """Open the places of a region.

        Raises
        ------
        UnreadableRegion
            A file is missing or damaged.
        """
        try:
            index = cls(folder)
        except (OSError, ValueError, EOFError) as error:
            raise UnreadableRegion(
                f"the places in {folder} cannot be read ({error}); build the region again."
            ) from error
        columns = (index.lon, index.lat, index.kind_codes, index.other_kinds, index._starts[1:])
        lengths = {len(column) for column in columns}
        if len(lengths) != 1 or index._starts[-1] != len(index._lines):
            raise UnreadableRegion(f"the places in {folder} are cut off; build the region again.")
        return index

    @staticmethod
    def write(folder: Path, places: Sequence[Place]) -> PlaceIndex:
        """Write places into a folder, in their order, and open them.

        The same places give the same bytes.
        """
        folder.mkdir(parents=True, exist_ok=True)
        kinds = list(load_kinds())
        code = {kind: number for number, kind in enumerate(kinds)}
        lines = [_line(place) for place in places]
        np.save(folder / "lon.npy", np.array([place.point.lon for place in places], np.float64))
        np.save(folder / "lat.npy", np.array([place.point.lat for place in places], np.float64))
        np.save(folder / "kind.npy", np.array([code[place.kind] for place in places], np.uint8))
        others = [sum(1 << code[kind] for kind in place.other_kinds) for place in places]
        np.save(folder / "other_kinds.npy", np.array(others, np.uint64))
        np.save(folder / "starts.npy", np.cumsum([0, *map(len, lines)], dtype=np.int64))
        (folder / _LINES).write_bytes(b"".join(lines))
        (folder / _KINDS).write_text(json.dumps(kinds) + "\n", "utf-8")
        return PlaceIndex.open(folder)

    def __len__(self) -> int:
        return len(self.lon)

    def __getitem__(self, row: int) -> Place:
        """Return the place of a row; the same object each time.

        Raises
        ------
        IndexError
            There is no such row.
        """
        row = int(row)
        if not 0 <= row < len(self):
            raise IndexError(row)
        place = self._read.get(row)
        if place is None:
            place = self._read[row] = self._decode(row)
        return place

    def take(self, rows: Iterable[int], kinds: Collection[str] | None = None) -> list[Place]:
        """Return the places of many rows at once, each as one of ``kinds`` if it is any.

        Raises
        ------
        IndexError
            A row does not exist.
        """
        return [self[row].as_any_of(kinds) for row in rows]

    def __iter__(self) -> Iterator[Place]:
        return (self[row] for row in range(len(self)))

    def rows(self, kinds: Iterable[str] | None = None) -> npt.NDArray[np.int64]:
        """Return the (k,) int64 rows of places of some kinds, main or other, in order.

        None stands for all kinds.

        Raises
        ------
        UnknownName
            There is no such kind.
        """
        if kinds is None:
            return np.arange(len(self), dtype=np.int64)
        wanted, bits = np.zeros(256, bool), np.uint64(0)
        for kind in kinds:
            if kind in self.kinds:
                wanted[self.kinds.index(kind)] = True
                bits |= np.uint64(1 << self.kinds.index(kind))
            elif kind not in load_kinds():
                raise UnknownName("kind", kind, load_kinds())
        found = wanted[self.kind_codes] | ((self.other_kinds & bits) != 0)
        return np.flatnonzero(found).astype(np.int64)

    def counts(self) -> dict[str, int]:
        """Return how many places there are of each main kind, in the order of the table."""
        numbers = np.bincount(self.kind_codes, minlength=len(self.kinds))
        return {kind: int(number) for kind, number in zip(self.kinds, numbers, strict=True)}

    def find(self, osm_id: str) -> int | None:
        """Return the row of an OpenStreetMap id, as ``"n123"``; None where there is none."""
        start = self._lines.find(b'["%s",' % osm_id.encode())
        row = int(np.searchsorted(self._starts, start)) if start >= 0 else -1
        return row if row >= 0 and self._starts[row] == start else None

    def _decode(self, row: int) -> Place:
        line = self._lines[int(self._starts[row]) : int(self._starts[row + 1])]
        try:
            osm_id, name, edited, tags = json.loads(line)
            timestamp = datetime.fromisoformat(edited) if edited else None
        except ValueError as error:
            raise UnreadableRegion(
                f"row {row} of the places is damaged; build the region again."
            ) from error
        point = Point(float(self.lon[row]), float(self.lat[row]))
        kind = self.kinds[self.kind_codes[row]]
        return Place(osm_id, name, kind, point, tags, timestamp, self._others(row))

    def _others(self, row: int) -> tuple[str, ...]:
        bits = int(self.other_kinds[row])
        if not bits:
            return ()
        return tuple(kind for number, kind in enumerate(self.kinds) if bits >> number & 1)


def _line(place: Place) -> bytes:
    edited = place.timestamp.isoformat() if place.timestamp else None
    row = [place.osm_id, place.name, edited, dict(sorted(place.tags.items()))]
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _load(path: Path) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = np.load(path, mmap_mode="r")
    return array


def _map(path: Path) -> bytes | mmap.mmap:
    """Map a file into memory; an empty file cannot be mapped and is empty bytes."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
