"""Which settlement a position belongs to.

A town reaches further than a hamlet: distances are divided by the influence of the settlement
(``data/kinds.toml``), which makes a multiplicatively weighted Voronoi diagram (Aurenhammer and
Edelsbrunner 1984, Pattern Recognition 17: 251-257).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo.geometry import LocalPlane
from geo.model import Point

Floats = npt.NDArray[np.float64]
_NEAREST = 12
"""Settlements looked at around a position; the strongest of them has it."""


class Settlements:
    """Settlements, and which of them a position belongs to.

    Parameters
    ----------
    lon, lat
        (n,) degrees.
    influence
        (n,) how far each name reaches, against a village's.
    """

    def __init__(self, lon: Floats, lat: Floats, influence: Floats) -> None:
        self._influence = influence
        self._plane = LocalPlane(
            Point(float(lon.mean()), float(lat.mean())) if len(lon) else Point(0, 0)
        )
        self._xy = np.column_stack(self._plane.to_xy(lon, lat))

    def __len__(self) -> int:
        return len(self._influence)

    def of(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[npt.NDArray[np.int64], Floats]:
        """Return the settlement of each position, and how far away it is.

        Returns
        -------
        rows
            (k,) of the settlements; -1 where there are none.
        away_m
            (k,) metres to the settlement's middle, divided by its influence.
        """
        from scipy.spatial import cKDTree

        xy = np.column_stack(self._plane.to_xy(lon, lat))
        if not len(self) or not len(xy):
            return np.full(len(xy), -1, np.int64), np.full(len(xy), np.inf)
        count = min(_NEAREST, len(self))
        distance_m, near = cKDTree(self._xy).query(xy, k=range(1, count + 1))
        away_m = distance_m / self._influence[near]
        strongest = np.argmin(away_m, axis=1)[:, None]
        rows = np.take_along_axis(near, strongest, axis=1)[:, 0]
        return rows.astype(np.int64), np.take_along_axis(away_m, strongest, axis=1)[:, 0]

    def of_point(self, point: Point) -> int | None:
        """Return the settlement of one position; None where there are no settlements."""
        if not len(self):
            return None
        x, y = self._plane.to_xy(point.lon, point.lat)
        distance_m = np.hypot(self._xy[:, 0] - x, self._xy[:, 1] - y)
        return int(np.argmin(distance_m / self._influence))
