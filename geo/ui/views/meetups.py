"""Saved plans: their meetups, changed or called off, and who came; for planners."""

from __future__ import annotations

import streamlit as st

from geo.people.saved_plans import my_plans, names_in_plan
from geo.privacy import Action
from geo.region import Region
from geo.store.plans import Plan
from geo.texts import PLAN
from geo.texts import plan as plan_texts
from geo.ui import page, regions, saved_plans
from geo.ui.auth import current_store, require
from geo.ui.navigation import page_path
from geo.ui.saved_plans import show_meetup
from geo.ui.starting_points import show_toast
from geo.ui.widgets import Confirmation, confirm, escape_markdown, unique_labels
from geo.units import day


def _show() -> None:
    viewer = require(Action.PLAN)
    region = regions.current_region(st.query_params.get("region", ""))
    page.show_header(plan_texts.SAVED_INTRO, region)
    kept = my_plans(current_store(), viewer.id, region=region.name)
    with st.container(key="saved-plan", horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = _choose_plan(kept) if kept else None
        regions.region_chip()
    plan = saved_plans.open_saved_plan(chosen) if chosen else None
    if plan is None:
        st.info(plan_texts.NO_SAVED_PLANS, icon=":material/event_busy:")
        st.page_link(page_path("plan.py"), label=PLAN, icon=":material/event:")
    else:
        _show_plan(region, plan, kept)
    page.show_footer(region)
    show_toast()


def _choose_plan(kept: list[Plan]) -> str | None:
    named = unique_labels({one.id: _plan_label(one) for one in kept})
    return st.selectbox(
        plan_texts.SAVED_PLAN,
        list(named),
        format_func=named.__getitem__,
        key="saved-plan-choice",
        width=420,
    )


def _plan_label(plan: Plan) -> str:
    return plan_texts.PLAN_OPTION.format(
        name=plan.name, day=day(plan.created_at) if plan.created_at else ""
    )


def _show_plan(region: Region, plan: Plan, kept: list[Plan]) -> None:
    newest = next((one.version for one in kept if one.id == plan.id), 0)
    trouble = saved_plans.save_error() or (
        plan_texts.CHANGED_MEANWHILE if newest != plan.version else ""
    )
    if trouble:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(escape_markdown(trouble), icon=":material/sync_problem:")
            st.button(
                plan_texts.RELOAD_PLAN,
                icon=":material/refresh:",
                key="reload-plan",
                on_click=saved_plans.reload_plan,
            )
    names = names_in_plan(current_store(), require(Action.PLAN).id, plan)
    for number, meetup in enumerate(plan.meetups, start=1):
        show_meetup(region, plan, meetup, number, names)
    question = Confirmation(
        plan_texts.DELETE_PLAN,
        plan_texts.DELETE_CONFIRM,
        plan_texts.DELETE_YES,
        plan_texts.DELETE_NO,
    )
    confirm(question, saved_plans.delete_plan, key="delete-plan")


_show()
