"""The through roads: least-cost paths over the terrain, from the trunk road down to gravel lanes.

Grades cost, water costs more, and a road that is there already is cheap to follow; so roads wind
along valleys, climb in bends and join each other, as they do where people built them. One
shortest-path search from the town draws the main roads; searches from all settlements at once give
every pair of neighbours and the way between them (the Voronoi cells of travel cost), from which a
greedy spanner (Althöfer et al. 1993, "On sparse spanners of weighted graphs") keeps those that
spare a long way round.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from data.sample.maker import terrain as ground
from data.sample.maker.grid import NEIGHBOURS_16, Field, grid_graph
from data.sample.maker.settlements import NORTH_GATE_X_M, TRUNK_GATE_Y_M, Site, shores
from data.sample.maker.terrain import CELL_M, SHAPE, Terrain, cell_xy

TRUNK, PRIMARY, SECONDARY, TERTIARY, UNCLASSIFIED = range(5)
_GENTLE_GRADE = 0.04
_CROSSING_M, _BROOK_M = 220.0, 60.0
"""What it costs to be in the bed of a river and of a brook, so that roads keep beside it."""
_BEATEN_TRACK = 0.4
"""What following an existing road costs, against building one."""

Step = tuple[int, int]
Coordinates = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Route:
    """A road between two junctions.

    Attributes
    ----------
    rank
        `TRUNK` to `UNCLASSIFIED`.
    xy
        (k, 2) metres on the map; both ends are shared exactly with the routes that meet there.
    bridge
        Whether it is the bridge over the lake.
    """

    rank: int
    xy: Coordinates
    bridge: bool = False


def plan_routes(terrain: Terrain, sites: list[Site]) -> list[Route]:
    """Lay out all through roads of the county."""
    bridge = _bridge_step(terrain)
    steps: dict[Step, int] = {}
    for kind in ("gate", "village"):
        roads = _main_roads(_graph(terrain, bridge, steps), sites, kind)
        for rank, path in roads:
            _lay(steps, path, rank)
    homes = [site for site in sites if site.kind != "corner" or site.role == "pass"]
    for path in _web(_graph(terrain, bridge, steps), homes, stretch=1.35):
        _lay(steps, path, TERTIARY)
    for path in _web(_graph(terrain, bridge, steps), sites[4:], stretch=1.7):
        _lay(steps, path, UNCLASSIFIED)
    stops = {*bridge, *(site.cell for site in homes)}
    return _chains(terrain, steps, bridge, stops)


def _bridge_step(terrain: Terrain) -> Step:
    """Return the nearest buildable cells west and east of the lake where the bridge is wanted."""
    row = int(ground.BRIDGE_Y_M / CELL_M)
    west, east = shores(terrain, ground.BRIDGE_Y_M)
    dry = np.flatnonzero(~terrain.blocked[row])
    ends = dry[dry * CELL_M < west].max(), dry[dry * CELL_M >= east].min()
    return row * SHAPE[1] + int(ends[0]), row * SHAPE[1] + int(ends[1])


def _graph(terrain: Terrain, bridge: Step, steps: dict[Step, int]) -> sparse.csr_array:
    heights, flow = terrain.height_m.ravel(), terrain.drainage.flow.ravel()
    river, brook = (flow > 250).astype(float), (flow > 80).astype(float)
    shut = (terrain.blocked | ~_buildable(terrain)).ravel()
    beaten = np.zeros(SHAPE[0] * SHAPE[1], bool)
    beaten[[cell for step in steps for cell in step]] = True

    def cost(tail: npt.NDArray[np.int64], head: npt.NDArray[np.int64], length: Field) -> Field:
        length_m = length * CELL_M
        grade = np.abs(heights[head] - heights[tail]) / length_m
        cost_m = length_m * (1 + (grade / _GENTLE_GRADE) ** 2)
        cost_m += _CROSSING_M * (river[head] + river[tail]) + _BROOK_M * (brook[head] + brook[tail])
        cost_m *= np.where(beaten[tail] & beaten[head], _BEATEN_TRACK, 1)
        return np.where(shut[tail] | shut[head], np.inf, np.round(cost_m))

    graph = grid_graph(SHAPE, NEIGHBOURS_16, cost)
    width_m = (bridge[1] - bridge[0]) * CELL_M * (_BEATEN_TRACK if steps else 1)
    pair = ([bridge[0], bridge[1]], [bridge[1], bridge[0]])
    extra = sparse.csr_array(([width_m, width_m], pair), shape=graph.shape)
    return sparse.csr_array(graph + extra)


def _buildable(terrain: Terrain) -> npt.NDArray[np.bool_]:
    """Inside the county, or on the way to a gate."""
    x, y = np.moveaxis(cell_xy(np.arange(SHAPE[0] * SHAPE[1]).reshape(SHAPE)), -1, 0)
    along_trunk = (np.abs(y - TRUNK_GATE_Y_M) < 1_000) & (np.abs(x - ground.WIDTH_M / 2) > 28_000)
    along_north = (np.abs(x - NORTH_GATE_X_M) < 1_000) & (np.abs(y - ground.HEIGHT_M / 2) > 18_000)
    return np.asarray((terrain.inside > 0.012) | along_trunk | along_north)


def _main_roads(
    graph: sparse.csr_array, sites: list[Site], kind: str
) -> list[tuple[int, list[int]]]:
    """Return the rank and path of the roads from all sites of a kind to town."""
    town = next(site for site in sites if site.kind == "town")
    _, before = csgraph.dijkstra(graph, indices=town.cell, return_predecessors=True)
    ranks = {"west": TRUNK, "east": TRUNK, "south": PRIMARY, "north": PRIMARY}
    return [
        (ranks.get(site.role, SECONDARY), _walk(before, site.cell))
        for site in sites
        if site.kind == kind
    ]


def _walk(before: npt.NDArray[np.int32], cell: int) -> list[int]:
    path = [cell]
    while before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    return path


def _lay(steps: dict[Step, int], path: list[int], rank: int) -> None:
    for tail, head in pairwise(path):
        step = (min(tail, head), max(tail, head))
        steps[step] = min(rank, steps.get(step, rank))


def _web(graph: sparse.csr_array, sites: list[Site], *, stretch: float) -> list[list[int]]:
    """Return the paths between neighbouring sites that spare more than ``stretch`` of a detour."""
    cells = [site.cell for site in sites]
    distance, before, source = csgraph.dijkstra(
        graph, indices=cells, min_only=True, return_predecessors=True
    )
    steps = graph.tocoo()
    tail, head = steps.coords
    meets = (
        (source[tail] != source[head]) & (source[tail] >= 0) & (source[head] >= 0) & (tail < head)
    )
    tail, head = tail[meets], head[meets]
    total = distance[tail] + steps.data[meets] + distance[head]
    kept: defaultdict[int, list[tuple[float, int]]] = defaultdict(list)
    paths = []
    seen: set[Step] = set()
    for index in np.lexsort((tail, total)).tolist():
        a, b = int(source[tail[index]]), int(source[head[index]])
        if (min(a, b), max(a, b)) in seen:
            continue
        seen.add((min(a, b), max(a, b)))
        if _within(kept, a, b, stretch * total[index]):
            continue
        kept[a].append((total[index], b))
        kept[b].append((total[index], a))
        paths.append(_walk(before, int(tail[index]))[::-1] + _walk(before, int(head[index])))
    return paths


def _within(
    graph: defaultdict[int, list[tuple[float, int]]], start: int, end: int, limit: float
) -> bool:
    """Whether a path no longer than the limit joins two nodes."""
    best = {start: 0.0}
    queue = [(0.0, start)]
    while queue:
        distance, node = heapq.heappop(queue)
        if node == end:
            return True
        for length, neighbour in graph[node]:
            total = distance + length
            if total <= limit and total < best.get(neighbour, np.inf):
                best[neighbour] = total
                heapq.heappush(queue, (total, neighbour))
    return False


def _chains(terrain: Terrain, steps: dict[Step, int], bridge: Step, stops: set[int]) -> list[Route]:
    """Join steps to lines from junction to junction, and smooth them."""
    around: defaultdict[int, list[int]] = defaultdict(list)
    for tail, head in steps:
        around[tail].append(head)
        around[head].append(tail)

    def rank(tail: int, head: int) -> int:
        return steps[min(tail, head), max(tail, head)]

    def goes_on(cell: int) -> bool:
        ends = around[cell]
        return len(ends) == 2 and cell not in stops and rank(cell, ends[0]) == rank(cell, ends[1])

    paths = []
    done: set[Step] = set()
    for start in sorted(cell for cell in around if not goes_on(cell)):
        for head in sorted(around[start]):
            if (start, head) in done:
                continue
            path = [start, head]
            while goes_on(path[-1]):
                one, other = around[path[-1]]
                path.append(other if one == path[-2] else one)
            done |= {(path[0], path[1]), (path[-1], path[-2])}
            paths.append(path)
    cells = np.concatenate(paths)
    lines = np.split(terrain.warp(cell_xy(cells)), np.cumsum([len(path) for path in paths])[:-1])
    routes = []
    for path, line in zip(paths, lines, strict=True):
        xy, is_bridge = terrain.wiggle(smooth(line)), set(path) == set(bridge)
        routes.append(Route(rank(path[0], path[1]), xy[[0, -1]] if is_bridge else xy, is_bridge))
    return routes


def smooth(xy: Coordinates, rounds: int = 3) -> Coordinates:
    """Round a line's corners and keep its ends (Chaikin 1974)."""
    for _ in range(rounds):
        if len(xy) < 3:
            break
        one, other = 0.75 * xy[:-1] + 0.25 * xy[1:], 0.25 * xy[:-1] + 0.75 * xy[1:]
        middle = np.stack([one, other], axis=1).reshape(-1, 2)[1:-1]
        xy = np.concatenate([xy[:1], middle, xy[-1:]])
    return xy
