"""Seconds along pieces and where roads meet: speed by surroundings, bends, ferries, nodes, turns.

A search over junctions does not know where a car came from, so what a turn costs is charged to the
edges that cannot do without it: a road that ends at another one pays at its end, and again, for
those who turn into it, at its beginning. Driving straight on costs next to nothing, as it should.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from geo.files import read_table
from geo.geometry import METRES_PER_DEGREE
from geo.region.roads.driving_rules import RoadUse, class_names
from geo.region.roads.pieces import Bools, Floats, Ints, Pieces, WayArrays
from geo.region.roads.tags import AGAINST, ALONG, BOTH, NEAREST, NodeRule


@dataclass(frozen=True, slots=True)
class Arms:
    """The m directed edges as they meet at v vertices.

    Attributes
    ----------
    tail, head
        (m,) vertices.
    leave, arrive
        (m,) heading in radians at the tail and at the head.
    pair
        (m,) number of the piece; the two directions of a piece share it.
    """

    tail: Ints
    head: Ints
    leave: Floats
    arrive: Floats
    rank: Ints
    roundabout: Bools
    ferry: Bools
    pair: Ints


def junction_seconds(arms: Arms, wait_s: Floats) -> Floats:
    """Return the (m,) seconds that each edge loses at its two ends.

    ``wait_s`` is (m,) the wait before boarding, 0 for roads.
    """
    vertices = int(max(arms.tail.max(initial=-1), arms.head.max(initial=-1))) + 1
    degree = _degree(arms, vertices)
    lost = _turning(arms, degree) + _yielding(arms, degree, vertices)
    lost += _boarding(arms, vertices) * wait_s
    return lost


def _degree(arms: Arms, vertices: int) -> Ints:
    """Return how many pieces meet at each (v,) vertex."""
    _, one = np.unique(arms.pair, return_index=True)
    return np.bincount(arms.tail[one], minlength=vertices) + np.bincount(
        arms.head[one], minlength=vertices
    )


def _turning(arms: Arms, degree: Ints) -> Floats:
    """Charge each edge the least turn that it forces at its head, and what is left at its tail."""
    first, second = _movements(arms)
    angle = np.abs((arms.leave[second] - arms.arrive[first] + np.pi) % (2 * np.pi) - np.pi)
    rules = read_table("speeds")["junction"]
    cost = rules["turn_s"] / (1 + np.exp(-rules["steepness"] * (angle / np.pi - 0.5)))
    cost[arms.roundabout[first] & arms.roundabout[second]] = 0.0
    cost[degree[arms.head[first]] < 3] = 0.0
    at_head = np.full(len(arms.tail), np.inf)
    np.minimum.at(at_head, first, cost)
    at_head[np.isinf(at_head)] = 0.0
    at_tail = np.full(len(arms.tail), np.inf)
    np.minimum.at(at_tail, second, np.maximum(0.0, cost - at_head[first]))
    at_tail[np.isinf(at_tail)] = 0.0
    return np.asarray(at_head + at_tail)


def _movements(arms: Arms) -> tuple[Ints, Ints]:
    """Return the pairs of edges that follow each other, without turning back on one piece."""
    order = np.argsort(arms.tail, kind="stable")
    vertices = int(max(arms.tail.max(initial=-1), arms.head.max(initial=-1))) + 1
    begin = np.searchsorted(arms.tail[order], np.arange(vertices + 1))
    count = (begin[1:] - begin[:-1])[arms.head]
    first = np.repeat(np.arange(len(arms.head)), count)
    offset = np.cumsum(count) - count
    second = order[np.arange(len(first)) - np.repeat(offset - begin[arms.head], count)]
    ahead = arms.pair[first] != arms.pair[second]
    return first[ahead], second[ahead]


def _yielding(arms: Arms, degree: Ints, vertices: int) -> Floats:
    """Charge the roads that give way at a junction, and a little those that do not."""
    rules = read_table("speeds")["junction"]
    best = np.full(vertices, 99)
    np.minimum.at(best, arms.tail, arms.rank)
    np.minimum.at(best, arms.head, arms.rank)
    circle = np.zeros(vertices, bool)
    circle[arms.tail[arms.roundabout]] = True
    _, one = np.unique(arms.pair, return_index=True)
    top = np.zeros(vertices, np.int64)
    for end in (arms.tail[one], arms.head[one]):
        np.add.at(top, end, arms.rank[one] == best[end])
    at = arms.head
    lost = np.where(top[at] > 2, rules["equal_s"], rules["through_s"])
    lost = np.where((arms.rank > best[at]) & (top[at] > 1), rules["give_way_s"], lost)
    lost = np.where(circle[at], rules["roundabout_s"], lost)
    lost[arms.roundabout | (degree[at] < 3)] = 0.0
    return np.asarray(lost, np.float64)


def _boarding(arms: Arms, vertices: int) -> Bools:
    """Return which ferries begin at a road."""
    road = np.zeros(vertices, bool)
    road[arms.tail[~arms.ferry]] = True
    road[arms.head[~arms.ferry]] = True
    return np.asarray(arms.ferry & road[arms.tail])


_NO_STREETS = ("service", "track", "ferry", "winter_road", "ice_road")


def seconds_along(
    ways: WayArrays, pieces: Pieces, uses: list[RoadUse], rules: dict[int, NodeRule]
) -> Floats:
    """Return the (directions, conditions, pieces) seconds of driving; ``inf`` where it is shut."""
    dense = built_up(ways, pieces, uses)
    bend_kmh = bend_limits(ways, pieces)
    speeds = np.array([use.speed_kmh for use in uses])  # uses, directions, surroundings, conditions
    use = ways.use[pieces.way]
    kmh = speeds[use, :, dense.astype(int), :]  # pieces, directions, conditions
    seconds = np.empty((kmh.shape[1], kmh.shape[2], len(use)))
    inverse_bend = _per_metre(bend_kmh)
    known: dict[bytes, Floats] = {}
    for direction in range(kmh.shape[1]):
        for condition in range(kmh.shape[2]):
            # Most seasons and directions have the same speeds, and integrating is what takes long.
            column = np.ascontiguousarray(kmh[:, direction, condition])
            key = column.tobytes()
            if key not in known:
                known[key] = _integrate(pieces, column, inverse_bend)
            seconds[direction, condition] = known[key]
    _time_ferries(ways, pieces, uses, seconds)
    seconds += delays(ways, pieces, rules)[:, None, :]
    return seconds


def _per_metre(kmh: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(3.6 / kmh)


def _integrate(pieces: Pieces, kmh: Floats, slowest: Floats) -> Floats:
    """Return seconds of each piece at a speed, nowhere faster than bends allow."""
    size = pieces.end - pieces.start
    per_metre = _per_metre(kmh)
    steps = spread(pieces.start, size)
    taken = pieces.step_m[steps] * np.maximum(np.repeat(per_metre, size), slowest[steps])
    first = np.cumsum(size) - size
    seconds = np.add.reduceat(taken, first) if len(size) else np.zeros(0)
    seconds[np.isinf(per_metre)] = np.inf
    return np.asarray(seconds)


def spread(start: Ints, size: Ints) -> Ints:
    """Return ``start[0], start[0] + 1, ...`` for ``size[0]`` numbers, then the next range."""
    offset = np.cumsum(size) - size
    return np.asarray(np.arange(int(size.sum())) + np.repeat(start - offset, size))


def bend_limits(ways: WayArrays, pieces: Pieces) -> Floats:
    """Return the (p,) km/h that the bend around each step allows, ``inf`` where it is straight.

    The radius at a point is the length around it over the angle it turns; a step is held to the
    mean of its two ends, as a car slows down into a bend and speeds up out of it.
    """
    rules = read_table("speeds")["bend"]
    lat = np.radians(ways.lat_e7 / 1e7)
    east = np.diff(ways.lon_e7 / 1e7, append=0) * np.cos(lat) * METRES_PER_DEGREE
    north = np.diff(ways.lat_e7 / 1e7, append=0) * METRES_PER_DEGREE
    heading = np.arctan2(east, north)
    turn = np.zeros(len(heading))
    turn[1:] = np.abs((np.diff(heading) + np.pi) % (2 * np.pi) - np.pi)
    before = np.concatenate([[0.0], pieces.step_m[:-1]])
    inside = (before > 0) & (pieces.step_m > 0)
    around = np.maximum((before + pieces.step_m) / 2, rules["merge_m"])
    with np.errstate(divide="ignore"):
        radius = np.where(inside & (turn > 0), around / np.maximum(turn, 1e-9), np.inf)
    kmh = 3.6 * np.sqrt(rules["lateral_ms2"] * radius)
    per_metre = 3.6 / np.maximum(kmh, rules["least_kmh"])
    ends = (per_metre + np.append(per_metre[1:], 0.0)) / 2
    with np.errstate(divide="ignore"):
        return np.asarray(3.6 / ends)


def built_up(ways: WayArrays, pieces: Pieces, uses: list[RoadUse]) -> Bools:
    """Return which (k,) pieces lie where streets are dense, so that driving is slower.

    Street length is summed on a grid and averaged over a disc around each cell.
    """
    rules = read_table("speeds")["built_up"]
    rows = class_names()
    streets = ~np.isin([use.road_class for use in uses], [rows[name] for name in _NO_STREETS])
    middle = (pieces.start + pieces.end) // 2
    lat = ways.lat_e7[middle] / 1e7
    lon = ways.lon_e7[middle] / 1e7
    cell_deg = rules["cell_m"] / METRES_PER_DEGREE
    row = np.floor((lat - lat.min()) / cell_deg).astype(np.int64)
    squeeze = np.cos(np.radians(lat.mean()))
    column = np.floor((lon - lon.min()) * squeeze / cell_deg).astype(np.int64)
    metres = np.where(streets[ways.use[pieces.way]], pieces.length_m, 0.0)
    reach = int(rules["radius_m"] // rules["cell_m"])
    metres_around, cells = _summed(row, column, metres, reach)
    km_per_km2 = metres_around / 1000 / (cells * (rules["cell_m"] / 1000) ** 2)
    return np.asarray(km_per_km2 > rules["km_per_km2"])


def _summed(row: Ints, column: Ints, metres: Floats, reach: int) -> tuple[Floats, int]:
    """Return the metres in the cells of a disc around each (k,) cell, and how many cells it has.

    Only cells with something in them are held, in order, so it costs what the roads are and not
    what the box around them is. Each row of the disc is then a range of them: its sum is the
    difference of two running totals, in whole millimetres so that none is lost to rounding.
    """
    stride = int(column.max()) + 2 * reach + 1
    cell, here = np.unique((row + reach) * stride + column + reach, return_inverse=True)
    total_mm = np.zeros(len(cell) + 1, np.int64)
    np.cumsum(np.rint(np.bincount(here, metres) * 1000).astype(np.int64), out=total_mm[1:])
    around_mm = np.zeros(len(cell), np.int64)
    cells = 0
    for north in range(-reach, reach + 1):
        half = math.isqrt(reach**2 - north**2)
        cells += 2 * half + 1
        middle = cell + north * stride
        last = np.searchsorted(cell, middle + half, "right")
        around_mm += total_mm[last] - total_mm[np.searchsorted(cell, middle - half)]
    return (around_mm / 1000)[here], cells


def delays(ways: WayArrays, pieces: Pieces, rules: dict[int, NodeRule]) -> Floats:
    """Return the (directions, pieces) seconds lost at nodes on the way and at the end.

    Where a piece begins, the piece before has paid already.
    """
    lost = np.zeros((2, len(pieces.way)))
    costly = sorted((ref, rule) for ref, rule in rules.items() if rule.delay_s)
    if not costly:
        return lost
    refs = np.array([ref for ref, _ in costly])
    at = np.minimum(np.searchsorted(refs, ways.refs), len(refs) - 1)
    points = np.flatnonzero(refs[at] == ways.refs)
    piece, points = _touched(pieces, points)
    delay_s = np.array([rule.delay_s for _, rule in costly])[at[points]]
    facing = np.array([rule.direction for _, rule in costly])[at[points]]
    run_m = np.concatenate([[0.0], np.cumsum(pieces.step_m)])
    to_start = run_m[points] - run_m[pieces.start[piece]]
    to_end = run_m[pieces.end[piece]] - run_m[points]
    ends = ((pieces.start, to_start, to_end), (pieces.end, to_end, to_start))
    for direction, (first, behind, ahead) in enumerate(ends):
        faces = (facing == BOTH) | (facing == (AGAINST if direction else ALONG))
        faces |= (facing == NEAREST) & (ahead <= behind)
        met = faces & (points != first[piece])
        np.add.at(lost[direction], piece[met], delay_s[met])
    return lost


def _touched(pieces: Pieces, points: Ints) -> tuple[Ints, Ints]:
    """Return pairs of a piece and a point on it, ends included: a cut point is on two pieces."""
    after = np.searchsorted(pieces.start, points, "right") - 1
    on = (after >= 0) & (points <= pieces.end[after])
    before = np.searchsorted(pieces.end, points)
    ends = (before < len(pieces.end)) & (before != after)
    ends[ends] &= pieces.end[before[ends]] == points[ends]
    piece = np.concatenate([after[on], before[ends]])
    return piece, np.concatenate([points[on], points[ends]])


def _time_ferries(ways: WayArrays, pieces: Pieces, uses: list[RoadUse], seconds: Floats) -> None:
    """Time the pieces of ferries whose duration is known by their share of the way."""
    timed = np.array([use.duration_s or np.nan for use in uses])[ways.use[pieces.way]]
    whole = np.bincount(pieces.way, pieces.length_m, len(ways.id))[pieces.way]
    known = np.isfinite(timed) & (whole > 0)
    taken = np.divide(pieces.length_m * timed, whole, where=known, out=np.zeros(len(whole)))
    for grid in seconds.reshape(-1, len(pieces.way)):
        ready = known & np.isfinite(grid)
        grid[ready] = taken[ready]
