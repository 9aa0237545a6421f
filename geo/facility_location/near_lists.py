"""Each row's sites from near to far: what a Lagrangian bound reads, over and over.

A step of the climb (`lagrangian`) reads only the sites that cost less than the row pays, so lists
are short, and a list may be cut off: then its last cost is the row's cap, so that what is missing
would never be read. Sites are unsigned numbers: an index that may be negative is read half as fast.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo.facility_location.compiled import compiled
from geo.facility_location.siting import Floats

Sites = npt.NDArray[np.uint32]
Bools = npt.NDArray[np.bool_]


class Lists(NamedTuple):
    """Each row's sites from near to far.

    Attributes
    ----------
    site, cost
        (n, k) sites and what they cost, ascending along a row.
    length
        (n,) how much of each row counts: what costs the cap or more does not.
    cap
        (n,) what a row costs that is served by none of its listed sites, at least.
    by_site
        (m, n) the costs by site, of which only some may be listed.
    """

    site: Sites
    cost: Floats
    length: npt.NDArray[np.int64]
    cap: Floats
    by_site: Floats


_SAMPLE, _SHARES, _SPARE = 128, 4, 2
"""Sites by which it is judged which are near, shares of the sites that are, and a few more."""


def near_limits(cost: Floats, p: int) -> Floats:
    """Return (n,) what the nearest few sites of each row cost at most, judged by a sample.

    Parameters
    ----------
    cost
        (m, n) costs by site.
    p
        How many sites will be chosen: some four times a row's share of the sites is near.
    """
    sample = cost[:: max(1, len(cost) // _SAMPLE)]
    rank = _SHARES * len(sample) // max(1, p) + _SPARE
    if rank >= len(sample):
        return np.full(cost.shape[1], np.inf)
    return np.asarray(np.partition(sample, rank, axis=0)[rank])


@compiled
def _list(cost: Floats, cap: Floats) -> tuple[Sites, Floats, npt.NDArray[np.int64]]:
    """List each row's sites that cost less than the cap, from near to far."""
    m, n = cost.shape
    length = np.zeros(n, np.int64)
    for j in range(m):
        for i in range(n):
            length[i] += 1 if cost[j, i] < cap[i] else 0
    width = max(1, length.max())
    site = np.zeros((n, width), np.uint32)
    near = np.full((n, width), np.inf)
    at = np.zeros(n, np.int64)
    for j in range(m):
        for i in range(n):
            if cost[j, i] < cap[i]:
                site[i, at[i]] = j
                near[i, at[i]] = cost[j, i]
                at[i] += 1
    for i in range(n):
        order = np.argsort(near[i, : length[i]], kind="mergesort")
        site[i, : length[i]] = site[i, : length[i]][order]
        near[i, : length[i]] = near[i, : length[i]][order]
    return site, near, length


def nearest_lists(cost: Floats, cap: Floats) -> Lists:
    """List the sites of every row.

    Parameters
    ----------
    cost
        (m, n) costs by site.
    cap
        (n,) what it costs to serve a row by none, or less: what costs as much is not listed.
    """
    return Lists(*_list(cost, cap), cap, cost)


@compiled
def _thin(
    lists: Lists, keep: Bools, cap: Floats, width: int
) -> tuple[Sites, Floats, npt.NDArray[np.int64]]:
    """Copy from each row's list the kept sites that cost less than the cap."""
    n = cap.size
    length = np.zeros(n, np.int64)
    site = np.empty((n, width + 1), np.uint32)
    cost = np.empty((n, width + 1))
    for i in range(n):
        at = 0
        for k in range(lists.length[i]):
            if lists.cost[i, k] >= cap[i]:
                break
            site[i, at] = lists.site[i, k]
            cost[i, at] = lists.cost[i, k]
            at += keep[lists.site[i, k]]
        length[i] = at
    return site, cost, length


def thinned(lists: Lists, keep: Bools, cap: Floats) -> Lists:
    """Return the lists of a branch: of the sites to keep, those that cost less than its cap.

    Parameters
    ----------
    lists
        The lists of all sites.
    keep
        (m,) the free sites.
    cap
        (n,) at most ``lists.cap``.
    """
    width = min(int(keep.sum()), lists.site.shape[1])
    return Lists(*_thin(lists, keep, cap, width), cap, lists.by_site)
