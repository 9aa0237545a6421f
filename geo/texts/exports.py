"""Sentences of exports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from geo.texts import join_names
from geo.units import drive

if TYPE_CHECKING:
    from geo.meetup import TradeOff

TITLES = {
    "osm_id": "OpenStreetMap id",
    "name": "Name",
    "kind": "Kind",
    "lat": "Latitude",
    "lon": "Longitude",
    "minutes": "Drive",
    "return_minutes": "Drive back",
    "worst_minutes": "Longest drive",
    "total_minutes": "Total drive",
    "beyond_minutes": "Beyond the limit",
    "km": "Distance",
    "open": "Open",
    "source": "Source",
}
"""Column titles by key."""

SHORT_TITLES = {
    **{key: key for key in TITLES},
    "minutes": "min",
    "return_minutes": "back",
    "worst_minutes": "worst",
    "total_minutes": "total",
}
"""Column titles where there is little room."""

OPEN_STATES = {"open": "open", "closed": "closed", "unknown": "unknown"}

START = "the starting point"
NUMBER = "No."
MEETUPS = "Places"
ABOUT = "About"
NORTH = "N"
NO_PLACES = "No places found."
SCAN_QR = "Scan to open this search."
CANCELLED = "Cancelled"
PRODUCT = "Crossroads"
NEAR_TITLE = "Places within {minutes:g} min of {start}"
PERSON_COLUMN_TITLE = "{title}: {person}"
WITHIN_LABEL = "{minutes:g} min"
MORE_ROWS = "and {count} more, shown as dots"
NONE_WITHIN = "No place is within {minutes:g} min of everyone. These are the fairest ones."


def person(number: int) -> str:
    """Return what to call somebody without a name; numbers count from 1."""
    return f"person {number}"


def halfway_title(people: Sequence[str]) -> str:
    """Return the heading of where to meet."""
    return f"Meeting places for {join_names(people, most=4)}"


def trade_off(choice: TradeOff, people: Sequence[str]) -> str | None:
    """Return the choice between fair and short as a sentence; None where nobody would notice."""
    if choice.saved_s < 30 or choice.extra_s < 30:
        return None
    extra, saved = drive(choice.extra_s), drive(choice.saved_s)
    return f"Shortest total: {saved} less, but {people[choice.person]} drives {extra} more."


def beyond_limit(seconds: Sequence[float], people: Sequence[str]) -> str:
    """Return who drives how much beyond the limit.

    Examples
    --------
    >>> beyond_limit([0, 480, 65], ["Ana", "Ben", "Cleo"])
    'Ben drives 8 min and Cleo 1 min beyond the limit'
    """
    over = [
        (name, extra)
        for name, extra in zip(people, seconds, strict=True)
        if 0 < extra < float("inf")
    ]
    parts = [f"{name}{' drives' if i == 0 else ''} {drive(s)}" for i, (name, s) in enumerate(over)]
    return f"{join_names(parts)} beyond the limit" if parts else ""


def unreachable_people(people: Sequence[str]) -> str:
    """Return who is left out because no road leads from them to any of the places."""
    return f"No road of the region leads from {join_names(people, most=4)} to any of these places."
