"""What Streamlit runs for each visitor: the navigation between pages."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from geo.ui import words

# The folder is not called "pages": Streamlit would take a folder of that name for its older way
# of navigation.
_VIEWS = Path(__file__).parent / "views"

st.set_page_config(page_title=words.PRODUCT, page_icon="🧭", layout="wide")
st.navigation(
    [
        st.Page(_VIEWS / "near.py", title=words.NEAR, icon=":material/near_me:", default=True),
        st.Page(_VIEWS / "halfway.py", title=words.HALFWAY, icon=":material/group:"),
        st.Page(_VIEWS / "regions.py", title=words.REGIONS, icon=":material/public:"),
    ],
    position="top",
).run()
