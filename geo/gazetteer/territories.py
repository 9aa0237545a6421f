"""Countries, states and postcodes: their names and codes, and which is in which.

A territory is a code of ISO 3166: ``"US"`` for a country, ``"US-VT"`` for a part of one. The towns
of ZIP codes are those of the package ``zipcodes``; postcodes of other countries are known as far as
a region has them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from geo.files import read_table
from geo.gazetteer.address import canonical, join_initials
from geo.gazetteer.model import fold
from geo.geometry import METRES_PER_DEGREE, plane_distance_m

_POSTCODES = "postcodes"
_MOST_WORDS = 6  # words of the longest name of a territory that is looked for


@cache
def _by_name() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for country, row in read_table("countries").items():
        for name in (country, row["alpha_3"], *row["names"]):
            found.setdefault(_key(name), set()).add(country)
    for country, states in read_table("states").items():
        if country != _POSTCODES:
            for code, names in states.items():
                codes = [code] if len(code) > 1 and code.isalpha() else []
                for name in (*names, *codes):
                    found.setdefault(_key(name), set()).add(f"{country}-{code}")
    return {name: frozenset(codes) for name, codes in found.items()}


def _key(name: str) -> str:
    return fold(join_initials(name))


def territories_named(words: Iterable[str]) -> frozenset[str]:
    """Return the territories that folded words name or are the code of; there may be several.

    Examples
    --------
    >>> sorted(territories_named(["georgia"])), sorted(territories_named(["vt"]))
    (['GE', 'US-GA'], ['US-VT'])
    """
    words = list(words)
    if len(words) > _MOST_WORDS:
        return frozenset()
    return _by_name().get(" ".join(words), frozenset())


@cache
def territory_name(code: str) -> str:
    """Return what a territory is called: "Vermont"; the code itself where that is not known.

    Examples
    --------
    >>> territory_name("US-OH"), territory_name("CH"), territory_name("XX")
    ('Ohio', 'Switzerland', 'XX')
    """
    country, _, state = code.partition("-")
    if state:
        names = read_table("states").get(country, {}).get(state, [code])
    else:
        names = read_table("countries").get(country, {}).get("names", [code])
    return str(names[0])


def matches_territory(typed: frozenset[str], known: str) -> bool | None:
    """Return whether something is in one of the territories that were typed; None if unknown.

    ``typed`` are all that one name may stand for; ``known``, the thing's own, may be empty.

    Examples
    --------
    >>> matches_territory(frozenset({"US"}), "US-VT")
    True
    >>> matches_territory(frozenset({"US-OH"}), "US-VT")
    False
    >>> matches_territory(frozenset({"US-OH"}), "US") is None
    True
    """
    if not known:
        return None
    if any(known == code or known.startswith(f"{code}-") for code in typed):
        return True
    return None if any(code.startswith(f"{known}-") for code in typed) else False


@cache
def country_of_zone(zone: str) -> str:
    """Return the country of a time zone, as ``"Europe/Andorra"``; empty where none has it."""
    return _by_zone().get(zone, "")


@cache
def _by_zone() -> dict[str, str]:
    return {
        zone: country
        for country, row in read_table("countries").items()
        for zone in row.get("zones", ())
    }


@cache
def zone_cities() -> dict[str, str]:
    """Return the country of each city that a time zone is named after, by its folded name."""
    return {
        fold(zone.rpartition("/")[2].replace("_", " ")): code for zone, code in _by_zone().items()
    }


_OUTWARD = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)(?: \d[A-Z]{2})?")


@lru_cache(maxsize=4096)
def outward_code(postcode: str) -> str:
    """Return the first half of a British postcode, or of one whose second was left out.

    Examples
    --------
    >>> outward_code("LE15 6AL"), outward_code("LE15"), outward_code("VT15"), outward_code("05992")
    ('LE15', 'LE15', '', '')
    """
    found = _OUTWARD.fullmatch(postcode)
    return found[1] if found and state_of_prefix("GB", found[1]) else ""


@lru_cache(maxsize=4096)
def countries_of_postcode(text: str) -> frozenset[str]:
    """Return the countries whose postcodes are written so, capitals and all.

    Of British ones the first half is enough.

    Examples
    --------
    >>> sorted(countries_of_postcode("LE15 6AL")), "US" in countries_of_postcode("05992-1234")
    (['GB'], True)
    """
    found = frozenset(
        country
        for country, row in read_table("countries").items()
        if "postcode" in row and re.fullmatch(row["postcode"], text)
    )
    return found | {"GB"} if outward_code(text) else found


@lru_cache(maxsize=65_536)
def state_of_prefix(country: str, postcode: str) -> str:
    """Return the part of a country that a postcode begins with; empty where none is known.

    Examples
    --------
    >>> state_of_prefix("GB", "LE15 6AL"), state_of_prefix("CA", "K1A 0B1")
    ('GB-ENG', 'CA-ON')
    """
    table = read_table("states")[_POSTCODES].get(country, {})
    for length in range(min(len(postcode), 4), 0, -1):
        code = table.get(postcode[:length])
        if code and not (postcode[length - 1 : length + 1].isalpha() and country == "GB"):
            return f"{country}-{code}"
    return ""


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

    ``cities`` is what it is addressed as, the usual name first; ``state`` is as ``"US-VT"``.
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
    """Return whether a ZIP code on the map, at a position in degrees, is likely an error.

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
