"""What each site can offer to groups of limited size: who can come, and how many."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo.facility_location.siting import Floats

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


class Offers(NamedTuple):
    """What each site can take.

    Attributes
    ----------
    begin, row, cost
        The rows that can go to site j stand from ``begin[j]`` to ``begin[j + 1]``.
    least, most
        (c,) the smallest and the largest group.
    forced, free
        (c,) sites that must be chosen, and others that may be.
    p, unplaced
        How many sites are chosen, and how many rows go nowhere.
    """

    begin: Ints
    row: npt.NDArray[np.int32]
    cost: Floats
    least: Ints
    most: Ints
    forced: Bools
    free: Bools
    p: int
    unplaced: int


def offers_of(
    cost: Floats, least: int, most: Floats, forced: Bools, counts: tuple[int, int]
) -> Offers:
    """List what each site can take.

    Parameters
    ----------
    cost
        (c, r) by site; ``inf`` = cannot.
    least, most, forced
        As in `group_program.Groups`.
    counts
        How many sites are chosen, and how many rows go nowhere.
    """
    site, row = np.nonzero(np.isfinite(cost))
    near = np.bincount(site, minlength=len(cost))
    return Offers(
        begin=np.concatenate([[0], near.cumsum()]),
        row=row.astype(np.int32),
        cost=cost[site, row],
        least=np.full(len(cost), least, np.int64),
        most=most.astype(np.int64),
        forced=forced,
        free=~forced & (most >= least) & (near >= least),
        p=counts[0],
        unplaced=counts[1],
    )
