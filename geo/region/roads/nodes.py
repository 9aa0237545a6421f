"""Tagged nodes on roads: what shuts them, what slows them down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from geo.region.roads.access import HIERARCHY, may_pass
from geo.tables import read_table

_SIGNS = frozenset(
    {"traffic_signals", "stop", "give_way", "mini_roundabout", "crossing", "toll_gantry"}
)
_BOTH, _FORWARD, _BACKWARD, _NEAREST = 0, 1, 2, 3
_DIRECTIONS = {"forward": _FORWARD, "backward": _BACKWARD, "both": _BOTH}


class NodeRule(NamedTuple):
    """What a node does to cars that pass it.

    Attributes
    ----------
    shut
        No car passes.
    delay_s
        Seconds that it costs.
    direction
        0: both ways; 1: along, 2: against the way's nodes; 3: towards the nearest junction.
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
        return NodeRule(shut=True, delay_s=0.0, direction=_BOTH)
    delays = read_table("speeds")["node_delay_s"]
    kinds = {barrier, sign, "traffic_calming" if calmed else None}
    delay_s = float(sum(delays.get(kind, 0.0) for kind in kinds))
    return NodeRule(False, delay_s, _direction(tags, sign)) if delay_s else None


def _sign(tags: Mapping[str, str]) -> str | None:
    """Return what a driver meets at the node: signals, a sign, a crossing."""
    signs = tags.get("highway", "").split(";")
    if "traffic_signals" in signs:
        return "traffic_signals"
    return signs[0] if signs[0] in _SIGNS else None


def _direction(tags: Mapping[str, str], sign: str | None) -> int:
    """Return which way a sign faces; stop and give way without one face the nearest junction."""
    said = tags.get("traffic_signals:direction") or tags.get("direction") or ""
    if said in _DIRECTIONS and sign is not None:
        return _DIRECTIONS[said]
    return _NEAREST if sign in ("stop", "give_way") else _BOTH
