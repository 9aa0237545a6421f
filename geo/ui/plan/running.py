"""A plan that is being made: how far it is, and a button that stops it with the best so far."""

from __future__ import annotations

from typing import Any

import streamlit as st

from geo.ui.plan.job import Job
from geo.ui.words import plan as said

_EVERY_S = 0.4
_SOON_S = 0.25
"""What is done this soon shows its answer at once, without a bar that flashes by."""


def show_running(job: Job[Any]) -> None:
    """Show the bar until the job is over; the page then runs again to take in its answer."""
    if job.wait(_SOON_S):
        st.rerun()
    with st.container(key="running", border=True):
        _bar(job)


@st.fragment(run_every=_EVERY_S)
def _bar(job: Job[Any]) -> None:
    if job.over:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        step = said.WAITING if job.state == "waiting" else job.step
        text = f"{said.STOPPING if job.stopped else step} {said.running(job.gap, job.elapsed_s)}"
        st.progress(0.0 if job.gap is None else max(0.0, 1.0 - job.gap), text)
        st.button(
            said.STOP,
            icon=":material/stop_circle:",
            key="stop",
            disabled=job.stopped,
            on_click=job.stop,
        )
