"""What a way's tags mean to a driver: class, speed in each direction and season, flags.

Few combinations of tags that matter occur, so each is worked out once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any

from geo.files import read_table
from geo.network.graph import CONDITIONS, EdgeFlag
from geo.region.roads.conditional import Admission, season_moments
from geo.region.roads.tags import (
    HIERARCHY,
    Access,
    access_of,
    is_opened,
    is_roundabout,
    speed_limits,
)

Speeds = tuple[
    tuple[tuple[float, ...], tuple[float, ...]], tuple[tuple[float, ...], tuple[float, ...]]
]
"""km/h as [direction][open, built-up][condition]; 0 is shut."""

ByDirection = tuple[tuple[bool, ...], tuple[bool, ...]]
"""Whether no through traffic is let in, as [direction][condition]."""

_KEYS = frozenset(
    {
        "highway", "route", "junction", "oneway", "oneway:motor_vehicle", "oneway:motorcar", "area",
        "service", "surface", "smoothness", "tracktype", "width", "lanes", "toll", "toll:motorcar",
        "tunnel", "maxspeed", "maxspeed:type", "source:maxspeed", "zone:maxspeed", "zone:traffic",
        "maxspeed:advisory", "maxspeed:forward", "maxspeed:backward", "seasonal", "winter_service",
        "snowplowing", "ice_road", "hov", "duration", "interval", "foot", "bicycle", "ferry",
        "impassable", "motorroad", "4wd_only", "oneway:conditional",
    }
    | {key + end for key in HIERARCHY for end in ("", ":forward", ":backward")}
    | {f"{key}{end}:conditional" for key in HIERARCHY for end in ("", ":forward", ":backward")}
)  # fmt: skip


_SOFT = ("track", "winter_road", "ice_road")
"""Classes whose speeds are those of unpaved roads already."""

_LONGEST_S = 30 * 86400
"""The longest crossing that is believed: a month."""


@dataclass(frozen=True, slots=True)
class RoadUse:
    """How cars use a way.

    Attributes
    ----------
    rank
        Who gives way: the smaller rank goes first.
    speed_kmh
        By direction, surroundings and condition; 0 is shut.
    destination_only
        Whether only those drive there whose trip starts or ends there, by direction and condition.
    duration_s, wait_s
        A ferry's crossing from end to end, None where its speed must do, and the wait before it.
    """

    road_class: int
    rank: int
    speed_kmh: Speeds
    flags: int
    destination_only: ByDirection
    roundabout: bool
    duration_s: float | None = None
    wait_s: float = 0.0


def road_use(
    tags: Mapping[str, str], *, south: bool = False, on: date | None = None
) -> RoadUse | None:
    """Return how cars use a way; None where they cannot.

    If ``south``, it lies south of the equator, where the seasons are the other way round. ``on`` is
    the day that the map shows, today by default.
    """
    if tags.get("highway") not in _roads() and "route" not in tags and not is_opened(tags):
        return None
    used = frozenset([item for item in tags.items() if item[0] in _KEYS])
    return _interpret(used, south, on or date.today())


@cache
def class_names() -> dict[str, int]:
    """Return the row of each class of road, by its name."""
    return {name: row for row, name in enumerate(read_table("speeds")["class"])}


@cache
def _roads() -> frozenset[str]:
    """Return the values of ``highway`` that are roads for cars by themselves."""
    return frozenset(class_names()) - set(read_table("speeds")["opened"]) - {"ferry"}


@lru_cache(maxsize=50_000)
def _interpret(items: frozenset[tuple[str, str]], south: bool, on: date) -> RoadUse | None:
    tags = dict(items)
    name = _class_of(tags)
    if name is None:
        return None
    seasons = [access_of(tags, moment) for moment in season_moments(on, south=south)]
    speed_kmh = _speed_kmh(tags, name, seasons)
    if not any(kmh for way in speed_kmh for column in way for kmh in column):
        return None
    return RoadUse(
        road_class=class_names()[name],
        rank=read_table("speeds")["class"][name]["rank"],
        speed_kmh=speed_kmh,
        flags=_flags(tags, name),
        destination_only=(
            tuple(season.forward == Admission.DESTINATION for season in seasons),
            tuple(season.backward == Admission.DESTINATION for season in seasons),
        ),
        roundabout=is_roundabout(tags),
        duration_s=parse_duration(tags.get("duration")) if name == "ferry" else None,
        wait_s=_wait(tags) if name == "ferry" else 0.0,
    )


def _class_of(tags: Mapping[str, str]) -> str | None:
    """Return the class that a way is driven as; None where it is no road for cars."""
    if tags.get("route") in ("ferry", "shuttle_train"):
        return "ferry" if _takes_cars(tags) else None
    barred = (
        tags.get("area") == "yes"
        or tags.get("service") == "emergency_access"
        or tags.get("hov") == "designated"
        or tags.get("impassable") == "yes"
    )
    if barred:
        return None
    name = tags.get("highway", "")
    if is_opened(tags):
        return str(read_table("speeds")["opened"][name])
    return name if name in _roads() else None


def _takes_cars(tags: Mapping[str, str]) -> bool:
    """Return whether a ferry carries cars: it says so, or says nothing of anybody."""
    values = [tags[key] for key in HIERARCHY if key in tags]
    if values:
        return values[0] in ("yes", "designated", "permissive", "destination", "customers")
    return tags.get("route") == "ferry" and "foot" not in tags and "bicycle" not in tags


def _speed_kmh(tags: Mapping[str, str], name: str, seasons: list[Access]) -> Speeds:
    """Return km/h by direction, surroundings and condition."""
    table = read_table("speeds")
    row = table["class"][name]
    caps = [_cap(tags, name, condition) for condition in CONDITIONS]
    soft = is_unpaved(tags, name)
    season = table["season"]["unpaved" if soft else "paved"]
    share = _share(tags, name)
    unpaved = table["unpaved"]["share"] if soft and name not in _SOFT else 1.0

    def one(direction: str, limit: float | None, column: str) -> tuple[float, ...]:
        free = row[column] * share * unpaved
        if limit is not None:
            free = min(limit * table["limit"]["share"] * (1 if share == 1 else share), row["top"])
        return tuple(
            round(min(free * season[condition], cap), 2) if getattr(access, direction) else 0.0
            for condition, cap, access in zip(CONDITIONS, caps, seasons, strict=True)
        )

    forward, backward = speed_limits(tags)
    return (
        (one("forward", forward, "open"), one("forward", forward, "dense")),
        (one("backward", backward, "open"), one("backward", backward, "dense")),
    )


def _share(tags: Mapping[str, str], name: str) -> float:
    """Return the share of a speed that the kind of service road or a narrow road leaves."""
    table = read_table("speeds")
    share = 1.0
    if name == "service":
        share = float(table["service"].get(tags.get("service", ""), 1.0))
    elif name == "track":
        share = float(table["track"].get(tags.get("tracktype", ""), 1.0))
    width = parse_metres(tags.get("width"))
    two_way = tags.get("oneway", "no") == "no" and not is_roundabout(tags)
    narrow = tags.get("lanes") == "1" or (width is not None and width < table["narrow"]["width_m"])
    if two_way and narrow and name not in ("service", "track", "ferry"):
        share *= table["narrow"]["share"]
    return share


def _cap(tags: Mapping[str, str], name: str, condition: str) -> float:
    """Return the highest speed that the ground allows, in km/h."""
    table = read_table("speeds")
    caps = [1000.0]
    surface = tags.get("surface", "").partition(";")[0]
    surface = table["surface_alias"].get(surface, surface)
    rows: list[Any] = [
        table["surface"].get(surface),
        table["smoothness"].get(tags.get("smoothness", "")),
    ]
    if name == "track" or "tracktype" in tags:
        rows.append(table["tracktype"].get(tags.get("tracktype", "")))
    caps.extend(row[condition] for row in rows if row)
    return float(min(caps))


def is_unpaved(tags: Mapping[str, str], name: str) -> bool:
    """Return whether a road has no hard surface, by its tags or its class."""
    surface = tags.get("surface", "").partition(";")[0]
    if surface:
        return surface not in read_table("speeds")["surface_kind"]["paved"]
    if "tracktype" in tags:
        return tags["tracktype"] != "grade1"
    return name in _SOFT


def _flags(tags: Mapping[str, str], name: str) -> int:
    flags = EdgeFlag(0)
    if name == "ferry":
        flags |= EdgeFlag.FERRY | EdgeFlag.NO_SNAP
    elif is_unpaved(tags, name):
        flags |= EdgeFlag.UNPAVED
    if tags.get("toll:motorcar", tags.get("toll")) == "yes":
        flags |= EdgeFlag.TOLL
    in_tunnel = tags.get("tunnel", "no") not in ("no", "building_passage")
    if name in ("motorway", "motorway_link") or in_tunnel:
        flags |= EdgeFlag.NO_SNAP
    return int(flags)


def _wait(tags: Mapping[str, str]) -> float:
    """Return the seconds before a ferry leaves: less than usual where it goes often."""
    boarding_s = float(read_table("speeds")["ferry"]["boarding_s"])
    interval = parse_duration(tags.get("interval"))
    return boarding_s if interval is None else min(boarding_s, interval / 2)


def parse_duration(text: str | None) -> float | None:
    """Return a duration in seconds: ``"45"`` minutes, ``"01:30"``, ``"01:30:00"``, ``"PT1H30M"``.

    None where it says nothing that can be used, or more than any ferry takes
    (https://wiki.openstreetmap.org/wiki/Key:duration).

    Examples
    --------
    >>> parse_duration("01:30"), parse_duration("PT20M"), parse_duration("20")
    (5400.0, 1200.0, 1200.0)
    """
    text = (text or "").strip()
    clock = re.fullmatch(r"(\d{1,3}):(\d{2})(?::(\d{2}))?", text)
    if clock:
        seconds: float = int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3] or 0)
    elif re.fullmatch(r"\d+(?:\.\d+)?", text):
        seconds = float(text) * 60
    else:
        iso = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", text.upper())
        if iso is None:
            return None
        parts = [int(part or 0) for part in iso.groups()]
        seconds = parts[0] * 86400 + parts[1] * 3600 + parts[2] * 60 + parts[3]
    return float(round(seconds)) if 0 < seconds <= _LONGEST_S else None


def parse_metres(text: str | None) -> float | None:
    """Return a width in metres from ``"3.5"``, ``"3.5 m"`` or ``"12'"``; None for anything else.

    Examples
    --------
    >>> parse_metres("3,5 m"), parse_metres("narrow")
    (3.5, None)
    """
    match = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*(m|ft|')?", (text or "").strip())
    if match is None:
        return None
    return float(match[1].replace(",", ".")) * (0.3048 if match[2] in ("ft", "'") else 1.0)
