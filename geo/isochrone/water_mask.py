"""What is water, as shares of the cells of a lattice: isochrones must not paint lakes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo.geometry import LocalPlane
from geo.isochrone.lattice import Window
from geo.model import Point

Shares = npt.NDArray[np.uint8]


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
