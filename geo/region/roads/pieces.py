"""Cutting ways into pieces where roads meet, and at gates.

A piece is a stretch of one way between two vertices: its ends, nodes that roads share, barriers
that stop cars. Points of all ways lie in one array, so a piece is a range of it. Where one way
merely goes on as another of the same kind, the pieces are not joined. It would save an eighth of
the junctions on the extracts that were measured; but so each edge is a stretch of one way, with one
id and one speed along all its length.

Some nodes stop some cars, or stop them in some seasons: gates of private roads and of passes. A
search knows roads, not nodes. So where such a node lies, the way is cut, and half a metre of it
becomes a road of its own that has the node's rule: nothing else needs to know of gates. Nobody
lives there, so no drive starts or ends on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from geo.geometry import distances_m
from geo.network.graph import EdgeFlag
from geo.region.roads.conditional import Admission
from geo.region.roads.driving_rules import RoadUse
from geo.region.roads.tags import NodeRule

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class WayArrays:
    """The w ways of an extract that cars use, with p points in all.

    Attributes
    ----------
    id, use, size
        (w,) OpenStreetMap id, index of the `RoadUse`, and number of points.
    refs, lon_e7, lat_e7
        (p,) node ids, and degrees times 1e7.
    """

    id: Ints
    use: Ints
    size: Ints
    refs: Ints
    lon_e7: npt.NDArray[np.int32]
    lat_e7: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Pieces:
    """The k pieces of all ways, between v vertices.

    Attributes
    ----------
    way
        (k,) index of the way.
    start, end
        (k,) first and last point, as indices into the points of `WayArrays`.
    tail, head
        (k,) the vertices at these points; never the same one.
    step_m
        (p,) metres from each point to the next one of its way.
    vertex_point
        (v,) a point that lies at each vertex.
    """

    way: Ints
    start: Ints
    end: Ints
    tail: Ints
    head: Ints
    length_m: Floats
    step_m: Floats
    vertex_point: Ints


def cut(ways: WayArrays, shut_refs: Ints) -> Pieces:
    """Cut ways at their ends, at shared nodes and at nodes that stop cars.

    A node that stops cars becomes one vertex for each piece that ends there, so nothing passes. A
    piece that returns to its own vertex is cut once more in its middle, so no edge is a loop.
    """
    last = np.cumsum(ways.size) - 1
    first = last - ways.size + 1
    node = np.unique(ways.refs, return_inverse=True)[1]
    ends = np.zeros(len(ways.refs), bool)
    ends[first] = ends[last] = True
    is_cut = ends | (np.bincount(node)[node] > 1)
    shut = np.isin(ways.refs, shut_refs) if len(shut_refs) else np.zeros(len(ways.refs), bool)
    is_cut |= shut
    way_of_point = np.repeat(np.arange(len(ways.size)), ways.size)
    start, end = _ranges(is_cut, way_of_point)
    loops = node[start] == node[end]
    if loops.any():
        is_cut[(start[loops] + end[loops]) // 2] = True
        start, end = _ranges(is_cut, way_of_point)
    real = node[start] != node[end]  # not so where a node is written twice in a row
    start, end = start[real], end[real]
    tail, head, point = _split_shut(node[start], node[end], start, end, shut)
    step_m = _steps(ways, last)
    run_m = np.concatenate([[0.0], np.cumsum(step_m)])
    return Pieces(
        way=way_of_point[start],
        start=start,
        end=end,
        tail=tail,
        head=head,
        length_m=run_m[end] - run_m[start],
        step_m=step_m,
        vertex_point=point,
    )


def _ranges(is_cut: Bools, way_of_point: Ints) -> tuple[Ints, Ints]:
    """Return the first and last points of the pieces between cuts."""
    cuts = np.flatnonzero(is_cut)
    same_way = way_of_point[cuts[1:]] == way_of_point[cuts[:-1]]
    return cuts[:-1][same_way], cuts[1:][same_way]


def _split_shut(
    tail: Ints, head: Ints, start: Ints, end: Ints, shut: Bools
) -> tuple[Ints, Ints, Ints]:
    """Give each piece its own vertex where a node stops cars; number the vertices from 0.

    Returns tails, heads, and one point at each vertex.
    """
    free = int(max(tail.max(initial=0), head.max(initial=0))) + 1
    keys = np.concatenate([tail, head])
    points = np.concatenate([start, end])
    closed = shut[points]
    keys[closed] = free + np.arange(int(closed.sum()))
    _, first, numbers = np.unique(keys, return_index=True, return_inverse=True)
    return numbers[: len(tail)], numbers[len(tail) :], points[first]


def _steps(ways: WayArrays, last: Ints) -> Floats:
    """Return the metres from each point to the next; 0 at the last point of a way."""
    lon, lat = ways.lon_e7 / 1e7, ways.lat_e7 / 1e7
    step_m = np.zeros(len(lon))
    step_m[:-1] = distances_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    step_m[last] = 0.0
    return step_m


_GATE_M = 0.5
_ARMS_OF_A_ROAD = 2

Number = TypeVar("Number", bound=np.generic)
Degrees = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Arms:
    """The g places where a way goes on from a gate, or comes to it.

    ``point`` is (g,) the gate, as a point of its way; ``step`` is (g,) 1 where the way goes on from
    there, -1 where it comes to it.
    """

    point: Ints
    step: Ints


def set_gates(
    ways: WayArrays, uses: list[RoadUse], rules: Mapping[int, NodeRule]
) -> tuple[WayArrays, list[RoadUse]]:
    """Make a road of each gate, and cut the ways there.

    ``ways`` refer to ``uses`` by index. ``rules`` are what tagged nodes do to cars, by node id;
    those that stop nobody or all make no gate.
    """
    limited = np.array(sorted(ref for ref, rule in rules.items() if rule.limited), np.int64)
    if not len(limited):
        return ways, uses
    arms = _arms(ways, np.isin(ways.refs, limited) & ~_on_ferries(ways, uses))
    if not len(arms.point):
        return ways, uses
    uses = list(uses)
    gate_use = _gate_uses(ways, uses, rules, arms)
    return _concatenated(_cut_back(ways, arms), _gates(ways, arms, gate_use)), uses


def _arms(ways: WayArrays, at_gate: Bools) -> _Arms:
    """Return the arms that get a gate.

    Where a road goes on, it is one of the two arms: the other keeps the node. Where more arms meet
    it is each of them, so that none lies between two others.
    """
    last = np.cumsum(ways.size) - 1
    is_last, is_first = np.zeros((2, len(ways.refs)), bool)
    is_last[last] = is_first[last - ways.size + 1] = True
    before, after = np.flatnonzero(at_gate & ~is_first), np.flatnonzero(at_gate & ~is_last)
    point = np.concatenate([before, after])
    step = np.repeat([-1, 1], [len(before), len(after)])
    order = np.lexsort((step, point, ways.refs[point]))
    point, step = point[order], step[order]
    _, first, size = np.unique(ways.refs[point], return_index=True, return_counts=True)
    gated = np.ones(len(point), bool)
    gated[first[size <= _ARMS_OF_A_ROAD]] = False
    return _Arms(point[gated], step[gated])


def _on_ferries(ways: WayArrays, uses: list[RoadUse]) -> Bools:
    """Return which (p,) points lie on ferries, which are timed as a whole and never cut."""
    ferry = np.array([bool(use.flags & EdgeFlag.FERRY) for use in uses])
    return np.asarray(np.repeat(ferry[ways.use], ways.size))


def _gate_uses(
    ways: WayArrays, uses: list[RoadUse], rules: Mapping[int, NodeRule], arms: _Arms
) -> Ints:
    """Return the (g,) uses of the gates, which are added to the others."""
    rows = {use: row for row, use in enumerate(uses)}
    way = np.repeat(np.arange(len(ways.size)), ways.size)[arms.point]
    found = []
    for ref, use in zip(ways.refs[arms.point], ways.use[way], strict=True):
        gate = _limited(uses[use], rules[int(ref)])
        if gate not in rows:
            rows[gate] = len(uses)
            uses.append(gate)
        found.append(rows[gate])
    return np.array(found, np.int64)


def _limited(use: RoadUse, rule: NodeRule) -> RoadUse:
    """Return a use held down to whom a node lets pass."""
    shut = [who == Admission.NOBODY for who in rule.admitted]
    destination_only = [who == Admission.DESTINATION for who in rule.admitted]

    def slowed(kmh: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(0.0 if no else speed for speed, no in zip(kmh, shut, strict=True))

    (along, along_dense), (against, against_dense) = use.speed_kmh
    forward, backward = (
        tuple(already or too for already, too in zip(way, destination_only, strict=True))
        for way in use.destination_only
    )
    return replace(
        use,
        speed_kmh=(
            (slowed(along), slowed(along_dense)),
            (slowed(against), slowed(against_dense)),
        ),
        destination_only=(forward, backward),
        flags=use.flags | int(EdgeFlag.GATE),
        duration_s=None,
    )


def _gate_ends(ways: WayArrays, arms: _Arms) -> tuple[Degrees, Degrees]:
    """Return (g,) lon and lat half a metre along each arm, or half way to its next point."""
    near, far = arms.point, arms.point + arms.step
    lon, lat = ways.lon_e7.astype(np.float64), ways.lat_e7.astype(np.float64)
    gap_m = distances_m(lon[near] / 1e7, lat[near] / 1e7, lon[far] / 1e7, lat[far] / 1e7)
    share = np.minimum(_GATE_M / np.maximum(gap_m, 1e-9), 0.5)
    end_lon, end_lat = (axis[near] + share * (axis[far] - axis[near]) for axis in (lon, lat))
    return np.rint(end_lon).astype(np.int32), np.rint(end_lat).astype(np.int32)


def _new_refs(arms: _Arms) -> Ints:
    """Return (g,) ids for the far ends of the gates, which no node of an extract has."""
    return np.asarray(np.iinfo(np.int64).min + np.arange(len(arms.point)))


def _cut_back(ways: WayArrays, arms: _Arms) -> WayArrays:
    """Return the ways without their gates: their arms end half a metre before it.

    A way that goes on from a gate begins there anew.
    """
    lon, lat = _gate_ends(ways, arms)
    refs = _new_refs(arms)
    is_forward = arms.step > 0
    starts = np.zeros(len(ways.refs), bool)
    starts[np.cumsum(ways.size) - ways.size] = True
    copies = np.ones(len(ways.refs), np.int64)
    inner = is_forward & ~starts[arms.point]  # cut in two: the gate stays as the end of what comes
    copies[arms.point[inner]] = 2
    source = np.repeat(np.arange(len(ways.refs)), copies)
    final = np.cumsum(copies) - 1
    first = final - copies + 1
    begins = starts[source]
    begins[final[arms.point[inner]]] = True
    place = np.where(is_forward, final[arms.point], first[arms.point])
    all_refs, all_lon, all_lat = ways.refs[source], ways.lon_e7[source], ways.lat_e7[source]
    all_refs[place], all_lon[place], all_lat[place] = refs, lon, lat
    start = np.flatnonzero(begins)
    way = np.repeat(np.arange(len(ways.size)), ways.size)[source[start]]
    return WayArrays(
        id=ways.id[way],
        use=ways.use[way],
        size=np.diff(start, append=len(source)),
        refs=all_refs,
        lon_e7=all_lon,
        lat_e7=all_lat,
    )


def _gates(ways: WayArrays, arms: _Arms, use: Ints) -> WayArrays:
    """Return the gates as ways of two points, in the direction of the ways that they lie on."""
    lon, lat = _gate_ends(ways, arms)
    way = np.repeat(np.arange(len(ways.size)), ways.size)[arms.point]
    is_forward = (arms.step > 0)[:, None]

    def ends(gate: npt.NDArray[Number], end: npt.NDArray[Number]) -> npt.NDArray[Number]:
        return np.where(is_forward, np.stack([gate, end], 1), np.stack([end, gate], 1)).ravel()

    return WayArrays(
        id=ways.id[way],
        use=use,
        size=np.full(len(way), 2),
        refs=ends(ways.refs[arms.point], _new_refs(arms)),
        lon_e7=ends(ways.lon_e7[arms.point], lon),
        lat_e7=ends(ways.lat_e7[arms.point], lat),
    )


def _concatenated(one: WayArrays, other: WayArrays) -> WayArrays:
    """Return the ways of both."""
    return WayArrays(
        *[
            np.concatenate([getattr(one, name), getattr(other, name)])
            for name in WayArrays.__slots__
        ]
    )
