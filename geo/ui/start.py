"""The box in which a starting point is typed."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from geo.errors import BadCoordinates
from geo.model import Point
from geo.region import Region
from geo.ui import words


@dataclass(frozen=True, slots=True)
class Found:
    """What was typed and found."""

    label: str | None
    point: Point


def start_box(region: Region, *, key: str, label: str = words.START) -> Found | None:
    """Show the box; return what was chosen in it, once."""
    text = st.text_input(label, placeholder=words.START_HINT, key=key, width=290)
    if not text or st.session_state.get(f"{key}-done") == text:
        return None
    st.session_state[f"{key}-done"] = text
    try:
        point = Point.from_text(text)
    except BadCoordinates as error:
        st.warning(str(error))
        return None
    if point:
        return Found(None, point)
    matches = region.gazetteer.search(text, limit=1, near=region.bbox.center)
    if not matches:
        st.warning(words.NOT_FOUND.format(text=repr(text)))
        return None
    return Found(matches[0].label, matches[0].point)
