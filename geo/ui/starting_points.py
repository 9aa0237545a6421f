"""Where visitors start: kept exactly in their own session, coarsely wherever it may be shared.

The address of a page, files and QR codes name the settlement that stands for a start, unless the
visitor chose to share the exact spot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from geo import texts
from geo.errors import AcrossWater, OutsideRegion
from geo.export.listing import StartLabel
from geo.export.share import SharedSearch
from geo.meetup.halfway import MAX_PEOPLE
from geo.model import Point
from geo.region import Region
from geo.ui.cards import person_color
from geo.ui.map import PersonMarker
from geo.ui.session_state import SessionValue
from geo.ui.widgets import escape_markdown
from geo.units import Measures

_START: SessionValue[StartingPoint | None] = SessionValue("origin", None)
_EXACT = "exact"
_NOTICE: SessionValue[str | None] = SessionValue("notice", None)


@dataclass(frozen=True, slots=True)
class StartingPoint:
    """A start.

    Attributes
    ----------
    region
        The name of the region that it lies in.
    point
        The exact point; it stays in the session.
    label
        What to call it on the page.
    coarse
        What links and files may say of it.
    """

    region: str
    point: Point
    label: str
    coarse: StartLabel

    def start(self) -> StartLabel:
        """Return what the visitor lets links and files say."""
        return StartLabel(self.label, self.point) if st.session_state.get(_EXACT) else self.coarse


def current_origin(region: Region, asked: Sequence[StartLabel]) -> StartingPoint | None:
    """Return the visitor's start; at first the one that the address names; None where none is."""
    kept = _START.get()
    if isinstance(kept, StartingPoint):
        return kept if kept.region == region.name else None
    if asked and asked[0].point:
        set_origin(region, asked[0].point, asked[0].label or None)
        return _START.get()
    return None


def set_origin(region: Region, point: Point, label: str | None = None) -> None:
    """Make a point the visitor's start; one far from every road changes nothing and is told."""
    origin = origin_at(region, point, label)
    if origin:
        _START.set(origin)


def origin_at(region: Region, point: Point, label: str | None = None) -> StartingPoint | None:
    """Return a start with what may be shared of it; None, which is told, far from every road.

    Parameters
    ----------
    region
        Where it lies.
    point
        The exact point.
    label
        What to call it; found by its neighbourhood if None.
    """
    try:
        region.network.snap_point(point)
    except AcrossWater:
        _NOTICE.set(texts.ACROSS_WATER)
        return None
    except OutsideRegion as error:
        distance = Measures.of_locale(st.context.locale).distance(error.snap_m)
        _NOTICE.set(texts.OUTSIDE_ROADS.format(distance=texts.non_breaking(distance)))
        return None
    gazetteer = region.gazetteer
    label = label or gazetteer.reverse_label(point) or f"{point.lat:.4f}, {point.lon:.4f}"
    return StartingPoint(region.name, point, label, coarse_start(region, point))


def coarse_start(region: Region, point: Point) -> StartLabel:
    """Return the settlement of a start, or a cell of about a kilometre, always the same one."""
    cell = Point(round(point.lon, 2), round(point.lat, 2))
    settlement = region.gazetteer.nearest_settlement(point)
    if settlement is None:
        return StartLabel(texts.START, cell)
    return StartLabel(settlement.label, settlement.point)


def queue_toast(notice: str) -> None:
    """Keep something to be said on the page at its end."""
    _NOTICE.set(notice)


def show_toast() -> None:
    """Say what was kept to be said."""
    notice = _NOTICE.pop()
    if notice:
        st.toast(notice, icon=":material/info:", duration="long")


_PEOPLE: SessionValue[list[StartingPoint] | None] = SessionValue("people", None)


def current_people(region: Region, asked: SharedSearch) -> list[StartingPoint]:
    """Return the starts of this visitor's session; at first those that the address names."""
    kept: list[StartingPoint] | None = _PEOPLE.get()
    if kept is None:
        points = [start for start in asked.starts if start.point][:MAX_PEOPLE]
        found = [
            origin_at(region, start.point, start.label or None) for start in points if start.point
        ]
        kept = [origin for origin in found if origin]
        _PEOPLE.set(kept)
    return [origin for origin in kept if origin.region == region.name]


def add_person(region: Region, point: Point, label: str | None = None) -> None:
    """Add a start, if there is room for one more."""
    people = [one for one in _PEOPLE.get() or [] if one.region == region.name]
    if len(people) >= MAX_PEOPLE:
        queue_toast(texts.TOO_MANY.format(most=MAX_PEOPLE))
        return
    origin = origin_at(region, point, label)
    if origin:
        _PEOPLE.set([*people, origin])


def show_people(people: list[StartingPoint]) -> None:
    """Show everybody with a way to take them out."""
    if not people:
        return
    with st.container(key="people", horizontal=True, vertical_alignment="center"):
        for i, name in enumerate(start_names(people)):
            st.button(
                escape_markdown(name),
                icon=":material/close:",
                icon_position="right",
                help=texts.REMOVE.format(name=texts.PERSON_NUMBER.format(number=i + 1)),
                key=f"remove-{i}",
                on_click=_remove,
                args=(i,),
            )
        st.button(texts.CLEAR, type="tertiary", key="clear", on_click=_clear)


def start_names(people: list[StartingPoint]) -> list[str]:
    """Return what to call each on the page."""
    return [
        texts.PERSON_FROM.format(number=i + 1, label=origin.label)
        for i, origin in enumerate(people)
    ]


def start_markers(people: list[StartingPoint]) -> list[PersonMarker]:
    """Return the markers of all."""
    return [
        PersonMarker(origin.point, str(i + 1), person_color(i), name)
        for i, (name, origin) in enumerate(zip(start_names(people), people, strict=True))
    ]


def _remove(position: int) -> None:
    people: list[StartingPoint] = _PEOPLE.require()
    _PEOPLE.set([*people[:position], *people[position + 1 :]])


def _clear() -> None:
    _PEOPLE.set([])
