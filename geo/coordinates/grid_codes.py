"""Short codes in links of maps that are positions themselves, and need no internet.

All three halve the world in turn along both axes and write the bits of the two numbers one after
the other (a Morton code). Sources: https://wiki.openstreetmap.org/wiki/Shortlink for
OpenStreetMap, https://github.com/organicmaps/organicmaps/tree/master/libs/ge0 for Organic Maps and
its kin (the alphabet and the bits; its first character is the zoom), and
https://en.wikipedia.org/wiki/Geohash for the code of Waze, which puts an ``h`` before it.
"""

from __future__ import annotations

import re
from string import ascii_lowercase, ascii_uppercase, digits

from geo.model import Point

_OSM = ascii_uppercase + ascii_lowercase + digits + "_~"
_GE0 = ascii_uppercase + ascii_lowercase + digits + "-_"
_GEOHASH = digits + "bcdefghjkmnpqrstuvwxyz"
_GE0_LENGTH = 10
_LEAST_GEOHASH = 7
"""Characters: 150 m; a shorter code is an area."""
_LEAST_SHORTLINK = 5
"""Characters: 1 km; a shorter code is the view of a country."""


def point_of_shortlink(code: str) -> Point | None:
    """Return the position in ``osm.org/go/CODE``; None for no code, or one of a wide view.

    Examples
    --------
    >>> point_of_shortlink("0EEQjE--")  # doctest: +ELLIPSIS
    Point(lon=0.05493164..., lat=51.510772...)
    """
    code = re.sub(r"[-=]+$", "", code).replace("@", "~")  # the zoom; what old links have for "~"
    if len(code) < _LEAST_SHORTLINK or not set(code) <= set(_OSM):
        return None
    return _deinterleave(_bits(code, _OSM), lon_first=True, at=0.0)  # its corner: what OSM opens


def point_of_ge0(code: str) -> Point | None:
    """Return the position in ``omaps.app/CODE``; None for no code.

    Examples
    --------
    >>> point_of_ge0("Umse5f0H8a")  # doctest: +ELLIPSIS
    Point(lon=-74.00599..., lat=40.71274...)
    """
    if len(code) != _GE0_LENGTH or not set(code) <= set(_GE0):
        return None
    return _deinterleave(_bits(code[1:], _GE0), lon_first=False)


def point_of_geohash(code: str) -> Point | None:
    """Return the middle of a geohash's cell; None for no code, or one of a large cell.

    Examples
    --------
    >>> point_of_geohash("u00uswvn3")  # doctest: +ELLIPSIS
    Point(lon=1.25937..., lat=45.82918...)
    """
    code = code.lower()
    if len(code) < _LEAST_GEOHASH or not set(code) <= set(_GEOHASH):
        return None
    return _deinterleave(_bits(code, _GEOHASH), lon_first=True)


def _bits(code: str, alphabet: str) -> str:
    width = len(alphabet).bit_length() - 1
    return "".join(format(alphabet.index(sign), f"0{width}b") for sign in code)


def _deinterleave(bits: str, *, lon_first: bool, at: float = 0.5) -> Point:
    """Return the middle of the cell that a Morton code names, or the corner for 0."""
    first, second = bits[::2], bits[1::2]
    lon, lat = (first, second) if lon_first else (second, first)
    return Point(lon=360 * _share(lon, at) - 180, lat=180 * _share(lat, at) - 90)


def _share(bits: str, at: float) -> float:
    return (int(bits, 2) + at) / 2.0 ** len(bits)
