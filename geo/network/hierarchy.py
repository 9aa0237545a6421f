"""The road network ranked by importance: a customizable contraction hierarchy, compiled.

After Dibbelt, Strasser and Wagner, "Customizable Contraction Hierarchies" (2016, ACM Journal of
Experimental Algorithmics 21: 1.5). RoutingKit ranks the junctions, once for a network. The arcs
over them depend on that order alone; the travel times of given conditions are put in within a
fraction of a second.

Junctions are named by rank here: an arc leads from a junction to one of higher rank, and carries
the time of driving it up and of driving it down. The arcs of each junction are sorted by where
they lead, so that the first one leads to its parent in the elimination tree.

A matrix is swept: each origin goes up the hierarchy, then one sweep down gives the times to all
junctions that paths to the destinations may meet (Delling, Goldberg and Werneck, "Faster Batched
Shortest Paths in Road Networks", ATMOS 2011). Only that part of the hierarchy is copied and swept.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from geo.jit import jit
from geo.network.graph import Conditions, Floats, Ints, Longs, Singles, expand
from geo.network.reach import AccessLegs

if TYPE_CHECKING:
    from geo.network.search import NetworkArrays

Marks = npt.NDArray[np.bool_]

_LANES = 16
"""Origins that are swept at once: arcs are read once for all of them, and one instruction of the
processor adds and compares several."""

_LARGE = 100_000  # pairs from which on threads pay
_MAX_WORKERS = 4


class TimedArcs(NamedTuple):
    """Arcs ``first[v]:first[v + 1]`` lead from junction v up to ``head``, which rises.

    They are driven in ``up`` seconds, and back in ``down``; ``inf`` = not at all.
    """

    first: Longs
    head: Ints
    up: Floats
    down: Floats


class RankedLegs(NamedTuple):
    """(k, c) junctions next to k positions, and seconds between them; ``inf`` = none."""

    junction: Ints
    seconds: Floats


class MatrixQuery(NamedTuple):
    """The travel times that a sweep is to find; what is beyond the cutoff is ``inf``.

    Arcs are those of a part of the hierarchy that is closed upwards; ``below`` says (junctions,)
    what paths down to the destinations may meet.
    """

    arcs: TimedArcs
    below: Marks
    origins: RankedLegs
    destinations: RankedLegs
    cutoff_s: float


class Hierarchy:
    """The ranked network, and its arcs timed by conditions; each is made when first needed."""

    def __init__(self, network: NetworkArrays) -> None:
        self._network = network
        count = len(network.order)
        self.rank: Ints = np.empty(count, np.int32)
        """(n,) the place of each junction in the order."""
        self.rank[network.order] = np.arange(count, dtype=np.int32)
        self._arcs: tuple[Longs, Ints] | None = None
        self._timed: dict[Conditions, TimedArcs] = {}
        self._lock = threading.Lock()

    def timed(self, conditions: Conditions) -> TimedArcs:
        """Return the arcs under given conditions."""
        with self._lock:
            if conditions not in self._timed:
                self._arcs = self._arcs or self._contract()
                arcs = TimedArcs(*self._arcs, *self._driven(*self._arcs, conditions))
                customise(arcs)
                self._timed[conditions] = arcs
            return self._timed[conditions]

    def seconds_between(
        self, conditions: Conditions, origins: AccessLegs, destinations: AccessLegs, cutoff_s: float
    ) -> Singles:
        """Return (n, m) seconds of the trips that pass at least one junction; ``inf`` = none."""
        query = _restrict(
            self.timed(conditions),
            RankedLegs(self.rank[origins.junction], origins.seconds),
            RankedLegs(self.rank[destinations.junction], destinations.seconds),
            cutoff_s,
        )
        seconds = np.empty((len(origins.seconds), len(destinations.seconds)), np.float32)
        # Junctions are numbered along a curve: neighbours go up together.
        rows = np.argsort(origins.junction[:, 0], kind="stable")
        workers = min(_MAX_WORKERS, os.cpu_count() or 1) if seconds.size >= _LARGE else 1
        if workers == 1:
            sweep(query, rows, seconds)
        else:
            with ThreadPoolExecutor(workers) as pool:
                parts = np.array_split(rows, workers)
                list(pool.map(lambda part: sweep(query, part, seconds), parts))
        return seconds

    def _contract(self) -> tuple[Longs, Ints]:
        """Return the arcs, those of each junction sorted by where they lead."""
        count = len(self.rank)
        pairs = np.unique(self._pairs())
        first = np.searchsorted(pairs, np.arange(count + 1) * count)
        first, head = contract(first, (pairs % count).astype(np.int32))
        rows = np.repeat(np.arange(count), np.diff(first))
        return first, (np.sort(rows * count + head) % count).astype(np.int32)

    def _driven(self, first: Longs, head: Ints, conditions: Conditions) -> tuple[Floats, Floats]:
        """Return the seconds of the edges themselves, up and down each arc; else ``inf``."""
        count = len(self.rank)
        seconds = self._network.edge_seconds(conditions)
        keys = np.repeat(np.arange(count), np.diff(first)) * count + head
        arc = np.searchsorted(keys, self._pairs())
        edges = self._network.edges
        rise = self.rank[edges.head] - self.rank[edges.tail]
        up, down = np.full((2, len(head)), np.inf)
        np.minimum.at(up, arc[rise > 0], seconds[rise > 0])
        np.minimum.at(down, arc[rise < 0], seconds[rise < 0])  # a loop is neither
        return up, down

    def _pairs(self) -> Longs:
        """Return (m,) the lower and the higher rank of the ends of all edges, as one number."""
        tail = self.rank[self._network.edges.tail].astype(np.int64)
        head = self.rank[self._network.edges.head]
        return np.minimum(tail, head) * len(self.rank) + np.maximum(tail, head)


def _restrict(
    arcs: TimedArcs, origins: RankedLegs, destinations: RankedLegs, cutoff_s: float
) -> MatrixQuery:
    """Return the query over the part of the hierarchy that its trips may meet."""
    below = ancestors(arcs, destinations)
    kept = below | ancestors(arcs, origins)
    junctions = np.flatnonzero(kept)
    number = (np.cumsum(kept) - 1).clip(0).astype(np.int32)
    count = arcs.first[junctions + 1] - arcs.first[junctions]
    index = expand(arcs.first[junctions], count)[1]
    return MatrixQuery(
        TimedArcs(
            first=np.concatenate([[0], np.cumsum(count)]),
            head=number[arcs.head[index]],
            up=arcs.up[index],
            down=arcs.down[index],
        ),
        below[junctions],
        RankedLegs(number[origins.junction], origins.seconds),
        RankedLegs(number[destinations.junction], destinations.seconds),
        cutoff_s,
    )


@jit
def contract(first: Longs, head: Ints) -> tuple[Longs, Ints]:
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


@jit
def customise(arcs: TimedArcs) -> None:
    """Lower the times of all arcs to those of the paths over junctions of lower rank."""
    first, head, up, down = arcs
    for v in range(len(first) - 1):
        end = first[v + 1]
        for a in range(first[v], end):
            # The lower triangles of v: its arcs a and b, and the arc c between their heads, which
            # is found by walking on, since arcs are sorted by head.
            c = first[head[a]]
            for b in range(a + 1, end):
                while head[c] < head[b]:
                    c += 1
                up[c] = min(up[c], down[a] + up[b])
                down[c] = min(down[c], down[b] + up[a])


@jit
def _mark_ancestors(first: Longs, head: Ints, junction: int, marks: Marks) -> None:
    """Mark a junction and all that a path up from it can meet."""
    v = junction
    while not marks[v]:
        marks[v] = True
        if first[v] < first[v + 1]:
            v = head[first[v]]


@jit
def ancestors(arcs: TimedArcs, legs: RankedLegs) -> Marks:
    """Return (junctions,) whether paths up from positions, or down to them, may meet each."""
    marks = np.zeros(len(arcs.first) - 1, np.bool_)
    for row in range(len(legs.junction)):
        for leg in range(legs.junction.shape[1]):
            if legs.seconds[row, leg] < np.inf:
                _mark_ancestors(arcs.first, arcs.head, legs.junction[row, leg], marks)
    return marks


@jit
def sweep(query: MatrixQuery, rows: Longs, result: Singles) -> None:
    """Fill rows of a (origins, destinations) matrix of seconds: up from the origins, then down.

    Rows that are next to each other should be neighbours on the ground: they share most arcs.
    """
    times = np.empty((len(query.below), _LANES), np.float64)
    reached = np.zeros(len(query.below), np.bool_)
    for begin in range(0, len(rows), _LANES):
        batch = rows[begin : begin + _LANES]
        times[:] = np.inf
        _start(query, batch, reached, times)
        _sweep_up(query.arcs, reached, times)
        _sweep_down(query.arcs, query.below, times)
        _collect(query, batch, times, result)


@jit
def _start(query: MatrixQuery, batch: Longs, reached: Marks, times: Floats) -> None:
    arcs, (junction, seconds) = query.arcs, query.origins
    for lane in range(len(batch)):
        for leg in range(junction.shape[1]):
            v, leg_s = junction[batch[lane], leg], seconds[batch[lane], leg]
            if leg_s < np.inf:
                times[v, lane] = min(times[v, lane], leg_s)
                _mark_ancestors(arcs.first, arcs.head, v, reached)


@jit
def _sweep_up(arcs: TimedArcs, reached: Marks, times: Floats) -> None:
    # Upwards a junction is final when its turn comes: all that leads to it has a lower rank.
    for v in range(len(reached)):
        if reached[v]:
            reached[v] = False  # ready for the next batch
            for a in range(arcs.first[v], arcs.first[v + 1]):
                h, seconds = arcs.head[a], arcs.up[a]
                for lane in range(_LANES):
                    times[h, lane] = min(times[h, lane], times[v, lane] + seconds)


@jit
def _sweep_down(arcs: TimedArcs, below: Marks, times: Floats) -> None:
    for v in range(len(below) - 1, -1, -1):
        if below[v]:
            for a in range(arcs.first[v], arcs.first[v + 1]):
                h, seconds = arcs.head[a], arcs.down[a]
                for lane in range(_LANES):
                    times[v, lane] = min(times[v, lane], times[h, lane] + seconds)


@jit
def _collect(query: MatrixQuery, batch: Longs, times: Floats, result: Singles) -> None:
    junction, seconds = query.destinations
    best = np.empty(_LANES, np.float64)
    for column in range(len(junction)):
        best[:] = np.inf
        for leg in range(junction.shape[1]):
            v, leg_s = junction[column, leg], seconds[column, leg]
            if leg_s < np.inf:
                for lane in range(_LANES):
                    best[lane] = min(best[lane], times[v, lane] + leg_s)
        for lane in range(len(batch)):
            within = best[lane] <= query.cutoff_s
            result[batch[lane], column] = best[lane] if within else np.inf
