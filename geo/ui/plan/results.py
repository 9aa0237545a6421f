"""The results of a plan: its numbers and proof, who is left out, and how others compare.

Others are the numbers of meetups on a curve, an earlier plan, and three ways to meet for teams that
are partly in an office.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import streamlit as st

from geo import texts
from geo.export.plan import Remedies
from geo.meetup import CurvePoint, MeetupPlan, PlanRequest
from geo.meetup.compare import Change, OfficeOption, changes
from geo.meetup.curve import knee
from geo.meetup.repairs import Repair
from geo.model import Place
from geo.places import label
from geo.privacy import count_label
from geo.region import Region
from geo.texts import capitalise, exported_plan
from geo.texts import plan as plan_texts
from geo.texts import roster as roster_texts
from geo.ui import venues
from geo.ui.chart import Chart, ChartPoint, show_curve
from geo.ui.job_status import show_plan_job
from geo.ui.plan.options import PlanRules
from geo.ui.plan.workspace import MadePlan, PlanWorkspace, start_office_comparison
from geo.ui.widgets import escape_markdown
from geo.units import drive
from geo.venues import Venue


def show_comparison(plans: Sequence[MadePlan], shown: MadePlan) -> None:
    """Let the visitor choose two of the plans, and show both."""
    if len(plans) < 2:
        st.caption(plan_texts.COMPARE_NONE)
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
            format_func=lambda number: plan_texts.plan_name(number, by_number[number].plan.request),
            key=f"compare-{side}-{shown.number}-{len(numbers)}",
        )
        for side, (column, title, first) in enumerate(
            zip(
                columns,
                (plan_texts.FIRST_PLAN, plan_texts.SECOND_PLAN),
                (others[-1], shown.number),
                strict=True,
            )
        )
    ]
    before, after = (by_number[number].plan for number in chosen)
    st.table(
        {
            "": list(plan_texts.ROWS.values()),
            plan_texts.FIRST_PLAN: _numbers(before),
            plan_texts.SECOND_PLAN: _numbers(after),
            plan_texts.DIFFERENCE: _differences(before, after),
        },
        hide_index=True,
    )
    found = changes(before, after)
    if not found:
        st.caption(plan_texts.SAME_PEOPLE)
        return
    st.markdown(f"**{plan_texts.moved_people(len(found))}**")
    titles = plan_texts.COLUMNS
    st.dataframe(
        [
            {
                titles["id"]: one.id,
                titles["before"]: _place_and_drive(one.before, one.before_s),
                titles["after"]: _place_and_drive(one.after, one.after_s),
                titles["change"]: _longer(one),
            }
            for one in found
        ],
        hide_index=True,
        key="changes-table",
    )


def _numbers(plan: MeetupPlan) -> list[str]:
    mean = plan.total_s / plan.placed if plan.placed else 0.0
    proof = plan_texts.PROVEN if plan.proven else exported_plan.percent(plan.gap)
    drives = [drive(seconds) for seconds in (plan.worst_s, mean, plan.total_s)]
    return [str(len(plan.meetups)), str(plan.placed), *drives, proof]


def _differences(before: MeetupPlan, after: MeetupPlan) -> list[str]:
    means = [plan.total_s / plan.placed if plan.placed else 0.0 for plan in (before, after)]
    return [
        plan_texts.signed_number(len(after.meetups) - len(before.meetups)),
        plan_texts.signed_number(after.placed - before.placed),
        plan_texts.signed_drive(after.worst_s - before.worst_s),
        plan_texts.signed_drive(means[1] - means[0]),
        plan_texts.signed_drive(after.total_s - before.total_s),
        "",
    ]


def _place_and_drive(place: Place | None, seconds: float) -> str:
    return f"{label(place)}, {drive(seconds)}" if place else plan_texts.NO_MEETUP


def _longer(one: Change) -> str:
    return "" if math.isnan(one.longer_s) else plan_texts.signed_drive(one.longer_s)


_STEPS_H = (0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_LEVELS = 4


def show_numbers_curve(
    plan: MeetupPlan, curve: Sequence[CurvePoint], choose: Callable[[int], None]
) -> None:
    """Show what other numbers of meetups give; `choose` is called with the number wanted."""
    most = max((point.placed for point in curve), default=0)
    points = [point for point in curve if point.placed == most]
    if len(points) < 2:
        only = (
            plan_texts.single_number_note(points[0].meetups, most)
            if points
            else plan_texts.CURVE_NONE
        )
        st.caption(only)
        return
    best, here = knee(curve, plan.request.objective), len(plan.meetups)
    st.caption(plan_texts.CURVE_HELP)
    if points[0].meetups > 1:
        st.caption(plan_texts.CURVE_FEW.format(count=points[0].meetups))
    marks = [
        ChartPoint(
            point.meetups,
            point.total_s / 3600,
            str(point.meetups),
            _point_text(point),
            chosen=point.meetups == here,
            best=best is not None and point.meetups == best.meetups,
        )
        for point in points
    ]
    chart = Chart(
        marks,
        _axis_levels(max(mark.y for mark in marks)),
        plan_texts.CURVE,
        plan_texts.CURVE_X,
        plan_texts.CURVE_Y,
    )
    show_curve(chart, lambda position: choose(points[position].meetups), key="curve")
    with st.expander(plan_texts.CURVE_TABLE):
        st.table(
            {
                plan_texts.ROWS["meetups"]: [str(point.meetups) for point in points],
                plan_texts.ROWS["total"]: [drive(point.total_s) for point in points],
                plan_texts.ROWS["longest"]: [drive(point.worst_s) for point in points],
            }
        )


def _point_text(point: CurvePoint) -> str:
    return f"{plan_texts.meetups(point.meetups)}: {drive(point.total_s)} {plan_texts.TOTAL_DRIVE}"


def _axis_levels(highest_h: float) -> list[tuple[float, str]]:
    """Return round heights from nothing to just above the highest point, in hours."""
    step = next((one for one in _STEPS_H if one * _LEVELS >= highest_h), _STEPS_H[-1])
    count = max(1, math.ceil(highest_h / step))
    return [(step * k, drive(step * k * 3600) if k else "0") for k in range(count + 1)]


def show_office(workspace: PlanWorkspace, region: Region, request: PlanRequest | None) -> None:
    """Let the visitor weigh an office, and show what each way costs."""
    offices = {
        one.place.osm_id: one
        for one in venues.venues_in(region)
        if one.status == "office" and one.staff
    }
    st.caption(plan_texts.OFFICE_HELP)
    if not offices or request is None:
        st.caption(plan_texts.OFFICE_NONE)
        return
    chosen = st.selectbox(
        plan_texts.OFFICE_LABEL,
        list(offices),
        format_func=lambda key: plan_texts.OFFICE_WITH_STAFF.format(
            name=label(offices[key].place), staff=offices[key].staff
        ),
        key="office",
        width=360,
    )
    st.button(
        plan_texts.COMPARE_OFFICE,
        icon=":material/balance:",
        key="compare-office",
        on_click=_start_comparison,
        args=(workspace, region, request, offices.get(chosen)),
    )
    job = workspace.office_job
    if job is not None and not job.is_over:
        show_plan_job(job)
    elif job is not None:
        workspace.office_job, workspace.choices = None, tuple(job.result or ())
        if job.result is None:
            st.error(escape_markdown(job.error or plan_texts.FAILED))
    _show_office_choices(workspace.choices)


def _start_comparison(
    workspace: PlanWorkspace, region: Region, request: PlanRequest, office: Venue | None
) -> None:
    if office is not None:
        start_office_comparison(workspace, region, request, office)


def _show_office_choices(choices: Sequence[OfficeOption]) -> None:
    if not choices:
        return
    way, remote, total, worst, staff = plan_texts.OFFICE_COLUMNS
    st.table(
        {
            way: [exported_plan.OFFICE_OPTIONS[one.kind] for one in choices],
            remote: [str(one.remote_placed) for one in choices],
            total: [drive(one.remote_total_s) for one in choices],
            worst: [drive(one.remote_worst_s) for one in choices],
            staff: [drive(one.staff_total_s) if one.staff_total_s else "–" for one in choices],
        },
        hide_index=True,
    )


_ROW_PX, _HEAD_PX, _TALLEST_PX = 35, 38, 560


def show_drives(rows: Sequence[dict[str, Any]], minutes: Sequence[str], *, key: str) -> None:
    """Show rows that can be sorted and searched; the columns ``minutes`` are drives."""
    st.dataframe(
        rows,
        hide_index=True,
        height=min(_TALLEST_PX, _HEAD_PX + _ROW_PX * max(1, len(rows))),
        column_config={
            title: st.column_config.NumberColumn(format="%.0f min") for title in minutes
        },
        placeholder="–",
        key=key,
    )


def show_numbers(plan: MeetupPlan) -> None:
    """Show how large the plan is, how far people drive, and how good that surely is."""
    mean = plan.total_s / plan.placed if plan.placed else 0.0
    everybody = plan.placed + len(plan.unplaced)
    placed = str(plan.placed) if not plan.unplaced else f"{plan.placed} of {everybody}"
    numbers = {
        plan_texts.meetups_word(len(plan.meetups)): str(len(plan.meetups)),
        plan_texts.PLACED: placed,
        plan_texts.LONGEST_DRIVE: drive(plan.worst_s),
        plan_texts.MEAN_DRIVE: drive(mean),
        plan_texts.TOTAL_DRIVE: drive(plan.total_s),
    }
    cells = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(texts.non_breaking(value))}</dd></div>"
        for name, value in numbers.items()
    )
    icon = "verified" if plan.proven else "query_stats"
    notes = [
        exported_plan.proof(plan),
        exported_plan.history_cost(plan),
        exported_plan.weights_note(plan),
    ]
    with st.container(key="result", horizontal=True, vertical_alignment="center"):
        st.html(f'<dl class="numbers">{cells}</dl>', width="content")
        st.markdown(f":material/{icon}: " + escape_markdown(" ".join(filter(None, notes))))


def show_left_out(made: MadePlan, repair: Callable[[Repair], None]) -> None:
    """Show who has no meetup and why, what would help all, and what each can be offered."""
    plan = made.plan
    if not plan.unplaced:
        return
    count = len(plan.unplaced)
    with st.container(key="left-out", border=True):
        st.markdown(f":material/person_off: **{plan_texts.LEFT_OUT}: {plan_texts.people(count)}**")
        with st.container(horizontal=True, gap="small"):
            for one in made.remedies.repairs:
                st.button(
                    plan_texts.repair(one),
                    icon=":material/build:",
                    help=plan_texts.REPAIR_PROVEN if one.smallest else None,
                    key=f"repair-{one.kind}",
                    on_click=repair,
                    args=(one,),
                )
        with st.expander(plan_texts.LEFT_OUT_WHY, expanded=count <= 5):
            st.dataframe(
                _left_out_rows(plan, made.remedies),
                hide_index=True,
                row_height=35,
                height=min(320, 38 + 35 * count),
                key="left-out-table",
            )


def _left_out_rows(plan: MeetupPlan, remedies: Remedies) -> list[dict[str, Any]]:
    offers = {one.id: plan_texts.alternative(one, plan) for one in remedies.offers}
    titles = plan_texts.COLUMNS
    return [
        {
            titles["id"]: one.person.id,
            titles["why"]: exported_plan.reason(one, plan.request),
            titles["offer"]: offers.get(one.person.id, ""),
        }
        for one in plan.unplaced
    ]


def show_locks(
    plan: MeetupPlan, selected: str | None, rules: PlanRules, change: Callable[[PlanRules], None]
) -> None:
    """Let the visitor lock the meetup that is open, or plan without it."""
    chosen = next((one.place for one in plan.meetups if one.place.osm_id == selected), None)
    locked = {osm_id for osm_id, _ in rules.forced}
    with st.container(key="locks", horizontal=True, vertical_alignment="center", gap="small"):
        if chosen is None:
            st.caption(plan_texts.CHOOSE_MEETUP, width="content")
        else:
            name = label(chosen)
            if chosen.osm_id in locked:
                _button(plan_texts.UNLOCK, name, "lock_open", change, rules.without(chosen.osm_id))
            else:
                _button(plan_texts.LOCK, name, "lock", change, rules.force(chosen.osm_id, name))
            _button(plan_texts.PLAN_WITHOUT, name, "block", change, rules.ban(chosen.osm_id, name))
        kept = [label(one.place) for one in plan.meetups if one.place.osm_id in locked]
        if kept:
            st.caption(
                f":material/lock: {escape_markdown(plan_texts.locked_places(kept))}",
                width="content",
            )


def _button(
    text: str, name: str, icon: str, change: Callable[[PlanRules], None], rules: PlanRules
) -> None:
    st.button(
        text.format(name=escape_markdown(name)),
        icon=f":material/{icon}:",
        key=f"lock-{icon}",
        on_click=change,
        args=(rules,),
    )


def show_attendees(made: MadePlan) -> None:
    """Show who goes where, as a table that can be sorted and searched."""
    titles = plan_texts.COLUMNS
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


def show_preference_results(workspace: PlanWorkspace, made: MadePlan) -> None:
    """Say for how many the size of their group came true, and which places went first."""
    stored = workspace.stored
    if stored is None:
        return
    groups = ([one.person.id for one in meetup.attendees] for meetup in made.plan.meetups)
    satisfied, asked = stored.count_satisfied(groups)
    sentences = []
    if asked:
        sentences.append(
            roster_texts.SIZE_MATCHES.format(count=count_label(satisfied), asked=count_label(asked))
        )
    if stored.mood != "any":
        sentences.append(roster_texts.MOOD_FIRST[stored.mood])
    if stored.resting:
        sentences.append(
            roster_texts.recent_attendees(count_label(stored.resting), stored.with_resting)
        )
    if sentences:
        st.caption(f":material/favorite: {' '.join(map(capitalise, sentences))}")
