"""All roads of a county as one network: joined where they cross, and whole for cars.

What cannot be reached by car is left out, except two pieces that are there on purpose, because real
maps have them: a gated loop and a car park whose entrance was never drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from data.sample.maker.draft import Draft
from data.sample.maker.lines import crossings, join_crossings, shared_nodes
from data.sample.maker.names import Names
from data.sample.maker.roads import Road, urban_tags
from data.sample.maker.settlements import Site

Coordinates = npt.NDArray[np.float64]

_CAR_CLASSES = frozenset(
    ("trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "service", "track")
)
_SMALL = ("unclassified", "tertiary", "residential")
_BRIDGE_HALF_M = 16.0
_SIGNALS, _STOPS = 9, 60


@dataclass(frozen=True, slots=True)
class Network:
    """The roads as they are driven.

    Attributes
    ----------
    roads
        Joined at their crossings.
    junctions
        (n, 2) positions where three or more road ends meet, or a road ends.
    """

    roads: list[Road]
    junctions: Coordinates


def is_car_road(road: Road) -> bool:
    """Whether cars may use a road."""
    return road.tags.get("highway") in _CAR_CLASSES and road.tags.get("access") != "private"


def join_roads(through: Sequence[Road], others: Sequence[Road], sites: Sequence[Site]) -> Network:
    """Join roads where they cross and leave out what cars cannot reach."""
    roads = [*through, *others]
    level = [road for road in roads if not road.apart]
    joined = join_crossings([road.xy for road in level])
    level = [replace(road, xy=xy) for road, xy in zip(level, joined, strict=True)]
    roads = [road for road in roads if road.apart] + level
    whole = _whole([_both_ways(road) for road in roads])
    roads = _free_traps([road for road, good in zip(roads, whole.tolist(), strict=True) if good])
    roads = [part for road in roads for part in urban_tags(road, sites)]
    return Network(roads, _junctions(roads))


def _free_traps(roads: list[Road]) -> list[Road]:
    """Open those one-way streets to both ways that would lead to or from nowhere."""
    while not (whole := _whole(roads)).all():
        roads = [
            road if good else _both_ways(road)
            for road, good in zip(roads, whole.tolist(), strict=True)
        ]
    return roads


def _both_ways(road: Road) -> Road:
    if "junction" in road.tags:
        return road
    return replace(road, tags={key: value for key, value in road.tags.items() if key != "oneway"})


def _whole(roads: Sequence[Road]) -> npt.NDArray[np.bool_]:
    """Return which roads lie wholly in the largest strongly connected part of the car network."""
    tail, head, owner, size = _edges(roads)
    forward_only = np.array(
        [road.tags.get("oneway") == "yes" or "junction" in road.tags for road in roads]
    )
    back = ~forward_only[owner]
    edges = (np.concatenate([tail, head[back]]), np.concatenate([head, tail[back]]))
    graph = sparse.csr_array((np.ones(len(edges[0]), np.int8), edges), shape=(size, size))
    _, part = csgraph.connected_components(graph, connection="strong")
    largest = np.bincount(part).argmax()
    lost = (part[tail] != largest) | (part[head] != largest)
    return np.asarray(np.bincount(owner, lost, len(roads)) == 0)


def _edges(
    roads: Sequence[Road],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64], int]:
    """Return the two nodes and the road of every piece between two points, and how many nodes."""
    xy, number = shared_nodes(np.concatenate([road.xy for road in roads]))
    owner = np.repeat(np.arange(len(roads)), [len(road.xy) for road in roads])
    same = owner[1:] == owner[:-1]
    return number[:-1][same], number[1:][same], owner[1:][same], len(xy)


def _junctions(roads: Sequence[Road]) -> Coordinates:
    cars = [road for road in roads if is_car_road(road)]
    xy, _ = shared_nodes(np.concatenate([road.xy for road in cars]))
    tail, head, _, size = _edges(cars)
    degree = np.bincount(np.concatenate([tail, head]), minlength=size)
    return np.asarray(xy[degree != 2])


def make_one_way(rng: np.random.Generator, streets: Sequence[Road], site: Site) -> list[Road]:
    """Make some streets of a town's middle one-way."""
    here = np.array([site.x_m, site.y_m])
    chosen = []
    for street in streets:
        near = np.hypot(*(street.xy.mean(axis=0) - here)) < 650
        if near and len(street.xy) > 6 and rng.random() < 0.4:
            flow = street.xy if rng.random() < 0.5 else street.xy[::-1]
            chosen.append(replace(street, xy=flow, tags=street.tags | {"oneway": "yes"}))
        else:
            chosen.append(street)
    return chosen


def make_roundabout(roads: Sequence[Road], x_m: float, y_m: float, radius_m: float) -> list[Road]:
    """Replace the junction nearest to a position, where through roads end, by a roundabout."""
    tips = np.array([tip for road in roads for tip in (road.xy[0], road.xy[-1])])
    places, number = shared_nodes(tips)
    arms = np.bincount(number)
    distance = np.hypot(places[:, 0] - x_m, places[:, 1] - y_m) + np.where(arms >= 3, 0, 1e9)
    center = places[distance.argmin()]
    angles, changed = [], list(roads)
    for index, end in product(range(len(changed)), (0, -1)):
        if np.hypot(*(changed[index].xy[end] - center)) < 0.01:
            changed[index], angle = _cut_at_circle(changed[index], end, center, radius_m)
            angles.append(angle)
    turns = np.unique(np.concatenate([angles, np.linspace(-np.pi, np.pi, 13)[:-1]]))
    ring = center + radius_m * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    tags = {"highway": "primary", "junction": "roundabout", "oneway": "yes", "maxspeed": "20 mph"}
    return [*changed, Road(np.concatenate([ring, ring[:1]]), tags)]


def _cut_at_circle(
    road: Road, end: int, center: Coordinates, radius_m: float
) -> tuple[Road, float]:
    xy = road.xy if end == 0 else road.xy[::-1]
    outside = np.flatnonzero(np.hypot(*(xy - center).T) > radius_m * 1.3)
    first = int(outside[0]) if len(outside) else len(xy) - 1
    east, north = xy[first] - center
    angle = float(np.arctan2(north, east))
    tip = center + radius_m * np.array([np.cos(angle), np.sin(angle)])
    xy = np.concatenate([tip[None], xy[first:]])
    return replace(road, xy=xy if end == 0 else xy[::-1]), angle


def draw_network(
    rng: np.random.Generator, draft: Draft, network: Network, rivers: Sequence[Coordinates]
) -> None:
    """Draw all roads with bridges over rivers, traffic signals and stop signs."""
    roads = _bridge_rivers(network.roads, rivers)
    xy, number = shared_nodes(np.concatenate([road.xy for road in roads]))
    nodes = draft.nodes(xy)
    ends = np.cumsum([len(road.xy) for road in roads])
    for road, first, last in zip(roads, [0, *ends[:-1].tolist()], ends.tolist(), strict=True):
        draft.way(nodes[number[first:last]], road.tags)
    _signals(rng, draft, roads, nodes)


def _bridge_rivers(roads: Sequence[Road], rivers: Sequence[Coordinates]) -> list[Road]:
    level = [index for index, road in enumerate(roads) if not road.apart]
    where, points = crossings([roads[index].xy for index in level], rivers)
    starts = np.concatenate([[0], np.cumsum([len(roads[index].xy) - 1 for index in level])])
    owner = np.searchsorted(starts, where[:, 0], side="right") - 1
    result = [[road] for road in roads]
    for line in np.unique(owner).tolist():
        mine = owner == line
        at = where[mine, 0] - starts[line]
        # A river that is crossed twice within one piece gets one bridge.
        at, first = np.unique(at, return_index=True)
        index = level[line]
        result[index] = _cut_bridges(roads[index], at, points[mine][first])
    return [piece for pieces in result for piece in pieces]


def _cut_bridges(road: Road, at: npt.NDArray[np.int64], points: Coordinates) -> list[Road]:
    pieces, rest = [], road.xy
    for segment, point in zip(at[::-1].tolist(), points[::-1], strict=True):
        a, b = road.xy[segment], road.xy[segment + 1]
        length = np.hypot(*(b - a))
        here = np.hypot(*(point - a))
        low = a + (b - a) * max(0.0, here - _BRIDGE_HALF_M) / length
        high = a + (b - a) * min(length, here + _BRIDGE_HALF_M) / length
        after = rest[segment + 1 :]
        if np.hypot(*(high - b)) > 0.02:
            after = np.concatenate([high[None], after])
        before = rest[: segment + 1]
        if np.hypot(*(low - a)) > 0.02:
            before = np.concatenate([before, low[None]])
        if len(after) > 1:
            pieces.append(replace(road, xy=after))
        span = np.stack([before[-1], after[0]])
        pieces.append(Road(span, road.tags | {"bridge": "yes", "layer": "1"}))
        rest = before
    if len(rest) > 1:
        pieces.append(replace(road, xy=rest))
    return pieces[::-1]


def _signals(
    rng: np.random.Generator,
    draft: Draft,
    roads: Sequence[Road],
    nodes: npt.NDArray[np.int64],
) -> None:
    """Put signals where streets cross the busiest roads, and stop signs where lanes meet them."""
    tail, head, owner, size = _edges(roads)
    degree = np.bincount(np.concatenate([tail, head]), minlength=size)
    busy = np.array([road.tags.get("highway") in ("trunk", "primary") for road in roads])
    slow = np.array([road.tags.get("maxspeed") == "25 mph" for road in roads])
    on_busy = np.zeros(size, bool)
    in_town = busy & slow
    on_busy[tail[in_town[owner]]] = True
    for node in rng.permutation(np.flatnonzero((degree >= 4) & on_busy))[:_SIGNALS].tolist():
        draft.node_tags[int(nodes[node])] = {"highway": "traffic_signals"}
    on_main = np.zeros(size, bool)
    on_main[tail[busy[owner]]] = True
    small = np.array([road.tags.get("highway") in _SMALL for road in roads])
    stops = np.flatnonzero(small[owner] & on_main[head] & (degree[tail] == 2) & (degree[head] >= 3))
    for piece in rng.permutation(stops)[:_STOPS].tolist():
        draft.node_tags.setdefault(
            int(nodes[tail[piece]]), {"highway": "stop", "direction": "forward"}
        )


def oddities(town: Site, names: Names) -> list[Road]:
    """Return what real maps also hold: a gated loop, and a car park that no road leads to."""
    x, y = town.x_m - 900, town.y_m + 2_300
    turns = np.linspace(0, 2 * np.pi, 17)
    loop = np.stack([x + 160 * np.cos(turns), y + 110 * np.sin(turns)], axis=1)
    loop[-1] = loop[0]
    private = {"highway": "residential", "access": "private", "name": f"{names.first()} Estate"}
    px, py = town.x_m + 700, town.y_m - 1_900
    aisles = [
        [(px, py), (px + 60, py + 8)],
        [(px + 60, py + 8), (px + 52, py + 48)],
        [(px + 52, py + 48), (px - 8, py + 40), (px, py)],
    ]
    parking = {"highway": "service", "service": "parking_aisle"}
    return [Road(loop, private), *(Road(np.array(xy, float), parking) for xy in aisles)]
