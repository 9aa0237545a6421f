"""Tagged nodes on roads: what shuts them, what slows them down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from geo.region.roads.access import HIERARCHY, may_pass
from geo.tables import read_table

_SIGNS = frozenset(
    {"traffic_signals", "stop", "give_way", "mini_roundabout", "crossing", "toll_gantry"}
)
RULE_KEYS = frozenset({"barrier", "highway", "traffic_calming", *HIERARCHY})
"""Keys of which a node has one if it does anything to cars."""

BOTH, ALONG, AGAINST, NEAREST = range(4)
"""Whom a node delays: all, cars along or against its way, those near the end that they come to."""

_DIRECTIONS = {"forward": ALONG, "backward": AGAINST, "both": BOTH}


class NodeRule(NamedTuple):
    """What a node does to cars that pass it.

    Attributes
    ----------
    shut
        No car passes.
    delay_s
        Seconds that it costs.
    direction
        `BOTH`, `ALONG`, `AGAINST` or `NEAREST`.
    """

    shut: bool
    delay_s: float
    direction: int


def rule_of(tags: Mapping[str, str]) -> NodeRule | None:
    """Return what a node does to cars; None for the most, which do nothing."""
    barrier, sign = tags.get("barrier"), _sign(tags)
    calmed = "traffic_calming" in tags
    limited = "highway" not in tags and any(key in tags for key in HIERARCHY)
    if barrier is None and sign is None and not calmed and not limited:
        return None
    if (barrier is not None or limited) and not may_pass(tags):
        return NodeRule(shut=True, delay_s=0.0, direction=BOTH)
    delays = read_table("speeds")["node_delay_s"]
    kinds = {barrier, sign, "traffic_calming" if calmed else None}
    delay_s = float(sum(delays.get(kind, 0.0) for kind in kinds))
    return NodeRule(False, delay_s, _direction(tags, sign)) if delay_s else None


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
    said = tags.get("traffic_signals:direction") or tags.get("direction") or ""
    if said in _DIRECTIONS and sign is not None:
        return _DIRECTIONS[said]
    return NEAREST if sign in ("stop", "give_way") else BOTH
