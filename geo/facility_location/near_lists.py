"""Each row's sites from near to far: what a Lagrangian bound reads, over and over.

A step of the climb (`lagrangian`) reads only the sites that cost less than the row pays, so lists
are short, and a list may be cut off: then its last cost is the row's cap, so that what is missing
would never be read.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo.facility_location.compiled import compiled
from geo.facility_location.siting import Floats

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
    sites
        m, of which only some may be listed.
    """

    site: npt.NDArray[np.int32]
    cost: Floats
    length: npt.NDArray[np.int64]
    cap: Floats
    sites: int


def nearest_lists(cost: Floats, cap: Floats, p: int) -> Lists:
    """List the sites of every row, only the nearest where there are many.

    Parameters
    ----------
    cost
        (m, n) costs by site.
    cap
        (n,) what it costs to serve a row by none.
    p
        How many sites will be chosen: ten times a row's share of the sites is listed.
    """
    by_row = np.ascontiguousarray(cost.T)
    m = by_row.shape[1]
    k = min(m, 10 * m // max(1, p) + 20)
    if k < m:
        some = np.argpartition(by_row, k - 1, axis=1)[:, :k]
        costs = np.take_along_axis(by_row, some, axis=1)
        order = np.argsort(costs, axis=1, kind="stable")
        site = np.take_along_axis(some, order, axis=1)
        cap = np.minimum(cap, costs.max(axis=1, initial=0.0))
    else:
        site = np.argsort(by_row, axis=1, kind="stable")
    sorted_cost = np.take_along_axis(by_row, site, axis=1)
    return Lists(
        site=site.astype(np.int32),
        cost=sorted_cost,
        length=(sorted_cost < cap[:, None]).sum(axis=1),
        cap=cap,
        sites=m,
    )


@compiled
def _thin(
    lists: Lists, keep: Bools, cap: Floats
) -> tuple[npt.NDArray[np.int32], Floats, npt.NDArray[np.int64]]:
    """Copy from each row's list the kept sites that cost less than the cap."""
    n = cap.size
    length = np.zeros(n, np.int64)
    for i in range(n):
        for k in range(lists.length[i]):
            if lists.cost[i, k] >= cap[i]:
                break
            if keep[lists.site[i, k]]:
                length[i] += 1
    width = max(1, length.max())
    site = np.zeros((n, width), np.int32)
    cost = np.full((n, width), np.inf)
    for i in range(n):
        at = 0
        for k in range(lists.length[i]):
            if at == length[i]:
                break
            if keep[lists.site[i, k]]:
                site[i, at] = lists.site[i, k]
                cost[i, at] = lists.cost[i, k]
                at += 1
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
    return Lists(*_thin(lists, keep, cap), cap, lists.sites)
