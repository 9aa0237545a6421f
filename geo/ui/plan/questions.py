"""What is asked of a plan, as a row of chips, and the request that they make.

The answers live in the visitor's session under keys of their own, so that a button that applies a
repair changes them like a hand would.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from geo.export.share import SharedSearch
from geo.meetup import PLAN_OBJECTIVES, PlanRequest
from geo.meetup.repairs import Repair
from geo.meetup.request import MOST_MEETUPS
from geo.network import Conditions
from geo.places import load_kinds
from geo.region import Region
from geo.roster import Person
from geo.ui import words
from geo.ui.controls import ask_kinds, ask_roads, begin_with
from geo.ui.plan.rules import current_rules, rules_chip
from geo.ui.words import plan as said

_LONGEST_MIN = 24 * 60
_LARGEST_GROUP = 10_000
_FIRST: dict[str, Any] = {
    "plan-how": said.AUTO,
    "plan-number": 3,
    "plan-objective": PLAN_OBJECTIVES[0],
    "plan-minutes": 60,
    "plan-limited": True,
    "plan-least": 0,
    "plan-most": 0,
    "plan-kinds": (),
    "plan-when": said.ANY_DAY,
    "plan-hours": 2.0,
    "plan-limit": 6,
    "plan-history-share": 10,
}


def begin_questions() -> None:
    """Fill the answers of a visitor who has not been asked before."""
    begin_with(SharedSearch("plan"))
    for key, value in _FIRST.items():
        st.session_state.setdefault(key, list(value) if isinstance(value, tuple) else value)
    st.session_state.setdefault("plan-at", _next_week())


def ask_plan(region: Region, people: Sequence[Person]) -> None:
    """Show the chips; `begin_questions` comes before, `read_request` says what they mean."""
    _number()
    _objective()
    _longest()
    _sizes()
    _kinds()
    _when()
    ask_roads()
    rules_chip(region, people)


def read_request() -> PlanRequest:
    """Return the request that the answers make.

    Raises
    ------
    InputError
        Two answers contradict each other.
    """
    state, rules = st.session_state, current_rules()
    most = int(state["plan-most"] or 0)
    return PlanRequest(
        meetups=None if state["plan-how"] == said.AUTO else int(state["plan-number"] or 1),
        objective=state["plan-objective"],
        cutoff_s=60.0 * (state["plan-minutes"] or 60) if state["plan-limited"] else math.inf,
        min_size=int(state["plan-least"] or 0),
        max_size=most or None,
        starts_at=_starts_at(),
        duration=timedelta(hours=float(state["plan-hours"])),
        kinds=tuple(state["plan-kinds"] or ()) or None,
        conditions=Conditions(state["roads"], ferries=state["ferries"], tolls=state["tolls"]),
        forced=tuple(osm_id for osm_id, _ in rules.forced),
        banned=tuple(osm_id for osm_id, _ in rules.banned),
        together=rules.together,
        apart=rules.apart,
        vetoes=tuple((identity, osm_id) for identity, osm_id, _ in rules.vetoes),
        history_share=int(state["plan-history-share"]) / 100,
        time_limit_s=float(state["plan-limit"]),
    )


def ask_for(number: int) -> None:
    """Ask for a number of meetups."""
    st.session_state["plan-how"] = said.A_NUMBER
    st.session_state["plan-number"] = number


def apply_sizes(least: int, most: int) -> None:
    """Ask for groups of a size."""
    st.session_state["plan-least"], st.session_state["plan-most"] = least, most


def apply_repair(repair: Repair) -> None:
    """Change the answers as a repair says; one by video changes the people instead."""
    state, value = st.session_state, int(repair.value)
    match repair.sort:
        case "minutes":
            state["plan-minutes"] = value
        case "meetups":
            ask_for(value)
        case "max_size":
            state["plan-most"] = value
        case "min_size":
            state["plan-least"] = value
        case _:
            return


def _number() -> None:
    state = st.session_state
    number = None if state["plan-how"] == said.AUTO else state["plan-number"]
    with st.popover(said.meetups(number), icon=":material/tag:", key="chip-number"):
        st.radio(
            said.NUMBER_HOW, (said.AUTO, said.A_NUMBER), key="plan-how", persist_state="session"
        )
        st.number_input(
            said.NUMBER, 1, MOST_MEETUPS, key="plan-number", persist_state="session",
            disabled=state["plan-how"] == said.AUTO,
        )  # fmt: skip


def _objective() -> None:
    chosen = said.OBJECTIVES[st.session_state["plan-objective"]]
    with st.popover(chosen, icon=":material/balance:", key="chip-plan-objective"):
        st.radio(
            said.OBJECTIVE,
            PLAN_OBJECTIVES,
            format_func=lambda name: said.OBJECTIVES[name],
            captions=[said.OBJECTIVE_HELP[name] for name in PLAN_OBJECTIVES],
            key="plan-objective",
            persist_state="session",
        )


def _longest() -> None:
    state = st.session_state
    chip = words.within(state["plan-minutes"]) if state["plan-limited"] else said.NO_LIMIT
    with st.popover(chip, icon=":material/directions_car:", key="chip-plan-minutes"):
        st.toggle(said.LONGEST, key="plan-limited", persist_state="session")
        st.number_input(
            words.MINUTES, 1, _LONGEST_MIN, step=5, key="plan-minutes", persist_state="session",
            disabled=not state["plan-limited"],
        )  # fmt: skip


def _sizes() -> None:
    state = st.session_state
    chip = said.sizes(int(state["plan-least"] or 0), int(state["plan-most"] or 0))
    with st.popover(chip, icon=":material/groups:", key="chip-sizes"):
        st.caption(said.GROUPS_HOW)
        for label, key in ((said.AT_LEAST, "plan-least"), (said.AT_MOST, "plan-most")):
            st.number_input(label, 0, _LARGEST_GROUP, key=key, persist_state="session")


def _kinds() -> None:
    offered = [key for key, kind in load_kinds().items() if kind.label and kind.hosts_groups]
    ask_kinds("plan-kinds", "chip-plan-kinds", offered, said.KINDS_HELP)


def _when() -> None:
    with st.popover(said.when(_starts_at()), icon=":material/event:", key="chip-plan-when"):
        dated = st.radio(
            words.WHEN, (said.ANY_DAY, said.ON_A_DAY), key="plan-when", persist_state="session"
        )
        if dated == said.ON_A_DAY:
            st.datetime_input(words.AT_WHICH, key="plan-at", persist_state="session", width=240)
            st.number_input(
                said.HOURS, 0.5, 24.0, step=0.5, key="plan-hours", persist_state="session"
            )
            at = _starts_at()
            if at is not None and at.date() < datetime.now().date():
                st.caption(f":material/warning: {said.PAST}")
        st.caption(said.WHEN_HELP)


def _starts_at() -> datetime | None:
    if st.session_state["plan-when"] == said.ANY_DAY:
        return None
    at: datetime | None = st.session_state.get("plan-at")
    return at or _next_week()


def _next_week() -> datetime:
    """Return ten o'clock of the next Tuesday that is a week away: nobody meets tomorrow."""
    today = datetime.now().replace(hour=10, minute=0, second=0, microsecond=0)
    return today + timedelta(days=7 + (1 - today.weekday()) % 7)
