"""What tags of ways and nodes say to a driver: access, one-ways, closed seasons, limits, delays.

The most specific access tag decides: motorcar, then motor_vehicle, vehicle, access
(https://wiki.openstreetmap.org/wiki/Key:access). A way or gate that is private, or for residents,
customers or deliveries, is open to those whose trip starts or ends behind it: destination traffic.
It is never a short cut for others (`geo.region.roads.through`).

Speed limits are numbers in km/h, mph or knots, "none", "walk", and legal limits that a tag names
by country and zone, as ``DE:urban`` (https://wiki.openstreetmap.org/wiki/Key:maxspeed).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal, NamedTuple

from geo.files import read_table
from geo.network.graph import CONDITIONS
from geo.region.roads.conditional import (
    Admission,
    SeasonMoment,
    holds,
    is_time,
    season_moments,
    value_at,
)

EXPLICIT = ("motorcar", "motor_vehicle", "vehicle")
"""Access keys that name vehicles, from the most to the least specific."""

HIERARCHY = (*EXPLICIT, "access")
"""Access keys from the most to the least specific."""

Direction = Literal["forward", "backward"]

_FORWARD = frozenset({"yes", "true", "1"})
_BACKWARD = frozenset({"-1", "reverse"})


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
    if hours and is_time(hours) and holds(hours, moment) == Admission.NOBODY:
        return Admission.NOBODY
    return Admission.DESTINATION if tags.get("locked") == "yes" else Admission.EVERYBODY


def admission(value: str) -> Admission:
    """Return whom an access value lets pass.

    Of several, as ``"forestry;destination"``, the widest counts, but for a plain yes or no before
    the others.

    Examples
    --------
    >>> admission("private").name, admission("agricultural;destination").name
    ('DESTINATION', 'DESTINATION')
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
    return Admission.DESTINATION if value in table["destination"] else Admission.EVERYBODY


def _admitted(tags: Mapping[str, str], direction: Direction, moment: SeasonMoment) -> Admission:
    """Return who may drive in a direction, as far as access tags say."""
    by_tags = is_opened(tags)
    value = _value(tags, direction, moment, EXPLICIT if by_tags else HIERARCHY)
    admitted = admission(value or ("no" if by_tags else "yes"))
    four_wheel = tags.get("4wd_only") in read_table("speeds")["access"]["four_wheel"]
    return min(admitted, Admission.DESTINATION) if four_wheel else admitted


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
    winter = holds("winter", moment) == Admission.EVERYBODY
    if "no" in (tags.get("winter_service"), tags.get("snowplowing")) and winter:
        return True
    if tags.get("highway") in ("winter_road", "ice_road") or tags.get("ice_road") == "yes":
        return not winter
    seasonal = tags.get("seasonal", "no")
    if seasonal in ("no", ""):
        return False
    if seasonal == "yes":
        return winter
    return is_time(seasonal) and holds(seasonal, moment) == Admission.NOBODY


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


_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)\s*(mph|knots|kn|kmh|km/h|kph|kmph)?\b")
_ZONE = re.compile(r"([a-z]{2})(?:[-_][a-z]{2,3})?[:_](.+)")
_KMH = {"mph": 1.609344, "knots": 1.852, "kn": 1.852}
_LIMIT_TYPE_KEYS = ("maxspeed:type", "source:maxspeed", "zone:maxspeed", "zone:traffic")


def speed_limits(tags: Mapping[str, str]) -> tuple[float | None, float | None]:
    """Return the speed limit in km/h along and against a way's nodes; None where not known."""
    both = parse_maxspeed(tags.get("maxspeed"))
    if both is None:
        both = next((kmh for key in _LIMIT_TYPE_KEYS if (kmh := _zone_limit(tags.get(key)))), None)
    advised = parse_maxspeed(tags.get("maxspeed:advisory"))
    if advised is not None:
        both = advised if both is None else min(both, advised)
    forward = parse_maxspeed(tags.get("maxspeed:forward"))
    backward = parse_maxspeed(tags.get("maxspeed:backward"))
    return forward or both, backward or both


def parse_maxspeed(text: str | None) -> float | None:
    """Return a limit in km/h; None where the text says nothing that can be used.

    Of several values, as ``"50;30"`` or ``"80|100"``, the lowest counts.

    Examples
    --------
    >>> parse_maxspeed("30 mph")
    48.28032
    >>> parse_maxspeed("DE:urban"), parse_maxspeed("signals")
    (50.0, None)
    """
    if not text:
        return None
    values = [_one_limit(part.strip()) for part in re.split(r"[;|,](?!\d)|[;|]", text.lower())]
    known = [value for value in values if value is not None]
    return min(known) if known else None


def _one_limit(text: str) -> float | None:
    rules = read_table("speeds")["limit"]
    if text == "none":
        return float(rules["none_kmh"])
    if text == "walk":
        return float(rules["walk_kmh"])
    number = _NUMBER.fullmatch(text)
    if number is None:
        return _zone_limit(text)
    kmh = float(number[1].replace(",", ".")) * _KMH.get(number[2], 1.0)
    return kmh if rules["least_kmh"] <= kmh <= rules["most_kmh"] else None


def _zone_limit(text: str | None) -> float | None:
    """Return the legal limit of a zone, as ``"GB:nsl_single"`` or ``"DE:zone:30"``."""
    match = _ZONE.fullmatch((text or "").lower().strip())
    if match is None:
        return None
    country, zone = match[1].upper(), match[2].strip()
    number = re.fullmatch(r"(?:zone[:_]?)?(\d+)", zone)
    if number:
        mph = country in ("GB", "UK", "US")
        return _one_limit(number[1] + (" mph" if mph else ""))
    zones = read_table("speeds")["zone"]
    here = zones.get({"UK": "GB"}.get(country, country), {})
    kmh = here.get(zone, zones[""].get(zone))
    return None if kmh is None else float(kmh)


_SIGNS = frozenset(
    {"traffic_signals", "stop", "give_way", "mini_roundabout", "crossing", "toll_gantry"}
)
_LIMITS = frozenset({*HIERARCHY, *(f"{key}:conditional" for key in HIERARCHY)})
RULE_KEYS = frozenset({"barrier", "highway", "traffic_calming"}) | _LIMITS
"""Keys of which a node has one if it does anything to cars."""

BOTH, ALONG, AGAINST, NEAREST = range(4)
"""Whom a node delays: all, cars along or against its way, those near the end that they come to."""

_DIRECTIONS = {"forward": ALONG, "backward": AGAINST, "both": BOTH}


class NodeRule(NamedTuple):
    """What a node does to cars that pass it, under each of `CONDITIONS`, and in which direction.

    The direction is `BOTH`, `ALONG`, `AGAINST` or `NEAREST`.
    """

    admitted: tuple[Admission, ...]
    delay_s: float
    direction: int

    @property
    def shut(self) -> bool:
        """Whether no car passes at any time."""
        return max(self.admitted) == Admission.NOBODY

    @property
    def limited(self) -> bool:
        """Whether some cars pass, but not all of them at all times."""
        return not self.shut and min(self.admitted) < Admission.EVERYBODY


_EVERYBODY = (Admission.EVERYBODY,) * len(CONDITIONS)


def node_rule(
    tags: Mapping[str, str], *, south: bool = False, on: date | None = None
) -> NodeRule | None:
    """Return what a node does to cars; None for the most, which do nothing.

    ``south`` and ``on`` are as for `geo.region.roads.driving_rules.road_use`.
    """
    barrier, sign = tags.get("barrier"), _sign(tags)
    calmed = "traffic_calming" in tags
    limited = "highway" not in tags and not _LIMITS.isdisjoint(tags)
    if barrier is None and sign is None and not calmed and not limited:
        return None
    admitted = _EVERYBODY
    if barrier is not None or limited:
        moments = season_moments(on or date.today(), south=south)
        admitted = tuple(node_admission(tags, moment) for moment in moments)
    delays = read_table("speeds")["node_delay_s"]
    kinds = {barrier, sign, "traffic_calming" if calmed else None}
    delay_s = float(sum(delays.get(kind, 0.0) for kind in kinds))
    if not delay_s and admitted == _EVERYBODY:
        return None
    return NodeRule(admitted, delay_s, _direction(tags, sign))


def _sign(tags: Mapping[str, str]) -> str | None:
    """Return what a driver meets at the node: signals, a sign, a crossing."""
    signs = tags.get("highway", "").split(";")
    if "traffic_signals" in signs:
        return "traffic_signals"
    if signs[0] == "stop" and tags.get("stop") == "minor":
        return None  # stands for the smaller roads only, which give way at the junction anyway
    return signs[0] if signs[0] in _SIGNS else None


def _direction(tags: Mapping[str, str], sign: str | None) -> int:
    """Return which way a sign faces; stop and give way without one face the nearest junction."""
    value = tags.get("traffic_signals:direction") or tags.get("direction") or ""
    if value in _DIRECTIONS and sign is not None:
        return _DIRECTIONS[value]
    return NEAREST if sign in ("stop", "give_way") else BOTH
