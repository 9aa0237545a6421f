"""The pictures of a plan: who goes where on a map, the curve of the number of meetups, the drives.

On the map a person stands where their settlement is, so that no home can be read off it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from geo.export.svg_map import AttendeeLine
from geo.meetup import MeetupPlan
from geo.palette import BAND_COLORS, group_color
from geo.region import Region
from geo.texts import exported_plan
from geo.units import drive

_WIDTH, _HEIGHT = 340, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 12, 34
_INK = "#1b2430"
_FAINT = "#dfe3e8"
_BINS = 12


def attendee_lines(plan: MeetupPlan, region: Region) -> list[AttendeeLine]:
    """Return the lines from each attendee's settlement to their meetup."""
    found = []
    for number, meetup in enumerate(plan.meetups, start=1):
        for one in meetup.attendees:
            settlement = region.gazetteer.nearest_settlement(one.person.point)
            if settlement is not None:
                spoke = AttendeeLine(settlement.point, meetup.place.point, group_color(number))
                found.append(spoke)
    return list(dict.fromkeys(found))


def curve_svg(plan: MeetupPlan) -> str:
    """Return the curve of the total drive against the number of meetups; empty without one.

    It begins with the number that places as many people as any does: fewer meetups have a shorter
    total only because they leave people out.
    """
    most = max((point.placed for point in plan.curve), default=0)
    points = [point for point in plan.curve if most and point.placed == most]
    if len(points) < 2:
        return ""
    hours = [point.total_s / 3600 for point in points]
    numbers = [point.meetups for point in points]
    xs = _scale(numbers, _LEFT, _WIDTH - _RIGHT, numbers[0], numbers[-1])
    ys = _scale(hours, _HEIGHT - _BOTTOM, _TOP, 0.0, max(hours) or 1.0)
    line = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(xs, ys, strict=True))
    marks = [f'<path d="{line}" fill="none" stroke="{BAND_COLORS[0]}" stroke-width="2"/>']
    for point, x, y in zip(points, xs, ys, strict=True):
        chosen = point.meetups == len(plan.meetups)
        text = f"{point.meetups}: {drive(point.total_s)}"
        marks.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{5.5 if chosen else 3.5}"'
            f' fill="{BAND_COLORS[2 if chosen else 0]}"><title>{escape(text)}</title></circle>'
        )
    labels = [f"{number}" for number in numbers]
    return _chart(exported_plan.CURVE, marks, (xs, labels), (0.0, max(hours)), "h")


def drives_svg(plan: MeetupPlan) -> str:
    """Return how many people drive how long; empty where nobody does."""
    minutes = [one.travel_time_s / 60 for m in plan.meetups for one in m.attendees]
    if not minutes:
        return ""
    step = next(s for s in (1, 2, 5, 10, 15, 20, 30, 60, 120) if max(minutes) / s < _BINS or s > 60)
    edges = np.arange(0, max(minutes) + step, step)
    counts, _ = np.histogram(minutes, edges)
    xs = _scale(edges.tolist(), _LEFT, _WIDTH - _RIGHT, 0.0, float(edges[-1]))
    ys = _scale(counts.tolist(), _HEIGHT - _BOTTOM, _TOP, 0.0, float(counts.max()))
    base = _HEIGHT - _BOTTOM
    marks = [
        f'<rect x="{left + 1:.1f}" y="{y:.1f}" width="{max(1.0, right - left - 2):.1f}"'
        f' height="{base - y:.1f}" rx="2" fill="{BAND_COLORS[1]}">'
        f"<title>{edge:g}–{edge + step:g} min: {count}</title></rect>"
        for left, right, y, edge, count in zip(xs, xs[1:], ys, edges, counts, strict=False)
    ]
    labels = [f"{edge:g}" for edge in edges]
    return _chart(exported_plan.HISTOGRAM, marks, (xs, labels), (0.0, float(counts.max())), "")


def _scale(
    values: Sequence[float], start: float, end: float, low: float, high: float
) -> list[float]:
    span = (high - low) or 1.0
    return [start + (end - start) * (value - low) / span for value in values]


def _chart(
    title: str,
    marks: Sequence[str],
    axis: tuple[list[float], list[str]],
    span: tuple[float, float],
    unit: str,
) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
        f' font-family="system-ui, sans-serif" font-size="10" fill="{_INK}">'
        f"<title>{escape(title)}</title>"
    )
    parts = [
        head,
        *_gridlines(span, unit),
        *marks,
        *_ticks(axis),
        "</svg>",
    ]
    return "\n".join(parts)


def _gridlines(span: tuple[float, float], unit: str) -> Iterator[str]:
    low, high = span
    for share in (0.0, 0.5, 1.0):
        y = _HEIGHT - _BOTTOM + (_TOP - _HEIGHT + _BOTTOM) * share
        value = low + (high - low) * share
        text = f"{value:.1f}".rstrip("0").rstrip(".") + (f" {unit}" if unit else "")
        yield f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="{_FAINT}"/>'
        yield f'<text x="{_LEFT - 5}" y="{y + 3.5:.1f}" text-anchor="end">{text}</text>'


def _ticks(axis: tuple[list[float], list[str]]) -> Iterator[str]:
    xs, labels = axis
    every = max(1, len(labels) // 12 + (len(labels) % 12 > 0 and len(labels) > 12))
    for x, text in list(zip(xs, labels, strict=True))[::every]:
        yield f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 15}" text-anchor="middle">{text}</text>'
