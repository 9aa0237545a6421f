"""Gathering the roads of an extract, and making the graph of them."""

from __future__ import annotations

from array import array
from datetime import UTC, date, datetime
from struct import Struct

import numpy as np

from geo.errors import UnreadableExtract
from geo.network.graph import RoadGraph
from geo.region.objects import NOTHING, POINT_BYTES, OsmArea, OsmNode, OsmWay, Wanted, unpack
from geo.region.roads.graph import build_graph
from geo.region.roads.nodes import RULE_KEYS, NodeRule, rule_of
from geo.region.roads.use import RoadUse, use_of
from geo.region.roads.ways import Ways

_FIRST_POINT = Struct("2d")


class RoadCollector:
    """Takes the roads that cars use, and the nodes that stop or slow them.

    Only numbers are kept of a way: its points go into flat arrays, its tags into one of the few
    distinct `RoadUse`, its name into a list of distinct names.

    Parameters
    ----------
    on
        The day that the map shows, by which closures of a certain year are judged; by default
        today.

    Attributes
    ----------
    cut_roads
        How many ways lack some of their nodes; there they end.
    """

    wanted = Wanted(node=RULE_KEYS, way=frozenset({"highway", "route"}), area=NOTHING)

    def __init__(self, on: date | None = None) -> None:
        self._on = on or datetime.now(UTC).date()
        self._rules: dict[int, NodeRule] = {}
        self._uses: dict[RoadUse, int] = {}
        self._names: dict[str, int] = {"": 0}
        self._way_id = array("q")
        self._way_use = array("l")
        self._way_name = array("l")
        self._way_size = array("l")
        self._refs = bytearray()
        self._points = bytearray()
        self.cut_roads = 0

    def node(self, node: OsmNode) -> None:
        """Keep a node that stops or slows cars."""
        rule = rule_of(node.tags, south=node.lat < 0, on=self._on)
        if rule is not None:
            self._rules[node.id] = rule

    def way(self, way: OsmWay) -> None:
        """Keep a way that cars use."""
        tags = way.tags
        use = use_of(tags, on=self._on)
        packed = way.packed if use is not None else b""
        if use is None or not packed:
            return
        if (
            _FIRST_POINT.unpack_from(packed)[1] < 0
        ):  # south of the equator the seasons are the other way round
            use = use_of(tags, south=True, on=self._on) or use
        name = tags.get("name") or tags.get("ref") or ""
        use_number = self._uses.setdefault(use, len(self._uses))
        name_number = self._names.setdefault(name, len(self._names))
        self.cut_roads += not way.is_whole
        for run in way.runs:
            packed = run.packed
            self._way_id.append(run.id)
            self._way_use.append(use_number)
            self._way_name.append(name_number)
            self._way_size.append(len(packed) // POINT_BYTES)
            self._refs += run.refs.tobytes()
            self._points += packed

    def area(self, area: OsmArea) -> None:
        """Ignore areas: no car drives along them."""

    def finish(self) -> RoadGraph:
        """Make the graph of everything gathered.

        Raises
        ------
        UnreadableExtract
            There is no road that a car can use.
        """
        if not self._way_id:
            raise UnreadableExtract(
                "the extract holds no road that a car may use; take one that covers a whole town, "
                "with its roads."
            )
        lon_e7, lat_e7 = unpack(self._points)
        ways = Ways(
            id=np.array(self._way_id, np.int64),
            use=np.array(self._way_use, np.int64),
            name=np.array(self._way_name, np.int32),
            size=np.array(self._way_size, np.int64),
            refs=np.frombuffer(self._refs, np.int64),
            lon_e7=np.ascontiguousarray(lon_e7),
            lat_e7=np.ascontiguousarray(lat_e7),
        )
        return build_graph(ways, list(self._uses), list(self._names), self._rules)
