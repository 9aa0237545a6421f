"""Extracts that shall become one region with what is chosen next, as both sides of a border."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from geo.model import BBox, Point
from geo.region import Region
from geo.region.manifest import can_update
from geo.region.squares import box_of
from geo.ui import words as said
from geo.ui.markdown import plain
from geo.ui.words import regions as words

_KEY = "basket"
_NEAR_DEG = 0.5
"""A point so near to a region lies across its border; others are another part of the world."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One or more extracts that were chosen together.

    Attributes
    ----------
    title
        What people call them.
    urls
        Where they are.
    name
        What a region of them alone is called.
    box
        Where they are; None where that is not known.
    """

    title: str
    urls: tuple[str, ...]
    name: str
    box: BBox | None = None


def put_neighbour(region: Region, point: Point) -> None:
    """Put the extracts of a region in, where a point lies just outside of it."""
    manifest, box = region.manifest, region.bbox
    beyond = max(
        box.west - point.lon, point.lon - box.east, box.south - point.lat, point.lat - box.north
    )
    is_of_extracts = can_update(manifest) and all(
        box_of(source.url) is None for source in manifest.sources
    )
    empty()
    if is_of_extracts and beyond <= _NEAR_DEG:
        urls = tuple(source.url for source in manifest.sources)
        put(Pick(said.capital(region.name), urls, region.name, box))


def put(pick: Pick) -> None:
    """Put extracts in, once."""
    st.session_state[_KEY] = list(dict.fromkeys((*picks(), pick)))


def empty() -> None:
    """Take everything out."""
    st.session_state.pop(_KEY, None)


def picks() -> Sequence[Pick]:
    """Return what is in, in the order in which it was put there."""
    found: list[Pick] = st.session_state.get(_KEY, [])
    return found


def show() -> None:
    """Show what is in, and let it be taken out again."""
    if not picks():
        return
    titles = words.together([plain(pick.title) for pick in picks()])
    with st.container(horizontal=True, vertical_alignment="center", key="basket-of-regions"):
        st.markdown(words.TOGETHER.format(titles=titles), width="stretch")
        st.button(words.ALONE, key="basket-empty", on_click=empty)
