"""The raster that isochrones are drawn on: its cells, travel times on them, and their water.

Cells are 25 m wide or a power of two times that, and the rasters of all widths share their lines: a
window of coarse cells is made of whole finer ones, and two isochrones of one region that use the
same width lie on the same cells. All arithmetic on travel times is monotone: smaller times in,
smaller times out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo.geometry import LocalPlane
from geo.model import Point

Cells = npt.NDArray[np.bool_]
Field = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Points = tuple[Floats, Floats]
Shares = npt.NDArray[np.uint8]

BASE_CELL_M = 25.0

FAR = np.float32(1e9)
"""Stands for "not reached", so that adding to it stays finite."""

_CLOSED_M = 700.0  # gaps of less than twice this between roads are closed
_KEPT_M = 250.0  # how far off a lonely road the area reaches
_LEAST_KEPT = 2  # cells, that a ribbon may outlive the blur
_TRACK_M_S = 12 / 3.6  # next to a road
_WALK_M_S = 4.5 / 3.6  # farther off
_SHORT_CUT_S = 100.0  # where there is a road, walking is faster by so much at most


@dataclass(frozen=True, slots=True)
class Window:
    """A block of cells of one width.

    The raster lies on a plane, through whose middle one of its lines runs; ``column`` and ``row``
    are the first ones, counted from there.
    """

    plane: LocalPlane
    cell_m: float
    column: int
    row: int
    columns: int
    rows: int

    @classmethod
    def around(
        cls, plane: LocalPlane, x: Floats, y: Floats, *, cell_m: float, margin: int
    ) -> Window:
        """Return the block that holds all positions and some cells around them."""
        column, last_column = (int(np.floor(v / cell_m)) for v in (x.min(), x.max()))
        row, last_row = (int(np.floor(v / cell_m)) for v in (y.min(), y.max()))
        return cls(
            plane,
            cell_m,
            column - margin,
            row - margin,
            last_column - column + 1 + 2 * margin,
            last_row - row + 1 + 2 * margin,
        )

    def holds(self, x: Floats, y: Floats) -> Cells:
        """Return (k,) whether positions lie in the block."""
        column, row = x / self.cell_m - self.column, y / self.cell_m - self.row
        return (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)

    def cell_of(self, x: Floats, y: Floats) -> Longs:
        """Return (k,) the cells of positions, counted along rows from the south-west."""
        column = np.floor(x / self.cell_m).astype(np.int64) - self.column
        row = np.floor(y / self.cell_m).astype(np.int64) - self.row
        return row * self.columns + column

    @property
    def middles(self) -> tuple[Floats, Floats]:
        """(columns,) longitudes and (rows,) latitudes of the middles of the cells."""
        x = (np.arange(self.columns) + self.column + 0.5) * self.cell_m
        y = (np.arange(self.rows) + self.row + 0.5) * self.cell_m
        return self.plane.to_lon_lat(x, 0.0)[0], self.plane.to_lon_lat(0.0, y)[1]


def round_seconds(cell_m: float) -> list[np.float32]:
    """Return the seconds that each round of spreading costs, for cells of a width."""
    kept = max(_LEAST_KEPT, round(_KEPT_M / cell_m))
    closing = max(1, round((_CLOSED_M - _KEPT_M) / cell_m))
    return [np.float32(cell_m / _TRACK_M_S)] * kept + [np.float32(cell_m / _WALK_M_S)] * closing


def spread(times: Field, dry: Cells, rounds: list[np.float32]) -> None:
    """Let times spread off the roads over dry cells, then take back what closes no gap.

    This is the closing of mathematical morphology with a cone: times rise from cell to cell
    outwards, then fall by as much inwards, but for the first rounds: some cells next to each road
    stay. Rounds of eight and of four neighbours alternate, which makes the cone an octagon.
    """
    wet = np.flatnonzero(~dry)
    flat, before = times.reshape(-1), np.empty_like(times)
    for number, step_s in enumerate(rounds):
        _relax(times, np.minimum, step_s, before, diagonals=number % 2 == 0)
        flat[wet] = FAR
    kept = rounds.count(rounds[0])
    for number, step_s in enumerate(rounds[: len(rounds) - kept]):
        flat[wet] = -FAR
        _relax(times, np.maximum, -step_s, before, diagonals=number % 2 == 1)
    flat[wet] = FAR


def least_times(times: Field, beyond: Longs, columns: int) -> Field:
    """Return the least time that the spread may give to cells with roads, and to their neighbours.

    ``times`` are (cells,) by road, `FAR` where no road is reached. ``beyond`` are cells with
    junctions that are not reached; those without a time are out of reach.
    """
    no_road = times == FAR
    no_road[beyond] = False
    least = np.where(no_road, -FAR, times - np.float32(_SHORT_CUT_S)).reshape(-1, columns)
    around = least.copy()
    _relax(around, np.maximum, np.float32(0), np.empty_like(least), diagonals=True)
    return np.where(no_road.reshape(-1, columns), around, least)


def _relax(
    times: Field, extreme: np.ufunc, step_s: np.float32, before: Field, *, diagonals: bool
) -> None:
    """Give each cell the least (or greatest) of its own time and its neighbours' plus a step."""
    np.add(times, step_s, out=before)
    extreme(times[1:], before[:-1], out=times[1:])
    extreme(times[:-1], before[1:], out=times[:-1])
    extreme(times[:, 1:], before[:, :-1], out=times[:, 1:])
    extreme(times[:, :-1], before[:, 1:], out=times[:, :-1])
    if diagonals:
        before += step_s * np.float32(np.sqrt(2) - 1)
        extreme(times[1:, 1:], before[:-1, :-1], out=times[1:, 1:])
        extreme(times[1:, :-1], before[:-1, 1:], out=times[1:, :-1])
        extreme(times[:-1, 1:], before[1:, :-1], out=times[:-1, 1:])
        extreme(times[:-1, :-1], before[1:, 1:], out=times[:-1, :-1])


def blur(field: Field) -> Field:
    """Return the field, each cell mixed with its neighbours (1-4-6-4-1 along rows and columns).

    The outermost two rows and columns count as empty.
    """
    across = np.zeros_like(field)
    across[:, 2:-2] = _mix(
        field[:, :-4], field[:, 1:-3], field[:, 2:-2], field[:, 3:-1], field[:, 4:]
    )
    mixed = np.zeros_like(field)
    mixed[2:-2] = _mix(across[:-4], across[1:-3], across[2:-2], across[3:-1], across[4:])
    return mixed


def _mix(a: Field, b: Field, c: Field, d: Field, e: Field) -> Field:
    total = b + d
    total *= np.float32(2 / 3)
    total += c
    total *= np.float32(6)
    total += a
    total += e
    total *= np.float32(1 / 16)
    return total


JUST_WITHIN = 257 / 512
"""The least value of a field within an isochrone; barely above its level, so that the contour runs
close by such a middle where the next one is low."""

_JUST_BEYOND = 102 / 512  # far enough below the level to keep the contour at a distance
_BEYOND_S = 30.0  # after the cutoff; in between a position may lie on either side


@dataclass(frozen=True, slots=True)
class Constraints:
    """What an isochrone must hold and must not: positions whose travel time is known to the second.

    Contours are drawn between the middles of cells, and run through no square of four middles that
    are all above the level, or all below it. So a position within the cutoff is inside if the field
    is high at the four middles around it, and one beyond is outside if it is low there. Where both
    are around one middle the position within counts, and the contour passes close to it.

    Attributes
    ----------
    soonest, latest
        (rows, columns) the least and the greatest time of the positions around the middle of each
        cell, less than a cell's width away; `FAR` and ``-FAR`` where there is none.
    """

    soonest: Field
    latest: Field

    @classmethod
    def of(cls, window: Window, x: Floats, y: Floats, seconds: Field) -> Constraints:
        """Return those of positions in a window; ``inf`` seconds are beyond every cutoff."""
        latest = -soonest_around(window, x, y, -seconds)
        return cls(soonest_around(window, x, y, seconds), latest)

    def part(self, rows: slice, columns: slice) -> Constraints:
        """Return those of some rows and columns."""
        return Constraints(self.soonest[rows, columns], self.latest[rows, columns])

    def within(self, cutoff_s: float) -> Cells:
        """Return (rows, columns) whether a position around a middle is within a cutoff."""
        return np.asarray(self.soonest <= cutoff_s)

    def hold(self, field: npt.NDArray[np.floating], cutoff_s: float) -> None:
        """Change a field so that its isochrone holds what is within, and not what is beyond."""
        beyond = self.latest > cutoff_s + _BEYOND_S
        np.putmask(field, beyond, np.minimum(field, _JUST_BEYOND))
        np.putmask(field, self.within(cutoff_s), np.maximum(field, JUST_WITHIN))


def soonest_around(window: Window, x: Floats, y: Floats, seconds: Field) -> Field:
    """Return (rows, columns) the least time of the positions around each middle; `FAR` = none.

    Positions in the outermost half of the outermost cells are around no four middles, and left out.
    """
    # The south-western of the four middles around a position.
    column = np.floor(x / window.cell_m - 0.5).astype(np.int64) - window.column
    row = np.floor(y / window.cell_m - 0.5).astype(np.int64) - window.row
    inner = (column >= 0) & (row >= 0) & (column < window.columns - 1) & (row < window.rows - 1)
    flat = np.full(window.rows * window.columns, FAR, np.float32)
    np.minimum.at(flat, row[inner] * window.columns + column[inner], seconds[inner])
    squares = flat.reshape(window.rows, window.columns)
    around = squares.copy()
    np.minimum(squares[1:], squares[:-1], out=around[1:])
    np.minimum(around[:, 1:], around.copy()[:, :-1], out=around[:, 1:])
    return around


_HALF = 128  # of a cell that is water
_STEPS = 2_000_000  # along lines, sampled at once, to bound memory


class WaterMask:
    """The water of a region: (rows, columns) the share of each cell that is water, 0..255."""

    def __init__(self, window: Window, water: Shares) -> None:
        self.window = window
        self.water = water
        self._coarser = {window.cell_m: (window, water)}

    def save(self, folder: Path) -> None:
        """Write the mask into an existing folder."""
        window = self.window
        center = window.plane.center
        frame = [center.lon, center.lat, window.cell_m, window.column, window.row]
        np.save(folder / "frame.npy", np.array(frame, np.float64))
        np.save(folder / "water.npy", self.water)

    @classmethod
    def load(cls, folder: Path) -> WaterMask:
        """Map what `save` wrote into memory, read-only."""
        frame = np.load(folder / "frame.npy", allow_pickle=False)
        water = np.asarray(np.load(folder / "water.npy", mmap_mode="r", allow_pickle=False))
        plane = LocalPlane(Point(float(frame[0]), float(frame[1])))
        column, row = int(frame[3]), int(frame[4])
        return cls(
            Window(plane, float(frame[2]), column, row, water.shape[1], water.shape[0]), water
        )

    def land(self, window: Window) -> Field:
        """Return the (rows, columns) share of land, 0..1, in a window of the same raster.

        Where the mask knows nothing, there is land.
        """
        water = np.zeros((window.rows, window.columns), np.uint8)
        finer = max(1, round(self.window.cell_m / window.cell_m))
        own, shares = self._at(window.cell_m * finer)
        rows = (np.arange(window.rows) + window.row) // finer - own.row
        columns = (np.arange(window.columns) + window.column) // finer - own.column
        in_rows = np.flatnonzero((rows >= 0) & (rows < own.rows))
        in_columns = np.flatnonzero((columns >= 0) & (columns < own.columns))
        if len(in_rows) and len(in_columns):
            block = shares[rows[in_rows]][:, columns[in_columns]]
            water[in_rows[0] : in_rows[-1] + 1, in_columns[0] : in_columns[-1] + 1] = block
        return np.float32(1) - water.astype(np.float32) / np.float32(255)

    def metres_across(self, start: Points, end: Points) -> Floats:
        """Return the (k,) metres of water that straight lines cross, between (k,) degrees.

        Water that a line begins in does not count: a shore is never drawn to the metre, and people
        whose position lies in it are on one of its shores.
        """
        x, y = self.window.plane.to_xy(*start)
        to_x, to_y = self.window.plane.to_xy(*end)
        length_m = np.hypot(to_x - x, to_y - y)
        step_m = self.window.cell_m / 4
        counts = np.ceil(length_m / step_m).astype(np.int64)
        across_m = np.zeros(len(counts))
        batches = np.cumsum(counts) // _STEPS
        for batch in np.unique(batches):
            rows = np.flatnonzero((batches == batch) & (counts > 0))
            line = np.repeat(np.arange(len(rows)), counts[rows])
            first = np.cumsum(counts[rows]) - counts[rows]
            along = (np.arange(len(line)) - first[line] + 0.5) / counts[rows][line]
            at_x = x[rows][line] + along * (to_x - x)[rows][line]
            at_y = y[rows][line] + along * (to_y - y)[rows][line]
            wet = self._is_wet(at_x, at_y)
            dry = np.concatenate([[0], np.cumsum(~wet)])
            ashore = dry[1:] > dry[first][line]
            wet_steps = np.bincount(line, wet & ashore, len(rows))
            across_m[rows] = wet_steps * length_m[rows] / counts[rows]
        return across_m

    def _is_wet(self, x: Floats, y: Floats) -> Cells:
        """Return (k,) whether positions lie in cells that are water for the most part."""
        wet = np.zeros(len(x), bool)
        inside = self.window.holds(x, y)
        cells = self.window.cell_of(x[inside], y[inside])
        wet[inside] = self.water.reshape(-1)[cells] >= _HALF
        return wet

    def _at(self, cell_m: float) -> tuple[Window, Shares]:
        """Return the mask in wider cells, made by halving the finer one; kept."""
        if cell_m not in self._coarser:
            self._coarser[cell_m] = _halve(*self._at(cell_m / 2))
        return self._coarser[cell_m]


def _halve(window: Window, shares: Shares) -> tuple[Window, Shares]:
    """Return a mask of half as many rows and columns."""
    column, row = window.column // 2, window.row // 2
    columns = -(-(window.column + window.columns) // 2) - column
    rows = -(-(window.row + window.rows) // 2) - row
    whole = np.zeros((2 * rows, 2 * columns), np.uint16)
    left, below = window.column - 2 * column, window.row - 2 * row
    whole[below : below + window.rows, left : left + window.columns] = shares
    total = whole[::2, ::2] + whole[1::2, ::2] + whole[::2, 1::2] + whole[1::2, 1::2]
    half = Window(window.plane, 2 * window.cell_m, column, row, columns, rows)
    return half, (total // 4).astype(np.uint8)
