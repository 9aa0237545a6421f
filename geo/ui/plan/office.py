"""Teams that are partly in an office: three ways to meet, and what each costs the remote."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from geo.export import plan_words
from geo.measures import drive
from geo.meetup import PlanRequest
from geo.meetup.offices import OfficeChoice
from geo.places import label
from geo.region import Region
from geo.ui import venue_book
from geo.ui.markdown import plain
from geo.ui.plan.desk import Desk, start_weighing
from geo.ui.plan.running import show_running
from geo.ui.words import plan as said
from geo.venues import Venue


def show_office(desk: Desk, region: Region, request: PlanRequest | None) -> None:
    """Let the visitor weigh an office, and show what each way costs."""
    offices = {
        one.place.osm_id: one
        for one in venue_book.venues_in(region)
        if one.status == "office" and one.staff
    }
    st.caption(said.OFFICE_HOW)
    if not offices or request is None:
        st.caption(said.OFFICE_NONE)
        return
    chosen = st.selectbox(
        said.OFFICE_WHICH,
        list(offices),
        format_func=lambda key: said.office(label(offices[key].place), offices[key].staff),
        key="office",
        width=360,
    )
    st.button(
        said.OFFICE_DO,
        icon=":material/balance:",
        key="weigh-office",
        on_click=_weigh,
        args=(desk, region, request, offices.get(chosen)),
    )
    job = desk.office_job
    if job is not None and not job.over:
        show_running(job)
    elif job is not None:
        desk.office_job, desk.choices = None, tuple(job.result or ())
        if job.result is None:
            st.error(plain(job.error or said.FAILED))
    _show(desk.choices)


def _weigh(desk: Desk, region: Region, request: PlanRequest, office: Venue | None) -> None:
    if office is not None:
        start_weighing(desk, region, request, office)


def _show(choices: Sequence[OfficeChoice]) -> None:
    if not choices:
        return
    way, remote, total, worst, staff = said.OFFICE_COLUMNS
    st.table(
        {
            way: [plan_words.OFFICE_WAYS[one.way] for one in choices],
            remote: [str(one.remote_placed) for one in choices],
            total: [drive(one.remote_total_s) for one in choices],
            worst: [drive(one.remote_worst_s) for one in choices],
            staff: [drive(one.staff_total_s) if one.staff_total_s else "–" for one in choices],
        },
        hide_index=True,
    )
