"""Postcodes: how one is written, and which town and state a ZIP code of the United States is in.

The towns of ZIP codes are those of the package ``zipcodes``, which are on disk; postcodes of other
countries are known as far as a region has them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from geo.gazetteer.address import canonical
from geo.gazetteer.territories import countries_of_postcode, outward_code, state_of_prefix
from geo.geometry import METRES_PER_DEGREE, plane_distance_m

_FLOAT = re.compile(r"(\d+)\.0+")
_COUNTRY_BEFORE = re.compile(r"[A-Z]{1,2}-(?=\d{4,6}$)")
_ZIP_PLUS_4 = re.compile(r"(\d{5})-?\d{4}")
_ZIP_DIGITS = 5
_MIN_STREET_LEVEL = 6
_MIN_LENGTH, _MAX_LENGTH = 4, 12
_MIN_OUTWARD_LENGTH = 3
"""Characters of the first half of a British postcode: "B1" may be a road or a flat."""

_ZIP_NEARBY_M = 5_000.0
_MAX_DISTANCE_RATIO = 3.0  # how many times further than another ZIP code's middle its own may be
_LENGTHS_WITHOUT_ZEROS = range(3, _ZIP_DIGITS)
"""Digits that a spreadsheet leaves of a ZIP code: "00501" became "501"."""


@dataclass(frozen=True, slots=True)
class ZipCode:
    """A ZIP code of the United States; ``lon`` and ``lat`` of its middle in degrees.

    Attributes
    ----------
    cities
        What it is addressed as, the usual name first.
    state
        As ``"US-VT"``.
    """

    cities: tuple[str, ...]
    county: str
    state: str
    lon: float
    lat: float


@cache
def zip_codes() -> dict[str, ZipCode]:
    """Return the ZIP codes of the fifty states and the District of Columbia in use."""
    import zipcodes

    found = {}
    for row in zipcodes.list_all():  # type: ignore[no-untyped-call]
        if row["country"] == "US" and row["active"] and row["lat"]:
            cities = (row["city"], *row["acceptable_cities"])
            state = f"US-{row['state']}"
            position = float(row["long"]), float(row["lat"])
            found[row["zip_code"]] = ZipCode(cities, row["county"] or "", state, *position)
    return found


@cache
def zip_cities() -> dict[str, frozenset[str]]:
    """Return the states that have a city, by the city's canonical name."""
    found: dict[str, set[str]] = {}
    for known in zip_codes().values():
        for city in known.cities:
            found.setdefault(canonical(city), set()).add(known.state)
    return {city: frozenset(states) for city, states in found.items()}


def is_misplaced_zip(code: str, lon: float, lat: float) -> bool:
    """Return whether a ZIP code on the map, at a position in degrees, is likely a slip there.

    One road with a wrong ZIP code must not stand for all who live where that code is: the middle of
    it is far, and those of others are much nearer.
    """
    known = zip_codes().get(code)
    if known is None:
        return False
    distance_m = plane_distance_m(known.lon, known.lat, lon, lat)
    if distance_m <= _ZIP_NEARBY_M:
        return False
    lons, lats = _zip_middles()
    east = (lons - lon) * math.cos(math.radians(lat))
    nearest_m = METRES_PER_DEGREE * np.hypot(east, lats - lat).min()
    return bool(distance_m > _MAX_DISTANCE_RATIO * nearest_m)


@cache
def _zip_middles() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    known = zip_codes().values()
    return np.array([one.lon for one in known]), np.array([one.lat for one in known])


@lru_cache(maxsize=65_536)
def normalise_postcode(text: str) -> str:
    """Return a postcode as it is written on an envelope: capitals, no country before it.

    Examples
    --------
    >>> normalise_postcode(" le15  6al "), normalise_postcode("CH-8001")
    ('LE15 6AL', '8001')
    >>> normalise_postcode("5992.0")
    '5992'
    """
    code = " ".join(text.upper().split())
    match = _FLOAT.fullmatch(code)
    code = match[1] if match else code
    return _COUNTRY_BEFORE.sub("", code)


@lru_cache(maxsize=65_536)
def postcode_keys(code: str) -> tuple[str, ...]:
    """Return what a postcode may be found by, the likeliest first, letters and digits alone.

    Examples
    --------
    >>> postcode_keys("LE15 6AL"), postcode_keys("05992-1234"), postcode_keys("5992")
    (('le156al',), ('059921234', '05992'), ('5992', '05992'))
    """
    joined = "".join(char for char in code.casefold() if char.isalnum())
    keys = [joined]
    if plus := _ZIP_PLUS_4.fullmatch(code):
        keys.append(plus[1])
    if joined.isdigit() and len(joined) in _LENGTHS_WITHOUT_ZEROS:
        keys.append(joined.zfill(_ZIP_DIGITS))
    return tuple(keys)


@lru_cache(maxsize=65_536)
def find_zip(code: str) -> str:
    """Return the five digits of a ZIP code that is in use; empty where it is none."""
    return next((key for key in postcode_keys(code) if key in zip_codes()), "")


@lru_cache(maxsize=65_536)
def postcode_area(code: str) -> str:
    """Return what postcodes of one part of a country share at their beginning.

    Examples
    --------
    >>> postcode_area("LE15 6AL"), postcode_area("05992"), postcode_area("8001")
    ('LE', '059', '80')
    """
    letters = re.match(r"[A-Z]+", code)
    if letters and not code.isalpha():
        return letters[0]
    return code[:3] if len(code) >= _ZIP_DIGITS else code[:2]


def state_of_postcode(code: str, country: str) -> str:
    """Return the part of a country that a postcode is of, as ``"US-VT"``; empty if unknown."""
    if country == "US":
        known = zip_codes().get(code[:_ZIP_DIGITS])
        return known.state if known else _states_of_areas().get(postcode_area(code), "")
    return state_of_prefix(country, code)


@cache
def _states_of_areas() -> dict[str, str]:
    """Return the state of the first three digits of ZIP codes, where it is one."""
    states: dict[str, set[str]] = {}
    for code, known in zip_codes().items():
        states.setdefault(code[:3], set()).add(known.state)
    return {
        area: next(iter(state_set)) for area, state_set in states.items() if len(state_set) == 1
    }


def is_street_level(code: str) -> bool:
    """Return whether a postcode is of a few streets, and not of a whole town.

    Examples
    --------
    >>> is_street_level("LE15 6AL"), is_street_level("05992"), is_street_level("AD500")
    (True, False, False)
    """
    letters = sum(char.isalpha() for char in code)
    return letters > 1 and sum(char.isalnum() for char in code) >= _MIN_STREET_LEVEL and " " in code


def may_be_postcode(text: str) -> bool:
    """Return whether a text is written as a postcode of some country is."""
    code = normalise_postcode(text)
    has_digit = any(char.isdigit() for char in code)
    shortest = _MIN_OUTWARD_LENGTH if outward_code(code) else _MIN_LENGTH
    return has_digit and shortest <= len(code) <= _MAX_LENGTH and bool(countries_of_postcode(code))
