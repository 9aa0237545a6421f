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

_CHUNK = 65_536
"""Positions looked up at once, to keep memory bounded."""


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
        rows, away_m = np.full(len(xy), -1, np.int64), np.full(len(xy), np.inf)
        tree = cKDTree(self._xy)
        count = range(1, min(_NEAREST, len(self)) + 1)
        for start in range(0, len(xy) if len(self) else 0, _CHUNK):
            chunk = slice(start, start + _CHUNK)
            distance_m, near = tree.query(xy[chunk], k=count)
            weighed_m = distance_m / self._influence[near]
            strongest = np.argmin(weighed_m, axis=1)[:, None]
            rows[chunk] = np.take_along_axis(near, strongest, axis=1)[:, 0]
            away_m[chunk] = np.take_along_axis(weighed_m, strongest, axis=1)[:, 0]
        return rows, away_m

    def within(
        self, lon: npt.ArrayLike, lat: npt.ArrayLike, reach_m: float
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
        """Return the settlements whose reach positions lie in.

        Parameters
        ----------
        reach_m
            Of a village; that of others goes by their influence.

        Returns
        -------
        positions, rows
            (p,) pairs of a position and a settlement.
        away_m
            (p,) metres between the two, divided by the settlement's influence.
        """
        from scipy.spatial import cKDTree

        xy = np.column_stack(self._plane.to_xy(lon, lat))
        pairs: list[npt.NDArray[np.int64]] = [np.zeros((0, 2), np.int64)]
        for influence in np.unique(self._influence):
            chosen = np.flatnonzero(self._influence == influence)
            tree = cKDTree(self._xy[chosen])
            for start in range(0, len(xy), _CHUNK):
                near = tree.query_ball_point(xy[start : start + _CHUNK], reach_m * influence)
                at = np.repeat(np.arange(len(near)) + start, [len(one) for one in near])
                rows = chosen[[row for one in near for row in one]] if len(at) else at
                pairs.append(np.column_stack([at, rows]))
        positions, rows = np.concatenate(pairs).T
        away_m = np.hypot(*(xy[positions] - self._xy[rows]).T) / self._influence[rows]
        return positions, rows, away_m

    def of_point(self, point: Point) -> int | None:
        """Return the settlement of one position; None where there are no settlements."""
        if not len(self):
            return None
        x, y = self._plane.to_xy(point.lon, point.lat)
        distance_m = np.hypot(self._xy[:, 0] - x, self._xy[:, 1] - y)
        return int(np.argmin(distance_m / self._influence))
