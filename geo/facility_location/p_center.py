"""The p-center: p sites with the least worst drive.

Choose ``y_j`` and ``x_ij`` as in the p-median, to

    minimise    max_ij  seconds_ij x_ij
    subject to  sum_j x_ij = 1,    x_ij <= y_j,    sum_j y_j = p

A drive is a drive: weights decide nothing but the last tie. (For the least worst *weighted* drive
multiply the rows by their weights first.) Of the plans with this worst drive the one with the least
next worst is wanted, and so on, and then the one with the least weighted total: that is searched
for, and proven only where all plans can be tried (``ties_proven``).

The worst drive is one of the given times. For each of them the question is whether p sites cover
everybody within it, and halving finds the least time with a yes. Where p sites cannot reach
everybody, the question is whether they cover as many as they ever can.

Sources: Hakimi 1965, Operations Research 13: 462; Minieka 1970, SIAM Review 12: 138 (set covers);
Ogryczak 1997, EJOR 100: 570 (the next worst, and so on).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geo.facility_location.covering import fewest_sites
from geo.facility_location.local_search import kick, random_set
from geo.facility_location.median_model import MedianProblem
from geo.facility_location.model import (
    Bools,
    Floats,
    Instance,
    SiteConstraints,
    Siting,
    SolveBudget,
    SolveProgress,
    read_instance,
    relative_gap,
    total,
)
from geo.facility_location.p_median import exchange_forced, solve_forced

_TRIES = 5_000
"""So many sets are tried one by one to prove the ties."""
_POWERS = (4.0, 16.0, 64.0, 2.0)
"""Least sums of high powers of the drives have few long ones."""
_KICKS = 4

Key = tuple[int, list[float], float]


def solve_p_center(  # noqa: PLR0913 - the options of the contract, all of them keywords
    seconds: npt.ArrayLike,
    p: int,
    *,
    weights: npt.ArrayLike | None = None,
    forced: Sequence[int] = (),
    banned: Sequence[int] = (),
    time_limit_s: float = 60.0,
    seed: int = 0,
    gap: float = 0.0,
    progress: SolveProgress | None = None,
) -> Siting:
    """Choose p sites so that the worst travel time is least, then the next worst, and so on.

    Other parameters are those of `geo.facility_location.solve_p_median`.

    Parameters
    ----------
    weights
        (n,) how much a row counts in the total that decides the last tie; None = 1 each.

    Returns
    -------
    Siting
        ``objective`` is the worst travel time, in seconds, of the rows that are placed.

    Raises
    ------
    InputError
        A number is out of range, or the rules contradict each other.

    Examples
    --------
    >>> siting = solve_p_center([[0, 60, 300], [60, 0, 240], [300, 240, 0]], 1)
    >>> siting.sites.tolist(), siting.objective, siting.proven, siting.ties_proven
    ([1], 240.0, True, True)
    """
    budget = SolveBudget(time_limit_s, gap, progress)
    instance = read_instance(seconds, SiteConstraints(weights, forced, banned), p)
    sites = len(instance.columns)
    search = _CenterSearch(instance, min(p, sites), budget, seed)
    search.halve()
    ties_proven = search.break_ties()
    siting = instance.total_siting(
        instance.chosen_columns(search.best, p), 0.0, search.proven, budget
    )
    bound = siting.worst_s if search.proven else min(search.bound, siting.worst_s)
    return replace(
        siting,
        objective=siting.worst_s,
        bound=bound,
        ties_proven=search.proven and ties_proven,
    )


@dataclass(frozen=True, slots=True)
class _CenterAnswer:
    """Whether a worst drive is possible: a set of sites, a proof that none is, or neither."""

    chosen: Bools | None
    infeasible: bool


class _CenterSearch:
    """The best set so far, and the least worst drive that is not refuted."""

    def __init__(self, instance: Instance, p: int, budget: SolveBudget, seed: int) -> None:
        self._instance, self._p, self._budget, self._seed = instance, p, budget, seed
        self._random = np.random.default_rng(seed)
        self._people = instance.people.astype(np.int64)
        self._unplaced = 0
        self.bound = 0.0
        self.proven = False
        free = ~instance.forced
        self.best = instance.forced.copy()
        self.best[free] = random_set(int(free.sum()), p - int(instance.forced.sum()), self._random)

    def halve(self) -> None:
        """Find the least worst drive."""
        drive = self._instance.seconds
        if drive.shape[1] == 0:
            self.proven = True
            return
        certain = self._place_most()
        times = np.unique(drive[np.isfinite(drive)])
        self._improve(_POWERS[:2])
        least = 0.0 if self._unplaced else float(drive.min(axis=0).max())
        low, high = np.searchsorted(times, [least, self._worst()]).tolist()
        while low < high:
            self.bound = float(times[low])
            in_time = self._budget.report(float(times[high]), self.bound)
            if not in_time or relative_gap(float(times[high]), self.bound) <= self._budget.gap:
                return
            middle = (low + high) // 2
            answer = self._within(float(times[middle]))
            if answer.chosen is not None:
                self.best = self._filled(answer.chosen)
                high = int(np.searchsorted(times, self._worst()))
            elif answer.infeasible:
                low = middle + 1
            else:
                return
        self.bound, self.proven = float(times[high]), certain

    def break_ties(self) -> bool:
        """Make the next worst drives less too; return whether that is proven."""
        self._improve(_POWERS, kicks=_KICKS)
        forced = np.flatnonzero(self._instance.forced)
        free = np.flatnonzero(~self._instance.forced)
        q = self._p - forced.size
        if math.comb(free.size, q) > _TRIES or self._budget.stopped:
            return False
        for some in itertools.combinations(free.tolist(), q):
            chosen = self._instance.forced.copy()
            chosen[list(some)] = True
            self._keep_better(chosen)
        return True

    def _place_most(self) -> bool:
        """Find how many people must go nowhere; return whether that is proven."""
        reach = np.isfinite(self._instance.seconds)
        cover = fewest_sites(reach, self._instance.forced, self._budget, enough=self._p)
        if cover.chosen is not None:
            self.best = self._filled(cover.chosen)
            return True
        problem = MedianProblem(
            np.where(reach, 0.0, self._instance.people), self._instance.people, self._p, 1.0
        )
        best = solve_forced(problem, self._instance.forced, self._silent(), self._seed)
        self.best = best.chosen
        self._unplaced = round(best.value)
        return best.proven

    def _within(self, cutoff_s: float) -> _CenterAnswer:
        """Ask whether as many people can be placed with no drive longer than this."""
        near = self._instance.seconds <= cutoff_s
        forced = self._instance.forced
        if self._unplaced == 0:
            cover = fewest_sites(near, forced, self._budget, enough=self._p)
            return _CenterAnswer(cover.chosen, cover.bound > self._p)
        people = self._instance.people
        problem = MedianProblem(np.where(near, 0.0, people), people, self._p, 1.0)
        best = solve_forced(problem, forced, self._silent(), self._seed)
        enough = best.value <= self._unplaced + 0.5
        return _CenterAnswer(best.chosen if enough else None, best.bound > self._unplaced + 0.5)

    def _silent(self) -> SolveBudget:
        return self._budget.part(silent=True)

    def _filled(self, chosen: Bools) -> Bools:
        """Return the set with as many more sites as there may be, each where it helps most."""
        filled = chosen.copy()
        drive = np.minimum(self._instance.seconds, self._beyond())
        for _ in range(self._p - int(chosen.sum())):
            now = drive[filled].min(axis=0, initial=np.inf)
            now = np.minimum(now, self._beyond())
            gain = (np.maximum(now - drive, 0.0) * self._people).sum(axis=1)
            gain[filled] = -1.0
            filled[gain.argmax()] = True
        return filled

    def _beyond(self) -> float:
        """Return a time longer than all finite ones, which stands for none."""
        drive = self._instance.seconds
        return float(drive.max(initial=0.0, where=np.isfinite(drive))) + 1.0

    def _drives(self, chosen: Bools) -> Floats:
        return np.asarray(self._instance.seconds[chosen].min(axis=0))

    def _worst(self) -> float:
        drives = self._drives(self.best)
        return float(drives.max(initial=0.0, where=np.isfinite(drives)))

    def _key(self, chosen: Bools) -> Key:
        """Return what to compare: people nowhere, drives from the worst on, weighted total."""
        drives = self._drives(chosen)
        placed = np.isfinite(drives)
        each = np.repeat(drives[placed], self._people[placed])
        unplaced = int(self._people[~placed].sum())
        weighted = total(drives[placed] * self._instance.weights[placed])
        return unplaced, np.sort(each)[::-1].tolist(), weighted

    def _keep_better(self, chosen: Bools) -> None:
        if self._key(chosen) < self._key(self.best):
            self.best = chosen

    def _improve(self, powers: Sequence[float], kicks: int = 0) -> None:
        """Exchange sites for less long drives."""
        for power in powers:
            if self._budget.stopped:
                return
            problem = self._power_problem(power)
            self._exchange(problem, self.best)
            for _ in range(kicks):
                self._exchange(problem, self._kicked())

    def _exchange(self, problem: MedianProblem, start: Bools) -> None:
        self._keep_better(exchange_forced(problem, self._instance.forced, self._budget, start))

    def _kicked(self) -> Bools:
        free = ~self._instance.forced
        kicked = self.best.copy()
        kicked[free] = kick(self.best[free], 2, self._random)
        return kicked

    def _power_problem(self, power: float) -> MedianProblem:
        """State the sum of powers of the drives, none longer than the worst now, if possible."""
        worst = max(self._worst(), 1e-9)
        scaled = np.minimum(self._instance.seconds / worst, 9.0)
        beyond = total(self._instance.people) + 1.0
        longer = np.where(scaled < 9.0, beyond * (0.9 + 0.01 * scaled), 0.99 * beyond)
        longer = np.where(np.isfinite(self._instance.seconds), longer, beyond)
        each = np.where(scaled <= 1.0, np.minimum(scaled, 1.0) ** power, longer)
        people = self._instance.people
        return MedianProblem(each * people, beyond * people, self._p)
