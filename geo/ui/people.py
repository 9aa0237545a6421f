"""The people who want to meet: where each starts, for as long as the visitor's session."""

from __future__ import annotations

import streamlit as st

from geo.export.share import SharedSearch
from geo.meetup.halfway import MAX_PEOPLE
from geo.model import Point
from geo.region import Region
from geo.ui import words
from geo.ui.cards import person_color
from geo.ui.map import Person
from geo.ui.markdown import plain
from geo.ui.origin import Origin, origin_at, tell

_KEY = "people"


def current_people(region: Region, asked: SharedSearch) -> list[Origin]:
    """Return the starts of this visitor's session; at first those that the address names."""
    kept: list[Origin] | None = st.session_state.get(_KEY)
    if kept is None:
        points = [start for start in asked.starts if start.point][:MAX_PEOPLE]
        found = [
            origin_at(region, start.point, start.label or None) for start in points if start.point
        ]
        kept = [origin for origin in found if origin]
        st.session_state[_KEY] = kept
    return [origin for origin in kept if origin.region == region.name]


def add_person(region: Region, point: Point, label: str | None = None) -> None:
    """Add a start, if there is room for one more."""
    people = [one for one in st.session_state.get(_KEY, []) if one.region == region.name]
    if len(people) >= MAX_PEOPLE:
        tell(words.TOO_MANY.format(most=MAX_PEOPLE))
        return
    origin = origin_at(region, point, label)
    if origin:
        st.session_state[_KEY] = [*people, origin]


def list_people(people: list[Origin]) -> None:
    """Show everybody with a way to take them out."""
    if not people:
        return
    with st.container(key="people", horizontal=True, vertical_alignment="center"):
        for i, name in enumerate(names(people)):
            st.button(
                plain(name),
                icon=":material/close:",
                icon_position="right",
                help=words.REMOVE.format(name=words.person(i + 1)),
                key=f"remove-{i}",
                on_click=_remove,
                args=(i,),
            )
        st.button(words.CLEAR, type="tertiary", key="clear", on_click=_clear)


def names(people: list[Origin]) -> list[str]:
    """Return what to call each on the page."""
    return [words.person_from(i + 1, origin.label) for i, origin in enumerate(people)]


def markers(people: list[Origin]) -> list[Person]:
    """Return the markers of all."""
    return [
        Person(origin.point, str(i + 1), person_color(i), name)
        for i, (name, origin) in enumerate(zip(names(people), people, strict=True))
    ]


def _remove(position: int) -> None:
    people: list[Origin] = st.session_state[_KEY]
    st.session_state[_KEY] = [*people[:position], *people[position + 1 :]]


def _clear() -> None:
    st.session_state[_KEY] = []
