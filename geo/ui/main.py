"""What Streamlit runs for each visitor: the brand, the ways to the pages, and the page."""

from __future__ import annotations

import base64
from pathlib import Path

import streamlit as st

from geo.ui import words

# The folder is not called "pages": Streamlit would take a folder of that name for its older way
# of navigation.
_VIEWS = Path(__file__).parent / "views"
_LOOK = Path(__file__).parent / "look"
_BRAND = base64.b64encode((_LOOK / "brand.svg").read_bytes()).decode()

st.set_page_config(page_title=words.PRODUCT, page_icon=str(_LOOK / "brand.svg"), layout="wide")
for sheet in sorted(_LOOK.glob("*.css")):
    st.html(sheet)
pages = [
    st.Page(_VIEWS / "near.py", title=words.NEAR, icon=":material/near_me:", default=True),
    st.Page(_VIEWS / "halfway.py", title=words.HALFWAY, icon=":material/group:"),
    st.Page(_VIEWS / "regions.py", title=words.REGIONS, icon=":material/public:"),
]
# Streamlit's own navigation folds three links away on a phone; ours keeps them in sight.
page = st.navigation(pages, position="hidden")
from geo.settings import read_settings
from geo.signin import read_sign_in
_si = read_sign_in(read_settings())
if _si:
    from geo.ui.door import show_door
    from geo.ui.viewer import look
    show_door(look(), _si.providers)
    st.stop()
with st.container(key="top", horizontal=True, vertical_alignment="center"):
    st.html(
        f'<div class="brand"><img src="data:image/svg+xml;base64,{_BRAND}" alt="">'
        f"<span>{words.PRODUCT}</span></div>",
        width="content",
    )
    for one in pages:
        st.page_link(one)
page.run()
