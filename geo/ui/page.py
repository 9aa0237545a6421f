"""What pages with a map have in common: a line that explains, a row of questions, the end."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from geo import texts
from geo.region import Region
from geo.ui import regions
from geo.ui.map import Scene
from geo.ui.session_state import current_settings
from geo.ui.web.routes import tiles_url
from geo.ui.widgets import escape_markdown
from geo.units import Measures


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of a page, top down, to be filled in any order: the answer goes first.

    Attributes
    ----------
    box
        Where one types.
    chips
        The row of chips beside it.
    between
        What stands between the questions and the answer.
    stage
        The map.
    """

    box: DeltaGenerator
    chips: DeltaGenerator
    between: DeltaGenerator
    stage: DeltaGenerator


def show_header(intro: str, region: Region) -> None:
    """Show what the page is for, and that the sample county is invented wherever it shows."""
    with st.container(key="intro", horizontal=True, vertical_alignment="center"):
        st.title(intro, anchor=False, width="content")
        if regions.is_fictional(region):
            st.caption(texts.FICTIONAL, width="content")


def input_row() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return the place of the box to type in, and the row of chips beside it."""
    with st.container(key="question", horizontal=True, vertical_alignment="center"):
        box = st.container(key="start", width=300)
        chips = st.container(
            key="chips", horizontal=True, vertical_alignment="center", width="stretch"
        )
    return box, chips


def create_layout() -> Layout:
    """Return the places of a page with an answer, below its first line."""
    box, chips = input_row()
    return Layout(box, chips, st.container(key="notices"), st.container(key="map-area"))


def show_footer(region: Region) -> None:
    """Say whose data the page shows, and of when."""
    st.caption(escape_markdown(region.manifest.attribution_line))


def empty_scene(region: Region, hint: str) -> Scene:
    """Return the map of a region with nothing on it but a hint."""
    settings = current_settings()
    whose = [settings.basemap_attribution, region.manifest.attribution]
    return Scene(
        region=region.bbox,
        tiles=settings.basemap or tiles_url(region.name, region.manifest.build),
        attribution=" · ".join(filter(None, whose)),
        fit_id=region.name,
        lists=False,
        locates=True,
        hint=hint,
        miles=measures().miles,
    )


def measures() -> Measures:
    """Return how the visitor measures."""
    return Measures.of_locale(st.context.locale)
