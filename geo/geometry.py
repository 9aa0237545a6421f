"""Distances on the ground, a local plane, and a fixed grid of boxes over the world.

Distances use a sphere of the mean Earth radius (IUGG R1); drawing and snapping use a local plane,
true to better than 0.5 % within 200 km of its middle, which is far below the error of any drive
time.

The boxes of the grid are about 10 km wide and high. A server that is asked for one of them learns
that somebody wonders about it, never where in it anybody lives: the boxes are the same for everyone
and do not move with a person's position. Rows are bands of latitude; each is cut into whole boxes,
as many as its middle has room for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.model import BBox, Point

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

    Degrees may have any shapes that broadcast against each other.
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


def plane_distance_m(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Return metres between two positions in degrees, on a plane that touches the first.

    Ten times faster than `distance_m`, and true to 1 % within 100 km.

    Examples
    --------
    >>> round(plane_distance_m(0, 60, 0.01, 60))
    556
    """
    east = (lon_b - lon_a) * math.cos(math.radians(lat_a))
    return METRES_PER_DEGREE * math.hypot(east, lat_b - lat_a)


_ROWS = 2000  # from pole to pole: 0.09 degrees or 10.0 km each
_DIGITS = 7  # OpenStreetMap's own precision, so that the same box is always the same text
_EDGE_TOLERANCE = 1e-6  # of a box: what only meets an edge is not in it


def boxes_covering(area: BBox) -> list[BBox]:
    """Return the boxes of the grid that an area touches, from south-west to north-east.

    Examples
    --------
    >>> boxes_covering(BBox(-0.73, 52.6, -0.72, 52.61))
    [BBox(west=-0.8151503, south=52.56, east=-0.6669411, north=52.65)]
    """
    found = []
    south = _row(area.south)
    for row in range(south, max(south, _row(area.north, upper=True)) + 1):
        width, most = _width_deg(row), _columns(row) - 1
        first = min(most, math.floor((area.west + 180.0) / width + _EDGE_TOLERANCE))
        last = min(most, math.ceil((area.east + 180.0) / width - _EDGE_TOLERANCE) - 1)
        found += [_box(row, column) for column in range(first, max(first, last) + 1)]
    return found


def boxes_holding(lon: npt.ArrayLike, lat: npt.ArrayLike) -> list[BBox]:
    """Return the boxes that hold at least one of (n,) positions, from south-west to north-east.

    Examples
    --------
    >>> boxes_holding([-0.72, -0.73], [52.6, 52.61])
    [BBox(west=-0.8151503, south=52.56, east=-0.6669411, north=52.65)]
    """
    rows = np.clip(np.floor((np.asarray(lat) + 90) / 180 * _ROWS + _EDGE_TOLERANCE), 0, _ROWS - 1)
    found = []
    for row in np.unique(rows).astype(int).tolist():
        here = (np.asarray(lon)[rows == row] + 180) / _width_deg(row) + _EDGE_TOLERANCE
        columns = np.clip(np.floor(here), 0, _columns(row) - 1)
        found += [_box(row, int(column)) for column in np.unique(columns).tolist()]
    return found


def boxes_around(point: Point, radius_m: float) -> list[BBox]:
    """Return the boxes within a distance of the box that holds a point.

    They follow from that box alone, so that all points in it have the same.

    Examples
    --------
    >>> len(boxes_around(Point(-0.72, 52.6), 0.0)), len(boxes_around(Point(-0.72, 52.6), 30_000))
    (1, 49)
    """
    (box,) = boxes_covering(BBox(point.lon, point.lat, point.lon, point.lat))
    reach_deg = radius_m / METRES_PER_DEGREE
    low, high = max(-90.0, box.south - reach_deg), min(90.0, box.north + reach_deg)
    found = []
    for row in range(_row(low), _row(high, upper=True) + 1):
        south, north = _south(row), _south(row + 1)
        gap_deg = max(0.0, south - box.north, box.south - north)
        along_deg = math.sqrt(max(0.0, reach_deg**2 - gap_deg**2))
        found += [_box(row, column) for column in _columns_near(row, box, along_deg)]
    return found


def sort_from_center(boxes: Iterable[BBox]) -> list[BBox]:
    """Return boxes in the order of their distance from the middle of them all.

    Examples
    --------
    >>> [box.west for box in sort_from_center(BBox(west, 0, west + 1, 1) for west in range(3))]
    [1, 0, 2]
    """
    listed = list(boxes)
    if not listed:
        return []
    lon = sum(box.center.lon for box in listed) / len(listed)
    lat = sum(box.center.lat for box in listed) / len(listed)
    shrink = math.cos(math.radians(lat))
    return sorted(
        listed, key=lambda box: math.hypot((box.center.lon - lon) * shrink, box.center.lat - lat)
    )


def quarters(box: BBox) -> list[BBox]:
    """Return the four quarters of a box, for a server that cannot answer it whole."""
    lon, lat = round(box.center.lon, _DIGITS), round(box.center.lat, _DIGITS)
    return [
        BBox(box.west, box.south, lon, lat),
        BBox(lon, box.south, box.east, lat),
        BBox(box.west, lat, lon, box.north),
        BBox(lon, lat, box.east, box.north),
    ]


def is_covered(box: BBox, answered: Set[BBox]) -> bool:
    """Return whether a box, or each of its quarters or theirs, is among those answered.

    Examples
    --------
    >>> whole = BBox(0, 0, 4, 4)
    >>> is_covered(whole, set(quarters(whole))), is_covered(whole, {BBox(0, 0, 2, 2)})
    (True, False)
    """
    if box in answered:
        return True
    inside = {one for one in answered if one != box and one.center in box}
    return len(inside) >= 4 and all(is_covered(part, inside) for part in quarters(box))


def _columns_near(row: int, box: BBox, along_deg: float) -> list[int]:
    """Return the columns of a row within degrees of a great circle of a box.

    They may lie across the 180th meridian.
    """
    columns, width = _columns(row), _width_deg(row)
    spare = along_deg / max(_longitude_scale(row), 1e-3)
    first = math.floor((box.west - spare + 180.0) / width + _EDGE_TOLERANCE)
    last = math.ceil((box.east + spare + 180.0) / width - _EDGE_TOLERANCE) - 1
    return sorted({column % columns for column in range(first, min(last, first + columns) + 1)})


def _row(lat: float, *, upper: bool = False) -> int:
    """Return the row of a latitude; of one between two rows the northern, or the southern."""
    at = (lat + 90.0) / 180.0 * _ROWS
    row = math.ceil(at - _EDGE_TOLERANCE) - 1 if upper else math.floor(at + _EDGE_TOLERANCE)
    return min(max(row, 0), _ROWS - 1)


def _south(row: int) -> float:
    return row * 180.0 / _ROWS - 90.0


def _longitude_scale(row: int) -> float:
    """Return the length of a degree of longitude in the middle of a row; 1 at the equator."""
    return math.cos(math.radians(_south(row) + 90.0 / _ROWS))


def _columns(row: int) -> int:
    return max(1, round(2 * _ROWS * _longitude_scale(row)))


def _width_deg(row: int) -> float:
    return 360.0 / _columns(row)


def _box(row: int, column: int) -> BBox:
    west = column * _width_deg(row) - 180.0
    sides = (west, _south(row), west + _width_deg(row), _south(row + 1))
    return BBox(*(round(side, _DIGITS) for side in sides))
