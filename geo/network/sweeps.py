"""The inner loops of the contraction hierarchy, compiled.

Junctions are named by rank here: an arc leads from a junction to one of higher rank, and carries
the time of driving it up and of driving it down. The arcs of each junction are sorted by where
they lead, so that the first one leads to its parent in the elimination tree.

Sixteen origins are swept at once: the arcs are read once for all of them, and one instruction of
the processor adds and compares several.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]
Singles = npt.NDArray[np.float32]

_LANES = 16

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile when first called; the machine code stays on disk, and other threads may run."""
    return cast("F", njit(cache=True, nogil=True)(function))


class UpArcs(NamedTuple):
    """Arcs ``first[v]:first[v + 1]`` lead from junction v up to ``head``, which rises."""

    first: Longs
    head: Ints


class Timed(NamedTuple):
    """Arcs with the seconds of driving them ``up``, and back ``down``; ``inf`` = no way."""

    first: Longs
    head: Ints
    up: Floats
    down: Floats


class AccessArcs(NamedTuple):
    """(k, 3) junctions next to k positions, and seconds between them; ``inf`` = no way."""

    junction: Ints
    seconds: Floats


class Trips(NamedTuple):
    """What a matrix asks.

    Attributes
    ----------
    arcs
        The hierarchy, or a part of it that is closed upwards.
    wanted
        (junctions,) what the ways down to the destinations may meet.
    origins, destinations
        The ends of the trips.
    cutoff_s
        What is farther stands as ``inf``.
    """

    arcs: Timed
    wanted: Marks
    origins: AccessArcs
    destinations: AccessArcs
    cutoff_s: float


@compiled
def filled_in(first: Longs, head: Ints) -> tuple[Longs, Ints]:
    """Return for each junction where its arcs lead, once all below it are contracted.

    Contracting a junction joins its upper neighbours to each other; it is enough to hand them to
    the lowest of them (Dibbelt, Strasser and Wagner 2016, section 4). Unsorted.
    """
    count = len(first) - 1
    new_first = np.zeros(count + 1, np.int64)
    new_head = np.empty(4 * len(head) + 1, np.int32)
    seen = np.full(count, -1, np.int32)
    child, sibling = np.full(count, -1, np.int32), np.full(count, -1, np.int32)
    size = 0
    for v in range(count):
        parent = count
        heads = head[first[v] : first[v + 1]]
        below = child[v]
        while True:
            for h in heads:
                if h != v and seen[h] != v:
                    seen[h] = v
                    if size == len(new_head):
                        new_head = np.concatenate((new_head, np.empty_like(new_head)))
                    new_head[size] = h
                    size += 1
                    parent = min(parent, h)
            if below < 0:
                break
            heads = new_head[new_first[below] : new_first[below + 1]]
            below = sibling[below]
        new_first[v + 1] = size
        if parent < count:
            sibling[v], child[parent] = child[parent], v
    return new_first, new_head[:size].copy()


@compiled
def customise(arcs: Timed) -> None:
    """Lower the times of all arcs to those of the ways over junctions of lower rank."""
    first, head, up, down = arcs
    for v in range(len(first) - 1):
        end = first[v + 1]
        for a in range(first[v], end):
            c = first[head[a]]
            for b in range(a + 1, end):
                while head[c] < head[b]:
                    c += 1
                up[c] = min(up[c], down[a] + up[b])
                down[c] = min(down[c], down[b] + up[a])


@compiled
def _mark(first: Longs, head: Ints, junction: int, marks: Marks) -> None:
    """Mark a junction and all that a way up from it can meet: its ancestors."""
    v = junction
    while not marks[v]:
        marks[v] = True
        if first[v] < first[v + 1]:
            v = head[first[v]]


@compiled
def above(arcs: Timed, ways: AccessArcs) -> Marks:
    """Return (junctions,) whether ways up from positions, or down to them, may meet each."""
    marks = np.zeros(len(arcs.first) - 1, np.bool_)
    for row in range(len(ways.junction)):
        for end in range(ways.junction.shape[1]):
            if ways.seconds[row, end] < np.inf:
                _mark(arcs.first, arcs.head, ways.junction[row, end], marks)
    return marks


@compiled
def sweep(trips: Trips, rows: Longs, result: Singles) -> None:
    """Fill rows of a matrix: up from the origins, then down to all wanted junctions.

    Parameters
    ----------
    trips
        The question.
    rows
        The origins to do; neighbours in this order should be neighbours on the ground.
    result
        (origins, destinations) seconds.
    """
    times = np.empty((len(trips.wanted), _LANES), np.float64)
    met = np.zeros(len(trips.wanted), np.bool_)
    for begin in range(0, len(rows), _LANES):
        batch = rows[begin : begin + _LANES]
        times[:] = np.inf
        _begin(trips, batch, met, times)
        _climb(trips.arcs, met, times)
        _descend(trips.arcs, trips.wanted, times)
        _collect(trips, batch, times, result)


@compiled
def _begin(trips: Trips, batch: Longs, met: Marks, times: Floats) -> None:
    arcs, (junction, seconds) = trips.arcs, trips.origins
    for lane in range(len(batch)):
        for end in range(junction.shape[1]):
            v, first_s = junction[batch[lane], end], seconds[batch[lane], end]
            if first_s < np.inf:
                times[v, lane] = min(times[v, lane], first_s)
                _mark(arcs.first, arcs.head, v, met)


@compiled
def _climb(arcs: Timed, met: Marks, times: Floats) -> None:
    for v in range(len(met)):
        if met[v]:
            met[v] = False
            for a in range(arcs.first[v], arcs.first[v + 1]):
                h, seconds = arcs.head[a], arcs.up[a]
                for lane in range(_LANES):
                    times[h, lane] = min(times[h, lane], times[v, lane] + seconds)


@compiled
def _descend(arcs: Timed, wanted: Marks, times: Floats) -> None:
    for v in range(len(wanted) - 1, -1, -1):
        if wanted[v]:
            for a in range(arcs.first[v], arcs.first[v + 1]):
                h, seconds = arcs.head[a], arcs.down[a]
                for lane in range(_LANES):
                    times[v, lane] = min(times[v, lane], times[h, lane] + seconds)


@compiled
def _collect(trips: Trips, batch: Longs, times: Floats, result: Singles) -> None:
    junction, seconds = trips.destinations
    best = np.empty(_LANES, np.float64)
    for column in range(len(junction)):
        best[:] = np.inf
        for end in range(junction.shape[1]):
            v, last_s = junction[column, end], seconds[column, end]
            if last_s < np.inf:
                for lane in range(_LANES):
                    best[lane] = min(best[lane], times[v, lane] + last_s)
        for lane in range(len(batch)):
            within = best[lane] <= trips.cutoff_s
            result[batch[lane], column] = best[lane] if within else np.inf
