"""The nouns that every layer shares.

Positions are WGS84 degrees, always in the order ``lon, lat``; people type ``lat,lon``.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from geo.errors import BadCoordinates

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"
_PAIR = re.compile(rf"({_NUMBER})\s*(?:[,;]\s*|\s)\s*({_NUMBER})", re.ASCII)
_COMMA_PAIR = re.compile(r"([+-]?\d+,\d+)\s*(?:;\s*|\s)\s*([+-]?\d+,\d+)", re.ASCII)
_DEGREES = r"(\d+(?:\.\d*)?)(?:\s*(\d+(?:\.\d*)?)\s*'(?:\s*(\d+(?:\.\d*)?)\s*\")?)?"
_COMPASS = re.compile(
    rf"{_DEGREES}\s*([NS])\s*[,;]?\s*{_DEGREES}\s*([EW])", re.ASCII | re.IGNORECASE
)
_LINK = re.compile(
    rf"(?:^geo:|@|[?&#](?:q|query|ll|destination|daddr)=)({_NUMBER}),({_NUMBER})(?![\d.])"
    rf"|#map=[\d.]+/({_NUMBER})/({_NUMBER})",
    re.ASCII,
)
_NO_NUMBER = re.compile(
    r"[+-]?(?:nan|inf|infinity|[\d.]+(?:e[+-]?\d+)?)\s*[,;\s]\s*[+-]?(?:nan|inf|infinity|[\d.]+(?:e[+-]?\d+)?)",
    re.ASCII | re.IGNORECASE,
)
_LONGEST_TEXT = 2_000
_AS_TYPED = str.maketrans(
    {"\u2212": "-", "\u2013": "-", "\u2019": "'", "\u2032": "'", "\u201d": '"', "\u2033": '"',
     "\u00b0": " ", "\u00ba": " ", "(": " ", ")": " ", "[": " ", "]": " "}
)  # fmt: skip
"""What maps, phones and word processors write for a minus, minutes, seconds and degrees."""


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """A position on Earth.

    Raises
    ------
    BadCoordinates
        A value is not finite or is out of range.

    Examples
    --------
    >>> Point.from_text("42.5069, 1.5218")
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

    @classmethod
    def from_text(cls, text: str) -> Point | None:
        """Read a position as people paste it: ``lat,lon``, degrees with N and E, a map's link.

        Returns
        -------
        Point or None
            None where the text is something else, as a name.

        Raises
        ------
        BadCoordinates
            They are two numbers but no position.

        Examples
        --------
        >>> Point.from_text("52.67 N, 0.73 W")
        Point(lon=-0.73, lat=52.67)
        """
        if len(text) > _LONGEST_TEXT:
            return None
        plain = text.translate(_AS_TYPED).strip()
        if match := _PAIR.fullmatch(plain) or _LINK.search(text):
            lat, lon = (group for group in match.groups() if group is not None)
            return cls(lon=float(lon), lat=float(lat))
        if match := _COMMA_PAIR.fullmatch(plain):
            lat, lon = (group.replace(",", ".") for group in match.groups())
            return cls(lon=float(lon), lat=float(lat))
        if match := _COMPASS.fullmatch(plain):
            return cls(lon=_degrees(*match.groups()[4:]), lat=_degrees(*match.groups()[:4]))
        if _NO_NUMBER.fullmatch(plain):
            raise BadCoordinates(
                f"{text.strip()!r} is no position on Earth: write it like 52.67,-0.73."
            )
        return None


def _degrees(degrees: str, minutes: str | None, seconds: str | None, compass: str) -> float:
    value = float(degrees) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    return -value if compass in "SWsw" else value


@dataclass(frozen=True, slots=True)
class BBox:
    """A box between two meridians and two parallels, in degrees."""

    west: float
    south: float
    east: float
    north: float

    def __contains__(self, point: Point) -> bool:
        return self.west <= point.lon <= self.east and self.south <= point.lat <= self.north

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
    point
        Where it stands; the middle of an outline.
    tags
        All its OpenStreetMap tags.
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

        Parameters
        ----------
        kinds
            None for all kinds, which changes nothing.
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
    kind
        A settlement, or a cell of a fixed grid.
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
    """A person on the roster, as far as others may know them.

    Attributes
    ----------
    id
        A random text that says nothing of the person.
    name
        As they want to be called.
    team
        Empty for none.
    area
        Where they live, roughly.
    """

    id: str
    name: str
    team: str
    area: HomeArea
