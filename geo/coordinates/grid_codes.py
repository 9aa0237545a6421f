"""Codes that are positions themselves: plus codes, and the short codes in links of maps.

A full plus code (Open Location Code, https://github.com/google/open-location-code) stands for one
cell of the Earth. A short one lacks its first digits: it recurs at every degree, and only a place
near it says which one is meant.

The others halve the world in turn along both axes and write the bits of the two numbers one after
the other (a Morton code): https://wiki.openstreetmap.org/wiki/Shortlink for OpenStreetMap,
https://github.com/organicmaps/organicmaps/tree/master/libs/ge0 for Organic Maps (the alphabet and
the bits; its first character is the zoom), https://en.wikipedia.org/wiki/Geohash for Waze, which
puts an ``h`` before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase, digits

from geo.errors import BadCoordinates
from geo.model import BBox, Point

_DIGIT = "[23456789CFGHJMPQRVWX]"
_CODE = re.compile(
    rf"(?<![\w+])((?:{_DIGIT}{{8}}|{_DIGIT}{{6}}(?:00)?|{_DIGIT}{{4}}(?:0000)?|{_DIGIT}{{2}}0{{6}})"
    rf"\+(?:{_DIGIT}{{2,7}})?)(?![\w+])",
    re.IGNORECASE | re.ASCII,
)
_FULL_LENGTH = 8  # digits before the plus of a full code


@dataclass(frozen=True, slots=True)
class PlusCode:
    """A plus code in capitals, as ``"CWC8+R9"``, and its locality, as ``"Oakham, UK"`` or empty."""

    code: str
    locality: str = ""

    @classmethod
    def parse(cls, text: str) -> PlusCode | None:
        """Return the code that a text holds; None where it holds none, or more than one.

        Examples
        --------
        >>> PlusCode.parse("M7CC+9X Oakham")
        PlusCode(code='M7CC+9X', locality='Oakham')
        """
        codes = _CODE.findall(text)
        if len(codes) != 1:
            return None
        code = codes[0].upper()
        if not code.partition("+")[2] and len(code) <= _FULL_LENGTH:
            return None  # "2345+" is a part of something else
        return cls(code, " ".join(_CODE.sub(" ", text).split()).strip(" ,;"))

    @property
    def is_full(self) -> bool:
        """Whether the code alone is a position."""
        return self.code.index("+") == _FULL_LENGTH

    def point(self) -> Point:
        """Return the middle of a full code's cell.

        Raises
        ------
        BadCoordinates
            The code is short, or its cell is wider than a village.
        """
        from openlocationcode import openlocationcode

        if not self.is_full:
            raise BadCoordinates(
                f"{self.code} is a short plus code; add its town, as in '{self.code} Oakham'."
            )
        if "0" in self.code:
            raise BadCoordinates(
                f"the plus code {self.code} covers a whole district; enter a longer code."
            )
        if not openlocationcode.isFull(self.code):
            raise BadCoordinates(f"{self.code} is not a valid plus code; check the spelling.")
        cell = openlocationcode.decode(self.code)
        return Point(cell.longitudeCenter, cell.latitudeCenter)

    def nearest(self, reference: Point) -> Point:
        """Return the position of that code nearest to a reference.

        Raises
        ------
        BadCoordinates
            The code is not valid.
        """
        from openlocationcode import openlocationcode

        if self.is_full:
            return self.point()
        if not openlocationcode.isShort(self.code):
            raise BadCoordinates(f"{self.code} is not a valid plus code; check the spelling.")
        full = openlocationcode.recoverNearest(self.code, reference.lat, reference.lon)
        return PlusCode(full).point()

    def resolve(
        self, *, locate: Callable[[str], Point | None], box: BBox | None, near: Point | None = None
    ) -> Point | None:
        """Return the position of a code in a region; None where its locality is not known.

        ``box`` is what the region covers; None where that is not known.

        Raises
        ------
        BadCoordinates
            The code is not valid, or fits several positions of the region.
        """
        if self.is_full:
            return self.point()
        if self.locality:
            reference = locate(self.locality)
            return self.nearest(reference) if reference else None
        found = self.within(box) if box else []
        if len(found) == 1:
            return found[0]
        reference = near or (box.center if box and not found else None)
        if reference is None:
            raise BadCoordinates(
                f"{self.code} is a short plus code that fits several places; add its town,"
                f" like '{self.code} Oakham'."
            )
        return self.nearest(reference)

    def within(self, box: BBox) -> list[Point]:
        """Return every position in a box that the code may stand for.

        Raises
        ------
        BadCoordinates
            The code is not valid.
        """
        step = 20.0 ** (2 - self.code.index("+") / 2)  # 1 degree for four digits, 1/20 for six
        if self.is_full or max(box.east - box.west, box.north - box.south) < step:
            found = {self.nearest(Point(*corner)) for corner in _corners(box)}
        else:
            found = {
                self.nearest(Point(lon, lat))
                for lon in _steps(box.west, box.east, step)
                for lat in _steps(box.south, box.north, step)
            }
        return sorted(point for point in found if point in box)


def _corners(box: BBox) -> list[tuple[float, float]]:
    return [(lon, lat) for lon in (box.west, box.east) for lat in (box.south, box.north)]


def _steps(start: float, end: float, step: float) -> list[float]:
    """Return numbers from start to end, none further than a step from the next."""
    count = int((end - start) / step) + 1
    return [start + (end - start) * index / count for index in range(count + 1)]


_OSM = ascii_uppercase + ascii_lowercase + digits + "_~"
_GE0 = ascii_uppercase + ascii_lowercase + digits + "-_"
_GEOHASH = digits + "bcdefghjkmnpqrstuvwxyz"
_GE0_LENGTH = 10
_MIN_GEOHASH_LENGTH = 7  # characters: 150 m; a shorter code is an area
_MIN_SHORTLINK_LENGTH = 5  # characters: 1 km; a shorter code is the view of a country


def decode_shortlink(code: str) -> Point | None:
    """Return the position in ``osm.org/go/CODE``; None for no code, or one of a wide view.

    Examples
    --------
    >>> decode_shortlink("0EEQjE--")  # doctest: +ELLIPSIS
    Point(lon=0.05493164..., lat=51.510772...)
    """
    code = re.sub(r"[-=]+$", "", code).replace("@", "~")  # the zoom; what old links have for "~"
    if len(code) < _MIN_SHORTLINK_LENGTH or not set(code) <= set(_OSM):
        return None
    return _deinterleave(
        _bits(code, _OSM), lon_first=True, offset=0.0
    )  # its corner: what OSM opens


def decode_ge0(code: str) -> Point | None:
    """Return the position in ``omaps.app/CODE``; None for no code.

    Examples
    --------
    >>> decode_ge0("Umse5f0H8a")  # doctest: +ELLIPSIS
    Point(lon=-74.00599..., lat=40.71274...)
    """
    if len(code) != _GE0_LENGTH or not set(code) <= set(_GE0):
        return None
    return _deinterleave(_bits(code[1:], _GE0), lon_first=False)


def decode_geohash(code: str) -> Point | None:
    """Return the middle of a geohash's cell; None for no code, or one of a large cell.

    Examples
    --------
    >>> decode_geohash("u00uswvn3")  # doctest: +ELLIPSIS
    Point(lon=1.25937..., lat=45.82918...)
    """
    code = code.lower()
    if len(code) < _MIN_GEOHASH_LENGTH or not set(code) <= set(_GEOHASH):
        return None
    return _deinterleave(_bits(code, _GEOHASH), lon_first=True)


def _bits(code: str, alphabet: str) -> str:
    width = len(alphabet).bit_length() - 1
    return "".join(format(alphabet.index(char), f"0{width}b") for char in code)


def _deinterleave(bits: str, *, lon_first: bool, offset: float = 0.5) -> Point:
    """Return the middle of the cell that a Morton code names, or the corner for 0."""
    first, second = bits[::2], bits[1::2]
    lon, lat = (first, second) if lon_first else (second, first)
    return Point(lon=360 * _fraction(lon, offset) - 180, lat=180 * _fraction(lat, offset) - 90)


def _fraction(bits: str, offset: float) -> float:
    return (int(bits, 2) + offset) / 2.0 ** len(bits)
