"""Postal addresses, house numbers, and one form for words that are written in several.

"12-14;16" on the map is found by 12, 13, 14 and 16; what is typed may be "215 B", "12½", "20-24".

A word and what it may be short for share one canonical form ("St." and "Saint", "1st" and "First"),
on the map as in what is typed. That "Saint" and "Street" share one too does no harm: no two names
differ in that alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from geo.files import read_table
from geo.gazetteer.model import fold


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """An address by its parts; a part that is not known is empty.

    The street has the house number before or behind, with apartment or unit; state (or province,
    canton) and country stand by name or code (ISO 3166-1).
    """

    street: str = ""
    town: str = ""
    county: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""

    def __bool__(self) -> bool:
        return any((self.street, self.town, self.county, self.state, self.postcode, self.country))


_HALF = re.compile(r"\s*(?:½|\b1/2)")
_RANGE = re.compile(r"(\d{1,5})\s*[-–—]\s*(\d{1,5})")
_MAX_RANGE = 20  # numbers of a range; "34-112" is one number in Queens, and not eighty houses

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
        number_range = _RANGE.fullmatch(part.strip())
        words = fold(_HALF.sub("half", part)).split()
        keys.append("".join(words))
        if number_range:
            keys += _range_numbers(int(number_range[1]), int(number_range[2]))
        elif len(words) > 1 and all(word[0].isdigit() for word in words):
            keys += words
    return tuple(dict.fromkeys(key for key in keys if key))


def typed_number_keys(number: str) -> tuple[str, ...]:
    """Return what a house number that was typed may be on the map, the likeliest first.

    Examples
    --------
    >>> typed_number_keys("215 B"), typed_number_keys("12 1/2"), typed_number_keys("20-24")
    (('215b',), ('12half',), ('2024', '20', '24'))
    """
    words = fold(_HALF.sub("half", number)).split()
    keys = ["".join(words)]
    if len(words) > 1 and all(word[0].isdigit() for word in words):
        keys += words
    return tuple(dict.fromkeys(keys))


def _range_numbers(first: int, last: int) -> Iterator[str]:
    step = 2 if (last - first) % 2 == 0 else 1
    if first < last and (last - first) <= _MAX_RANGE:
        yield from map(str, range(first, last + 1, step))
    else:
        yield from (str(first), str(last))


_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_SHORT_ENDING, _ENDING = "str", "strasse"
_MIN_STEM = 3  # letters before a shortened ending: "Hauptstr." is "Hauptstraße"


@lru_cache(maxsize=65_536)
def canonical(text: str) -> str:
    """Return a text in canonical words with one blank between.

    Examples
    --------
    >>> canonical("St. Brendan") == canonical("Saint Brendan"), canonical("Twenty-First Ave")
    (True, '21st av')
    >>> canonical("Hauptstr. 5"), canonical("First Street") == canonical("1st St.")
    ('hauptstrasse 5', True)
    """
    return " ".join(canonical_words(fold(join_initials(text)).split()))


def join_initials(text: str) -> str:
    """Return a text without the dots between single letters.

    Examples
    --------
    >>> join_initials("600 U.S. 95"), join_initials("St. Albans, V.T.")
    ('600 US 95', 'St. Albans, VT')
    """
    return _DOTTED.sub(lambda found: found[0].replace(".", ""), text)


def canonical_words(words: Sequence[str]) -> list[str]:
    """Return the canonical forms of folded words; of two that make one ordinal, one."""
    tens, ordinals = read_table("addresses")["tens"], read_table("addresses")["ordinals"]
    found: list[str] = []
    for word in words:
        if found and found[-1] in tens and ordinals.get(word, 10) < 10:
            found[-1] = _ordinal(tens[found[-1]] + ordinals[word])
        else:
            found.append(canonical_word(word))
    return found


@lru_cache(maxsize=65_536)
def canonical_word(word: str) -> str:
    """Return the canonical form of one folded word."""
    number = read_table("addresses")["ordinals"].get(word)
    if number is not None:
        return _ordinal(number)
    if word.endswith(_SHORT_ENDING) and len(word) >= len(_SHORT_ENDING) + _MIN_STEM:
        word = word.removesuffix(_SHORT_ENDING) + _ENDING
    return _classes().get(word, word)


@lru_cache(maxsize=65_536)
def spellings(word: str) -> frozenset[str]:
    """Return the words that share a canonical form, and that form."""
    return frozenset(one for one, form in _classes().items() if form == word) | {word}


@cache
def street_words() -> frozenset[str]:
    """Return the canonical words that say what kind of street it is."""
    return _canonical_set("streets")


@cache
def articles() -> frozenset[str]:
    """Return the canonical words that are left out of names as often as not."""
    return _canonical_set("articles")


@cache
def settlement_kinds() -> frozenset[str]:
    """Return the canonical words that stand before the name of a town: "Parish of Oakham"."""
    return _canonical_set("settlement_kinds")


@cache
def omissible_words() -> frozenset[str]:
    """Return the canonical words of a street's name that are left out where a town is given."""
    return street_words() | _canonical_set("road_networks") | _canonical_set("directions")


def is_street_word(word: str) -> bool:
    """Return whether a canonical word says that something is a street."""
    endings = tuple(read_table("addresses")["parts"]["street_endings"])
    return word in street_words() or word.endswith(endings)


def _canonical_set(part: str) -> frozenset[str]:
    return frozenset(map(canonical_word, read_table("addresses")["parts"][part]))


def _ordinal(number: int) -> str:
    is_teen = number // 10 % 10 == 1
    ending = "th" if is_teen else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


@cache
def _classes() -> dict[str, str]:
    """Return the canonical form of each word that has one: words joined by a shortening."""
    table: dict[str, list[str]] = read_table("addresses")["abbreviations"]
    groups: dict[str, set[str]] = {}
    for short, full in table.items():
        joined = {short, *full}
        for word in list(joined):
            joined |= groups.get(word, set())
        for word in joined:
            groups[word] = joined
    return {word: min(group, key=lambda one: (len(one), one)) for word, group in groups.items()}
