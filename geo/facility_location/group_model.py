"""Groups of limited size: the limits as they are given, as solvers keep them, and the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.facility_location.model import (
    Bools,
    Floats,
    Instance,
    Ints,
    Rows,
    Siting,
    SolveBudget,
    total,
)


@dataclass(frozen=True, slots=True)
class GroupSize:
    """How many people may meet at one site.

    Attributes
    ----------
    min_size, max_size
        At each chosen site; ``max_size`` None = any number.
    capacities
        (m,) how many each site holds; None = any number.
    """

    min_size: int = 0
    max_size: int | None = None
    capacities: npt.ArrayLike | None = None


@dataclass(frozen=True, slots=True)
class GroupLimits:
    """What the groups of an instance must keep to.

    Attributes
    ----------
    min_size, max_size
        The smallest group, and (c,) the largest at each site.
    forced
        (c,) sites that must be chosen.
    """

    min_size: int
    max_size: Ints
    forced: Bools

    @classmethod
    def of(cls, instance: Instance, size: GroupSize) -> GroupLimits:
        """Return the limits at the sites of an instance.

        Raises
        ------
        InputError
            A number is out of range, or there is not one capacity for each site.
        """
        largest = _largest_groups(size, instance.given.shape)[instance.columns]
        return cls(size.min_size, largest.astype(np.int64), instance.forced)


def _largest_groups(size: GroupSize, shape: tuple[int, ...]) -> Floats:
    """Return (m,) the largest group at each site, at most everybody."""
    n, m = shape
    if size.min_size < 0:
        raise InputError(f"a smallest group of {size.min_size} is none; give 0 or more.")
    largest = n if size.max_size is None else size.max_size
    least = max(1, size.min_size)
    if size.max_size is not None and largest < least and n:
        raise InputError(
            f"a largest group of {largest} is smaller than {least}; give at least that."
        )
    if size.capacities is None:
        return np.full(m, float(largest))
    capacities = np.asarray(size.capacities, np.float64)
    if capacities.shape != (m,):
        raise InputError(
            f"there are {m} sites but capacities of shape {capacities.shape}; give one a site."
        )
    if m and not capacities.min() >= 0:
        raise InputError("a capacity is negative or no number; give 0 or more, or inf.")
    return np.floor(np.minimum(capacities, largest))


class SiteCapacity(NamedTuple):
    """What each site can take, as compiled code reads it.

    Attributes
    ----------
    begin, row, cost
        The rows that can go to site j stand from ``begin[j]`` to ``begin[j + 1]``.
    min_size, max_size
        (c,) the smallest and the largest group.
    forced, free
        (c,) sites that must be chosen, and others that may be.
    p, unplaced
        How many sites are chosen, and how many rows go nowhere.
    """

    begin: Ints
    row: npt.NDArray[np.int32]
    cost: Floats
    min_size: Ints
    max_size: Ints
    forced: Bools
    free: Bools
    p: int
    unplaced: int

    @classmethod
    def of(cls, cost: Floats, limits: GroupLimits, p: int, unplaced: int) -> SiteCapacity:
        """List what each site can take; ``cost`` is (c, r) by site, ``inf`` = cannot."""
        site, row = np.nonzero(np.isfinite(cost))
        near = np.bincount(site, minlength=len(cost))
        smallest, largest = limits.min_size, limits.max_size
        return cls(
            begin=np.concatenate([[0], near.cumsum()]),
            row=row.astype(np.int32),
            cost=cost[site, row],
            min_size=np.full(len(cost), smallest, np.int64),
            max_size=largest,
            forced=limits.forced,
            free=~limits.forced & (largest >= smallest) & (near >= smallest),
            p=p,
            unplaced=unplaced,
        )


def group_siting(instance: Instance, chosen: Bools, site: Rows, budget: SolveBudget) -> Siting:
    """Return the siting of chosen sites to which (r,) rows go, -1 = nowhere.

    Its objective is the weighted total, of which nothing is proven.
    """
    assignment = np.full(len(instance.given), -1, np.intp)
    placed = site >= 0
    rows = instance.rows[placed]
    assignment[rows] = instance.columns[site[placed]]
    travel_times = instance.given[rows, assignment[rows]].astype(np.float64)
    return Siting(
        sites=instance.columns[chosen],
        assignment=assignment,
        objective=total(instance.given_weights[rows] * travel_times),
        bound=0.0,
        proven=False,
        elapsed_s=budget.elapsed_s,
        worst_s=float(travel_times.max(initial=0.0)),
    )


def no_siting(instance: Instance, budget: SolveBudget, *, proven: bool) -> Siting:
    """Return that no groups keep the limits, or that none were found."""
    nowhere = np.full(len(instance.given), -1, np.intp)
    bound = float("inf") if proven else 0.0
    return Siting(np.zeros(0, np.intp), nowhere, float("inf"), bound, proven, budget.elapsed_s)
