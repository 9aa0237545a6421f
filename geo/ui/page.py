"""What every page with a map begins with: a region, a line that explains, an empty map."""

from __future__ import annotations

import streamlit as st

from geo.measures import Measures
from geo.region import Region
from geo.ui import regions, words
from geo.ui.map import Scene
from geo.ui.tiles import tiles_url

# Streamlit leaves room for a header of its own; the map deserves it more.
_STYLE = """<style>
.stMainBlockContainer { padding: 4.2rem 2rem 2rem; max-width: 1500px; }
@media (max-width: 640px) { .stMainBlockContainer { padding: 3.8rem 1rem 1rem; } }
</style>"""


def begin(title: str, intro: str) -> None:
    """Show what the page is for."""
    st.html(_STYLE)
    st.markdown(f"**{title}.** {intro}")


def told_fictional(region: Region) -> None:
    """Say that the sample county is invented, wherever it shows."""
    if regions.is_fictional(region):
        st.caption(f":material/info: {words.FICTIONAL}")


def empty_scene(region: Region, hint: str) -> Scene:
    """Return the map of a region with nothing on it but a hint."""
    return Scene(
        region=region.bbox,
        tiles=tiles_url(region.name, region.manifest.build),
        attribution=region.manifest.attribution,
        fit_id=region.name,
        lists=False,
        locates=True,
        hint=hint,
        miles=measures().miles,
    )


def measures() -> Measures:
    """Return how the visitor measures."""
    return Measures.of_locale(st.context.locale)


def plain(text: str) -> str:
    """Return a text that Streamlit's Markdown shows as it is."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()<>#+-.!|~:$" else c for c in text)
