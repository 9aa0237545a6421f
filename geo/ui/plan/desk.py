"""What one visitor has on the desk: the people, the plans made for them, and the one being made.

It lives in the visitor's session and nowhere else, and is gone with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import streamlit as st

from geo.export.listing import Start
from geo.export.plan import Help
from geo.meetup import CurvePoint, MeetupPlan, PlanRequest, plan_meetups
from geo.meetup.coverage import Coverage
from geo.meetup.curve import with_plan
from geo.meetup.ledger import STRENGTH, Ledger
from geo.meetup.offices import OfficeChoice, weigh_office
from geo.meetup.repairs import find_offers, find_repairs
from geo.region import Region
from geo.roster import Person, Roster
from geo.ui.plan.job import Job, Progress
from geo.ui.plan.people import starts_of
from geo.ui.plan.stored import RESTING, Stored, stored_people
from geo.ui.presence import presence
from geo.ui.words import plan as said
from geo.venues import Venue

_KEY = "desk"
_KEPT = 6
"""Plans; more than anybody compares."""

_REPAIR_S = 4.0


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan that was made.

    Attributes
    ----------
    number
        Counts from 1, as the visitor sees it.
    plan
        The plan.
    people
        Whom it was made for.
    help_
        What would help those who are left out.
    """

    number: int
    plan: MeetupPlan
    people: tuple[Person, ...]
    help_: Help


@dataclass(slots=True)
class Desk:
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
    starts: Mapping[str, Start]
    ledger: Ledger = field(default_factory=Ledger)
    strength: float = STRENGTH
    by_video: frozenset[str] = frozenset()
    plans: list[Planned] = field(default_factory=list)
    shown: int = 0
    selected: str | None = None
    curve: tuple[CurvePoint, ...] = ()
    job: Job[Planned] | None = None
    office_job: Job[list[OfficeChoice]] | None = None
    choices: tuple[OfficeChoice, ...] = ()
    coverage: tuple[object, Coverage] | None = None
    stored: Stored | None = None
    _curve_of: tuple[PlanRequest, tuple[Person, ...]] | None = None

    def asked_people(self) -> list[Person]:
        """Return whom to plan for, weighed by what they drove in the past."""
        here = [person for person in self.people if person.id not in self.by_video]
        return self.ledger.weigh(here, strength=self.strength)

    def current(self) -> Planned | None:
        """Return the plan that is looked at."""
        return next((one for one in self.plans if one.number == self.shown), None)

    def keep(self, made: Planned) -> None:
        """Put a new plan on the desk and look at it."""
        self.plans = [*self.plans, made][-_KEPT:]
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
        return job.error or (said.STOPPED if job.stopped else said.FAILED)


def current_desk(region: Region) -> Desk | None:
    """Return the visitor's desk; None where they have no people in this region."""
    kept = st.session_state.get(_KEY)
    return kept if isinstance(kept, Desk) and kept.region == region.name else None


def open_desk(region: Region, roster: Roster, source: str) -> Desk:
    """Put the people of a roster on a new desk."""
    clear_desk()
    made = Desk(region.name, source, roster.people, starts_of(roster.people, region))
    st.session_state[_KEY] = made
    return made


def open_stored_desk(region: Region, source: str, stored: Stored) -> Desk:
    """Put the people of the stored roster on a new desk."""
    clear_desk()
    made = Desk(
        region.name, source, stored.people, stored.starts, Ledger(stored.minutes), stored=stored
    )
    st.session_state[_KEY] = made
    return made


def look_up_again(desk: Desk, region: Region, day: date | None) -> None:
    """Take the people of a stored roster as they are now, without those away on the day."""
    if desk.stored is None:
        return
    resting = bool(st.session_state.get(RESTING))
    stored = stored_people(region, day, with_resting=resting)
    desk.stored, desk.people, desk.starts = stored, stored.people, stored.starts
    desk.ledger = Ledger(stored.minutes)


def clear_desk() -> None:
    """Take everything off the visitor's desk, and stop what is being made on it."""
    old = st.session_state.pop(_KEY, None)
    if isinstance(old, Desk):
        for job in (old.job, old.office_job):
            if job is not None:
                job.stop()


def start_plan(desk: Desk, region: Region, request: PlanRequest) -> None:
    """Begin to make a plan; one that is being made is stopped and forgotten."""
    if desk.job is not None:
        desk.job.stop()
    people, number = tuple(desk.asked_people()), max((p.number for p in desk.plans), default=0) + 1

    def work(job: Job[Planned]) -> Planned:
        job.step = said.MEASURING
        plan = plan_meetups(request, region=region, people=people, progress=_telling(job))
        job.step, job.gap = said.HELPING, plan.gap
        repairs = find_repairs(
            plan, region=region, people=people, time_limit_s=_REPAIR_S, progress=job.ask
        )
        offers = find_offers(plan, region=region, people=people)
        return Planned(number, plan, people, Help(tuple(repairs), tuple(offers)))

    desk.job = Job(work, is_wanted=presence())
    desk.job.start()


def start_weighing(desk: Desk, region: Region, request: PlanRequest, office: Venue) -> None:
    """Begin to plan the ways to meet around an office."""
    people = desk.asked_people()
    request = replace(request, meetups=request.meetups or _number(desk))
    desk.choices = ()
    desk.office_job = Job(
        lambda job: weigh_office(
            request, office, region=region, people=people, progress=_telling(job)
        ),
        is_wanted=presence(),
    )
    desk.office_job.start()


def _number(desk: Desk) -> int | None:
    """Return the number of meetups of the plan looked at, so that all ways have as many."""
    made = desk.current()
    return len(made.plan.meetups) or None if made else None


def _telling(job: Job[Any]) -> Progress:
    """Return what passes a solver's progress on to a job, and says that solving has begun."""

    def tell(elapsed_s: float, value: float, bound: float) -> bool:
        job.step = said.IMPROVING
        return job.progress(elapsed_s, value, bound)

    return tell
