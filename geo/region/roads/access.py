"""Whether a car may drive here: access tags, one-ways, barriers and closed seasons.

The most specific tag decides: motorcar, then motor_vehicle, vehicle, access
(https://wiki.openstreetmap.org/wiki/Key:access).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from geo.tables import read_table

HIERARCHY = ("motorcar", "motor_vehicle", "vehicle", "access")
"""Access keys from the most to the least specific."""

_OPEN = frozenset({"yes", "permissive", "designated", "public", "hov", "unknown", "allowed"})
_GUESTS = frozenset({"destination", "customers"})
_CLOSED = frozenset(
    {
        "no", "private", "agricultural", "forestry", "delivery", "emergency", "psv", "bus", "taxi",
        "military", "official", "permit", "residents", "restricted", "employees", "staff", "foot",
        "bicycle", "discouraged", "permissive:foot", "agricultural;forestry", "variable",
    }
)  # fmt: skip
_FORWARD = frozenset({"yes", "true", "1"})
_BACKWARD = frozenset({"-1", "reverse"})
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = "(" + "|".join(_MONTHS) + ")[a-z]*"
_RANGE = re.compile(rf"{_MONTH}(?:\s*\d+)?(?:\s*-\s*{_MONTH})?")
_CLAUSE = re.compile(r"([a-z_]+)\s*@\s*(\([^)]*\)|[^;]*)")
_SEASONS = {
    "winter": (12, 1, 2, 3), "snow": (12, 1, 2, 3), "ice": (12, 1, 2, 3), "spring": (3, 4, 5),
    "summer": (6, 7, 8, 9), "autumn": (10, 11), "fall": (10, 11), "mud": (4,),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Access:
    """Who may drive where.

    Attributes
    ----------
    forward, backward
        Whether cars may drive along, and against, the order of the way's nodes.
    guests_only
        Only those whose trip starts or ends there may use it.
    """

    forward: bool
    backward: bool
    guests_only: bool


def access_of(tags: Mapping[str, str], month: int) -> Access:
    """Return who may drive on a way in a month (1 to 12, as the northern hemisphere counts)."""
    ways = [_value(tags, direction, month) for direction in ("forward", "backward")]
    forward, backward = (value not in _CLOSED for value in ways)
    along, against = _one_way(tags)
    return Access(
        forward=forward and along and not _closed_season(tags, month),
        backward=backward and against and not _closed_season(tags, month),
        guests_only=any(value in _GUESTS for value in ways),
    )


def may_pass(tags: Mapping[str, str]) -> bool:
    """Return whether a car passes a tagged node: a barrier, or a node with access tags."""
    value = _value(tags, "forward", None)
    if value:
        return value not in _CLOSED
    if tags.get("locked") == "yes":
        return False
    return "barrier" not in tags or tags["barrier"] in _open_barriers(tags)


def _open_barriers(tags: Mapping[str, str]) -> frozenset[str]:
    names = frozenset(read_table("speeds")["barrier"]["open"])
    return names | {"bollard"} if tags.get("bollard") == "rising" else names


def _value(tags: Mapping[str, str], direction: str, month: int | None) -> str:
    """Return the access value that counts in a direction; empty where nothing is said."""
    for key in HIERARCHY:
        value = tags.get(f"{key}:{direction}") or tags.get(key) or ""
        if month is not None:
            conditional = tags.get(f"{key}:conditional")
            value = _in_month(conditional, month, value) if conditional else value
        if value:
            return value.partition(";")[0].strip()
    return ""


def _in_month(conditional: str, month: int, otherwise: str) -> str:
    """Return the value of a conditional tag in a month; only seasons are understood."""
    value = otherwise
    for clause in _CLAUSE.finditer(conditional.lower()):
        months = _months_of(clause[2])
        if months is None:
            continue  # a time of day, a weight, a permit: holds for no whole season
        if month in months:
            value = clause[1]
    return value


def _months_of(condition: str) -> set[int] | None:
    """Return the months that a condition names; None where it is about something else.

    Examples
    --------
    >>> sorted(_months_of("(nov 15-apr 30)"))
    [1, 2, 3, 4, 11, 12]
    >>> _months_of("(07:00-09:00)") is None
    True
    """
    months: set[int] = set()
    for match in _RANGE.finditer(condition):
        first = _MONTHS.index(match[1])
        last = _MONTHS.index(match[2]) if match[2] else first
        span = (last - first) % 12
        months.update((first + step) % 12 + 1 for step in range(span + 1))
    for season, names in _SEASONS.items():
        if re.search(rf"\b{season}\b", condition):
            months.update(names)
    return months or None


def _closed_season(tags: Mapping[str, str], month: int) -> bool:
    """Return whether a road is not there, or not cleared, in a month."""
    winter = month in _SEASONS["winter"]
    if "no" in (tags.get("winter_service"), tags.get("snowplowing")) and winter:
        return True
    if tags.get("highway") in ("winter_road", "ice_road") or tags.get("ice_road") == "yes":
        return not winter
    seasonal = tags.get("seasonal", "no")
    if seasonal in ("no", ""):
        return False
    if seasonal == "yes":
        return winter
    if seasonal in ("dry_season", "wet_season"):
        return (month in (12, 1, 2, 3, 4)) == (seasonal == "dry_season")
    open_months = _months_of(seasonal.lower().replace("_", " "))
    return open_months is not None and month not in open_months


def _one_way(tags: Mapping[str, str]) -> tuple[bool, bool]:
    """Return whether cars may drive along and against the nodes, by the one-way tags."""
    oneway = tags.get("oneway:motor_vehicle") or tags.get("oneway:motorcar") or tags.get("oneway")
    if oneway in _FORWARD:
        return True, False
    if oneway in _BACKWARD:
        return False, True
    if oneway in ("reversible", "alternating"):
        return (True, True) if oneway == "alternating" else (False, False)
    implied = tags.get("highway") in ("motorway", "motorway_link") or is_roundabout(tags)
    return True, oneway is not None or not implied


def is_roundabout(tags: Mapping[str, str]) -> bool:
    """Return whether a way circles a junction."""
    return tags.get("junction") in ("roundabout", "circular")
