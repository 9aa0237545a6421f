"""Cutting ways into pieces where roads meet.

A piece is a stretch of one way between two vertices: its ends, nodes that roads share, barriers
that stop cars. Points of all ways lie in one array, so a piece is a range of it.

Where one way merely goes on as another of the same kind, the pieces are not joined. It would save
an eighth of the junctions on the extracts that were measured; against that stands that each edge is
a stretch of one way, with one id, one name and one pace along all its length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.geometry import distances_m

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class WayArrays:
    """The w ways of an extract that cars use, with p points in all.

    Attributes
    ----------
    id, use, name, size
        (w,) OpenStreetMap id, index of the `RoadUse`, index of the name, and number of points.
    refs, lon_e7, lat_e7
        (p,) node ids, and degrees times 1e7.
    """

    id: Ints
    use: Ints
    name: npt.NDArray[np.int32]
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
