"""Countries and states: their names and codes, and which of them a postcode or time zone is of.

A territory is a code of ISO 3166: ``"US"`` for a country, ``"US-VT"`` for a part of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from geo.files import read_table
from geo.gazetteer.address import join_initials
from geo.gazetteer.model import fold

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

    Parameters
    ----------
    typed
        The readings of one name.
    known
        The territory of the thing; empty where it is not known.

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


@cache
def postcode_pattern(country: str) -> re.Pattern[str] | None:
    """Return how postcodes of a country are written; None where it has none, or none is known."""
    pattern = read_table("countries").get(country, {}).get("postcode")
    return re.compile(pattern) if pattern else None


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
        for country in read_table("countries")
        if (pattern := postcode_pattern(country)) and pattern.fullmatch(text)
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
