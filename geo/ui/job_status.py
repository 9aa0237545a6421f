"""How far a job is, and what came of it.

A job on regions is shown on whatever page one is; a plan where it is made, with a button that stops
it with the best so far.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from geo import texts
from geo.errors import NotAllowed, PlacesMissing
from geo.privacy import Action
from geo.texts import plan as plan_texts
from geo.texts import regions as regions_texts
from geo.ui import regions
from geo.ui.auth import is_allowed
from geo.ui.jobs import REGION_JOBS, Job, Result
from geo.ui.widgets import escape_markdown

_EVERY_S = 1.0


def show_job(about: str = "") -> None:
    """Show the latest job on regions; with ``about`` only one that is about that region."""
    job = REGION_JOBS.latest
    if job is None or (about and job.about != about):
        return
    with st.container(border=True, key="job"):
        if job.is_over:
            _show_outcome(job)
        else:
            _show_progress()


def start_job(begin: Callable[[], bool]) -> None:
    """Start a job by a function of `geo.ui.region_jobs`; where another runs, say so."""
    try:
        if not begin():
            st.toast(regions_texts.BUSY)
    except NotAllowed as error:
        st.toast(escape_markdown(texts.capitalise(str(error))), icon=":material/error:")


def watch_job(job: Job[Result]) -> bool:
    """Say what a visitor waits for, and run the page again at its end; return if it has ended."""
    if not job.is_over:
        _show_waiting(job)
    return job.is_over


@st.fragment(run_every=_EVERY_S)
def _show_progress() -> None:
    job = REGION_JOBS.latest
    if job is None or job.is_over:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{escape_markdown(job.title)}**", width="stretch")
        if is_allowed(Action.RUN_SYSTEM):
            st.button(
                regions_texts.STOPPING if job.is_cancelled else regions_texts.STOP,
                icon=":material/stop_circle:",
                key="stop",
                disabled=job.is_cancelled,
                on_click=job.cancel,
            )
    st.progress(job.done, escape_markdown(texts.capitalise(job.step)))


@st.fragment(run_every=_EVERY_S)
def _show_waiting(job: Job[Result]) -> None:
    if job.is_over:
        st.rerun()
    st.markdown(f":material/hourglass_top: {escape_markdown(job.title)}")


def _show_outcome(job: Job[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if job.state == "cancelled":
            st.info(regions_texts.STOPPED, icon=":material/stop_circle:", width="stretch")
        elif job.state == "failed":
            st.warning(
                escape_markdown(texts.capitalise(job.error or regions_texts.FAILED)),
                icon=":material/warning:",
                width="stretch",
            )
        else:
            st.success(str(job.result), icon=":material/check_circle:", width="stretch")
        if job.result and regions.current_region_name() != job.about:
            label = regions_texts.SHOW_REGION.format(
                name=escape_markdown(texts.capitalise(job.about))
            )
            if st.button(label, key="show-region", type="primary"):
                _dismiss()
                regions.choose_region(job.about)
                st.switch_page("views/near.py")
        if isinstance(job.failure, PlacesMissing) and job.accept and is_allowed(Action.RUN_SYSTEM):
            st.button(
                regions_texts.remove_places(job.failure.gone),
                key="accept-missing",
                on_click=start_job,
                args=(job.accept,),
            )
        st.button(regions_texts.DISMISS, key="dismiss", on_click=_dismiss)


def _dismiss() -> None:
    """Dismiss what is over; what was searched for to install it is done with too."""
    REGION_JOBS.dismiss()
    for key in ("where", "area-where"):
        st.session_state.pop(key, None)


_RUNNING_EVERY_S = 0.4
_QUICK_S = 0.25
"""What is done this soon shows its answer at once, without a bar that flashes by."""


def show_plan_job(job: Job[Any]) -> None:
    """Show the bar until the job is over; the page then runs again to take in its answer."""
    if job.wait(_QUICK_S):
        st.rerun()
    with st.container(key="running", border=True):
        _show_plan_progress(job)


@st.fragment(run_every=_RUNNING_EVERY_S)
def _show_plan_progress(job: Job[Any]) -> None:
    if job.is_over:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        step = plan_texts.WAITING if job.state == "waiting" else job.step
        step = plan_texts.STOPPING if job.is_cancelled else step
        text = f"{step} {plan_texts.progress_text(job.gap, job.elapsed_s)}"
        st.progress(0.0 if job.gap is None else max(0.0, 1.0 - job.gap), text)
        st.button(
            plan_texts.STOP,
            icon=":material/stop_circle:",
            key="stop",
            disabled=job.is_cancelled,
            on_click=job.cancel,
        )
