"""Groups as the answer of a solver: given rows and columns, and the limits as they were given.

What each site can offer to groups of limited size: who can come, and how many.

How many people may meet at one site.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.facility_location.model import Floats, Instance, Rows, Siting, SolveBudget, total

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


class SiteCapacity(NamedTuple):
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


def site_capacity(
    cost: Floats, least: int, most: Floats, forced: Bools, counts: tuple[int, int]
) -> SiteCapacity:
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
    return SiteCapacity(
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


@dataclass(frozen=True, slots=True)
class GroupSize:
    """How many people may meet at one site.

    Attributes
    ----------
    least, most
        At each chosen site; ``most`` None = any number.
    rooms
        (m,) how many each site holds; None = any number.
    """

    least: int = 0
    most: int | None = None
    rooms: npt.ArrayLike | None = None


@dataclass(frozen=True, slots=True)
class Sizes:
    """What any groups must keep to.

    Attributes
    ----------
    least, most
        The smallest group, and (c,) the largest at each site.
    forced
        (c,) sites that must be chosen.
    """

    least: int
    most: Ints
    forced: Bools


def rooms_of(size: GroupSize, shape: tuple[int, ...]) -> Floats:
    """Return (m,) the largest group at each site, at most everybody.

    Raises
    ------
    InputError
        A number is out of range, or there is not one room for each site.
    """
    n, m = shape
    if size.least < 0:
        raise InputError(f"a smallest group of {size.least} is none; give 0 or more.")
    most = n if size.most is None else size.most
    if size.most is not None and most < max(1, size.least) and n:
        raise InputError(
            f"a largest group of {most} is smaller than {max(1, size.least)}; give at least that."
        )
    if size.rooms is None:
        return np.full(m, float(most))
    rooms = np.asarray(size.rooms, np.float64)
    if rooms.shape != (m,):
        raise InputError(
            f"there are {m} sites but capacities of shape {rooms.shape}; give one a site."
        )
    if m and not rooms.min() >= 0:
        raise InputError("a capacity is negative or no number; give 0 or more, or inf.")
    return np.floor(np.minimum(rooms, most))


def sizes_of(instance: Instance, size: GroupSize) -> Sizes:
    """Return what the groups of an instance must keep to."""
    most = rooms_of(size, instance.given.shape)[instance.columns]
    return Sizes(size.least, most.astype(np.int64), instance.forced)


def weighted(instance: Instance) -> Floats:
    """Return (c, r) travel times times the weight of the row; ``inf`` = cannot."""
    cost = np.full_like(instance.seconds, np.inf)
    finite = np.isfinite(instance.seconds)
    np.multiply(instance.seconds, instance.weights, out=cost, where=finite)
    return cost


def group_siting(instance: Instance, chosen: Bools, site: Rows, budget: SolveBudget) -> Siting:
    """Return the siting of chosen sites to which (r,) rows go, -1 = nowhere.

    Its objective is the weighted total, of which nothing is proven.
    """
    assignment = np.full(len(instance.given), -1, np.intp)
    placed = site >= 0
    rows = instance.rows[placed]
    assignment[rows] = instance.columns[site[placed]]
    drive = instance.given[rows, assignment[rows]].astype(np.float64)
    return Siting(
        sites=instance.columns[chosen],
        assignment=assignment,
        objective=total(instance.given_weights[rows] * drive),
        bound=0.0,
        proven=False,
        elapsed_s=budget.elapsed_s,
        worst_s=float(drive.max(initial=0.0)),
    )


def no_siting(instance: Instance, budget: SolveBudget, *, proven: bool) -> Siting:
    """Return that no groups keep the limits, or that none were found."""
    nowhere = np.full(len(instance.given), -1, np.intp)
    bound = float("inf") if proven else 0.0
    return Siting(np.zeros(0, np.intp), nowhere, float("inf"), bound, proven, budget.elapsed_s)
