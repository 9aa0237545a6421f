"""Positions in texts that people paste: degrees, links of maps, plus codes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from geo.coordinates.grid_codes import PlusCode
from geo.coordinates.map_links import find_links, parse_link
from geo.coordinates.notation import parse_degrees
from geo.errors import BadCoordinates
from geo.model import Point

__all__ = ["PlusCode", "parse_coordinates"]

_MAX_TEXT_LENGTH = 5_000  # characters; a link of a trip with many stops is shorter
_SAME_DEG = 0.01  # two positions in one text that are nearer than this mean the same place
_DECIMAL = r"[+-]?\d{1,3}\.\d{3,}\s*\u00b0?\s*[NSEW]?"
_PAIR_IN_TEXT = re.compile(
    rf"(?<![\d.,+-])(?:{_DECIMAL})\s*[,;\s]\s*(?:{_DECIMAL})(?![\d.]|\s*,\s*\d|\w)",
    re.ASCII | re.IGNORECASE,
)
"""A pair of numbers with three decimals or more: no address has one."""


def parse_coordinates(text: str) -> Point | None:
    """Return the position that somebody pasted; None for a name, an address or the like.

    Degrees are read in every usual notation, links of every usual map without the internet, full
    plus codes, and texts that hold one of them, as phones share it. A short plus code is a
    position only near a place: `PlusCode` reads it.

    Raises
    ------
    BadCoordinates
        It is no position on Earth, or a link that holds none.

    Examples
    --------
    >>> parse_coordinates("52.67 N, 0.73 W")
    Point(lon=-0.73, lat=52.67)
    >>> parse_coordinates("https://www.google.com/maps/search/?api=1&query=52.67%2C-0.73")
    Point(lon=-0.73, lat=52.67)
    >>> parse_coordinates("12 High Street") is None
    True
    """
    if len(text) > _MAX_TEXT_LENGTH:
        return None
    links = find_links(text)
    if links:
        return _single_point(
            [parse_link(link, is_whole_text=link == text.strip()) for link in links]
        )
    return parse_degrees(text) or _single_point(list(_points_in(text)))


def _points_in(text: str) -> Iterator[Point | None]:
    pieces = [piece for piece in re.split(r"\s*[\r\n]+\s*|\s+/\s+", text) if piece]
    if len(pieces) > 1:
        yield from (parse_degrees(piece) for piece in pieces)
    yield from (parse_degrees(match[0]) for match in _PAIR_IN_TEXT.finditer(text))
    code = PlusCode.parse(text)
    if code and code.is_full:
        yield code.point()


def _single_point(found: list[Point | None]) -> Point | None:
    """Return the one position among several readings; `BadCoordinates` if they are far apart."""
    points = [point for point in found if point is not None]
    if not points:
        return None
    first = points[0]
    if any(
        abs(one.lon - first.lon) > _SAME_DEG or abs(one.lat - first.lat) > _SAME_DEG
        for one in points
    ):
        raise BadCoordinates("there is more than one position in this; paste only one.")
    return first
