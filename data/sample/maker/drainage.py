"""Where water flows: every cell to one neighbour, all the way out of the county.

Instead of filling hollows first, each cell drains along its least-cost path to the nearest outlet,
where climbing costs dearly. The result is always a forest of streams, and no stream ends nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csgraph

from data.sample.maker.grid import NEIGHBOURS_8, grid_graph
from data.sample.maker.noise import Field

_CLIMB_COST = 150.0
"""Metres of detour that one metre of climbing is worth to water."""
_CELL_M = 200.0


@dataclass(frozen=True, slots=True)
class Drainage:
    """The streams of the county.

    Attributes
    ----------
    downhill
        (cells,) the cell that each cell drains into; -1 for outlets.
    flow
        (rows, columns) how many cells drain through each.
    order
        (cells,) all cells, each before the one it drains into.
    """

    downhill: npt.NDArray[np.int64]
    flow: Field
    order: npt.NDArray[np.int64]


def drain(height_m: Field, outlets: npt.NDArray[np.bool_]) -> Drainage:
    """Let the water of every cell flow to an outlet; a lake is a level that it crosses."""
    heights = height_m.ravel()

    def cost(tail: npt.NDArray[np.int64], head: npt.NDArray[np.int64], length: Field) -> Field:
        # The search runs upstream, from the outlets, so water climbs where the head is lower.
        climb_m = np.maximum(heights[tail] - heights[head], 0)
        return np.round(length * _CELL_M + _CLIMB_COST * climb_m)

    graph = grid_graph(height_m.shape, NEIGHBOURS_8, cost)
    distance, downhill, _ = csgraph.dijkstra(
        graph, indices=np.flatnonzero(outlets), min_only=True, return_predecessors=True
    )
    downhill = np.where(downhill < 0, -1, downhill).astype(np.int64)
    order = np.argsort(-distance, kind="stable")
    return Drainage(downhill, _accumulate(downhill, order).reshape(height_m.shape), order)


def _accumulate(
    downhill: npt.NDArray[np.int64], order: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    flow = [1.0] * len(downhill)
    targets = downhill.tolist()
    for cell in order.tolist():
        if targets[cell] >= 0:
            flow[targets[cell]] += flow[cell]
    return np.array(flow)
