"""What is water, as shares of the cells of a lattice: isochrones must not paint lakes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo.geometry import LocalPlane
from geo.isochrone.lattice import Window
from geo.model import Point

Shares = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

Points = tuple[Floats, Floats]

_HALF = 128  # of a cell that is water
_STEPS = 2_000_000  # along lines, looked at at once, to bound memory


class WaterMask:
    """The water of a region.

    Parameters
    ----------
    window
        The cells.
    water
        (rows, columns) share of each cell that is water, 0..255.
    """

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

    def land(self, window: Window) -> npt.NDArray[np.float32]:
        """Return the (rows, columns) share of land, 0..1, in a window of the same lattice.

        Where the mask knows nothing, there is land.
        """
        water = np.zeros((window.rows, window.columns), np.uint8)
        finer = max(1, round(self.window.cell_m / window.cell_m))
        mine, shares = self._at(window.cell_m * finer)
        rows = (np.arange(window.rows) + window.row) // finer - mine.row
        columns = (np.arange(window.columns) + window.column) // finer - mine.column
        in_rows = np.flatnonzero((rows >= 0) & (rows < mine.rows))
        in_columns = np.flatnonzero((columns >= 0) & (columns < mine.columns))
        if len(in_rows) and len(in_columns):
            block = shares[rows[in_rows]][:, columns[in_columns]]
            water[in_rows[0] : in_rows[-1] + 1, in_columns[0] : in_columns[-1] + 1] = block
        return np.float32(1) - water.astype(np.float32) / np.float32(255)

    def metres_across(self, start: Points, end: Points) -> Floats:
        """Return the (k,) metres of water that straight lines cross.

        Water that a line begins in does not count: a shore is never drawn to the metre, and people
        whose position lies in it are on one of its shores.

        Parameters
        ----------
        start, end
            (k,) lon and (k,) lat, degrees.
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

    def _is_wet(self, x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
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
