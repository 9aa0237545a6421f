"""House numbers: how one is looked up, and where one may stand in an address.

"12-14;16" on the map is found by 12, 13, 14 and 16; what is typed may be "215 B", "12½", "20-24".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from geo.gazetteer.fold import fold

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
