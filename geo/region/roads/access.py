"""Whether a car may drive here: access tags, one-ways, barriers and closed seasons.

The most specific tag decides: motorcar, then motor_vehicle, vehicle, access
(https://wiki.openstreetmap.org/wiki/Key:access). A way or gate that is private, or for residents,
customers or deliveries, is open to those whose trip starts or ends behind it: guests. It is never a
short cut for others (`geo.region.roads.through`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Literal

from geo.region.roads.conditional import Hold, SeasonMoment, holds, is_time, value_at
from geo.tables import read_table

EXPLICIT = ("motorcar", "motor_vehicle", "vehicle")
"""Access keys that name vehicles, from the most to the least specific."""

HIERARCHY = (*EXPLICIT, "access")
"""Access keys from the most to the least specific."""

Direction = Literal["forward", "backward"]

_FORWARD = frozenset({"yes", "true", "1"})
_BACKWARD = frozenset({"-1", "reverse"})


class Admission(IntEnum):
    """Who may pass, from the fewest."""

    NOBODY = 0
    GUESTS = 1
    """Those whose trip starts or ends there."""
    EVERYBODY = 2


@dataclass(frozen=True, slots=True)
class Access:
    """Who may drive along, and against, the order of a way's nodes."""

    forward: Admission
    backward: Admission


def access_of(tags: Mapping[str, str], moment: SeasonMoment) -> Access:
    """Return who may drive on a way in a season."""
    if _closed_season(tags, moment):
        return Access(Admission.NOBODY, Admission.NOBODY)
    along, against = _one_way(tags, moment)
    return Access(
        forward=_admitted(tags, "forward", moment) if along else Admission.NOBODY,
        backward=_admitted(tags, "backward", moment) if against else Admission.NOBODY,
    )


def node_admission(tags: Mapping[str, str], moment: SeasonMoment) -> Admission:
    """Return who passes a tagged node in a season: a barrier, or a node with access tags."""
    value = _value(tags, "forward", moment, HIERARCHY)
    if value:
        return admission(value)
    if "barrier" in tags and tags["barrier"] not in _open_barriers(tags):
        return Admission.NOBODY
    hours = tags.get("opening_hours") if "barrier" in tags else None
    if hours and is_time(hours) and holds(hours, moment) == Hold.NOBODY:
        return Admission.NOBODY
    return Admission.GUESTS if tags.get("locked") == "yes" else Admission.EVERYBODY


def admission(value: str) -> Admission:
    """Return whom an access value lets pass.

    Of several, as ``"forestry;destination"``, the widest counts, but for a plain yes or no before
    the others.

    Examples
    --------
    >>> admission("private").name, admission("agricultural;destination").name
    ('GUESTS', 'GUESTS')
    """
    values = [one.strip() for one in value.split(";")]
    if values[0] in ("yes", "no"):
        return _one_admission(values[0])
    return max(_one_admission(one) for one in values)


def is_opened(tags: Mapping[str, str]) -> bool:
    """Return whether a way is no road for cars by its class, but may be by tags of its own."""
    return tags.get("highway") in read_table("speeds")["opened"] and any(
        key in tags or f"{key}:conditional" in tags for key in EXPLICIT
    )


def is_roundabout(tags: Mapping[str, str]) -> bool:
    """Return whether a way circles a junction."""
    return tags.get("junction") in ("roundabout", "circular")


@cache
def _one_admission(value: str) -> Admission:
    table = read_table("speeds")["access"]
    if value in table["closed"]:
        return Admission.NOBODY
    return Admission.GUESTS if value in table["guests"] else Admission.EVERYBODY


def _admitted(tags: Mapping[str, str], direction: Direction, moment: SeasonMoment) -> Admission:
    """Return who may drive in a direction, as far as access tags say."""
    by_tags = is_opened(tags)
    value = _value(tags, direction, moment, EXPLICIT if by_tags else HIERARCHY)
    admitted = admission(value or ("no" if by_tags else "yes"))
    four_wheel = tags.get("4wd_only") in read_table("speeds")["access"]["four_wheel"]
    return min(admitted, Admission.GUESTS) if four_wheel else admitted


def _open_barriers(tags: Mapping[str, str]) -> frozenset[str]:
    names = frozenset(read_table("speeds")["barrier"]["open"])
    return names | {"bollard"} if tags.get("bollard") == "rising" else names


def _value(
    tags: Mapping[str, str], direction: Direction, moment: SeasonMoment, keys: tuple[str, ...]
) -> str:
    """Return the access value that counts in a direction; empty where nothing is said."""
    for key in keys:
        value = tags.get(f"{key}:{direction}") or tags.get(key) or ""
        for name in (f"{key}:conditional", f"{key}:{direction}:conditional"):
            if name in tags:
                value = value_at(tags[name], moment, value)
        if value:
            return value
    return ""


def _closed_season(tags: Mapping[str, str], moment: SeasonMoment) -> bool:
    """Return whether a road is not there, or not cleared, in a season."""
    winter = holds("winter", moment) == Hold.EVERYBODY
    if "no" in (tags.get("winter_service"), tags.get("snowplowing")) and winter:
        return True
    if tags.get("highway") in ("winter_road", "ice_road") or tags.get("ice_road") == "yes":
        return not winter
    seasonal = tags.get("seasonal", "no")
    if seasonal in ("no", ""):
        return False
    if seasonal == "yes":
        return winter
    return is_time(seasonal) and holds(seasonal, moment) == Hold.NOBODY


def _one_way(tags: Mapping[str, str], moment: SeasonMoment) -> tuple[bool, bool]:
    """Return whether cars may drive along and against the nodes, by the one-way tags."""
    oneway = tags.get("oneway:motor_vehicle") or tags.get("oneway:motorcar") or tags.get("oneway")
    if "oneway:conditional" in tags:
        oneway = value_at(tags["oneway:conditional"], moment, oneway or "") or None
    if oneway in _FORWARD:
        return True, False
    if oneway in _BACKWARD:
        return False, True
    if oneway in ("reversible", "alternating"):
        return (True, True) if oneway == "alternating" else (False, False)
    implied = tags.get("highway") in ("motorway", "motorway_link") or is_roundabout(tags)
    return True, oneway is not None or not implied
