"""What Streamlit runs for each visitor: the brand, the ways to the pages, and the page."""

from __future__ import annotations

import base64
from pathlib import Path

import streamlit as st

from geo.ui import pages, words

_LOOK = Path(__file__).parent / "look"
_BRAND = base64.b64encode((_LOOK / "brand.svg").read_bytes()).decode()

st.set_page_config(page_title=words.PRODUCT, page_icon=str(_LOOK / "brand.svg"), layout="wide")
for sheet in sorted(_LOOK.glob("*.css")):
    st.html(sheet)
with st.container(key="top", horizontal=True, vertical_alignment="center"):
    st.html(
        f'<div class="brand"><img src="data:image/svg+xml;base64,{_BRAND}" alt="">'
        f"<span>{words.PRODUCT}</span></div>",
        width="content",
    )
    page = pages.bar()
page.run()
