"""The homes of a region, and its partition into areas of at least k homes each.

The homes come from the map alone (`geo.region.collect_homes` collects them) and say nothing of
anybody. On disk they are three arrays, mapped into memory, and the settlements in one line of JSON.

Homes in a settlement of at least k are that settlement. All others lie in a fixed quadtree: a cell
of at least k homes is an area; the homes of a cell with fewer go up to its parent. There, if the
homes that came up are k or more, they are an area; where they are fewer but the parent as a whole
has k, each joins the area of its nearest home. The last step matters. To say simply "the smallest
cell of k homes around it" would give a lone farm away: its cell holds a village, and everybody in
the village is known to have a smaller cell, so that the farm is what remains (the minimality attack
of Wong, Fu, Wang and Pei 2007, VLDB: 543-554). Here the homes that share an area are k by count.

Nothing is random: averaging answers over time yields the same area again.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.errors import UnreadableRegion
from geo.files import read_table
from geo.geometry import LocalPlane, distances_m
from geo.model import HomeArea, Point

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Partition:
    """The areas of a region.

    Attributes
    ----------
    k
        The least number of homes of each; all are one area where the region has fewer.
    lon, lat
        (n,) the homes, degrees.
    area
        (n,) which area each is in.
    keys
        What each area is: ``("settlement", row, 0)`` or ``("cell", level, code)``.
    settled
        (m,) by settlement: whether it is an area; shorter where the last have no homes.
    areas
        The areas that were asked for already, by row.
    """

    k: int
    lon: Floats
    lat: Floats
    area: Ints
    keys: tuple[tuple[str, int, int], ...]
    settled: npt.NDArray[np.bool_]
    areas: dict[int, HomeArea] = field(default_factory=dict)

    def members(self, area: int) -> Ints:
        """Return the rows of the homes of an area."""
        first, last = self._starts[area], self._starts[area + 1]
        return self._order[first:last]

    def rows(self, lon: Floats, lat: Floats, settlement: npt.NDArray[np.int32]) -> Ints:
        """Return (j,) the areas of positions, in degrees, some of them in settlements.

        A position in a settlement that is an area is in that. Elsewhere it is in the area of the
        nearest home that is in none; where every home is in a settlement, of the nearest home.
        """
        known = (settlement >= 0) & (settlement < len(self.settled))
        found: Ints = self._by_settlement[np.where(known, settlement, -1)]
        outside = found < 0
        if outside.any():
            tree, among = self._tree
            xy = np.column_stack(self._plane.to_xy(lon[outside], lat[outside]))
            found[outside] = self.area[among[tree.query(xy)[1]]]
        return found

    @cached_property
    def _by_settlement(self) -> Ints:
        """(m + 1,) the area that each settlement is; -1 for none, and for what is in none."""
        found = np.full(len(self.settled) + 1, -1, np.int64)
        for row, (kind, first, _) in enumerate(self.keys):
            if kind == "settlement":
                found[first] = row
        return found

    @cached_property
    def _order(self) -> Ints:
        return np.argsort(self.area, kind="stable").astype(np.int64)

    @cached_property
    def _starts(self) -> Ints:
        return np.searchsorted(self.area[self._order], np.arange(len(self.keys) + 1))

    @cached_property
    def _plane(self) -> LocalPlane:
        return _plane(self.lon, self.lat)

    @cached_property
    def _tree(self) -> tuple[Any, Ints]:
        from scipy.spatial import cKDTree

        is_cell = np.array([kind == "cell" for kind, _, _ in self.keys], bool)[self.area]
        rows = np.flatnonzero(is_cell if is_cell.any() else ~is_cell)
        return cKDTree(np.column_stack(self._plane.to_xy(self.lon[rows], self.lat[rows]))), rows


def partition_homes(
    lon: Floats, lat: Floats, settlement: npt.NDArray[np.int32], k: int
) -> Partition:
    """Cut homes into areas of at least ``k``; all are one area where there are fewer.

    ``settlement`` is (n,) the one that each lies in; -1 for none.
    """
    if not len(lon):
        return Partition(k, lon, lat, np.empty(0, np.int64), (), np.zeros(0, bool))
    inside = settlement >= 0
    settled = np.bincount(settlement[inside], minlength=1) >= k
    owner = np.full((len(lon), 3), -1, np.int64)  # kind (0 settlement, 1 cell), and which
    in_settlement = np.zeros(len(lon), bool)
    in_settlement[inside] = settled[settlement[inside]]
    owner[in_settlement] = 0
    owner[in_settlement, 1] = settlement[in_settlement]
    outside = np.flatnonzero(~in_settlement)
    owner[outside] = _cells(lon[outside], lat[outside], k)
    if len(outside) and len(outside) < k and in_settlement.any():
        owner[outside] = owner[in_settlement][_nearest(lon, lat, in_settlement, outside)]
    keys, area = np.unique(owner, axis=0, return_inverse=True)
    area_keys = tuple(
        ("settlement" if kind == 0 else "cell", int(a), int(b)) for kind, a, b in keys
    )
    return Partition(k, lon, lat, area.reshape(-1).astype(np.int64), area_keys, settled)


def _cells(lon: Floats, lat: Floats, k: int) -> Ints:
    """Return (n, 3) the cell that each home is kept as."""
    finest = int(read_table("homes")["grid"]["finest_level"])
    codes = cell_codes(lon, lat, finest)
    owner = np.full((len(lon), 3), -1, np.int64)
    unassigned = np.ones(len(lon), bool)
    isolated = np.zeros(len(lon), bool)
    for level in range(finest, -1, -1):
        cells = codes >> 2 * (finest - level)
        _, cell, size = np.unique(cells, return_inverse=True, return_counts=True)
        waiting = np.bincount(cell, unassigned, minlength=len(size))[cell]
        complete = unassigned & ((waiting >= k) | (level == 0) & (waiting == size[cell]))
        owner[complete] = np.column_stack(
            [np.ones(complete.sum(), np.int64), np.full(complete.sum(), level), cells[complete]]
        )
        joins = unassigned & ~complete & (size[cell] >= k)
        isolated |= joins
        unassigned &= ~(complete | joins)
        if not unassigned.any():
            break
    if isolated.any():
        owner[isolated] = owner[~isolated][_nearest(lon, lat, ~isolated, np.flatnonzero(isolated))]
    return owner


def _nearest(lon: Floats, lat: Floats, among: npt.NDArray[np.bool_], rows: Ints) -> Ints:
    """Return for each row its nearest home among some, as a position among those."""
    from scipy.spatial import cKDTree

    xy = np.column_stack(_plane(lon, lat).to_xy(lon, lat))
    _, nearest = cKDTree(xy[among]).query(xy[rows])
    return np.asarray(nearest, np.int64)


def cell_codes(lon: Floats, lat: Floats, level: int) -> Ints:
    """Return (n,) the numbers of the cells that positions lie in, along a Z-order curve.

    Dropping the last two bits of a number gives that of the parent cell.
    """
    scale = (1 << level) / 360.0
    x = np.clip(((lon + 180.0) * scale).astype(np.int64), 0, (1 << level) - 1)
    y = np.clip(((lat + 90.0) * scale).astype(np.int64), 0, (1 << level) - 1)
    code = np.zeros(len(x), np.int64)
    for bit in range(level):
        code |= ((x >> bit) & 1) << (2 * bit) | ((y >> bit) & 1) << (2 * bit + 1)
    return code


def cell_columns(code: int, level: int) -> tuple[int, int]:
    """Return the column and row of a cell, counted from the south-west corner of the map."""
    x = sum(((code >> 2 * bit) & 1) << bit for bit in range(level))
    y = sum(((code >> 2 * bit + 1) & 1) << bit for bit in range(level))
    return x, y


def _plane(lon: Floats, lat: Floats) -> LocalPlane:
    return LocalPlane(Point(float(lon.mean()), float(lat.mean())))


Int32s = npt.NDArray[np.int32]

_SETTLEMENTS = "settlements.json"
_NEAREST = 12
"""Settlements compared around a position; the one that it is deepest in has it."""

_CHUNK_SIZE = 65_536
"""Positions looked up at once, to keep memory bounded."""


@dataclass(frozen=True, slots=True)
class SettlementCores:
    """Settlements, and how far from its middle each is simply that settlement.

    ``ids`` are those of OpenStreetMap, as ``"n123"``; ``lon`` and ``lat`` are (m,) degrees,
    ``core_m`` metres (``data/homes.toml``).
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    lon: Floats
    lat: Floats
    core_m: Floats

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, lon: Floats, lat: Floats) -> Int32s:
        """Return (k,) rows of the settlements that positions lie in; -1 where in none."""
        from scipy.spatial import cKDTree

        rows = np.full(len(lon), -1, np.int32)
        if not len(self) or not len(lon):
            return rows
        plane = LocalPlane(Point(float(self.lon.mean()), float(self.lat.mean())))
        tree = cKDTree(np.column_stack(plane.to_xy(self.lon, self.lat)))
        xy = np.column_stack(plane.to_xy(lon, lat))
        count = range(1, min(_NEAREST, len(self)) + 1)
        for start in range(0, len(xy), _CHUNK_SIZE):
            chunk = slice(start, start + _CHUNK_SIZE)
            _, near = tree.query(xy[chunk], k=count)
            away_m = distances_m(lon[chunk, None], lat[chunk, None], self.lon[near], self.lat[near])
            depth = away_m / self.core_m[near]
            best = np.argmin(depth, axis=1)[:, None]
            inside = np.take_along_axis(depth, best, axis=1)[:, 0] <= 1.0
            row = np.take_along_axis(near, best, axis=1)[:, 0]
            rows[chunk] = np.where(inside, row, -1)
        return rows

    def nearest(self, point: Point) -> int | None:
        """Return the settlement whose name describes best where a position is; None for none."""
        if not len(self):
            return None
        away_m = distances_m(point.lon, point.lat, self.lon, self.lat)
        return int(np.argmin(away_m / self.core_m))


class Homes:
    """The homes of a region; every thread may ask.

    ``lon_e7`` and ``lat_e7`` are (n,) degrees times 1e7, each position once, sorted by both;
    ``settlement`` are the rows of the settlements that they lie in, -1 for none.
    """

    def __init__(
        self, lon_e7: Int32s, lat_e7: Int32s, settlement: Int32s, cores: SettlementCores
    ) -> None:
        self.lon_e7, self.lat_e7 = lon_e7, lat_e7
        self.settlement = settlement
        self.cores = cores
        self._partitions: dict[int, Partition] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.lon_e7)

    @classmethod
    def of(cls, lon: Sequence[float] | Floats, lat: Sequence[float] | Floats,
           cores: SettlementCores) -> Homes:  # fmt: skip
        """Return the homes at some positions, in degrees; twins count once."""
        e7 = np.rint(np.column_stack([lon, lat]) * 1e7).astype(np.int32).reshape(-1, 2)
        e7 = np.unique(e7, axis=0)
        settlement = cores.of(e7[:, 0] / 1e7, e7[:, 1] / 1e7)
        return cls(
            np.ascontiguousarray(e7[:, 0]), np.ascontiguousarray(e7[:, 1]), settlement, cores
        )

    def partition(self, k: int) -> Partition:
        """Return the areas of at least ``k`` homes each; made once for each ``k``."""
        with self._lock:
            if k not in self._partitions:
                self._partitions[k] = partition_homes(
                    np.asarray(self.lon_e7) / 1e7,
                    np.asarray(self.lat_e7) / 1e7,
                    np.asarray(self.settlement),
                    k,
                )
            return self._partitions[k]

    def save(self, folder: Path) -> None:
        """Write the homes into an existing folder; the same homes give the same bytes."""
        for name in ("lon_e7", "lat_e7", "settlement"):
            np.save(folder / f"{name}.npy", getattr(self, name))
        cores = self.cores
        table = [
            [*one[:2], *map(float, one[2:])]
            for one in zip(cores.ids, cores.names, cores.lon, cores.lat, cores.core_m, strict=True)
        ]
        (folder / _SETTLEMENTS).write_text(json.dumps(table, ensure_ascii=False) + "\n", "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Homes:
        """Open what `save` wrote.

        Raises
        ------
        UnreadableRegion
            A file is missing or damaged.
        """
        try:
            lon, lat, settlement = (
                np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
                for name in ("lon_e7", "lat_e7", "settlement")
            )
            table = json.loads((folder / _SETTLEMENTS).read_text("utf-8"))
            ids, names, *numbers = zip(*table, strict=True) if table else ((), (), (), (), ())
        except (OSError, ValueError, EOFError) as error:
            raise UnreadableRegion(
                f"the homes in {folder} cannot be read ({error}); build the region again."
            ) from error
        cores = SettlementCores(ids, names, *(np.array(one, np.float64) for one in numbers))
        return cls(lon, lat, settlement, cores)
