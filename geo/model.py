"""The nouns that every layer shares.

Positions are WGS84 degrees, always in the order ``lon, lat``; people type ``lat,lon``.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from geo.errors import BadCoordinates


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """A position on Earth.

    Raises
    ------
    BadCoordinates
        A value is not finite or is out of range.

    Examples
    --------
    >>> Point(lon=1.5218, lat=42.5069)
    Point(lon=1.5218, lat=42.5069)
    """

    lon: float
    lat: float

    def __post_init__(self) -> None:
        if not (-180 <= self.lon <= 180 and -90 <= self.lat <= 90):  # NaN fails both
            swapped = -180 <= self.lat <= 180 and -90 <= self.lon <= 90
            advice = (
                "latitude and longitude look swapped; give the latitude first"
                if swapped
                else "a latitude lies between -90 and 90 and a longitude between -180 and 180"
            )
            raise BadCoordinates(f"{self.lat:g},{self.lon:g} is no position on Earth: {advice}.")


@dataclass(frozen=True, slots=True)
class BBox:
    """A box between two meridians and two parallels, in degrees."""

    west: float
    south: float
    east: float
    north: float

    def __contains__(self, point: Point) -> bool:
        return self.west <= point.lon <= self.east and self.south <= point.lat <= self.north

    def overlaps(self, other: BBox) -> bool:
        """Return whether this box and another have more in common than an edge."""
        return (
            self.west < other.east
            and other.west < self.east
            and self.south < other.north
            and other.south < self.north
        )

    @property
    def center(self) -> Point:
        """The middle of the box."""
        return Point((self.west + self.east) / 2, (self.south + self.north) / 2)

    @classmethod
    def around(cls, points: Iterable[Point]) -> BBox | None:
        """Return the smallest box that holds all points; None where there are none."""
        lons, lats = [], []
        for point in points:
            lons.append(point.lon)
            lats.append(point.lat)
        return cls(min(lons), min(lats), max(lons), max(lats)) if lons else None


@dataclass(frozen=True, slots=True)
class Place:
    """A place that people can work or meet at.

    Attributes
    ----------
    osm_id
        Type letter and number, as ``"n123"``, ``"w45"`` or ``"r6"``.
    name
        None where the map knows no name.
    kind
        A key of ``data/kinds.toml``, as ``"cafe"``.
    timestamp
        When it was last edited on OpenStreetMap; None where the extract does not say.
    other_kinds
        What it is too, as the restaurant of a hotel.
    """

    osm_id: str
    name: str | None
    kind: str
    point: Point
    tags: Mapping[str, str] = field(default_factory=dict)
    timestamp: datetime | None = None
    other_kinds: tuple[str, ...] = ()

    def is_any_of(self, kinds: Container[str]) -> bool:
        """Whether one of the place's kinds is among some."""
        return self.kind in kinds or any(kind in kinds for kind in self.other_kinds)

    def as_any_of(self, kinds: Container[str] | None) -> Place:
        """Return the place as what was asked for: a hotel's restaurant is a restaurant then.

        None stands for all kinds, which changes nothing.
        """
        if kinds is None or self.kind in kinds:
            return self
        every = (self.kind, *self.other_kinds)
        kind = next((one for one in self.other_kinds if one in kinds), self.kind)
        return replace(self, kind=kind, other_kinds=tuple(one for one in every if one != kind))


@dataclass(frozen=True, slots=True)
class HomeArea:
    """The coarse area that stands for a home; `geo.privacy.coarsen_home` alone makes one of a home.

    Attributes
    ----------
    id
        The same for all homes of the area and after every build, as ``"n123"`` for a settlement of
        OpenStreetMap or ``"c14-8193-4012"`` for a cell.
    label
        What to show, as "Oakham" or "near Exton".
    point
        A position on a road that stands for every home of the area; nobody's home.
    radius_m
        Every home of the area is within so many metres of ``point``.
    homes
        How many homes of the map share the area.
    """

    id: str
    label: str
    kind: Literal["settlement", "cell"]
    point: Point
    radius_m: float
    homes: int


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person on the roster, as far as others may know them, by a random id; team may be empty."""

    id: str
    name: str
    team: str
    area: HomeArea
