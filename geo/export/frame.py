"""Where a printed map lies on the Earth, and what stands where on it without covering the rest."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from geo.export.listing import Listing
from geo.geometry import LocalPlane
from geo.model import BBox, Point

MAP_WIDTH, MAP_HEIGHT = 720, 376
"""Pixels of the map."""

MOST_PLACES = 500
"""Places that are drawn."""

_MARGIN = 38
_SMALLEST_M = 600.0
"""Metres across; a single place is not drawn as if on a football pitch."""

Box = tuple[float, float, float, float]
"""West, north, east and south of something drawn, in pixels."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the picture lies on the Earth, and how large a metre is in it."""

    plane: LocalPlane
    pixels_per_m: float
    middle_x: float
    middle_y: float

    @classmethod
    def around(cls, box: BBox) -> Frame:
        """Return the frame that shows a box whole."""
        plane = LocalPlane(box.center)
        west, south = plane.to_xy(box.west, box.south)
        east, north = plane.to_xy(box.east, box.north)
        wide, tall = max(float(east - west), _SMALLEST_M), max(float(north - south), _SMALLEST_M)
        scale = min((MAP_WIDTH - 2 * _MARGIN) / wide, (MAP_HEIGHT - 2 * _MARGIN) / tall)
        return cls(plane, scale, MAP_WIDTH / 2, MAP_HEIGHT / 2)

    def to_pixels(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return (k, 2) pixels for (k, 2) lon, lat."""
        x, y = self.plane.to_xy(points[:, 0], points[:, 1])
        return np.column_stack(
            [self.middle_x + x * self.pixels_per_m, self.middle_y - y * self.pixels_per_m]
        )

    def pixel(self, point: Point) -> tuple[float, float]:
        """Return the pixel of one point."""
        x, y = self.to_pixels(np.array([[point.lon, point.lat]]))[0]
        return float(x), float(y)

    @property
    def shown(self) -> BBox:
        """What the whole picture shows, in degrees."""
        x, y = self.middle_x / self.pixels_per_m, self.middle_y / self.pixels_per_m
        lon, lat = self.plane.to_lon_lat([-x, x], [-y, y])
        return BBox(float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1]))


def listing_frame(listing: Listing, more: Iterable[Point] = ()) -> Frame:
    """Return the frame that shows the places, starts and areas of a listing, and more points."""
    points = [entry.place.point for entry in listing.entries[:MOST_PLACES]]
    points += [start.point for start in listing.starts if start.point]
    points += more
    for area in listing.areas:
        if not area.shape.is_empty:
            west, south, east, north = area.shape.bounds
            points += [Point(west, south), Point(east, north)]
    return Frame.around(BBox.around(points) or BBox(-180, -60, 180, 75))


@dataclass(slots=True)
class Table:
    """Keeps what is put on a map from covering what lies there already."""

    taken: list[Box] = field(default_factory=list)

    def put(self, box: Box) -> None:
        """Take a place, whatever lies there."""
        self.taken.append(box)

    def put_if_free(self, box: Box) -> bool:
        """Take a place if it is free and on the map."""
        west, north, east, south = box
        on_map = west >= 0 and north >= 0 and east <= MAP_WIDTH and south <= MAP_HEIGHT
        if not on_map or any(
            west < e and w < east and north < s and n < south for w, n, e, s in self.taken
        ):
            return False
        self.taken.append(box)
        return True


def spiral(x: float, y: float, *, step: float, rounds: int) -> Iterator[tuple[float, float]]:
    """Yield a position and then others, ever farther from it."""
    yield x, y
    for ring in range(1, rounds + 1):
        count = 8 * ring
        for i in range(count):
            angle = 2 * math.pi * i / count - math.pi / 2
            yield x + ring * step * math.cos(angle), y + ring * step * math.sin(angle)
