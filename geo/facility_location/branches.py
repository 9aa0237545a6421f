"""Branches of a search: some sites are open, some closed, and what follows for the others.

A look at a branch is a function of the branch, of the tree and of the best total that is known, and
nothing else; so several are looked at side by side, in threads, and the search stays the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from geo.facility_location.interchange import Bools
from geo.facility_location.lagrangian import Ascent
from geo.facility_location.medians import Medians
from geo.facility_location.near_lists import Lists, thinned
from geo.facility_location.siting import Floats, Rows

CLOSED, FREE, OPEN = -1, 0, 1
_STEPS, _ROUNDS, _HOPE = 20, 5, 3.0
"""A climb goes on for so many steps, so often, if so many times the last gain would end it."""
_DECIDED = 0.2
"""A branch is looked at again once so much of it was decided by the way."""


@dataclass(order=True, slots=True)
class Branch:
    """A branch; the one of least bound comes first, and of these the oldest.

    Attributes
    ----------
    bound
        No plan in it has a lower total.
    serial
        How many came before.
    status
        (m,) `CLOSED`, `FREE` or `OPEN`.
    lam
        (n,) the multipliers of its parent.
    """

    bound: float
    serial: int
    status: npt.NDArray[np.int8] = field(compare=False)
    lam: Floats = field(compare=False)


@dataclass(frozen=True, slots=True)
class Tree:
    """What all branches share.

    Attributes
    ----------
    problem, lists
        What to solve, and the near sites of its rows.
    stopped
        Whether the time is over.
    """

    problem: Medians
    lists: Lists
    stopped: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a branch has found.

    Attributes
    ----------
    halves
        The two parts of it that are worth a look, or none.
    chosen
        (m,) a set of p sites in it that may be good; None where there is none.
    only
        Whether it is the only one.
    """

    halves: tuple[Branch, ...] = ()
    chosen: Bools | None = None
    only: bool = False


def look(tree: Tree, branch: Branch, target: float, enough: float) -> Look:
    """Climb in a branch, fix what that decides, and halve the rest.

    Parameters
    ----------
    tree, branch
        Where.
    target
        The best total that is known.
    enough
        Plans that cost this or more are of no interest.
    """
    status, bound, lam = branch.status, branch.bound, branch.lam
    while True:
        free = np.flatnonzero(status == FREE)
        opened = status == OPEN
        q = tree.problem.p - int(opened.sum())
        if not 0 <= q <= free.size:
            return Look()
        if q in (0, free.size):
            opened[free[:q]] = True
            return Look(chosen=opened, only=True)
        ascent = _ascend(tree, status, q, lam)
        bound = _settle(tree, ascent, bound, (target, enough))
        chosen = ascent.chosen | opened
        status, lam = status.copy(), ascent.lam
        fits = _decide(ascent, free, status, enough)
        if bound >= enough or not fits:
            return Look(chosen=chosen)
        left = int((status == FREE).sum())
        if left > (1 - _DECIDED) * free.size or tree.stopped():
            return Look(_halves(ascent, free, Branch(bound, 0, status, lam)), chosen)


def _ascend(tree: Tree, status: npt.NDArray[np.int8], q: int, lam: Floats) -> Ascent:
    free = status == FREE
    open_cost = tree.problem.cost[status == OPEN].min(axis=0, initial=np.inf)
    cap = np.minimum(tree.lists.cap, open_cost)
    return Ascent(thinned(tree.lists, free, cap), np.flatnonzero(free), q, lam)


def _settle(tree: Tree, ascent: Ascent, bound: float, goal: tuple[float, float]) -> float:
    """Settle for as long as that promises to end the branch; return its bound."""
    enough = goal[1]
    for _ in range(_ROUNDS):
        more = ascent.settle(*goal, _STEPS)
        gain, missing = ascent.bound - bound, enough - ascent.bound
        bound = max(bound, ascent.bound)
        if not more or _HOPE * gain < missing or tree.stopped():
            break
    return bound


def _decide(ascent: Ascent, free: Rows, status: npt.NDArray[np.int8], enough: float) -> bool:
    """Fix the sites that no better plan has, or does without; return whether any is possible."""
    closed, opened = ascent.opened_bounds() >= enough, ascent.closed_bounds() >= enough
    status[free[closed]] = CLOSED
    status[free[opened]] = OPEN
    return not (closed & opened).any()


def _halves(ascent: Ascent, free: Rows, branch: Branch) -> tuple[Branch, ...]:
    """Halve a branch at the free site that is in most doubt."""
    share = ascent.share[free]
    doubt = np.where(branch.status[free] == FREE, np.minimum(share, 1 - share), -1.0)
    k = int(doubt.argmax())
    if doubt[k] < 0:
        return (branch,)
    halves = []
    for value, bounds in ((OPEN, ascent.opened_bounds()), (CLOSED, ascent.closed_bounds())):
        status = branch.status.copy()
        status[free[k]] = value
        halves.append(Branch(max(branch.bound, float(bounds[k])), 0, status, branch.lam))
    return tuple(halves)
