"""Positions at even steps along all roads, for drawing what a search has reached.

A junction's travel time says little of a road ten kilometres long; its samples say where on it a
cutoff falls. They depend on the roads alone, so they are made once for each step and kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.geometry import METRES_PER_DEGREE
from geo.network.graph import EdgeFlag, Floats, Ints, Longs, RoadGraph, Singles
from geo.network.segment_grid import expand


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
    """The drawn roads of a graph, ferries left out.

    Attributes
    ----------
    forward, backward
        (roads,) the edge along the line and the one against it; -1 = not driven so.
    """

    def __init__(self, graph: RoadGraph) -> None:
        self._graph = graph
        # A road that is laid twice is two here: what reaches either copy reaches the road.
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


def edges_of_shapes(graph: RoadGraph, *, inbound: bool = False) -> tuple[Ints, Ints]:
    """Return, for each shape, the edge along it and the edge against it; -1 = none.

    Parameters
    ----------
    graph
        The roads.
    inbound
        Of a road that is laid twice, the copy that drives come to it by; other roads have none.
        Otherwise the copy that drives leave it by stands for the road.
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
