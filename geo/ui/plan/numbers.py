"""How many meetups are worth it: the curve, the same as a table, and a way to see each plan."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import streamlit as st

from geo.measures import drive
from geo.meetup import CurvePoint, MeetupPlan
from geo.meetup.curve import knee
from geo.ui.curve import Chart, Mark, show_curve
from geo.ui.words import plan as said

_STEPS_H = (0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_LEVELS = 4


def show_numbers_curve(
    plan: MeetupPlan, curve: Sequence[CurvePoint], choose: Callable[[int], None]
) -> None:
    """Show what other numbers of meetups give; `choose` is called with the number wanted."""
    most = max((point.placed for point in curve), default=0)
    points = [point for point in curve if point.placed == most]
    if len(points) < 2:
        only = said.curve_one(points[0].meetups, most) if points else said.CURVE_NONE
        st.caption(only)
        return
    best, here = knee(curve, plan.request.objective), len(plan.meetups)
    st.caption(said.CURVE_HOW)
    if points[0].meetups > 1:
        st.caption(said.CURVE_FEW.format(count=points[0].meetups))
    marks = [
        Mark(
            point.meetups,
            point.total_s / 3600,
            str(point.meetups),
            _text(point),
            chosen=point.meetups == here,
            best=best is not None and point.meetups == best.meetups,
        )
        for point in points
    ]
    chart = Chart(
        marks, _levels(max(mark.y for mark in marks)), said.CURVE, said.CURVE_X, said.CURVE_Y
    )
    show_curve(chart, lambda position: choose(points[position].meetups), key="curve")
    with st.expander(said.CURVE_TABLE):
        st.table(
            {
                said.ROWS["meetups"]: [str(point.meetups) for point in points],
                said.ROWS["total"]: [drive(point.total_s) for point in points],
                said.ROWS["longest"]: [drive(point.worst_s) for point in points],
            }
        )


def _text(point: CurvePoint) -> str:
    return f"{said.meetups(point.meetups)}: {drive(point.total_s)} {said.IN_ALL}"


def _levels(highest_h: float) -> list[tuple[float, str]]:
    """Return round heights from nothing to just above the highest point, in hours."""
    step = next((one for one in _STEPS_H if one * _LEVELS >= highest_h), _STEPS_H[-1])
    count = max(1, math.ceil(highest_h / step))
    return [(step * k, drive(step * k * 3600) if k else "0") for k in range(count + 1)]
