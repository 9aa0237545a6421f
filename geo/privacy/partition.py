"""A region cut into areas, each of at least k homes, so that nobody in one can be told apart.

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

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.geometry import LocalPlane
from geo.model import HomeArea, Point
from geo.tables import read_table

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
    made
        The areas that were asked for already, by row.
    """

    k: int
    lon: Floats
    lat: Floats
    area: Ints
    keys: tuple[tuple[str, int, int], ...]
    settled: npt.NDArray[np.bool_]
    made: dict[int, HomeArea] = field(default_factory=dict)

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


def divide(lon: Floats, lat: Floats, settlement: npt.NDArray[np.int32], k: int) -> Partition:
    """Cut homes into areas of at least ``k``.

    Parameters
    ----------
    lon, lat
        (n,) degrees.
    settlement
        (n,) the settlement that each lies in; -1 for none.
    k
        How many homes an area has at least; all are one area where there are fewer.
    """
    if not len(lon):
        return Partition(k, lon, lat, np.empty(0, np.int64), (), np.zeros(0, bool))
    inside = settlement >= 0
    settled = np.bincount(settlement[inside], minlength=1) >= k
    owner = np.full((len(lon), 3), -1, np.int64)  # kind (0 settlement, 1 cell), and which
    taken = np.zeros(len(lon), bool)
    taken[inside] = settled[settlement[inside]]
    owner[taken, 0], owner[taken, 1], owner[taken, 2] = 0, settlement[taken], 0
    outside = np.flatnonzero(~taken)
    owner[outside] = _cells(lon[outside], lat[outside], k)
    if len(outside) and len(outside) < k and taken.any():
        owner[outside] = owner[taken][_nearest(lon, lat, taken, outside)]
    keys, area = np.unique(owner, axis=0, return_inverse=True)
    named = tuple(("settlement" if kind == 0 else "cell", int(a), int(b)) for kind, a, b in keys)
    return Partition(k, lon, lat, area.reshape(-1).astype(np.int64), named, settled)


def _cells(lon: Floats, lat: Floats, k: int) -> Ints:
    """Return (n, 3) the cell that each home is kept as."""
    finest = int(read_table("homes")["grid"]["finest_level"])
    codes = cell_codes(lon, lat, finest)
    owner = np.full((len(lon), 3), -1, np.int64)
    open_ = np.ones(len(lon), bool)
    lone = np.zeros(len(lon), bool)
    for level in range(finest, -1, -1):
        cells = codes >> 2 * (finest - level)
        _, cell, size = np.unique(cells, return_inverse=True, return_counts=True)
        waiting = np.bincount(cell, open_, minlength=len(size))[cell]
        stands = open_ & ((waiting >= k) | (level == 0) & (waiting == size[cell]))
        owner[stands] = np.column_stack(
            [np.ones(stands.sum(), np.int64), np.full(stands.sum(), level), cells[stands]]
        )
        joins = open_ & ~stands & (size[cell] >= k)
        lone |= joins
        open_ &= ~(stands | joins)
        if not open_.any():
            break
    if lone.any():
        owner[lone] = owner[~lone][_nearest(lon, lat, ~lone, np.flatnonzero(lone))]
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
