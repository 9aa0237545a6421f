"""What one visitor plans with: the people, the plans made for them, and the one being made.

It lives in the visitor's session and nowhere else, and is gone with it. A home becomes its area
while the table is read, and the plan is made from the area: no position and no address of anybody
is kept, or leaves the server. People of the stored roster come by name where they allow planning,
others as numbers in their area.

A plan calls people by their names, made unique, so that every table, map and file of the plan says
names and nothing else; which row of the store somebody is stays here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import streamlit as st

from geo.errors import InputError
from geo.export.listing import StartLabel
from geo.export.plan import Remedies
from geo.geocoding import RegionExtent
from geo.meetup import CurvePoint, MeetupPlan, PlanRequest, plan_meetups
from geo.meetup.compare import OfficeOption, office_options
from geo.meetup.coverage import Coverage
from geo.meetup.curve import with_plan
from geo.meetup.history import STRENGTH, DrivingHistory
from geo.meetup.repairs import find_alternatives, find_repairs
from geo.model import Place, Point
from geo.people.homes import areas_at
from geo.people.plan_inputs import ANONYMOUS_PREFIX, PlanDemand, demand_for_plan
from geo.people.preferences import Mood, places_against_mood
from geo.places import hosts_groups, opening
from geo.records import Table
from geo.region import Region
from geo.region.build import sample_path
from geo.roster import Person, Roster, read_roster
from geo.texts import plan as plan_texts
from geo.ui.auth import current_store, current_viewer
from geo.ui.jobs import PLAN_JOBS, BoundProgress, Job, session_check
from geo.ui.session_state import SessionValue, current_settings
from geo.ui.starting_points import coarse_start
from geo.ui.widgets import unique_labels
from geo.venues import Venue

_RANDOM_COUNT = 40
_TRIES = 25
_SEED = 11
_OUTSIDE_REGION = "that home is not in the region, so this person is left out"


def read_people(table: Table, region: Region, columns: Mapping[str, str] | None = None) -> Roster:
    """Return the people of a table that was uploaded, each starting from their area.

    Parameters
    ----------
    columns
        What the table calls some of our columns, as the visitor chose it.

    Raises
    ------
    InputError
        The table cannot be read.
    UnmappedColumns
        It has no ``id``, or no column that says where people start.
    """
    extent = RegionExtent(region.name, region.bbox)
    roster = read_roster(table, region.gazetteer, region=extent, columns=columns)
    return _coarsen_roster(roster, region, table.name)


def start_labels(people: Sequence[Person], region: Region) -> Mapping[str, StartLabel]:
    """Return what a browser may know of where people start, by id: their areas."""
    found = _area_labels(region, [person.point for person in people])
    return {
        person.id: start for person, start in zip(people, found, strict=True) if start is not None
    }


def sample_people(region: Region) -> Roster:
    """Return people who do not exist: the fictional county's, or some along the region's roads.

    Raises
    ------
    InputError
        The county's roster is not installed here.
    """
    if region.manifest.fictional:
        return read_people(sample_path().with_name("roster.csv"), region)
    return _coarsen_roster(Roster(tuple(_random_people(region))), region, "")


def _coarsen_roster(roster: Roster, region: Region, name: str) -> Roster:
    """Return a roster whose people start from their areas; homes are not in it any more."""
    found = _area_labels(region, [person.point for person in roster.people])
    people, problems, elsewhere = [], list(roster.problems), roster.elsewhere
    for person, start in zip(roster.people, found, strict=True):
        if start is None or start.point is None:
            problems.append(f"{name}, line {person.line}: {_OUTSIDE_REGION}.")
            elsewhere += person.point not in region.bbox
        else:
            people.append(replace(person, point=start.point))
    return replace(roster, people=tuple(people), problems=tuple(problems), elsewhere=elsewhere)


def _area_labels(region: Region, points: Sequence[Point]) -> list[StartLabel | None]:
    """Return the areas of homes; None where no road is near.

    Where the map has no houses nobody can hide among them: then it is the nearest settlement, or a
    cell of about a kilometre.
    """
    try:
        areas = areas_at(region, points, k=current_settings().homes_per_area)
    except InputError:
        return [coarse_start(region, point) for point in points]
    return [None if area is None else StartLabel(area.label, area.point) for area in areas]


def _random_people(region: Region) -> Sequence[Person]:
    """Scatter people along the roads of a region, the same each time."""
    random = np.random.default_rng(_SEED)
    box = region.bbox
    lon = random.uniform(box.west, box.east, _RANDOM_COUNT * _TRIES)
    lat = random.uniform(box.south, box.north, _RANDOM_COUNT * _TRIES)
    found = np.flatnonzero(region.network.snap(lon.tolist(), lat.tolist()).found)[:_RANDOM_COUNT]
    return [
        Person(f"m{number:02d}", Point(float(lon[i]), float(lat[i])), line=number)
        for number, i in enumerate(found, start=1)
    ]


INCLUDE_RECENT_KEY = "plan-resting"
"""Where the visitor's session keeps whether those who rest take part all the same."""


@dataclass(frozen=True, slots=True)
class StoredRoster:
    """The people of the stored roster.

    Attributes
    ----------
    people
        Everybody, starting from their areas, by the name that a plan calls them.
    starts
        What a browser may know of where each starts, by that name.
    ids
        Who they are in the store, by that name; nobody without a name is in it.
    minutes
        What each has driven to meetups that they attended, by that name.
    vetoes
        That name and the id of a place where they do not go.
    sizes, agreed
        The least and largest group that most want, and the same where at least half want it; None
        where nobody minds, or too few.
    mood
        The surroundings that more want than the other.
    demand
        The same by the ids of the store.
    nameless, left_out, without_area, elsewhere, away, resting
        How many count without a name, stay out because those are so few, have not said where they
        live, live in another region, are away on the day, and met more recently than they wish.
    with_resting
        Whether the last take part all the same.
    """

    people: tuple[Person, ...]
    starts: Mapping[str, StartLabel]
    ids: Mapping[str, str]
    minutes: Mapping[str, float]
    vetoes: tuple[tuple[str, str], ...]
    sizes: tuple[int, int] | None
    agreed: tuple[int, int] | None
    mood: Mood
    hosts: tuple[Place, ...] = field(repr=False)
    demand: PlanDemand = field(repr=False)
    nameless: int
    left_out: int
    without_area: int
    elsewhere: int
    away: int
    resting: int
    with_resting: bool
    _over: dict[object, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)

    def count_satisfied(self, groups: Iterable[Collection[str]]) -> tuple[int, int]:
        """Return how many are in a group of a size that they like, and how many said what size."""
        return self.demand.count_satisfied(
            [self.ids.get(one, one) for one in group] for group in groups
        )

    def bind(self, request: PlanRequest) -> PlanRequest:
        """Return a request that keeps to what people wish: where they go, and quiet or lively."""
        over = set(self._passed_over(request)) - set(request.forced)
        return replace(
            request,
            vetoes=(*request.vetoes, *self.vetoes),
            banned=(*request.banned, *sorted(over)),
        )

    def _passed_over(self, request: PlanRequest) -> tuple[str, ...]:
        """Return the places that do not suit where one that does could host, a walk away."""
        if self.mood == "any":
            return ()
        key = (request.kinds, request.banned, request.starts_at, request.duration)
        if key not in self._over:
            able = [place for place in self.hosts if _can_host(place, request)]
            self._over[key] = places_against_mood(able, self.mood)
        return self._over[key]


def stored_people(region: Region, day: date | None, *, with_resting: bool = False) -> StoredRoster:
    """Return the stored roster, as whoever looks may plan for it at this moment.

    Parameters
    ----------
    region
        Where.
    day
        When; None for any day.
    with_resting
        Whether those who met more recently than they wish take part all the same.

    Raises
    ------
    NotAllowed
        They are no planner.
    """
    demand = demand_for_plan(
        current_store(), current_viewer().id, region, day=day, with_resting=with_resting
    )
    called, hosts = _display_names(demand), _group_hosts(region)
    return StoredRoster(
        people=tuple(replace(one, id=called[one.id]) for one in demand.people),
        starts={called[key]: StartLabel(one.label, one.point) for key, one in demand.areas.items()},
        ids={called[key]: key for key in demand.names},
        minutes={called[key]: minutes for key, minutes in demand.minutes_driven.items()},
        vetoes=tuple((called[key], osm_id) for key, osm_id in demand.vetoes(hosts)),
        sizes=demand.usual_sizes(),
        agreed=demand.agreed_sizes(),
        mood=demand.usual_mood(),
        hosts=tuple(hosts),
        demand=demand,
        nameless=len(demand.people) - len(demand.names),
        left_out=demand.left_out,
        without_area=demand.without_area,
        elsewhere=demand.elsewhere,
        away=demand.away,
        resting=demand.resting,
        with_resting=with_resting,
    )


def _display_names(demand: PlanDemand) -> dict[str, str]:
    """Return what to call each: their name, with a number where another has it too."""
    return unique_labels(
        {
            one.id: demand.names.get(one.id)
            or plan_texts.UNNAMED_PERSON.format(number=one.id.removeprefix(ANONYMOUS_PREFIX))
            for one in demand.people
        }
    )


def _can_host(place: Place, request: PlanRequest) -> bool:
    if place.osm_id in request.banned or not place.name:
        return False
    if request.kinds is not None and not place.is_any_of(request.kinds):
        return False
    at = request.starts_at
    return at is None or opening.open_throughout(place, at, request.duration) != "closed"


def _group_hosts(region: Region) -> list[Place]:
    """Return the places that can host a group."""
    places = region.places.take(region.places.rows().tolist())
    return [place for place in places if hosts_groups(place)]


_WORKSPACE: SessionValue[PlanWorkspace | None] = SessionValue("plan-workspace", None)
_MAX_PLANS = 6
"""Plans; more than anybody compares."""

_REPAIR_S = 4.0


@dataclass(frozen=True, slots=True)
class MadePlan:
    """A plan that was made.

    Attributes
    ----------
    number
        Counts from 1, as the visitor sees it.
    plan
        The plan.
    people
        Whom it was made for.
    remedies
        What would help those who are left out.
    """

    number: int
    plan: MeetupPlan
    people: tuple[Person, ...]
    remedies: Remedies


@dataclass(slots=True)
class PlanWorkspace:
    """What one visitor works on.

    Attributes
    ----------
    region
        The name of the region that it is in.
    source
        Where the people come from, as a file's name.
    people
        Everybody on the roster.
    starts
        What a browser may know of where each starts, by id.
    ledger, strength
        What was driven to past meetups, and how much that counts.
    by_video
        Ids of those who take part by video.
    plans
        The last ones that were made, the newest last.
    shown
        Number of the plan that is looked at; 0 before the first.
    selected
        Id of the place that is open on the map.
    curve
        What other numbers of meetups give, with all else as it was asked for the last plan.
    job
        The plan that is being made; None where none is.
    office_job, choices
        The ways to meet around an office that are being weighed, and were.
    coverage
        The last question on the page of coverage, with its answer.
    stored
        What the stored roster says besides, where the people are of it; None for a table.
    """

    region: str
    source: str
    people: tuple[Person, ...]
    starts: Mapping[str, StartLabel]
    ledger: DrivingHistory = field(default_factory=DrivingHistory)
    strength: float = STRENGTH
    by_video: frozenset[str] = frozenset()
    plans: list[MadePlan] = field(default_factory=list)
    shown: int = 0
    selected: str | None = None
    curve: tuple[CurvePoint, ...] = ()
    job: Job[MadePlan] | None = None
    office_job: Job[list[OfficeOption]] | None = None
    choices: tuple[OfficeOption, ...] = ()
    coverage: tuple[object, Coverage] | None = None
    stored: StoredRoster | None = None
    _curve_of: tuple[PlanRequest, tuple[Person, ...]] | None = None

    def asked_people(self) -> list[Person]:
        """Return whom to plan for, weighed by what they drove in the past."""
        here = [person for person in self.people if person.id not in self.by_video]
        return self.ledger.prioritise(here, strength=self.strength)

    def current(self) -> MadePlan | None:
        """Return the plan that is looked at."""
        return next((one for one in self.plans if one.number == self.shown), None)

    def keep(self, made: MadePlan) -> None:
        """Put a new plan on the workspace and look at it."""
        self.plans = [*self.plans, made][-_MAX_PLANS:]
        self.shown, self.selected = made.number, None
        asked = replace(made.plan.request, meetups=None, time_limit_s=0.0), made.people
        if made.plan.curve:
            self.curve, self._curve_of = made.plan.curve, asked
        elif self._curve_of != asked:
            self.curve, self._curve_of = (), None
        else:
            self.curve = with_plan(self.curve, made.plan)

    def take_in(self) -> str | None:
        """Take in what the job made once it is over; return what to say where it made nothing."""
        job, self.job = self.job, None
        if job is None:
            return None
        if job.result is not None:
            self.keep(job.result)
            return None
        return job.error or (plan_texts.STOPPED if job.is_cancelled else plan_texts.FAILED)


def current_workspace(region: Region) -> PlanWorkspace | None:
    """Return the visitor's workspace; None where they have no people in this region."""
    kept = _WORKSPACE.get()
    return kept if isinstance(kept, PlanWorkspace) and kept.region == region.name else None


def open_workspace(region: Region, roster: Roster, source: str) -> PlanWorkspace:
    """Put the people of a roster on a new workspace."""
    clear_workspace()
    made = PlanWorkspace(region.name, source, roster.people, start_labels(roster.people, region))
    _WORKSPACE.set(made)
    return made


def open_stored_workspace(region: Region, source: str, stored: StoredRoster) -> PlanWorkspace:
    """Put the people of the stored roster on a new workspace."""
    clear_workspace()
    made = PlanWorkspace(
        region.name,
        source,
        stored.people,
        stored.starts,
        DrivingHistory(stored.minutes),
        stored=stored,
    )
    _WORKSPACE.set(made)
    return made


def reload_stored_roster(workspace: PlanWorkspace, region: Region, day: date | None) -> None:
    """Take the people of a stored roster as they are now, without those away on the day."""
    if workspace.stored is None:
        return
    resting = bool(st.session_state.get(INCLUDE_RECENT_KEY))
    stored = stored_people(region, day, with_resting=resting)
    workspace.stored, workspace.people, workspace.starts = stored, stored.people, stored.starts
    workspace.ledger = DrivingHistory(stored.minutes)


def clear_workspace() -> None:
    """Take everything off the visitor's workspace, and stop what is being made on it."""
    old = _WORKSPACE.pop()
    if isinstance(old, PlanWorkspace):
        for job in (old.job, old.office_job):
            if job is not None:
                job.cancel()


def start_plan(workspace: PlanWorkspace, region: Region, request: PlanRequest) -> None:
    """Begin to make a plan; one that is being made is stopped and forgotten."""
    if workspace.job is not None:
        workspace.job.cancel()
    people, number = (
        tuple(workspace.asked_people()),
        max((p.number for p in workspace.plans), default=0) + 1,
    )

    def work(job: Job[MadePlan]) -> MadePlan:
        job.step = plan_texts.MEASURING
        plan = plan_meetups(request, region=region, people=people, progress=_solver_progress(job))
        job.step, job.gap = plan_texts.FINDING_REPAIRS, plan.gap
        repairs = find_repairs(
            plan, region=region, people=people, time_limit_s=_REPAIR_S, progress=job.should_continue
        )
        offers = find_alternatives(plan, region=region, people=people)
        return MadePlan(number, plan, people, Remedies(tuple(repairs), tuple(offers)))

    workspace.job = Job(work, is_wanted=session_check())
    PLAN_JOBS.submit(workspace.job)


def start_office_comparison(
    workspace: PlanWorkspace, region: Region, request: PlanRequest, office: Venue
) -> None:
    """Begin to plan the ways to meet around an office."""
    people = workspace.asked_people()
    request = replace(request, meetups=request.meetups or _shown_meetup_count(workspace))
    workspace.choices = ()
    workspace.office_job = Job(
        lambda job: office_options(
            request, office, region=region, people=people, progress=_solver_progress(job)
        ),
        is_wanted=session_check(),
    )
    PLAN_JOBS.submit(workspace.office_job)


def _shown_meetup_count(workspace: PlanWorkspace) -> int | None:
    """Return the number of meetups of the plan looked at, so that all ways have as many."""
    made = workspace.current()
    return len(made.plan.meetups) or None if made else None


def _solver_progress(job: Job[Any]) -> BoundProgress:
    """Return what passes a solver's progress on to a job, and says that solving has begun."""

    def report(elapsed_s: float, value: float, bound: float) -> bool:
        job.step = plan_texts.IMPROVING
        return job.report_bound(elapsed_s, value, bound)

    return report
