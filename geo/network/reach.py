"""The reach of one origin: access legs, travel times to everywhere, lengths and paths.

A search gives times alone. The paths are found only when somebody asks for lengths or a route:
travel times are exact (`geo.network.graph`), so an edge is part of a shortest path if and only if
the times at its two ends differ by exactly its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from geo.geometry import METRES_PER_DEGREE
from geo.network.graph import (
    Conditions,
    EdgeFlag,
    EdgeTable,
    Floats,
    Ints,
    Longs,
    RoadGraph,
    Singles,
    edges_of_shapes,
    expand,
    round_to_grains,
    round_to_ticks,
)
from geo.network.snapping import SnappedPoints

if TYPE_CHECKING:
    from geo.network.search import NetworkArrays, NetworkSearch


@dataclass(frozen=True, slots=True)
class AccessLegs:
    """The junctions that k positions lead to, or are reached from.

    Attributes
    ----------
    junction
        (k, 3) or (k, 6) junctions; 0 where there is none.
    seconds
        (k, 3) or (k, 6) between position and junction, the walk or track included; ``inf`` where
        there is none.
    length_m
        (k, 3) or (k, 6) metres of road between them.
    """

    junction: Ints
    seconds: Floats
    length_m: Floats


def access_legs(
    edges: EdgeTable, edge_seconds: Floats, snaps: SnappedPoints, *, homeward: bool = False
) -> AccessLegs:
    """Return the junctions that trips from the positions reach first.

    Homeward, edges are driven in reverse: the junctions that trips to the positions pass last.
    """
    near, far = (edges.head, edges.tail) if homeward else (edges.tail, edges.head)
    passed, ahead = snaps.fraction, 1 - snaps.fraction
    if homeward:
        passed, ahead = ahead, passed
    share = np.stack([ahead, passed, np.where(passed == 0, 0.0, np.inf)], axis=1)
    edge = np.stack([snaps.edge, snaps.reverse_edge, snaps.edge], axis=1)
    twin = np.where(edge >= 0, edges.twin[edge], -1)
    if (twin >= 0).any():
        edge, share = np.hstack([edge, twin]), np.hstack([share, share])
    is_open = (edge >= 0) & (share < np.inf)
    at_near_end = np.arange(edge.shape[1]) % 3 == 2
    junction = np.where(at_near_end, near[edge], far[edge])
    walk_s = round_to_ticks(snaps.access_s)[:, None]
    return AccessLegs(
        np.where(is_open, junction, 0),
        np.where(is_open, _part_seconds(edge_seconds[edge], share) + walk_s, np.inf),
        round_to_grains(np.where(is_open, share, 0.0) * edges.length_m[edge]),
    )


def egress_legs(edges: EdgeTable, edge_seconds: Floats, snaps: SnappedPoints) -> AccessLegs:
    """Return the junctions that trips to the positions pass last."""
    return access_legs(edges, edge_seconds, snaps, homeward=True)


def along_one_edge(
    edge_seconds: Floats, origins: SnappedPoints, destinations: SnappedPoints
) -> tuple[Floats, Floats]:
    """Return the trips that never leave their edge, pair by pair.

    Of k positions each, or a single one for all of the other: (k,) seconds, ``inf`` where the two
    lie on different edges or the trip is against a one-way, and the share of the edge that is
    driven.
    """
    ahead = destinations.fraction - origins.fraction
    edge = np.where(ahead >= 0, origins.edge, origins.reverse_edge)
    on_same_edge = (origins.edge == destinations.edge) & (edge >= 0)
    share = np.abs(ahead)
    walks_s = round_to_ticks(origins.access_s) + round_to_ticks(destinations.access_s)
    seconds = _part_seconds(edge_seconds[edge], share) + walks_s
    return np.where(on_same_edge, seconds, np.inf), share


def _part_seconds(seconds: Floats, share: Floats) -> Floats:
    """Return shares of travel times in whole ticks; no share of a shut edge takes no time."""
    return round_to_ticks(np.multiply(seconds, share, out=np.zeros_like(share), where=share > 0))


@dataclass(frozen=True, slots=True)
class RoadSamples:
    """Positions on roads; those of one road lie together.

    Attributes
    ----------
    road
        (q,) the row of `RoadSampler.forward` and ``.backward``.
    fraction
        (q,) how far along the road's drawn line, 0..1; both ends are there.
    lon, lat
        (q,) degrees.
    first
        (roads + 1,) samples ``first[r]:first[r + 1]`` lie on road r.
    """

    road: Ints
    fraction: Singles
    lon: Floats
    lat: Floats
    first: Longs

    def of_roads(self, wanted: npt.NDArray[np.bool_]) -> Longs:
        """Return the samples of the roads that are wanted."""
        roads = np.flatnonzero(wanted)
        return expand(self.first[roads], self.first[roads + 1] - self.first[roads])[1]


class RoadSampler:
    """The drawn roads of a graph, ferries left out, and positions at even steps along them.

    A junction's travel time says little of a road ten kilometres long; its samples say where on it
    a cutoff falls. They depend on the roads alone, so they are made once for each step and kept.

    Attributes
    ----------
    forward, backward
        (roads,) the edge along the line and the one against it; -1 = not driven so.
    """

    def __init__(self, graph: RoadGraph) -> None:
        self._graph = graph
        # A duplicated road is two here: what reaches either copy reaches the road.
        both = [edges_of_shapes(graph), edges_of_shapes(graph, inbound=True)]
        forward, backward = map(np.concatenate, zip(*both, strict=True))
        shape = np.tile(np.arange(len(graph.shape_start) - 1), len(both))
        edge = np.maximum(forward, backward)
        ferry = (np.asarray(graph.edge_flags)[edge] & int(EdgeFlag.FERRY)) != 0
        drawn = np.flatnonzero((edge >= 0) & ~ferry)
        self._shape = shape[drawn]
        self.forward, self.backward = forward[drawn], backward[drawn]
        self._by_step: dict[float, RoadSamples] = {}

    def every(self, step_m: float) -> RoadSamples:
        """Return positions no farther apart than a step along each road."""
        if step_m not in self._by_step:  # two threads may both make them, and make the same
            self._by_step[step_m] = self._sample(step_m)
        return self._by_step[step_m]

    def road_of(self, edge: int) -> int:
        """Return the row of the road that an edge drives on."""
        return int(np.flatnonzero((self.forward == edge) | (self.backward == edge))[0])

    def _sample(self, step_m: float) -> RoadSamples:
        start = np.asarray(self._graph.shape_start)
        lon, lat = self._graph.shape_lon / 1e7, self._graph.shape_lat / 1e7
        step = np.hypot(np.diff(lon) * np.cos(np.radians(lat[:-1])), np.diff(lat))
        step[start[1:-1] - 1] = 1.0  # a gap between two lines, so that none borders on the next
        along = np.concatenate([[0.0], np.cumsum(step)]) * METRES_PER_DEGREE
        begin, end = along[start[self._shape]], along[start[self._shape + 1] - 1]
        steps = np.ceil((end - begin) / step_m).astype(np.int64).clip(1)
        road, number = expand(np.zeros(len(steps), np.int64), steps + 1)
        fraction = number / steps[road]
        at = begin[road] + fraction * (end - begin)[road]
        return RoadSamples(
            road.astype(np.int32),
            fraction.astype(np.float32),
            np.interp(at, along, lon),
            np.interp(at, along, lat),
            np.concatenate([[0], np.cumsum(steps + 1)]),
        )


@dataclass(frozen=True, slots=True)
class RoadTimes:
    """Travel times at (q,) positions along roads, in degrees."""

    lon: Floats
    lat: Floats
    seconds: Singles


class TripEnds(NamedTuple):
    """How k trips end.

    Attributes
    ----------
    seconds
        (k,) travel times of the whole trips; ``inf`` = unreachable.
    junction
        (k,) the junction that a trip passes last; -1 where it passes none, or is none.
    length_m
        (k,) metres of road after that junction.
    """

    seconds: Floats
    junction: Ints
    length_m: Floats


@dataclass(frozen=True)
class Reach:
    """Travel times between one origin and everywhere.

    Attributes
    ----------
    origin
        The one position that the search began at.
    cutoff_s
        What is farther is ``inf``.
    homeward
        Whether the times are those of trips to the origin, and not from it.
    exact_seconds
        (junctions,) travel times, the walk or track at the origin included; ``inf`` = beyond.
    """

    origin: SnappedPoints
    cutoff_s: float
    conditions: Conditions
    homeward: bool
    exact_seconds: Floats
    network: NetworkArrays
    search: NetworkSearch

    @property
    def edge_seconds(self) -> Floats:
        """(m,) the travel time of each edge."""
        return self.network.edge_seconds(self.conditions)

    @cached_property
    def seconds(self) -> Singles:
        """(junctions,) travel times in seconds; ``inf`` = beyond the cutoff."""
        return np.asarray(self.junction_seconds, np.float32)

    @cached_property
    def junction_seconds(self) -> Floats:
        """(junctions,) exact travel times, the same for all junctions that are one place."""
        return self.network.edges.by_place(self.exact_seconds)

    def to(self, snaps: SnappedPoints) -> Singles:
        """Return (k,) seconds to positions, or from them if homeward; ``inf`` = beyond.

        The walks or tracks at both ends are included.
        """
        return self.trip_ends(snaps).seconds.astype(np.float32)

    def lengths_to(self, snaps: SnappedPoints) -> Singles:
        """Return (k,) metres of road driven on the same trips; ``inf`` = beyond the cutoff."""
        return self.trips_to(snaps)[1]

    def trips_to(self, snaps: SnappedPoints) -> tuple[Singles, Singles]:
        """Return what `to` and `lengths_to` do, at little more than the price of one."""
        ends = self.trip_ends(snaps)
        length_m = self.search.junction_lengths(self, ends.junction) + ends.length_m
        length_m[ends.seconds == np.inf] = np.inf
        return ends.seconds.astype(np.float32), length_m.astype(np.float32)

    def trip_ends(self, snaps: SnappedPoints) -> TripEnds:
        """Return how trips to (homeward: from) k positions end; ``inf`` seconds = beyond."""
        ends = self.search.trip_ends(self, snaps)
        ends.seconds[ends.seconds > self.cutoff_s] = np.inf
        return ends

    def junctions_within(self, cutoff_s: float) -> tuple[Floats, Floats]:
        """Return the lon and lat of the junctions within a cutoff, degrees."""
        within = self.junction_seconds <= cutoff_s
        graph = self.network.graph
        return graph.junction_lon[within], graph.junction_lat[within]

    def along_roads(self, step_m: float) -> RoadTimes:
        """Return positions along the roads within the cutoff, no farther apart than a step."""
        roads = self.network.roads
        samples = roads.every(step_m)
        first_edge, last_edge = roads.forward, roads.backward
        if self.homeward:
            first_edge, last_edge = last_edge, first_edge
        first_s, first_rate = self._from_end(first_edge)
        last_s, last_rate = self._from_end(last_edge)
        own_road = roads.road_of(int(self.origin.edge[0]))
        reached = (first_s <= self.cutoff_s) | (last_s <= self.cutoff_s)
        reached[own_road] = True
        rows = samples.of_roads(reached)
        road, share = samples.road[rows], samples.fraction[rows]
        seconds = first_s[road] + share * first_rate[road]
        np.minimum(seconds, last_s[road] + (1 - share) * last_rate[road], out=seconds)
        own = road == own_road
        seconds[own] = np.minimum(seconds[own], self.direct_trips(self._on_own_road(share[own]))[0])
        within = seconds <= self.cutoff_s
        rows = rows[within]
        return RoadTimes(samples.lon[rows], samples.lat[rows], seconds[within])

    def _from_end(self, edge: Ints) -> tuple[Singles, Singles]:
        """Return seconds at the ends of roads where edges are entered, and those edges' own."""
        start = np.where(edge >= 0, self.exact_seconds[self.near_end[edge]], np.inf)
        rate = np.where(np.isfinite(start), self.edge_seconds[edge], np.inf)
        # A shut edge is passed nowhere: not even its first metre is reached by it.
        start[~np.isfinite(rate)], rate[~np.isfinite(rate)] = np.inf, 0.0
        return start.astype(np.float32), rate.astype(np.float32)

    def _on_own_road(self, share: Singles) -> SnappedPoints:
        """Return positions on the road of the origin, by their share of its drawn line."""
        against = self.network.graph.edge_reversed[self.origin.edge[0]]
        fraction = np.asarray(1 - share if against else share, np.float64)
        zeros = np.zeros(len(share))
        edge = np.repeat(self.origin.edge, len(share))
        reverse = np.repeat(self.origin.reverse_edge, len(share))
        return SnappedPoints(zeros, zeros, zeros, zeros, edge, reverse, fraction, zeros, zeros)

    @property
    def near_end(self) -> Ints:
        """(m,) the ends of edges that a search comes to first: their tails, homeward heads."""
        return self.network.edges.head if self.homeward else self.network.edges.tail

    @cached_property
    def first_legs(self) -> AccessLegs:
        """The junctions next to the origin."""
        return access_legs(
            self.network.edges, self.edge_seconds, self.origin, homeward=self.homeward
        )

    def last_legs(self, snaps: SnappedPoints) -> AccessLegs:
        """Return the junctions at the far ends of trips to (homeward: from) positions."""
        return access_legs(self.network.edges, self.edge_seconds, snaps, homeward=not self.homeward)

    def direct_trips(self, snaps: SnappedPoints) -> tuple[Floats, Floats]:
        """Return `along_one_edge` of the trips to (homeward: from) positions."""
        if self.homeward:
            return along_one_edge(self.edge_seconds, snaps, self.origin)
        return along_one_edge(self.edge_seconds, self.origin, snaps)

    @cached_property
    def parent_edge(self) -> Ints:
        """(junctions,) the edge by which the trip arrives there (homeward: leaves).

        -1 at the junctions next to the origin, and beyond the cutoff.
        """
        near, far = self.network.edges.tail, self.network.edges.head
        if self.homeward:
            near, far = far, near
        edge = np.flatnonzero((self.exact_seconds < np.inf)[near])  # few of a large network
        far = far[edge]
        arrival = self.exact_seconds[near[edge]] + self.edge_seconds[edge]
        used = (arrival == self.exact_seconds[far]) & (arrival < np.inf)
        parent = np.full(len(self.exact_seconds), -1, np.int32)
        parent[far[used]] = edge[used]
        first = self.first_legs
        started = self.exact_seconds[first.junction[0]] == first.seconds[0]
        parent[first.junction[0][started]] = -1
        return parent

    @cached_property
    def junction_m(self) -> Floats:
        """(junctions,) metres of road driven; ``inf`` = beyond the cutoff."""
        reached = np.flatnonzero(self.exact_seconds < np.inf)
        root = len(reached)  # a last row that is its own parent and has no length
        number = np.full(len(self.exact_seconds), root)
        number[reached] = np.arange(root)
        edge = self.parent_edge[reached]
        parent = np.append(np.where(edge >= 0, number[self.near_end[edge]], root), root)
        length_m = np.append(np.where(edge >= 0, self.network.edges.length_m[edge], 0.0), 0.0)
        first = self.first_legs
        for junction, metres, seconds in zip(
            first.junction[0], first.length_m[0], first.seconds[0], strict=True
        ):
            if self.exact_seconds[junction] == seconds < np.inf:
                length_m[number[junction]] = metres
        # Pointer jumping: each round doubles the number of edges that a length spans.
        while (parent != root).any():
            length_m += length_m[parent]
            parent = parent[parent]
        all_m = np.full(len(self.exact_seconds), np.inf)
        all_m[reached] = length_m[:-1]
        return all_m
