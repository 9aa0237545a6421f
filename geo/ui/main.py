"""What Streamlit runs for each visitor: who looks, the brand, the ways to the pages, the page."""

from __future__ import annotations

import base64
from pathlib import Path

import streamlit as st

from geo.privacy import Action
from geo.ui import gate, pages, words
from geo.ui.members.importing import tell_interrupted

_LOOK = Path(__file__).parent / "look"
_BRAND = base64.b64encode((_LOOK / "brand.svg").read_bytes()).decode()

st.set_page_config(page_title=words.PRODUCT, page_icon=str(_LOOK / "brand.svg"), layout="wide")
ways = pages.declare()
viewer = gate.let_in()
with st.container(key="top", horizontal=True, vertical_alignment="center"):
    st.html(
        f'<div class="brand"><img src="data:image/svg+xml;base64,{_BRAND}" alt="">'
        f"<span>{words.PRODUCT}</span></div>",
        width="content",
    )
    pages.bar(ways, viewer)
    gate.show_viewer(viewer)
gate.show_trouble()
if ways.asked.needs is not Action.SEE_ROSTER:  # that page says it where the import is
    tell_interrupted(once=True)
if gate.is_open(ways.asked.needs):
    ways.current.run()
else:
    gate.turn_away(ways.asked.needs)
