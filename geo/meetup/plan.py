"""Many people, several meetups: who goes where, what it costs each of them, and how good that is.

Candidates and drives (`candidates`) make a problem in numbers (`request`); its solution (`solve`)
comes back as places and people. As many people as possible are placed first; then the objective is
made best. What is optimised and limited is the drive there; the drive back is given beside it.
Nobody who cannot be placed is an error: each is listed with the rule that binds.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from geo import facility_location
from geo.errors import InputError
from geo.facility_location import SolveBudget, SolveProgress
from geo.meetup.candidates import Candidates, Demand, find_candidates, pareto_filter
from geo.meetup.curve import CurvePoint, knee, trade_off_curve, with_solution
from geo.meetup.history import HistoryCost, history_cost
from geo.meetup.request import (
    LEAST_STEP_S,
    Floats,
    PlanObjective,
    PlanRequest,
    Problem,
    Rows,
    Solution,
    better,
)
from geo.meetup.solve import solve
from geo.model import Place
from geo.region import Region
from geo.roster import Person

_SOLVING, _LEAST_SOLVING = 0.92, 0.25
"""Of the time that is left when all is measured: some steps end a little late. And of all the time,
however long it took to measure, and to compile once for a computer."""
_CURVE = 0.5
"""Of the time, to find the number of meetups."""

Rule = Literal["off_road", "no_way", "too_far", "daylight", "group", "company", "meetups"]
"""Why somebody goes nowhere: far from every road; no road to any place; every place beyond the
cutoff; none there and back by daylight; no group of the size takes them; none with whom they are
kept together, and without those from whom apart; no meetup of so few is near enough."""


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody who goes to a meetup; ``return_time_s`` is ``inf`` where there is no way back."""

    person: Person
    travel_time_s: float
    return_time_s: float


@dataclass(frozen=True, slots=True)
class Meetup:
    """A place and who goes there, in the order of the roster."""

    place: Place
    attendees: tuple[Attendee, ...]

    @property
    def worst_s(self) -> float:
        """The longest drive there; 0.0 where nobody goes."""
        return max((one.travel_time_s for one in self.attendees), default=0.0)

    @property
    def total_s(self) -> float:
        """All drives there together."""
        return math.fsum(one.travel_time_s for one in self.attendees)


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Somebody who goes nowhere.

    ``nearest_s`` is the drive to the nearest place where a meetup could be, ``inf`` for no way.
    """

    person: Person
    rule: Rule
    nearest_s: float


@dataclass(frozen=True, slots=True)
class MeetupPlan:
    """Who goes where, and how good that surely is.

    Attributes
    ----------
    meetups
        The largest first.
    unplaced
        Who goes nowhere, in the order of the roster.
    value, bound
        What the objective says of the plan, and what no plan that places as many betters: seconds
        (of drive times weight) for total, seconds for fairest, people for coverage (there the
        bound is from above), meetups for fewest.
    proven
        There is no better plan, and none that places more.
    curve
        What other numbers of meetups would give; empty unless the number was to be found.
    history
        What it costs to spare those who drove much to past meetups; None where nobody has a
        driving history. Value and bound count each drive as if nobody had one.
    """

    request: PlanRequest
    meetups: tuple[Meetup, ...]
    unplaced: tuple[Unplaced, ...]
    value: float
    bound: float
    proven: bool
    curve: tuple[CurvePoint, ...]
    candidates: int
    elapsed_s: float
    history: HistoryCost | None = None

    @property
    def worst_s(self) -> float:
        """The longest drive there."""
        return max((meetup.worst_s for meetup in self.meetups), default=0.0)

    @property
    def total_s(self) -> float:
        """All drives there together, unweighted."""
        return math.fsum(one.travel_time_s for meetup in self.meetups for one in meetup.attendees)

    @property
    def gap(self) -> float:
        """How far the plan may be from the best, as a fraction of the larger; 0.0 when proven."""
        larger = max(abs(self.value), abs(self.bound))
        if self.proven or larger == 0:
            return 0.0
        return abs(self.value - self.bound) / larger

    @property
    def placed(self) -> int:
        """How many people go somewhere."""
        return sum(len(meetup.attendees) for meetup in self.meetups)


@dataclass(frozen=True, slots=True)
class PlanInstance:
    """A request with everything that its plan is made from; repairs ask it again.

    Attributes
    ----------
    allowed_s
        (n, m) drives within the cutoff and other limits; ``inf`` = not allowed.
    nearest_s
        (n,) drives to the nearest place, thinned out or not; ``inf`` where there is no way.
    looked_at
        Places before thinning out.
    """

    request: PlanRequest
    demand: Demand
    candidates: Candidates
    allowed_s: Floats
    nearest_s: Floats
    looked_at: int

    @classmethod
    def of(cls, request: PlanRequest, region: Region, people: Sequence[Person]) -> PlanInstance:
        """Measure every drive and thin out the places that no plan needs.

        Raises
        ------
        UnknownName
            A kind, a place or an id of a person does not exist.
        InputError
            Two people have one id.
        """
        _check_ids(request, people)
        found = find_candidates(region, request)
        demand = Demand.measure(region.network, people, found.snaps, request.conditions)
        allowed = np.where(demand.allowed(request, found.snaps), demand.seconds, np.inf)
        _forbid(allowed, request, demand, found)
        limited = request.sized or bool(request.apart)
        spare = min(request.meetups or len(people), len(people)) if limited else 1
        columns = pareto_filter(allowed, found, spare)
        thinned = replace(demand, seconds=demand.seconds[:, columns])
        nearest = demand.seconds.min(axis=1, initial=np.inf)
        return cls(request, thinned, found.take(columns), allowed[:, columns], nearest, len(found))

    def problem(self) -> Problem:
        """Return the problem in numbers."""
        request = self.request
        rows = {person.id: row for row, person in enumerate(self.demand.people)}
        priority = np.array([person.priority for person in self.demand.people], np.float64)
        return Problem(
            seconds=self.allowed_s,
            weights=np.array([person.weight for person in self.demand.people], np.float64),
            rooms=self.candidates.rooms,
            min_size=request.min_size,
            max_size=math.inf if request.max_size is None else request.max_size,
            forced=self.candidates.forced,
            together=tuple(_rows(rows, ids) for ids in _joined(request.together)),
            apart=tuple(_rows(rows, ids) for ids in request.apart),
            priority=None if (priority == 1).all() else priority,
            history_share=request.history_share,
        )


def plan_meetups(
    request: PlanRequest,
    *,
    region: Region,
    people: Sequence[Person],
    progress: SolveProgress | None = None,
) -> MeetupPlan:
    """Plan who of some people, whose ids differ, meets where.

    ``progress`` is called with elapsed seconds, value and bound now and then, and answers False to
    stop with the best plan so far.

    Raises
    ------
    UnknownName
        A kind, a place or an id of a person does not exist.
    InputError
        Two people have one id.
    """
    began = time.perf_counter()
    instance = PlanInstance.of(request, region, people)
    problem = instance.problem()
    if problem.limited:
        facility_location.warm()
    left_s = request.time_limit_s - (time.perf_counter() - began)
    left_s = max(_SOLVING * left_s, _LEAST_SOLVING * request.time_limit_s)
    budget = SolveBudget(
        left_s * _time_share(problem, request), progress=progress, least_s=LEAST_STEP_S
    )
    if request.meetups is None and request.objective != "fewest":
        solution, curve = _with_number(problem, request.objective, budget)
    else:
        solution, curve = solve(problem, request.objective, request.meetups, budget), ()
    return _plan(instance, problem, (solution, curve), time.perf_counter() - began)


def _with_number(
    problem: Problem, objective: PlanObjective, budget: SolveBudget
) -> tuple[Solution, tuple[CurvePoint, ...]]:
    """Find how many meetups are worth it; return their plan, and the curve that holds it."""
    curve = trade_off_curve(problem, budget.part(_CURVE), objective)
    best = knee(curve, objective)
    if best is None:
        return solve(problem, objective, 1, budget), ()
    if best.solution.proven:
        return best.solution, curve
    solution = solve(problem, objective, best.meetups, budget)
    if not solution.proven and better(objective, best.solution, solution):
        solution = best.solution
    return solution, with_solution(curve, best.meetups, problem, solution)


def _time_share(problem: Problem, request: PlanRequest) -> float:
    """Return the part of the time that is worth it; to find the number takes many plans."""
    if not problem.limited:
        return 1.0
    return problem.time_share if request.meetups else min(1.0, 2.0 * problem.time_share)


def _plan(
    instance: PlanInstance,
    problem: Problem,
    found: tuple[Solution, tuple[CurvePoint, ...]],
    elapsed_s: float,
) -> MeetupPlan:
    solution, curve = found
    used = np.unique(solution.assignment[solution.assignment >= 0])
    back = instance.demand.return_seconds(instance.candidates.snaps[used])
    meetups = []
    for k, column in enumerate(used):
        rows = np.flatnonzero(solution.assignment == column)
        attendees = tuple(
            Attendee(
                instance.demand.people[row],
                float(instance.demand.seconds[row, column]),
                float(back[row, k]),
            )
            for row in rows
        )
        meetups.append(Meetup(instance.candidates.places[int(column)], attendees))
    meetups.sort(key=lambda one: (-len(one.attendees), one.total_s, one.place.osm_id))
    return MeetupPlan(
        request=instance.request,
        meetups=tuple(meetups),
        unplaced=tuple(_unplaced(instance, solution)),
        value=solution.value,
        bound=solution.bound,
        proven=solution.proven,
        curve=curve,
        candidates=instance.looked_at,
        elapsed_s=elapsed_s,
        history=history_cost(problem, solution),
    )


def _unplaced(instance: PlanInstance, solution: Solution) -> list[Unplaced]:
    return [
        Unplaced(
            instance.demand.people[row],
            _rule(instance, solution, int(row)),
            float(instance.nearest_s[row]),
        )
        for row in np.flatnonzero(solution.assignment < 0)
    ]


def _rule(instance: PlanInstance, solution: Solution, row: int) -> Rule:
    person = instance.demand.people[row]
    if not instance.demand.starts.found[row]:
        return "off_road"
    nearest_s, allowed = instance.nearest_s[row], instance.allowed_s[row]
    if not math.isfinite(nearest_s):
        return "no_way"
    if not np.isfinite(allowed).any():
        longest_s = min(instance.request.cutoff_s, person.longest_s)
        return "daylight" if nearest_s <= longest_s else "too_far"
    near_some = len(solution.sites) > 0 and bool(np.isfinite(allowed[solution.sites]).any())
    if len(solution.sites) and not near_some:
        return "meetups"
    return "company" if person.id in _named(instance.request) else "group"


def _named(request: PlanRequest) -> set[str]:
    """Return the ids of those whom a rule keeps together or apart."""
    return {one for group in (*request.together, *request.apart) for one in group}


def _check_ids(request: PlanRequest, people: Sequence[Person]) -> None:
    known = {person.id for person in people}
    if len(known) != len(people):
        raise InputError("two people have the same id; give each their own.")
    for identity in (*sorted(_named(request)), *(identity for identity, _ in request.vetoes)):
        if identity not in known:
            raise InputError(f"there is nobody {identity!r} on the roster; check the ids.")
    for group in _joined(request.together):
        for others in request.apart:
            if len(set(group) & set(others)) > 1:
                raise InputError(
                    "two people are to be kept both together and apart: "
                    f"{', '.join(sorted(set(group) & set(others))[:2])}; drop one of the two."
                )


def _forbid(allowed: Floats, request: PlanRequest, demand: Demand, candidates: Candidates) -> None:
    """Take out the drives that somebody has a veto against."""
    if not request.vetoes:
        return
    rows = {person.id: row for row, person in enumerate(demand.people)}
    columns = {place.osm_id: column for column, place in enumerate(candidates.places)}
    for identity, osm_id in request.vetoes:
        if osm_id in columns:
            allowed[rows[identity], columns[osm_id]] = np.inf


def _joined(groups: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Join groups that share somebody."""
    joined: list[set[str]] = []
    for group in groups:
        touching = [one for one in joined if one & set(group)]
        joined = [one for one in joined if one not in touching]
        joined.append(set(group).union(*touching))
    return [tuple(sorted(one)) for one in joined]


def _rows(rows: dict[str, int], ids: Sequence[str]) -> Rows:
    return np.array(sorted(rows[identity] for identity in set(ids)), np.intp)
