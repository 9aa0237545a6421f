"""What a plan says in words and numbers: its size, its proof, and who is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import streamlit as st

from geo.export import plan_words
from geo.export.plan import Help
from geo.measures import drive
from geo.meetup import MeetupPlan, PlanRequest
from geo.meetup.repairs import Repair
from geo.places import label
from geo.ui import words
from geo.ui.markdown import plain
from geo.ui.plan.desk import Planned
from geo.ui.plan.rules import Rules
from geo.ui.plan.tables import show_drives
from geo.ui.words import plan as said


def show_numbers(plan: MeetupPlan) -> None:
    """Show how large the plan is, how far people drive, and how good that surely is."""
    mean = plan.total_s / plan.placed if plan.placed else 0.0
    everybody = plan.placed + len(plan.unplaced)
    placed = str(plan.placed) if not plan.unplaced else f"{plan.placed} of {everybody}"
    numbers = {
        said.meetups_word(len(plan.meetups)): str(len(plan.meetups)),
        said.PLACED: placed,
        said.LONGEST_DRIVE: drive(plan.worst_s),
        said.MEAN_DRIVE: drive(mean),
        said.IN_ALL: drive(plan.total_s),
    }
    cells = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(words.unbroken(value))}</dd></div>"
        for name, value in numbers.items()
    )
    icon = "verified" if plan.proven else "query_stats"
    notes = [plan_words.proof(plan), plan_words.history(plan), plan_words.weighed(plan)]
    with st.container(key="result", horizontal=True, vertical_alignment="center"):
        st.html(f'<dl class="numbers">{cells}</dl>', width="content")
        st.markdown(f":material/{icon}: " + plain(" ".join(filter(None, notes))))


def show_left_out(made: Planned, repair: Callable[[Repair], None]) -> None:
    """Show who has no meetup and why, what would help all, and what each can be offered."""
    plan = made.plan
    if not plan.unplaced:
        return
    count = len(plan.unplaced)
    with st.container(key="left-out", border=True):
        st.markdown(f":material/person_off: **{said.LEFT_OUT}: {said.people(count)}**")
        with st.container(horizontal=True, gap="small"):
            for one in made.help_.repairs:
                st.button(
                    said.repair(one),
                    icon=":material/build:",
                    help=said.REPAIR_SURE if one.smallest else None,
                    key=f"repair-{one.sort}",
                    on_click=repair,
                    args=(one,),
                )
        with st.expander(said.LEFT_OUT_WHY, expanded=count <= 5):
            st.dataframe(
                _left_out_rows(plan, made.help_),
                hide_index=True,
                row_height=35,
                height=min(320, 38 + 35 * count),
                key="left-out-table",
            )


def _left_out_rows(plan: MeetupPlan, help_: Help) -> list[dict[str, Any]]:
    offers = {one.id: said.offer(one, plan) for one in help_.offers}
    titles = said.COLUMNS
    return [
        {
            titles["id"]: one.person.id,
            titles["why"]: plan_words.reason(one, plan.request),
            titles["offer"]: offers.get(one.person.id, ""),
        }
        for one in plan.unplaced
    ]


def show_locks(
    plan: MeetupPlan, selected: str | None, rules: Rules, change: Callable[[Rules], None]
) -> None:
    """Let the visitor lock the meetup that is open, or plan without it."""
    chosen = next((one.place for one in plan.meetups if one.place.osm_id == selected), None)
    locked = {osm_id for osm_id, _ in rules.forced}
    with st.container(key="locks", horizontal=True, vertical_alignment="center", gap="small"):
        if chosen is None:
            st.caption(said.CHOOSE, width="content")
        else:
            name = label(chosen)
            if chosen.osm_id in locked:
                _button(said.UNLOCK, name, "lock_open", change, rules.without(chosen.osm_id))
            else:
                _button(said.LOCK, name, "lock", change, rules.force(chosen.osm_id, name))
            _button(said.WITHOUT, name, "block", change, rules.ban(chosen.osm_id, name))
        kept = [label(one.place) for one in plan.meetups if one.place.osm_id in locked]
        if kept:
            st.caption(f":material/lock: {plain(said.locked(kept))}", width="content")


def _button(text: str, name: str, icon: str, change: Callable[[Rules], None], rules: Rules) -> None:
    st.button(
        text.format(name=plain(name)),
        icon=f":material/{icon}:",
        key=f"lock-{icon}",
        on_click=change,
        args=(rules,),
    )


def show_who(made: Planned) -> None:
    """Show who goes where, as a table that can be sorted and searched."""
    titles = said.COLUMNS
    rows: list[dict[str, Any]] = [
        {
            titles["id"]: one.person.id,
            titles["team"]: one.person.team,
            titles["meetup"]: number,
            titles["place"]: label(meetup.place),
            titles["there"]: one.travel_time_s / 60,
            titles["back"]: one.return_time_s / 60,
        }
        for number, meetup in enumerate(made.plan.meetups, start=1)
        for one in meetup.attendees
    ]
    show_drives(rows, [titles["there"], titles["back"]], key="who-table")


def is_stale(plan: MeetupPlan, asked: PlanRequest | None, people: Sequence[str]) -> bool:
    """Return whether the questions, or the people, are others than those of a plan."""
    known = {one.person.id for meetup in plan.meetups for one in meetup.attendees}
    known |= {one.person.id for one in plan.unplaced}
    return plan.request != asked or known != set(people)
