"""Coordinates to metres.

Distances on the ground use a sphere of the mean Earth radius (IUGG R1); drawing and snapping use a
local plane, true to better than 0.5 % within 200 km of its middle, which is far below the error of
any drive time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.model import Point

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius R1 of GRS80 (Moritz 2000, Journal of Geodesy 74: 128)."""

METRES_PER_DEGREE = EARTH_RADIUS_M * np.pi / 180

Floats = npt.NDArray[np.float64]


def distance_m(a: Point, b: Point) -> float:
    """Return the great-circle distance between two points in metres.

    Examples
    --------
    >>> round(distance_m(Point(0, 0), Point(0, 1)))
    111195
    """
    return float(distances_m(a.lon, a.lat, b.lon, b.lat))


def distances_m(
    lon_a: npt.ArrayLike, lat_a: npt.ArrayLike, lon_b: npt.ArrayLike, lat_b: npt.ArrayLike
) -> Floats:
    """Return great-circle distances in metres, element by element (haversine formula).

    Parameters
    ----------
    lon_a, lat_a, lon_b, lat_b
        Degrees, of shapes that broadcast against each other.
    """
    phi_a, phi_b = np.radians(lat_a), np.radians(lat_b)
    half_lambda = np.radians(np.asarray(lon_b) - np.asarray(lon_a)) / 2
    h = np.sin((phi_b - phi_a) / 2) ** 2 + np.cos(phi_a) * np.cos(phi_b) * np.sin(half_lambda) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, h))), np.float64)


@dataclass(frozen=True, slots=True)
class LocalPlane:
    """A plane that touches the Earth at ``center`` (equirectangular), in metres east and north."""

    center: Point

    @property
    def metres_per_lon_deg(self) -> float:
        """Metres to a degree of longitude at the middle."""
        return float(METRES_PER_DEGREE * np.cos(np.radians(self.center.lat)))

    def to_xy(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Return metres east and north of the middle."""
        x = (np.asarray(lon, np.float64) - self.center.lon) * self.metres_per_lon_deg
        y = (np.asarray(lat, np.float64) - self.center.lat) * METRES_PER_DEGREE
        return x, y

    def to_lon_lat(self, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Return degrees for metres east and north of the middle."""
        lon = np.asarray(x, np.float64) / self.metres_per_lon_deg + self.center.lon
        lat = np.asarray(y, np.float64) / METRES_PER_DEGREE + self.center.lat
        return lon, lat
