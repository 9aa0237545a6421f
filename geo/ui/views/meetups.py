"""Kept plans: their meetups, changed or called off, and who came; for planners."""

from __future__ import annotations

import streamlit as st

from geo.people import my_plans, names_in_plan
from geo.privacy import Action
from geo.region import Region
from geo.store import Plan
from geo.texts import PLAN
from geo.texts import meetups as said
from geo.ui import page, regions, saved_plans
from geo.ui.auth import insist, the_store
from geo.ui.navigation import page_of
from geo.ui.saved_plans import show_meetup
from geo.ui.starting_points import told
from geo.ui.widgets import Question, ask_twice, distinct, plain
from geo.units import day


def _show() -> None:
    viewer = insist(Action.PLAN)
    region = regions.current_region(st.query_params.get("region", ""))
    page.begin(said.INTRO, region)
    kept = my_plans(the_store(), viewer.id, region=region.name)
    with st.container(key="kept-ask", horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = _choose(kept) if kept else None
        regions.region_chip()
    plan = saved_plans.open_kept(chosen) if chosen else None
    if plan is None:
        st.info(said.NONE, icon=":material/event_busy:")
        st.page_link(page_of("plan.py"), label=PLAN, icon=":material/event:")
    else:
        _show_plan(region, plan, kept)
    page.end(region)
    told()


def _choose(kept: list[Plan]) -> str | None:
    named = distinct({one.id: _called(one) for one in kept})
    return st.selectbox(
        said.WHICH,
        list(named),
        format_func=named.__getitem__,
        key="kept-which",
        width=420,
    )


def _called(plan: Plan) -> str:
    return said.option(plan.name, day(plan.created_at) if plan.created_at else "")


def _show_plan(region: Region, plan: Plan, kept: list[Plan]) -> None:
    newest = next((one.version for one in kept if one.id == plan.id), 0)
    trouble = saved_plans.trouble() or (said.CHANGED_MEANWHILE if newest != plan.version else "")
    if trouble:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(plain(trouble), icon=":material/sync_problem:")
            st.button(
                said.RELOAD,
                icon=":material/refresh:",
                key="reload-plan",
                on_click=saved_plans.reload,
            )
    names = names_in_plan(the_store(), insist(Action.PLAN).id, plan)
    for number, meetup in enumerate(plan.meetups, start=1):
        show_meetup(region, plan, meetup, number, names)
    question = Question(said.DELETE, said.DELETE_SURE, said.DELETE_YES, said.DELETE_NO)
    ask_twice(question, saved_plans.drop, key="delete-plan")


_show()
