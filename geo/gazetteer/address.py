"""Addresses that somebody typed, and what geocoding one of them gives.

House numbers: how one is looked up, and where one may stand in an address.

"12-14;16" on the map is found by 12, 13, 14 and 16; what is typed may be "215 B", "12½", "20-24".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from geo.gazetteer.model import Match, fold


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """An address by its parts; a part that is not known is empty.

    Attributes
    ----------
    street
        House number and street in either order, with apartment or unit.
    state
        A state, province or canton, by name or code.
    country
        By name or code of ISO 3166-1.
    """

    street: str = ""
    town: str = ""
    county: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""

    def __bool__(self) -> bool:
        return any((self.street, self.town, self.county, self.state, self.postcode, self.country))


@dataclass(frozen=True, slots=True)
class Geocoding:
    """What is known of where an address is.

    Attributes
    ----------
    match
        None where the region has nothing that agrees with the address. ``match.unmatched`` holds
        the words that it does not account for, as a house number that the map lacks.
    elsewhere
        Where the address is, as "Ohio", if it is known to be outside the region; else empty.
    """

    match: Match | None
    elsewhere: str = ""


_HALF = re.compile(r"\s*(?:½|\b1/2)")
_RANGE = re.compile(r"(\d{1,5})\s*[-–—]\s*(\d{1,5})")
_LONGEST_RANGE = 20
"""Numbers of a range; "34-112" is one number in Queens, and not eighty houses."""

NUMBER = re.compile(r"\d{1,5}(?!st$|nd$|rd$|th$)[^\W\d_]{0,2}")
"""A house number as one folded word; ordinals are none."""


@lru_cache(maxsize=16_384)
def number_keys(number: str) -> tuple[str, ...]:
    """Return what a house number of the map is looked up by.

    Examples
    --------
    >>> number_keys("12 A"), number_keys("12½"), number_keys("30;32")
    (('12a',), ('12half',), ('30', '32'))
    >>> number_keys("20-24")
    ('2024', '20', '22', '24')
    """
    keys: list[str] = []
    for part in number.replace(",", ";").split(";"):
        between = _RANGE.fullmatch(part.strip())
        words = fold(_HALF.sub("half", part)).split()
        keys.append("".join(words))
        if between:
            keys += _between(int(between[1]), int(between[2]))
        elif len(words) > 1 and all(word[0].isdigit() for word in words):
            keys += words
    return tuple(dict.fromkeys(key for key in keys if key))


def typed_keys(number: str) -> tuple[str, ...]:
    """Return what a house number that was typed may be on the map, the likeliest first.

    Examples
    --------
    >>> typed_keys("215 B"), typed_keys("12 1/2"), typed_keys("20-24")
    (('215b',), ('12half',), ('2024', '20', '24'))
    """
    words = fold(_HALF.sub("half", number)).split()
    keys = ["".join(words)]
    if len(words) > 1 and all(word[0].isdigit() for word in words):
        keys += words
    return tuple(dict.fromkeys(keys))


def _between(first: int, last: int) -> Iterator[str]:
    step = 2 if (last - first) % 2 == 0 else 1
    if first < last and (last - first) <= _LONGEST_RANGE:
        yield from map(str, range(first, last + 1, step))
    else:
        yield from (str(first), str(last))
