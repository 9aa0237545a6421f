"""The cells that isochrones are drawn on, fixed to the ground.

Cells are 25 m wide or a power of two times that, and the lattices of all widths share their
lines: a window of coarse cells is made of whole finer ones, and two isochrones of one region that
use the same width lie on the same cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.geometry import LocalPlane

BASE_CELL_M = 25.0

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Window:
    """A block of cells of one width.

    Attributes
    ----------
    plane
        The plane on which the lattice lies; a line runs through its middle.
    cell_m
        The width of a cell.
    column, row
        The first column and row, counted from the middle of the plane.
    columns, rows
        How many there are.
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

    def holds(self, x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
        """Tell (k,) whether positions lie in the block."""
        column, row = x / self.cell_m - self.column, y / self.cell_m - self.row
        return (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)

    def cell_of(self, x: Floats, y: Floats) -> npt.NDArray[np.int64]:
        """Return (k,) the cells of positions, counted along rows from the south-west."""
        column = np.floor(x / self.cell_m).astype(np.int64) - self.column
        row = np.floor(y / self.cell_m).astype(np.int64) - self.row
        return row * self.columns + column

    def square_of(
        self, x: Floats, y: Floats
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return (k,) columns and rows of the south-western of the four middles around positions.

        Outside the block they are below 0, or the last ones and beyond.
        """
        column = np.floor(x / self.cell_m - 0.5).astype(np.int64) - self.column
        row = np.floor(y / self.cell_m - 0.5).astype(np.int64) - self.row
        return column, row

    @property
    def middles_lon(self) -> Floats:
        """(columns,) longitudes of the middles of the cells."""
        x = (np.arange(self.columns) + self.column + 0.5) * self.cell_m
        return self.plane.to_lon_lat(x, 0.0)[0]

    @property
    def middles_lat(self) -> Floats:
        """(rows,) latitudes of the middles of the cells."""
        y = (np.arange(self.rows) + self.row + 0.5) * self.cell_m
        return self.plane.to_lon_lat(0.0, y)[1]
