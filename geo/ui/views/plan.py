"""Plan meetups: a roster in, real places, everybody's drive and a proof out."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from geo.errors import InputError, NotAllowed
from geo.meetup import PlanRequest
from geo.meetup.repairs import Repair
from geo.region import Region
from geo.texts import capital
from geo.texts import plan as said
from geo.ui import page, regions
from geo.ui.job_status import show_running
from geo.ui.map import MapEvent, Person, region_map
from geo.ui.plan import results
from geo.ui.plan.options import (
    Rules,
    apply_repair,
    ask_for,
    ask_plan,
    begin_questions,
    current_rules,
    read_request,
    set_rules,
)
from geo.ui.plan.plan_map import plan_scene, start_markers
from geo.ui.plan.results import show_comparison, show_numbers_curve, show_office, tell_wishes
from geo.ui.plan.roster_step import desk_or_roster, roster_chip
from geo.ui.plan.save import show_keeping, show_saving
from geo.ui.plan.workspace import Desk, Planned, current_desk, look_up_again, start_plan
from geo.ui.starting_points import tell, told
from geo.ui.widgets import plain


def _show() -> None:
    region = regions.current_region(st.query_params.get("region", ""))
    page.begin(said.INTRO, region)
    begin_questions()
    if current_desk(region) is None:
        regions.region_chip()
    desk = desk_or_roster(region, said.WHOM)
    if desk is not None:
        _take_in(desk)
        request = _ask(region, desk)
        _answer(region, desk, request)
    page.end(region)
    told()


def _take_in(desk: Desk) -> None:
    if desk.job is not None and desk.job.over:
        trouble = desk.take_in()
        if trouble:
            st.warning(plain(trouble), icon=":material/warning:")


def _ask(region: Region, desk: Desk) -> PlanRequest | None:
    """Show the questions and the button; return the request, None where answers contradict."""
    with st.container(key="chips", horizontal=True, vertical_alignment="center"):
        roster_chip(desk)
        ask_plan(region, desk.people)
        regions.region_chip()
        request = _request(desk)
        made = desk.current()
        ids = [person.id for person in desk.people if person.id not in desk.by_video]
        stale = made is None or results.is_stale(made.plan, request, ids)
        st.button(
            said.AGAIN if made else said.MAKE,
            type="primary" if stale else "secondary",
            icon=":material/play_arrow:",
            key="make-plan",
            disabled=request is None or not ids,
            on_click=_make,
            args=(region, desk),
        )
    if not ids:
        st.warning(said.NO_PEOPLE_LEFT)
    elif made and stale and desk.job is None:
        st.caption(f":material/sync_problem: {said.STALE}")
    return request


def _request(desk: Desk) -> PlanRequest | None:
    try:
        return _asked(desk)
    except InputError as error:
        st.warning(plain(str(error)), icon=":material/warning:")
        return None


def _answer(region: Region, desk: Desk, request: PlanRequest | None) -> None:
    if desk.job is not None:
        show_running(desk.job)
    made = desk.current()
    if made is None:
        people: list[Person] = start_markers(desk.starts)
        scene = replace(page.empty_scene(region, said.EMPTY), people=people, picks=False)
        region_map(replace(scene, locates=False, texts=said.MAP), key="plan")
        return
    _switch(desk)
    results.show_numbers(made.plan)
    tell_wishes(desk, made)
    results.show_left_out(made, lambda repair: _repair(region, desk, repair))
    results.show_locks(
        made.plan, desk.selected, current_rules(), lambda rules: _rule(region, desk, rules)
    )

    def react(event: MapEvent) -> None:
        desk.selected = event.selected

    region_map(
        plan_scene(region, made.plan, desk.starts, desk.selected), key="plan", on_event=react
    )
    _more(region, desk, made, request)


def _switch(desk: Desk) -> None:
    """Let the visitor go back to one of the plans made before."""
    if len(desk.plans) < 2:
        return
    names = {one.number: said.plan_name(one.number, one.plan.request) for one in desk.plans}
    key = f"plans-{desk.plans[-1].number}-{desk.shown}"
    st.pills(
        said.PLANS,
        list(names),
        default=desk.shown,
        required=True,
        format_func=lambda number: names[number],
        label_visibility="collapsed",
        key=key,
        on_change=_look_at,
        args=(desk, key),
    )


def _look_at(desk: Desk, key: str) -> None:
    desk.shown, desk.selected = st.session_state[key], None


def _more(region: Region, desk: Desk, made: Planned, request: PlanRequest | None) -> None:
    who, curve, compare, office, save = st.tabs(
        [said.WHO, said.CURVE, said.COMPARE, said.OFFICE, said.SAVE]
    )
    with who:
        results.show_who(made)
    with curve:
        show_numbers_curve(made.plan, desk.curve, lambda number: _hold(region, desk, number))
    with compare:
        show_comparison(desk.plans, made)
    with office:
        show_office(desk, region, request)
    with save:
        show_saving(made, desk, region)
        show_keeping(made, desk, region)


def _asked(desk: Desk) -> PlanRequest:
    """Return the request that the answers and the wishes of those on the stored roster make."""
    asked = read_request()
    bound = desk.stored.bind(asked) if desk.stored else asked
    return bound.without(desk.by_video)


def _make(region: Region, desk: Desk) -> None:
    """Begin a plan, for the people of a stored roster as they are at this moment."""
    try:
        at = read_request().starts_at
        look_up_again(desk, region, at.date() if at else None)
        start_plan(desk, region, _asked(desk))
    except (InputError, NotAllowed) as error:
        tell(capital(str(error)))


def _repair(region: Region, desk: Desk, repair: Repair) -> None:
    if repair.sort == "video":
        desk.by_video |= set(repair.ids)
    apply_repair(repair)
    _make(region, desk)


def _rule(region: Region, desk: Desk, rules: Rules) -> None:
    set_rules(rules)
    _make(region, desk)


def _hold(region: Region, desk: Desk, number: int) -> None:
    ask_for(number)
    _make(region, desk)


_show()
