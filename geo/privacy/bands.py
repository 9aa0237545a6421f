"""How coarsely drives and counts are told: bands of minutes, and "a few" for small numbers.

Exact minutes from three starts locate a house, and a count of one names a person.
"""

from __future__ import annotations

import math

from geo.tables import read_table


def bands() -> tuple[int, ...]:
    """Return the upper ends of the bands in minutes, rising."""
    return tuple(read_table("homes")["bands"]["minutes"])


def band_of(travel_time_s: float) -> int | None:
    """Return the band that a drive lies in, in minutes; None beyond the last.

    Examples
    --------
    >>> [band_of(60.0 * minutes) for minutes in (0, 15, 15.1, 45, 61, float("inf"))]
    [15, 15, 30, 45, None, None]
    """
    if math.isnan(travel_time_s):
        return None
    return next((minutes for minutes in bands() if travel_time_s <= minutes * 60), None)


def band_label(minutes: int | None) -> str:
    """Return what to say of a drive.

    Examples
    --------
    >>> band_label(30), band_label(None)
    ('within 30 min', 'more than 60 min')
    """
    return f"more than {bands()[-1]} min" if minutes is None else f"within {minutes} min"


def count_label(count: int) -> str:
    """Return what to say of a number of people who are not named.

    Examples
    --------
    >>> count_label(0), count_label(2), count_label(3)
    ('nobody', 'a few', '3')
    """
    if count == 0:
        return "nobody"
    return "a few" if count < read_table("homes")["bands"]["few"] else f"{count:,}"
