"""Plan meetups: a roster in, real places, everybody's drive and a proof out."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from geo.errors import InputError, NotAllowed
from geo.meetup import PlanRequest
from geo.meetup.repairs import Repair
from geo.region import Region
from geo.texts import capitalise
from geo.texts import plan as plan_texts
from geo.ui import page, regions
from geo.ui.job_status import show_plan_job
from geo.ui.map import MapEvent, PersonMarker, region_map
from geo.ui.plan import results
from geo.ui.plan.options import (
    PlanRules,
    apply_repair,
    current_rules,
    initialise_plan_options,
    read_request,
    set_meetup_count,
    set_rules,
    show_plan_options,
)
from geo.ui.plan.plan_map import plan_scene, start_markers
from geo.ui.plan.results import (
    show_comparison,
    show_numbers_curve,
    show_office,
    show_preference_results,
)
from geo.ui.plan.roster_step import roster_chip, workspace_or_roster
from geo.ui.plan.save import show_downloads, show_save_plan
from geo.ui.plan.workspace import (
    MadePlan,
    PlanWorkspace,
    current_workspace,
    reload_stored_roster,
    start_plan,
)
from geo.ui.starting_points import queue_toast, show_toast
from geo.ui.widgets import escape_markdown


def _show() -> None:
    region = regions.current_region(st.query_params.get("region", ""))
    page.show_header(plan_texts.INTRO, region)
    initialise_plan_options()
    if current_workspace(region) is None:
        regions.region_chip()
    desk = workspace_or_roster(region, plan_texts.ROSTER_PROMPT)
    if desk is not None:
        _collect_result(desk)
        request = _show_options(region, desk)
        _show_result(region, desk, request)
    page.show_footer(region)
    show_toast()


def _collect_result(desk: PlanWorkspace) -> None:
    if desk.job is not None and desk.job.is_over:
        trouble = desk.take_in()
        if trouble:
            st.warning(escape_markdown(trouble), icon=":material/warning:")


def _show_options(region: Region, desk: PlanWorkspace) -> PlanRequest | None:
    """Show the questions and the button; return the request, None where answers contradict."""
    with st.container(key="chips", horizontal=True, vertical_alignment="center"):
        roster_chip(desk)
        show_plan_options(region, desk.people)
        regions.region_chip()
        request = _request_or_warn(desk)
        made = desk.current()
        ids = [person.id for person in desk.people if person.id not in desk.by_video]
        stale = made is None or results.is_stale(made.plan, request, ids)
        st.button(
            plan_texts.PLAN_AGAIN if made else plan_texts.PLAN_MEETUPS,
            type="primary" if stale else "secondary",
            icon=":material/play_arrow:",
            key="make-plan",
            disabled=request is None or not ids,
            on_click=_start_plan,
            args=(region, desk),
        )
    if not ids:
        st.warning(plan_texts.NO_PEOPLE_LEFT)
    elif made and stale and desk.job is None:
        st.caption(f":material/sync_problem: {plan_texts.SETTINGS_CHANGED}")
    return request


def _request_or_warn(desk: PlanWorkspace) -> PlanRequest | None:
    try:
        return _build_request(desk)
    except InputError as error:
        st.warning(escape_markdown(str(error)), icon=":material/warning:")
        return None


def _show_result(region: Region, desk: PlanWorkspace, request: PlanRequest | None) -> None:
    if desk.job is not None:
        show_plan_job(desk.job)
    made = desk.current()
    if made is None:
        people: list[PersonMarker] = start_markers(desk.starts)
        scene = replace(page.empty_scene(region, plan_texts.EMPTY), people=people, picks=False)
        region_map(replace(scene, locates=False, texts=plan_texts.MAP), key="plan")
        return
    _plan_switch(desk)
    results.show_numbers(made.plan)
    show_preference_results(desk, made)
    results.show_left_out(made, lambda repair: _plan_with_repair(region, desk, repair))
    results.show_locks(
        made.plan,
        desk.selected,
        current_rules(),
        lambda rules: _plan_with_rules(region, desk, rules),
    )

    def react(event: MapEvent) -> None:
        desk.selected = event.selected

    region_map(
        plan_scene(region, made.plan, desk.starts, desk.selected), key="plan", on_event=react
    )
    _plan_tabs(region, desk, made, request)


def _plan_switch(desk: PlanWorkspace) -> None:
    """Let the visitor go back to one of the plans made before."""
    if len(desk.plans) < 2:
        return
    names = {one.number: plan_texts.plan_name(one.number, one.plan.request) for one in desk.plans}
    key = f"plans-{desk.plans[-1].number}-{desk.shown}"
    st.pills(
        plan_texts.PLANS,
        list(names),
        default=desk.shown,
        required=True,
        format_func=lambda number: names[number],
        label_visibility="collapsed",
        key=key,
        on_change=_select_plan,
        args=(desk, key),
    )


def _select_plan(desk: PlanWorkspace, key: str) -> None:
    desk.shown, desk.selected = st.session_state[key], None


def _plan_tabs(
    region: Region, desk: PlanWorkspace, made: MadePlan, request: PlanRequest | None
) -> None:
    who, curve, compare, office, save = st.tabs(
        [
            plan_texts.ATTENDEES,
            plan_texts.CURVE,
            plan_texts.COMPARE,
            plan_texts.OFFICE,
            plan_texts.SAVE,
        ]
    )
    with who:
        results.show_attendees(made)
    with curve:
        show_numbers_curve(
            made.plan, desk.curve, lambda number: _plan_with_count(region, desk, number)
        )
    with compare:
        show_comparison(desk.plans, made)
    with office:
        show_office(desk, region, request)
    with save:
        show_downloads(made, desk, region)
        show_save_plan(made, desk, region)


def _build_request(desk: PlanWorkspace) -> PlanRequest:
    """Return the request that the answers and the wishes of those on the stored roster make."""
    asked = read_request()
    bound = desk.stored.bind(asked) if desk.stored else asked
    return bound.without(desk.by_video)


def _start_plan(region: Region, desk: PlanWorkspace) -> None:
    """Begin a plan, for the people of a stored roster as they are at this moment."""
    try:
        at = read_request().starts_at
        reload_stored_roster(desk, region, at.date() if at else None)
        start_plan(desk, region, _build_request(desk))
    except (InputError, NotAllowed) as error:
        queue_toast(capitalise(str(error)))


def _plan_with_repair(region: Region, desk: PlanWorkspace, repair: Repair) -> None:
    if repair.kind == "video":
        desk.by_video |= set(repair.ids)
    apply_repair(repair)
    _start_plan(region, desk)


def _plan_with_rules(region: Region, desk: PlanWorkspace, rules: PlanRules) -> None:
    set_rules(rules)
    _start_plan(region, desk)


def _plan_with_count(region: Region, desk: PlanWorkspace, number: int) -> None:
    set_meetup_count(number)
    _start_plan(region, desk)


_show()
