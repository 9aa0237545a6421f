"""The smallest repair of each sort for those whom a plan leaves out, and offers to them.

A repair is a change of the request under which everybody whom it can help is placed; applying it
and planning again gives that plan. An offer is for one person: to join a group although the drive
is too long, to meet with somebody near, or to take part by video. One person far away is offered
something and does not change the plan for everyone else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from geo.facility_location import SolveBudget, SolveProgress
from geo.meetup.plan import MeetupPlan, PlanInstance, Unplaced
from geo.meetup.request import LEAST_STEP_S, PlanRequest, Problem, Solution
from geo.meetup.solve import solve
from geo.model import Place
from geo.region import Region
from geo.roster import Person

RepairKind = Literal["minutes", "meetups", "max_size", "min_size", "video"]

_MINUTE_S = 60.0
_GROUPED = {"meetups", "group", "company"}
"""Rules that other groups can keep."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A change of the request that places people whom the plan leaves out.

    Attributes
    ----------
    kind
        What is changed: the longest drive, the number of meetups, the largest or smallest group,
        or the roster, from which people who take part by video are left out.
    value
        The new value: minutes, meetups or people; for video, how many people.
    smallest
        No smaller change of this sort would do. Minutes are whole minutes.
    ids
        Whom it places; for video, who takes part by it.
    """

    kind: RepairKind
    value: float
    smallest: bool
    ids: tuple[str, ...]

    def request(self, original: PlanRequest) -> PlanRequest:
        """Return the request after the repair."""
        match self.kind:
            case "minutes":
                return replace(original, cutoff_s=self.value * _MINUTE_S)
            case "meetups":
                return replace(original, meetups=int(self.value))
            case "max_size":
                return replace(original, max_size=int(self.value))
            case "min_size":
                return replace(original, min_size=int(self.value))
            case _:
                return original.without(self.ids)

    def people(self, roster: Sequence[Person]) -> list[Person]:
        """Return the roster after the repair."""
        gone = set(self.ids) if self.kind == "video" else set()
        return [person for person in roster if person.id not in gone]


@dataclass(frozen=True, slots=True)
class Alternative:
    """What can be offered to one person who is left out; video is always possible.

    Attributes
    ----------
    join
        Number of the meetup that is nearest, counting from 1; None where no road leads to any.
    join_s
        The drive there; ``inf`` where there is none.
    beyond_s
        How much of it is beyond the longest drive.
    pair_place, pair_id
        A place, and somebody else, who both come there within the longest drive; None where there
        is nobody.
    pair_s
        The longer of their two drives; ``inf`` where there is nobody.
    """

    id: str
    join: int | None = None
    join_s: float = math.inf
    beyond_s: float = math.inf
    pair_place: Place | None = None
    pair_id: str | None = None
    pair_s: float = math.inf


def find_repairs(
    plan: MeetupPlan,
    *,
    region: Region,
    people: Sequence[Person],
    time_limit_s: float = 4.0,
    progress: SolveProgress | None = None,
) -> list[Repair]:
    """Find the smallest repair of each sort; none where nobody is left out.

    Those that the time limit, which is for all sorts together, leaves no time for are left out.
    ``progress`` answers False to stop with those that are found.
    """
    if not plan.unplaced:
        return []
    budget = SolveBudget(time_limit_s, progress=progress, least_s=LEAST_STEP_S)
    found = [
        find(plan, region, people, budget.part(0.5, silent=True))
        for find in (_repair_cutoff, _repair_meetups)
        if not budget.stopped  # to measure all drives takes time as well
    ]
    if not budget.stopped:
        found += _repair_sizes(plan, region, people, budget)
    by_video = tuple(one.person.id for one in plan.unplaced)
    found.append(Repair("video", len(plan.unplaced), True, by_video))
    return [repair for repair in found if repair is not None]


def find_alternatives(
    plan: MeetupPlan, *, region: Region, people: Sequence[Person]
) -> list[Alternative]:
    """Find what can be offered to each person who is left out, in the order of the plan."""
    if not plan.unplaced:
        return []
    everywhere = PlanInstance.of(_loose(plan), region, people)
    rows = {person.id: row for row, person in enumerate(people)}
    places = [place.osm_id for place in everywhere.candidates.places]
    columns = [places.index(meetup.place.osm_id) for meetup in plan.meetups]
    seconds = everywhere.demand.seconds
    return [
        Alternative(one.person.id)
        if one.rule == "company"  # others came together, or apart from them, on purpose
        else _alternative(plan, one, seconds, (rows[one.person.id], columns), everywhere)
        for one in plan.unplaced
    ]


def _loose(plan: MeetupPlan) -> PlanRequest:
    """Return the request without the limits that leave people out; the plan's places are kept."""
    return replace(
        plan.request,
        forced=tuple(meetup.place.osm_id for meetup in plan.meetups),
        cutoff_s=math.inf,
        objective="total",
        meetups=None,
        min_size=0,
        max_size=1,  # so that hardly any place is thinned out
        together=(),
        apart=(),
    )


def _alternative(
    plan: MeetupPlan,
    one: Unplaced,
    seconds: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    where: tuple[int, list[int]],
    everywhere: PlanInstance,
) -> Alternative:
    row, columns = where
    cutoff = plan.request.cutoff_s
    drives = seconds[row, columns] if columns else np.zeros(0)
    best = int(drives.argmin()) if len(drives) and np.isfinite(drives).any() else None
    join_s = math.inf if best is None else float(drives[best])
    near = np.flatnonzero(np.isfinite(seconds[row]) & (seconds[row] <= cutoff))
    pair = np.maximum(seconds[:, near], seconds[row, near])
    pair[row] = np.inf
    pair[pair > cutoff] = np.inf
    place, other, pair_s = None, None, math.inf
    if pair.size and np.isfinite(pair).any():
        other_row, column = np.unravel_index(int(pair.argmin()), pair.shape)
        pair_s = float(pair[other_row, column])
        place = everywhere.candidates.places[int(near[column])]
        other = everywhere.demand.people[int(other_row)].id
    return Alternative(
        id=one.person.id,
        join=None if best is None else best + 1,
        join_s=join_s,
        beyond_s=max(0.0, join_s - cutoff) if best is not None else math.inf,
        pair_place=place,
        pair_id=other,
        pair_s=pair_s,
    )


def _number(plan: MeetupPlan) -> int | None:
    if plan.request.objective == "fewest":
        return plan.request.meetups
    return plan.request.meetups or max(1, len(plan.meetups))


def _repair_cutoff(
    plan: MeetupPlan, region: Region, people: Sequence[Person], budget: SolveBudget
) -> Repair | None:
    """Find the whole minutes under which everybody whom a road leads anywhere is placed."""
    wanted = {
        one.person.id
        for one in plan.unplaced
        if math.isfinite(one.nearest_s) and one.rule != "daylight"
    }
    if not wanted or not math.isfinite(plan.request.cutoff_s):
        return None
    request = replace(plan.request, cutoff_s=math.inf, objective="fairest")
    instance = PlanInstance.of(request, region, people)
    problem = instance.problem()
    solution = solve(problem, "fairest", _number(plan) or len(plan.meetups) or 1, budget)
    placed = {people[int(row)].id for row in np.flatnonzero(solution.assignment >= 0)}
    value = math.ceil(solution.value / _MINUTE_S - 1e-9)
    if not wanted <= placed or value * _MINUTE_S <= plan.request.cutoff_s:
        return None
    return Repair("minutes", value, solution.proven, tuple(sorted(wanted)))


def _repair_meetups(
    plan: MeetupPlan, region: Region, people: Sequence[Person], budget: SolveBudget
) -> Repair | None:
    """Find how many meetups place everybody who has a place within the longest drive."""
    wanted = {one.person.id for one in plan.unplaced if one.rule in _GROUPED}
    number = _number(plan)
    if not wanted or number is None:
        return None
    request = replace(plan.request, objective="fewest", meetups=None)
    problem = PlanInstance.of(request, region, people).problem()
    solution = solve(problem, "fewest", None, budget)
    if not _places(solution, problem) or len(solution.sites) <= number:
        return None
    return Repair("meetups", len(solution.sites), solution.proven, tuple(sorted(wanted)))


def _repair_sizes(
    plan: MeetupPlan, region: Region, people: Sequence[Person], budget: SolveBudget
) -> list[Repair]:
    """Find the size of groups that places everybody who has a place within the longest drive."""
    wanted = tuple(sorted(u.person.id for u in plan.unplaced if u.rule in _GROUPED))
    request, number = plan.request, _number(plan)
    if not wanted or number is None or not request.sized:
        return []
    problem = PlanInstance.of(request, region, people).problem()
    sizes: dict[RepairKind, range] = {}
    if request.max_size is not None:
        sizes["max_size"] = range(request.max_size + 1, len(people) + 1)
    if request.min_size > 1:
        sizes["min_size"] = range(request.min_size - 1, -1, -1)
    found = []
    for kind, some in sizes.items():
        size, sure = _first_size(problem, kind, some, number, budget)
        if size is not None:
            found.append(Repair(kind, size, sure, wanted))
    return found


def _first_size(
    problem: Problem, kind: RepairKind, sizes: range, number: int, budget: SolveBudget
) -> tuple[int | None, bool]:
    """Return the first size that places everybody, by bisection: what a size allows, more does."""
    low, high, best, sure = 0, len(sizes) - 1, None, True
    while low <= high:
        if budget.stopped:
            return best, False
        middle = (low + high) // 2
        loosened = _with_size(problem, kind, sizes[middle])
        solution = solve(loosened, "coverage", number, budget.part(0.25, silent=True))
        if _places(solution, problem):
            best, high = sizes[middle], middle - 1
        else:
            sure = sure and solution.proven
            low = middle + 1
    return best, sure


def _with_size(problem: Problem, kind: RepairKind, size: int) -> Problem:
    if kind == "max_size":
        return replace(problem, max_size=float(size))
    return replace(problem, min_size=size)


def _places(solution: Solution, problem: Problem) -> bool:
    """Whether everybody who has a place within the longest drive goes somewhere."""
    return solution.placed == int(np.isfinite(problem.seconds).any(axis=1).sum())
