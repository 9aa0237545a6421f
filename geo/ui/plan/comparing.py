"""Two plans side by side: their numbers, and who would go elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from geo.export import plan_words
from geo.measures import drive
from geo.meetup import MeetupPlan
from geo.meetup.comparing import Change, changes
from geo.model import Place
from geo.places import label
from geo.ui.plan.desk import Planned
from geo.ui.words import plan as said


def show_comparison(plans: Sequence[Planned], shown: Planned) -> None:
    """Let the visitor choose two of the plans, and show both."""
    if len(plans) < 2:
        st.caption(said.COMPARE_NONE)
        return
    by_number = {one.number: one for one in plans}
    numbers = list(by_number)
    others = [number for number in numbers if number != shown.number]
    columns = st.columns(2)
    chosen = [
        column.selectbox(
            title,
            numbers,
            index=numbers.index(first),
            format_func=lambda number: said.plan_name(number, by_number[number].plan.request),
            key=f"compare-{side}-{shown.number}-{len(numbers)}",
        )
        for side, (column, title, first) in enumerate(
            zip(columns, (said.FIRST, said.SECOND), (others[-1], shown.number), strict=True)
        )
    ]
    before, after = (by_number[number].plan for number in chosen)
    st.table(
        {
            "": list(said.ROWS.values()),
            said.FIRST: _numbers(before),
            said.SECOND: _numbers(after),
            said.DIFFERENCE: _differences(before, after),
        },
        hide_index=True,
    )
    found = changes(before, after)
    if not found:
        st.caption(said.SAME_PEOPLE)
        return
    st.markdown(f"**{said.moved(len(found))}**")
    titles = said.COLUMNS
    st.dataframe(
        [
            {
                titles["id"]: one.id,
                titles["before"]: _where(one.before, one.before_s),
                titles["after"]: _where(one.after, one.after_s),
                titles["change"]: _longer(one),
            }
            for one in found
        ],
        hide_index=True,
        key="changes-table",
    )


def _numbers(plan: MeetupPlan) -> list[str]:
    mean = plan.total_s / plan.placed if plan.placed else 0.0
    proof = said.PROVEN if plan.proven else plan_words.percent(plan.gap)
    drives = [drive(seconds) for seconds in (plan.worst_s, mean, plan.total_s)]
    return [str(len(plan.meetups)), str(plan.placed), *drives, proof]


def _differences(before: MeetupPlan, after: MeetupPlan) -> list[str]:
    means = [plan.total_s / plan.placed if plan.placed else 0.0 for plan in (before, after)]
    return [
        said.signed(len(after.meetups) - len(before.meetups)),
        said.signed(after.placed - before.placed),
        said.signed_drive(after.worst_s - before.worst_s),
        said.signed_drive(means[1] - means[0]),
        said.signed_drive(after.total_s - before.total_s),
        "",
    ]


def _where(place: Place | None, seconds: float) -> str:
    return f"{label(place)}, {drive(seconds)}" if place else said.NOWHERE


def _longer(one: Change) -> str:
    return "" if math.isnan(one.longer_s) else said.signed_drive(one.longer_s)
