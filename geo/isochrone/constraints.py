"""What an isochrone must hold and must not: positions whose travel time is known to the second.

Contours are drawn between the middles of cells, and a contour runs through no square of four
middles that are all above its level, or all below it. So a position within the cutoff is inside if
the field is high at the four middles around it, and one beyond is outside if it is low there. Where
both are around one middle the position within counts, and the contour then passes close to it.

Both are monotone: with a larger cutoff more middles are high and fewer low.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.isochrone.field import FAR, Field
from geo.isochrone.lattice import Window

JUST_WITHIN = 257 / 512
"""The least value of a field within an isochrone; barely above its level, so that the contour runs
close by such a middle where the next one is low."""

_JUST_BEYOND = 102 / 512  # far enough below the level to keep the contour at a distance
_BEYOND_S = 30.0  # after the cutoff; in between a position may lie on either side

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Constraints:
    """The times of the positions around the middle of each cell, less than a cell's width away.

    Attributes
    ----------
    soonest, latest
        (rows, columns) the least and the greatest; `FAR` and ``-FAR`` where there is no position.
    """

    soonest: Field
    latest: Field

    @classmethod
    def of(cls, window: Window, x: Floats, y: Floats, seconds: Field) -> Constraints:
        """Take positions in a window as constraints; ``inf`` seconds are beyond every cutoff."""
        latest = -soonest_around(window, x, y, -seconds)
        return cls(soonest_around(window, x, y, seconds), latest)

    def part(self, rows: slice, columns: slice) -> Constraints:
        """Return those of some rows and columns."""
        return Constraints(self.soonest[rows, columns], self.latest[rows, columns])

    def within(self, cutoff_s: float) -> npt.NDArray[np.bool_]:
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
    column, row = window.square_of(x, y)
    inner = (column >= 0) & (row >= 0) & (column < window.columns - 1) & (row < window.rows - 1)
    flat = np.full(window.rows * window.columns, FAR, np.float32)
    np.minimum.at(flat, row[inner] * window.columns + column[inner], seconds[inner])
    squares = flat.reshape(window.rows, window.columns)
    around = squares.copy()
    np.minimum(squares[1:], squares[:-1], out=around[1:])
    beside = around.copy()
    np.minimum(around[:, 1:], beside[:, :-1], out=around[:, 1:])
    return around
