"""Tagged nodes on roads: what shuts them, what slows them down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from geo.network.graph import CONDITIONS
from geo.region.roads.access import HIERARCHY, Admission, node_admission
from geo.region.roads.conditional import season_moments
from geo.tables import read_table

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
    """What a node does to cars that pass it.

    Attributes
    ----------
    admitted
        Who passes, under each of `CONDITIONS`.
    delay_s
        Seconds that it costs.
    direction
        `BOTH`, `ALONG`, `AGAINST` or `NEAREST`.
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


def rule_of(
    tags: Mapping[str, str], *, south: bool = False, on: date | None = None
) -> NodeRule | None:
    """Return what a node does to cars; None for the most, which do nothing.

    Parameters
    ----------
    tags
        All tags of the node.
    south
        Whether it lies south of the equator, where the seasons are the other way round.
    on
        The day that the map shows; by default today.
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
    said = tags.get("traffic_signals:direction") or tags.get("direction") or ""
    if said in _DIRECTIONS and sign is not None:
        return _DIRECTIONS[said]
    return NEAREST if sign in ("stop", "give_way") else BOTH
