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
    workspace = workspace_or_roster(region, plan_texts.ROSTER_PROMPT)
    if workspace is not None:
        _collect_result(workspace)
        request = _show_options(region, workspace)
        _show_result(region, workspace, request)
    page.show_footer(region)
    show_toast()


def _collect_result(workspace: PlanWorkspace) -> None:
    if workspace.job is not None and workspace.job.is_over:
        trouble = workspace.take_in()
        if trouble:
            st.warning(escape_markdown(trouble), icon=":material/warning:")


def _show_options(region: Region, workspace: PlanWorkspace) -> PlanRequest | None:
    """Show the questions and the button; return the request, None where answers contradict."""
    with st.container(key="chips", horizontal=True, vertical_alignment="center"):
        roster_chip(workspace)
        show_plan_options(region, workspace.people)
        regions.region_chip()
        request = _request_or_warn(workspace)
        made = workspace.current()
        ids = [person.id for person in workspace.people if person.id not in workspace.by_video]
        stale = made is None or results.is_stale(made.plan, request, ids)
        st.button(
            plan_texts.PLAN_AGAIN if made else plan_texts.PLAN_MEETUPS,
            type="primary" if stale else "secondary",
            icon=":material/play_arrow:",
            key="make-plan",
            disabled=request is None or not ids,
            on_click=_start_plan,
            args=(region, workspace),
        )
    if not ids:
        st.warning(plan_texts.NO_PEOPLE_LEFT)
    elif made and stale and workspace.job is None:
        st.caption(f":material/sync_problem: {plan_texts.SETTINGS_CHANGED}")
    return request


def _request_or_warn(workspace: PlanWorkspace) -> PlanRequest | None:
    try:
        return _build_request(workspace)
    except InputError as error:
        st.warning(escape_markdown(str(error)), icon=":material/warning:")
        return None


def _show_result(region: Region, workspace: PlanWorkspace, request: PlanRequest | None) -> None:
    if workspace.job is not None:
        show_plan_job(workspace.job)
    made = workspace.current()
    if made is None:
        people: list[PersonMarker] = start_markers(workspace.starts)
        scene = replace(page.empty_scene(region, plan_texts.EMPTY), people=people, picks=False)
        region_map(replace(scene, locates=False, texts=plan_texts.MAP), key="plan")
        return
    _plan_switch(workspace)
    results.show_numbers(made.plan)
    show_preference_results(workspace, made)
    results.show_left_out(made, lambda repair: _plan_with_repair(region, workspace, repair))
    results.show_locks(
        made.plan,
        workspace.selected,
        current_rules(),
        lambda rules: _plan_with_rules(region, workspace, rules),
    )

    def react(event: MapEvent) -> None:
        workspace.selected = event.selected

    region_map(
        plan_scene(region, made.plan, workspace.starts, workspace.selected),
        key="plan",
        on_event=react,
    )
    _plan_tabs(region, workspace, made, request)


def _plan_switch(workspace: PlanWorkspace) -> None:
    """Let the visitor go back to one of the plans made before."""
    if len(workspace.plans) < 2:
        return
    names = {
        one.number: plan_texts.plan_name(one.number, one.plan.request) for one in workspace.plans
    }
    key = f"plans-{workspace.plans[-1].number}-{workspace.shown}"
    st.pills(
        plan_texts.PLANS,
        list(names),
        default=workspace.shown,
        required=True,
        format_func=lambda number: names[number],
        label_visibility="collapsed",
        key=key,
        on_change=_select_plan,
        args=(workspace, key),
    )


def _select_plan(workspace: PlanWorkspace, key: str) -> None:
    workspace.shown, workspace.selected = st.session_state[key], None


def _plan_tabs(
    region: Region, workspace: PlanWorkspace, made: MadePlan, request: PlanRequest | None
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
            made.plan, workspace.curve, lambda number: _plan_with_count(region, workspace, number)
        )
    with compare:
        show_comparison(workspace.plans, made)
    with office:
        show_office(workspace, region, request)
    with save:
        show_downloads(made, workspace, region)
        show_save_plan(made, workspace, region)


def _build_request(workspace: PlanWorkspace) -> PlanRequest:
    """Return the request that the answers and the wishes of those on the stored roster make."""
    asked = read_request()
    bound = workspace.stored.bind(asked) if workspace.stored else asked
    return bound.without(workspace.by_video)


def _start_plan(region: Region, workspace: PlanWorkspace) -> None:
    """Begin a plan, for the people of a stored roster as they are at this moment."""
    try:
        at = read_request().starts_at
        reload_stored_roster(workspace, region, at.date() if at else None)
        start_plan(workspace, region, _build_request(workspace))
    except (InputError, NotAllowed) as error:
        queue_toast(capitalise(str(error)))


def _plan_with_repair(region: Region, workspace: PlanWorkspace, repair: Repair) -> None:
    if repair.kind == "video":
        workspace.by_video |= set(repair.ids)
    apply_repair(repair)
    _start_plan(region, workspace)


def _plan_with_rules(region: Region, workspace: PlanWorkspace, rules: PlanRules) -> None:
    set_rules(rules)
    _start_plan(region, workspace)


def _plan_with_count(region: Region, workspace: PlanWorkspace, number: int) -> None:
    set_meetup_count(number)
    _start_plan(region, workspace)


_show()
