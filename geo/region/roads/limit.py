"""Speed limits: what the maxspeed tags say, in km/h.

Numbers in km/h, mph and knots, "none", "walk", and the legal limits that a tag names by country and
zone, as ``DE:urban`` (https://wiki.openstreetmap.org/wiki/Key:maxspeed).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from geo.tables import read_table

_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)\s*(mph|knots|kn|kmh|km/h|kph|kmph)?\b")
_ZONE = re.compile(r"([a-z]{2})(?:[-_][a-z]{2,3})?[:_](.+)")
_KMH = {"mph": 1.609344, "knots": 1.852, "kn": 1.852}
_BESIDE = ("maxspeed:type", "source:maxspeed", "zone:maxspeed", "zone:traffic")


def limits_of(tags: Mapping[str, str]) -> tuple[float | None, float | None]:
    """Return the speed limit in km/h along and against a way's nodes; None where not known."""
    both = parse_maxspeed(tags.get("maxspeed"))
    if both is None:
        both = next((kmh for key in _BESIDE if (kmh := _zone_limit(tags.get(key)))), None)
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
