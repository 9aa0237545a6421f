"""The road network as arrays: what a bundle holds, and what every search reads.

One directed edge is one direction of driving between two junctions; the two directions of a road
are two edges over one shape. Edges are sorted by the junction they leave (compressed sparse rows),
so that SciPy and RoutingKit read the same arrays without a copy. Arrays are memory-mapped and
read-only: one graph serves every thread.

All searches agree to the last digit: a matrix, the reach of one origin and a route are the same
numbers. So travel times are rounded once, here, to whole ticks, and lengths to whole grains. Sums
of such numbers are exact in float64, whatever the order of adding.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntFlag
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from geo.errors import UnknownName
from geo.geometry import distances_m
from geo.model import BBox, Point

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Singles = npt.NDArray[np.float32]

TICKS_PER_S = 8192
TICK_S = 1 / TICKS_PER_S
"""About 0.12 ms; a power of two, so that float64 holds every multiple exactly."""

GRAINS_PER_M = 1024
"""About a millimetre each; a power of two, as are the ticks of travel times."""

CONDITIONS = ("dry", "mud", "winter")
"""The named weight sets, in the order of the rows of ``RoadGraph.edge_seconds``."""


def expand(start: npt.NDArray[Any], count: npt.NDArray[Any]) -> tuple[Longs, Longs]:
    """Return the row and the index of each item of the ranges ``start[r] : start[r] + count[r]``.

    Examples
    --------
    >>> expand(np.array([5, 9]), np.array([2, 1]))
    (array([0, 0, 1]), array([5, 6, 9]))
    """
    rows = np.repeat(np.arange(len(start)), count)
    before = np.cumsum(count) - count
    index = np.arange(len(rows)) + np.repeat(start - before, count)
    return rows, index


class EdgeFlag(IntFlag):
    """What is known of an edge apart from its travel time."""

    FERRY = 1
    TOLL = 2
    UNPAVED = 4
    NO_SNAP = 8
    """No drive starts or ends beside it, if perhaps on it: ferries, motorways, tunnels."""
    GATE = 16
    """Half a metre at a node that stops some cars: no drive starts or ends on it."""
    OUTBOUND = 32
    """The copy of a road without through traffic that outbound drives use."""
    INBOUND = 64
    """The copy of such a road that inbound drives use."""


@dataclass(frozen=True, slots=True)
class RoadGraph:
    """A directed graph of n junctions, m edges and s shapes of p points in all.

    No edge returns to its own junction, and none takes no time. Two roads may join the same two
    junctions, so searches must not add such edges up. Edges that leave a junction are sorted by
    where they lead. Roads without through traffic may be duplicated, as two edges over one shape
    and junctions of one place (`EdgeFlag.OUTBOUND`).

    Attributes
    ----------
    junction_lon, junction_lat
        (n,) degrees.
    first_edge
        (n + 1,) edges ``first_edge[i]:first_edge[i + 1]`` leave junction i.
    edge_head
        (m,) the junction where the edge ends.
    edge_length_m
        (m,) metres along the road.
    edge_seconds
        (conditions, m) travel time under each of `CONDITIONS`, turning included; ``inf`` = shut.
    edge_flags
        (m,) bits of `EdgeFlag`.
    edge_class
        (m,) row of the road's class in ``data/speeds.toml``, in the file's order.
    edge_way
        (m,) id of the OpenStreetMap way.
    edge_shape, edge_reversed
        (m,) the shape, and whether it is driven from its last point to its first.
    shape_start
        (s + 1,) points ``shape_start[k]:shape_start[k + 1]`` draw shape k, both ends included.
    shape_lon, shape_lat
        (p,) degrees times 1e7, as OpenStreetMap stores them.
    """

    junction_lon: Floats
    junction_lat: Floats
    first_edge: Ints
    edge_head: Ints
    edge_length_m: Singles
    edge_seconds: Singles
    edge_flags: npt.NDArray[np.uint8]
    edge_class: npt.NDArray[np.uint8]
    edge_way: Longs
    edge_shape: Ints
    edge_reversed: npt.NDArray[np.bool_]
    shape_start: Longs
    shape_lon: Ints
    shape_lat: Ints

    @property
    def junction_count(self) -> int:
        """The number of junctions, n."""
        return len(self.junction_lon)

    @property
    def edge_count(self) -> int:
        """The number of directed edges, m."""
        return len(self.edge_head)

    @property
    def center(self) -> Point:
        """The middle of the box around all junctions."""
        lon, lat = self.junction_lon, self.junction_lat
        return BBox(*map(float, (lon.min(), lat.min(), lon.max(), lat.max()))).center

    def edge_tail(self) -> Ints:
        """Return the (m,) junctions that the edges leave."""
        return np.repeat(np.arange(self.junction_count, dtype=np.int32), np.diff(self.first_edge))

    def shape(self, edge: int) -> Floats:
        """Return the (k, 2) lon, lat of an edge's points, in the direction of driving."""
        start, end = (
            self.shape_start[self.edge_shape[edge]],
            self.shape_start[self.edge_shape[edge] + 1],
        )
        points = np.stack([self.shape_lon[start:end], self.shape_lat[start:end]], axis=1) / 1e7
        return points[::-1] if self.edge_reversed[edge] else points

    def nearest_junction_m(self, lon: Floats, lat: Floats) -> Floats:
        """Return (k,) metres to the nearest junction; ``inf`` where there are none."""
        if not self.junction_count:
            return np.full(len(lon), np.inf)
        junctions = _unit_vectors(np.asarray(self.junction_lon), np.asarray(self.junction_lat))
        nearest = [int(np.argmax(junctions @ point)) for point in _unit_vectors(lon, lat)]
        return distances_m(lon, lat, self.junction_lon[nearest], self.junction_lat[nearest])

    def save(self, folder: Path) -> None:
        """Write one ``.npy`` file for each array into an existing folder."""
        for field in fields(self):
            np.save(folder / f"{field.name}.npy", getattr(self, field.name), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> RoadGraph:
        """Map the arrays of a folder into memory, read-only."""
        return cls(
            **{
                field.name: np.load(folder / f"{field.name}.npy", mmap_mode="r", allow_pickle=False)
                for field in fields(cls)
            }
        )


def _unit_vectors(lon: Floats, lat: Floats) -> Floats:
    """Return (k, 3) positions on the unit sphere."""
    phi, lam = np.radians(lat), np.radians(lon)
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=1)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the roads are like, one of `CONDITIONS`, and whether ferries and toll roads may be used.

    Raises
    ------
    UnknownName
        There are no conditions of that name.
    """

    name: str = "dry"
    ferries: bool = True
    tolls: bool = True

    def __post_init__(self) -> None:
        if self.name not in CONDITIONS:
            raise UnknownName("road condition", self.name, CONDITIONS)

    def edge_seconds(self, graph: RoadGraph) -> Floats:
        """Return the (m,) travel times of all edges in whole ticks; ``inf`` = shut."""
        seconds = to_ticks(np.asarray(graph.edge_seconds[CONDITIONS.index(self.name)]))
        shut = np.asarray(graph.edge_flags) & self._shut_flags()
        seconds[shut != 0] = np.inf
        return seconds

    def _shut_flags(self) -> int:
        ferry = 0 if self.ferries else int(EdgeFlag.FERRY)
        toll = 0 if self.tolls else int(EdgeFlag.TOLL)
        return ferry | toll


DRY = Conditions()
"""Dry roads, ferries and tolls allowed: the default."""


def to_ticks(seconds: npt.NDArray[np.floating]) -> Floats:
    """Round seconds to whole ticks of at least one, still in seconds; ``inf`` stays."""
    ticks = np.rint(seconds.astype(np.float64) * TICKS_PER_S)
    return np.asarray(np.maximum(ticks, 1.0) * TICK_S, np.float64)


def round_to_ticks(seconds: Floats) -> Floats:
    """Round seconds to whole ticks, still in seconds."""
    return np.asarray(np.rint(seconds * TICKS_PER_S) * TICK_S, np.float64)


def round_to_grains(metres: Floats) -> Floats:
    """Round metres to whole grains, so that sums are exact whatever the order of adding."""
    return np.asarray(np.rint(metres * GRAINS_PER_M) / GRAINS_PER_M, np.float64)


@dataclass(frozen=True, slots=True)
class EdgeTable:
    """The (m,) edges.

    Junctions at both ends, metres, and the other copy of a duplicated road; -1 = none.
    """

    tail: Ints
    head: Ints
    length_m: Floats
    twin: Ints

    @classmethod
    def of(cls, graph: RoadGraph) -> EdgeTable:
        """Return the table of a graph."""
        length_m = round_to_grains(np.asarray(graph.edge_length_m, np.float64))
        return cls(graph.edge_tail(), np.asarray(graph.edge_head), length_m, _twins(graph))

    def by_place(self, seconds: Floats) -> Floats:
        """Return (junctions,) travel times, the same for all junctions that are one place.

        Where roads are duplicated, a place on them has the lesser time of its two junctions. Where
        they begin, it has the time of the public junction: a copy may be reached through them,
        which nobody drives on from.
        """
        one = np.flatnonzero(self.twin >= 0)
        if not len(one):
            return seconds
        other = self.twin[one]
        single = np.flatnonzero(self.twin < 0)
        public = np.zeros(len(seconds), bool)
        public[self.tail[single]] = public[self.head[single]] = True
        copy = np.concatenate([self.tail[one], self.head[one]])
        twin = np.concatenate([self.tail[other], self.head[other]])
        placed = seconds.copy()
        np.minimum.at(placed, copy, seconds[twin])
        at_start = public[copy] | public[twin]
        placed[copy[at_start]] = seconds[np.where(public[copy], copy, twin)[at_start]]
        return placed


def _twins(graph: RoadGraph) -> Ints:
    """Return the (m,) edges that are the other copies of edges; -1 = none."""
    twin: Ints = np.full(graph.edge_count, -1, np.int32)
    flags = np.asarray(graph.edge_flags)
    copies = np.flatnonzero(flags & int(EdgeFlag.OUTBOUND | EdgeFlag.INBOUND))
    if not len(copies):
        return twin
    outbound = (flags[copies] & int(EdgeFlag.OUTBOUND)) != 0
    drawn = np.asarray(graph.edge_shape)[copies] * 2 + np.asarray(graph.edge_reversed)[copies]
    order = np.argsort(drawn, kind="stable")
    one, other = (copies[order][outbound[order] == side] for side in (True, False))
    twin[one], twin[other] = other, one
    return twin


class AdjacencyArrays(NamedTuple):
    """The edges by the junction at which a search meets them.

    From junction i, the arcs ``first[i]:first[i + 1]`` lead to the junctions ``head``, (m,), and
    are the edges ``edge``, (m,), of the graph.
    """

    first: Ints
    head: Ints
    edge: Ints

    @classmethod
    def of(cls, graph: RoadGraph, *, homeward: bool) -> AdjacencyArrays:
        """Return the edges as they are driven; homeward, in reverse."""
        head = np.asarray(graph.edge_head)
        if not homeward:
            edges = np.arange(graph.edge_count, dtype=np.int32)
            return cls(np.asarray(graph.first_edge), head, edges)
        order = np.argsort(head, kind="stable").astype(np.int32)
        counts = np.bincount(head, minlength=graph.junction_count)
        first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        return cls(first, graph.edge_tail()[order], order)


def edges_of_shapes(graph: RoadGraph, *, inbound: bool = False) -> tuple[Ints, Ints]:
    """Return, for each shape, the edge along it and the edge against it; -1 = none.

    Of a duplicated road the outbound copy stands for the road; if inbound, the inbound
    copies alone.
    """
    backwards = np.asarray(graph.edge_reversed)
    shapes, flags = np.asarray(graph.edge_shape), np.asarray(graph.edge_flags)
    edges = np.arange(graph.edge_count, dtype=np.int32)
    is_inbound = (flags & int(EdgeFlag.INBOUND)) != 0
    outbound = (flags & int(EdgeFlag.OUTBOUND)) != 0
    layers = [is_inbound] if inbound else [~is_inbound, outbound]
    found: Ints = np.full((2, len(graph.shape_start) - 1), -1, np.int32)
    for layer in layers:
        for row, chosen in enumerate((layer & ~backwards, layer & backwards)):
            found[row, shapes[chosen]] = edges[chosen]
    return found[0], found[1]
