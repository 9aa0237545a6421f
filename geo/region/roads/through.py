"""Roads without through traffic: private ones, those for residents, and all that lies behind them.

A trip may begin on such roads and may end on them, but does not come from a public road, pass, and
go on to another one. Where roads without through traffic touch the public ones once, nobody would
pass anyway. Where they touch them more often they are laid twice, as in a layered graph: in the
copy that is left by, every road leads out to the public ones and none comes from there; in the copy
that is come to by, it is the other way round. So every search over the graph keeps the rule without
knowing it. Such a road ends where it meets the public ones; one that goes on beyond is another.

Public roads that only roads without through traffic lead to are behind them, and likewise open to
those whose trip starts or ends there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from geo.network.graph import EdgeFlag
from geo.region.roads.pieces import Bools, Floats, Ints

_TWICE = 2


@dataclass(frozen=True, slots=True)
class Links:
    """The m directed edges between v vertices.

    Attributes
    ----------
    tail, head
        (m,) vertices.
    length_m
        (m,) metres.
    destination_only
        (conditions, m) whether the edge is for destination traffic alone.
    open
        (conditions, m) whether it is driven at all.
    """

    tail: Ints
    head: Ints
    length_m: Floats
    destination_only: Bools
    open: Bools
    vertices: int


@dataclass(frozen=True, slots=True)
class Layered:
    """The edges laid so that nobody passes where only destination traffic may drive.

    Attributes
    ----------
    edge
        (k,) the edge that each is a copy of.
    tail, head
        (k,) vertices; those from v on are copies.
    flags
        (k,) bits of `EdgeFlag` to add.
    shut
        (conditions, k) whether it is not driven, in addition to what shuts the edge itself.
    copy_of
        (v + copies,) the vertex that each vertex is a copy of.
    """

    edge: Ints
    tail: Ints
    head: Ints
    flags: Ints
    shut: Bools
    copy_of: Ints


def without_through_traffic(links: Links) -> Layered:
    """Lay the edges so that no trip passes where only destination traffic may drive."""
    destination_only = links.destination_only | _behind(links)
    zone_edge = np.asarray(destination_only.any(axis=0))
    zone = _zones(links, zone_edge)
    laid = zone >= 0
    laid[laid] = (_gateways(links, zone_edge, zone) >= _TWICE)[zone[laid]]
    seasonal = np.flatnonzero(laid & ~destination_only.all(axis=0))
    plain = np.flatnonzero(~laid)
    twice = np.flatnonzero(laid)
    public = _public_vertices(links, zone_edge)
    v = links.vertices
    out_tail, in_head = v + links.tail[twice], 2 * v + links.head[twice]
    out_head = np.where(public[links.head[twice]], links.head[twice], v + links.head[twice])
    in_tail = np.where(public[links.tail[twice]], links.tail[twice], 2 * v + links.tail[twice])
    rows = np.concatenate([plain, seasonal, twice, twice])
    sizes = [len(plain), len(seasonal), len(twice), len(twice)]
    shut = np.zeros((len(destination_only), len(rows)), bool)
    passed = slice(len(plain), len(plain) + len(seasonal))
    shut[:, passed] = destination_only[:, seasonal]
    return Layered(
        edge=rows,
        tail=np.concatenate([links.tail[plain], links.tail[seasonal], out_tail, in_tail]),
        head=np.concatenate([links.head[plain], links.head[seasonal], out_head, in_head]),
        flags=np.repeat([0, 0, int(EdgeFlag.OUTBOUND), int(EdgeFlag.INBOUND)], sizes),
        shut=shut,
        copy_of=np.tile(np.arange(v), 3),
    )


def _behind(links: Links) -> Bools:
    """Return (conditions, m) which edges can be come to and left by destination traffic alone.

    Of roads that are joined, whoever may drive there, the largest part that everybody may drive is
    public; what else everybody may drive lies behind roads for destination traffic.
    """
    public = np.asarray((links.open & ~links.destination_only).any(axis=0))
    if public.all():
        return np.zeros_like(links.destination_only)
    whole = _strong(links, np.ones(len(public), bool))
    part = _strong(links, public)
    joined = public & (part[links.tail] == part[links.head])
    metres = np.bincount(part[links.tail[joined]], links.length_m[joined], int(part.max()) + 1)
    largest = np.full(int(whole.max()) + 1, -1)
    order = np.argsort(metres[part], kind="stable")  # the last one written is the largest
    largest[whole[order]] = part[order]
    main = joined & (part[links.tail] == largest[whole[links.tail]])
    return np.asarray(np.broadcast_to(~main, links.destination_only.shape) & public)


def _strong(links: Links, chosen: Bools) -> Ints:
    """Return the strongly connected part of each (v,) vertex, over chosen edges."""
    size = (links.vertices, links.vertices)
    ends = (links.tail[chosen], links.head[chosen])
    pairs = csr_array((np.ones(int(chosen.sum()), np.int8), ends), size)
    return np.asarray(connected_components(pairs, connection="strong")[1], np.int64)


def _public_vertices(links: Links, zone_edge: Bools) -> Bools:
    """Return which (v,) vertices lie on a road that everybody may drive in every season."""
    public = np.zeros(links.vertices, bool)
    public[links.tail[~zone_edge]] = public[links.head[~zone_edge]] = True
    return public


def _zones(links: Links, zone_edge: Bools) -> Ints:
    """Return the zone of each (m,) edge, -1 for public ones: what is driven without leaving them.

    Zones that meet at a public vertex are two.
    """
    public = _public_vertices(links, zone_edge)
    rows = np.flatnonzero(zone_edge)
    inner = np.concatenate([rows[~public[links.tail[rows]]], rows[~public[links.head[rows]]]])
    ends = np.concatenate(
        [
            links.tail[rows[~public[links.tail[rows]]]],
            links.head[rows[~public[links.head[rows]]]],
        ]
    )
    number = np.full(len(zone_edge), -1)
    number[rows] = np.arange(len(rows))
    # The two directions of a road between public vertices share no inner one: they are told to be
    # one zone by their ends.
    pair = links.vertices + _pair_numbers(links, rows)
    left = np.concatenate([number[inner], np.arange(len(rows))])
    right = np.concatenate([ends, pair]) + len(rows)
    size = int(right.max(initial=len(rows))) + 1
    touching = csr_array((np.ones(len(left), np.int8), (left, right)), (size, size))
    parts = connected_components(touching, directed=False)[1][: len(rows)]
    zone = np.full(len(zone_edge), -1)
    zone[rows] = np.unique(parts, return_inverse=True)[1]
    return zone


def _pair_numbers(links: Links, rows: Ints) -> Ints:
    """Return a number for each of some edges; edges between the same two vertices share it."""
    low = np.minimum(links.tail[rows], links.head[rows])
    high = np.maximum(links.tail[rows], links.head[rows])
    return np.asarray(np.unique(low * links.vertices + high, return_inverse=True)[1])


def _gateways(links: Links, zone_edge: Bools, zone: Ints) -> Ints:
    """Return at how many public vertices each zone ends."""
    public = _public_vertices(links, zone_edge)
    rows = np.flatnonzero(zone_edge)
    ends = np.concatenate([links.tail[rows], links.head[rows]])
    zones = np.concatenate([zone[rows], zone[rows]])
    at = public[ends]
    pairs = np.unique(zones[at] * links.vertices + ends[at])
    return np.bincount(pairs // links.vertices, minlength=int(zone.max(initial=-1)) + 1)
