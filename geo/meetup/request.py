"""A plan as it is asked for, as a problem in numbers, and its solution."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import numpy.typing as npt

from geo.errors import InputError, UnknownName
from geo.network import DRY, Conditions

if TYPE_CHECKING:
    from geo.facility_location import Siting

PlanObjective = Literal["total", "fairest", "coverage", "fewest"]
PLAN_OBJECTIVES: tuple[PlanObjective, ...] = get_args(PlanObjective)

MOST_MEETUPS = 500
HISTORY_SHARE = 0.1
LEAST_STEP_S = 0.05
"""So much time each step of a plan has at least, so that it gives some plan."""


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is asked for.

    As many people as possible are placed first; then the objective is made best.

    Attributes
    ----------
    meetups
        How many at most; None finds the number beyond which another meetup saves little.
    objective
        ``total``: least drive of all together (each times their weight). ``fairest``: least
        longest drive. ``coverage``: most people. ``fewest``: fewest meetups.
    cutoff_s
        The longest drive there for anybody; ``inf`` for no limit.
    min_size, max_size
        People at each meetup; 0 and None for any number.
    starts_at
        When it begins, without a zone by the places' own clocks: what is known to be closed at
        any time of the meetup is left out. None leaves out nothing.
    kinds
        Only places of these kinds; None for all that can host a group.
    conditions
        The state of the roads for those who say nothing else.
    forced, banned
        Ids of places that must, and must not, be used.
    together, apart
        Ids of people who go to one meetup, and of those of whom no two do.
    vetoes
        Pairs of a person's id and a place's: this person does not go there.
    history_share
        How much longer all drives together may get by sparing those who drove much to past
        meetups, as a fraction of the total drive without that; see `geo.meetup.history`.
    time_limit_s
        The plan is the best found after this many seconds, with what is proven of it. A plan
        with sizes of groups takes less where people are few.

    Raises
    ------
    InputError
        A number is out of range, or two rules contradict each other.
    UnknownName
        There is no such objective.
    """

    meetups: int | None = None
    objective: PlanObjective = "total"
    cutoff_s: float = 3600.0
    min_size: int = 0
    max_size: int | None = None
    starts_at: datetime | None = None
    duration: timedelta = timedelta(hours=2)
    kinds: tuple[str, ...] | None = None
    conditions: Conditions = DRY
    forced: tuple[str, ...] = ()
    banned: tuple[str, ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    apart: tuple[tuple[str, ...], ...] = ()
    vetoes: tuple[tuple[str, str], ...] = ()
    history_share: float = HISTORY_SHARE
    time_limit_s: float = 6.0

    def __post_init__(self) -> None:
        if self.objective not in PLAN_OBJECTIVES:
            raise UnknownName("objective", self.objective, PLAN_OBJECTIVES)
        if self.meetups is not None and not 1 <= self.meetups <= MOST_MEETUPS:
            raise InputError(
                f"{self.meetups} meetups cannot be planned; give 1 to {MOST_MEETUPS}, or auto."
            )
        if self.objective == "fewest" and not math.isfinite(self.cutoff_s):
            raise InputError("the fewest meetups need a longest drive; give one.")
        self._check_sizes()
        if not 0 <= self.history_share <= 1:
            raise InputError(
                f"a history share of {100 * self.history_share:g} % is out of range;"
                " give 0 to 100 percent of the total drive."
            )
        both = set(self.forced) & set(self.banned)
        if both:
            raise InputError(f"place {min(both)} is both forced and banned; drop one of the two.")
        if self.meetups is not None and len(set(self.forced)) > self.meetups:
            raise InputError(
                f"{len(set(self.forced))} places are forced but there are {self.meetups} meetups;"
                " force fewer or ask for more."
            )

    def _check_sizes(self) -> None:
        if self.min_size < 0:
            raise InputError(f"a smallest group of {self.min_size} is none; give 0 or more.")
        if self.max_size is not None and self.max_size < max(1, self.min_size):
            raise InputError(
                f"a largest group of {self.max_size} is smaller than {max(1, self.min_size)};"
                " give at least that."
            )
        if self.duration <= timedelta(0):
            raise InputError("the meetup must last longer than no time; give its hours.")

    @property
    def sized(self) -> bool:
        """Whether the size of the groups is limited."""
        return self.min_size > 1 or self.max_size is not None

    def without(self, ids: Collection[str]) -> PlanRequest:
        """Return the request whose rules name none of these people any more."""

        def left(groups: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
            kept = (tuple(one for one in group if one not in ids) for group in groups)
            return tuple(group for group in kept if len(group) > 1)

        return replace(
            self,
            together=left(self.together),
            apart=left(self.apart),
            vetoes=tuple(veto for veto in self.vetoes if veto[0] not in ids),
        )


Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Problem:
    """Who can drive where in what time, and the rules.

    Attributes
    ----------
    seconds
        (n, m) drives there; ``inf`` = cannot, or beyond the cutoff.
    weights
        (n,) how much each drive counts.
    min_size, max_size
        People at each meetup; ``inf`` for any number.
    forced
        Columns that must be used.
    together, apart
        Rows that go to one site, and rows of which no two do.
    priority, history_share
        (n,) how many times more a drive counts for what was driven in the past, None for all
        alike; and how much longer all drives together may get by that, as a fraction.
    """

    seconds: Floats
    weights: Floats
    rooms: Floats
    min_size: int = 0
    max_size: float = math.inf
    forced: Rows = field(default_factory=lambda: np.zeros(0, np.intp))
    together: tuple[Rows, ...] = ()
    apart: tuple[Rows, ...] = ()
    priority: Floats | None = None
    history_share: float = 0.0

    @property
    def max_sizes(self) -> Floats:
        """(m,) the largest group at each site."""
        return np.minimum(self.rooms, self.max_size)

    @property
    def max_sizes_whole(self) -> npt.NDArray[np.int64]:
        """(m,) the same as whole numbers, at most everybody."""
        return np.floor(np.minimum(self.max_sizes, len(self.seconds))).astype(np.int64)

    @property
    def limited(self) -> bool:
        """Whether any group may be too small or too large."""
        people = len(self.seconds)
        return self.min_size > 1 or bool((self.max_sizes < people).any())

    @property
    def forced_list(self) -> list[int]:
        """The forced columns, as solvers take them."""
        return [int(column) for column in self.forced]

    def merged(self, *, worst: bool) -> Problem:
        """Return the problem in which each set of people kept together drives as one.

        Each has the drives of all: their weighted mean, so that the total is as it was, or the
        longest. Rows that are alike go to one site, and all of them are counted.
        """
        seconds, weights = self.seconds.copy(), self.weights.copy()
        for rows in self.together:
            part, weight = seconds[rows], weights[rows]
            mean = part.max(axis=0) if worst else weight @ part / weight.sum()
            seconds[rows], weights[rows] = mean, weight.mean()
        return replace(self, seconds=seconds, weights=weights)

    @property
    def time_share(self) -> float:
        """The part of the time that groups of limited size are worth.

        A small problem is proven soon, or gains little by more.
        """
        return min(1.0, 0.15 + len(self.seconds) / 400)

    def is_feasible(self, solution: Solution) -> bool:
        """Whether a solution keeps every rule."""
        going = solution.assignment[solution.assignment >= 0]
        size = np.bincount(going, minlength=self.seconds.shape[1])
        if len(solution.sites) and (size[solution.sites] < self.min_size).any():
            return False
        if (size > self.max_sizes).any():
            return False
        if any(len(set(solution.assignment[rows].tolist())) > 1 for rows in self.together):
            return False
        return all(_all_different(solution.assignment[rows]) for rows in self.apart)

    def drives_s(self, solution: Solution) -> Floats:
        """Return (n,) the drives of a solution; 0 for who goes nowhere."""
        drives_s = np.zeros(len(self.seconds))
        placed = np.flatnonzero(solution.assignment >= 0)
        drives_s[placed] = self.seconds[placed, solution.assignment[placed]]
        return drives_s

    def total_s(self, solution: Solution) -> float:
        """Return all drives together, each counted once."""
        return math.fsum(self.drives_s(solution).tolist())

    def value(self, objective: PlanObjective, solution: Solution) -> float:
        """Return what a solution costs: seconds, people for coverage, sites for the fewest."""
        placed = np.flatnonzero(solution.assignment >= 0)
        drives = self.seconds[placed, solution.assignment[placed]]
        match objective:
            case "total":
                return math.fsum((self.weights[placed] * drives).tolist())
            case "fairest":
                return float(drives.max(initial=0.0))
            case "coverage":
                return float(len(placed))
            case _:
                return float(len(solution.sites))


@dataclass(frozen=True, slots=True)
class Solution:
    """A solution, and how good it surely is.

    Attributes
    ----------
    sites
        Columns; empty where there is no plan.
    assignment
        (n,) the column where each person goes; -1 = nowhere.
    bound
        No solution that places as many is better than this.
    proven
        There is no better one, and none that places more.
    without_history
        The solution in which past drives count for nothing; None where they do not here either.
    """

    sites: Rows
    assignment: Rows
    value: float
    bound: float
    proven: bool
    without_history: Solution | None = None

    @classmethod
    def of(cls, siting: Siting) -> Solution:
        """Return a siting as a solution; its value is measured by the problem."""
        return cls(siting.sites, siting.assignment, siting.objective, siting.bound, siting.proven)

    @classmethod
    def empty(cls, people: int, *, proven: bool = True) -> Solution:
        """Return the plan in which nobody goes anywhere."""
        nowhere = np.full(people, -1, np.intp)
        return cls(np.zeros(0, np.intp), nowhere, 0.0, 0.0, proven)

    @property
    def placed(self) -> int:
        """How many people go somewhere."""
        return int((self.assignment >= 0).sum())


def better(objective: PlanObjective, one: Solution, other: Solution) -> bool:
    """Whether a solution places more than another, or as many and is better."""
    if one.placed != other.placed or objective == "coverage":
        return one.placed > other.placed
    return one.value < other.value


def weakest_bound(problem: Problem, objective: PlanObjective, placed: int) -> float:
    """Return what no plan that places at least so many people can go below, whatever its sites."""
    nearest = problem.seconds.min(axis=1, initial=np.inf)
    if objective == "total":
        costs = np.sort(nearest * problem.weights)[:placed]
        return math.fsum(costs[np.isfinite(costs)].tolist())
    if objective == "fairest":
        drives = np.sort(nearest)[:placed]
        return float(drives[np.isfinite(drives)].max(initial=0.0))
    if objective == "coverage":
        return float(np.isfinite(nearest).sum())
    rooms = np.sort(problem.max_sizes_whole)[::-1].cumsum()
    return float(min(1, placed) and 1 + np.searchsorted(rooms, placed))


def _all_different(columns: Rows) -> bool:
    going = columns[columns >= 0]
    return len(set(going.tolist())) == len(going)
