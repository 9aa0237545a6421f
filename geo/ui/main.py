"""What Streamlit runs for each visitor: who looks, the brand, the ways to the pages, the page.

Between the door and the pages: who may open what, and who one is here.
"""

from __future__ import annotations

import base64
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from geo import texts
from geo.errors import NotAllowed, SetupError
from geo.privacy import Action, Role, Viewer
from geo.settings import read_settings
from geo.texts import capital
from geo.texts import signin as words
from geo.ui import navigation
from geo.ui.auth import (
    Stranger,
    insist,
    leave,
    look,
    show_door,
    the_sign_in,
    the_store,
    trouble_with_store,
)
from geo.ui.maintenance import UPKEEP
from geo.ui.widgets import plain


def let_in() -> Viewer:
    """Return who looks; show the door to whoever is not let in, and end the page there."""
    looking = look()
    if isinstance(looking, Stranger):
        sign_in = the_sign_in()
        show_door(looking, sign_in.providers if sign_in else ())
        st.stop()
    with suppress(SetupError):  # without a store whatever needs none goes on
        settings = read_settings()
        UPKEEP.see_to(the_store(), area_days=settings.area_days, today=datetime.now(UTC).date())
    return looking


def show_trouble() -> None:
    """Say on every page that the store cannot be asked, where it cannot."""
    if trouble := trouble_with_store():
        with st.container(key="store-trouble"):
            st.warning(plain(capital(trouble)), icon=":material/cloud_off:")


def is_open(needs: Action) -> bool:
    """Return whether who looks may open a page; that they tried and may not is audited."""
    try:
        insist(needs)
    except NotAllowed:
        return False
    return True


def turn_away(needs: Action) -> None:
    """Say in one sentence that a page is not for who looks."""
    with st.container(key="turned-away"):
        st.info(words.NOT_FOR_YOU[needs], icon=":material/lock:")


def show_viewer(viewer: Viewer) -> None:
    """Show who is signed in, and the way out; nothing on a computer of one's own."""
    if the_sign_in() is None:
        return
    with (
        st.container(key="who", width="content"),
        st.popover(
            plain(viewer.name) or words.YOU, icon=":material/account_circle:", type="tertiary"
        ),
        st.container(key="who-body"),
    ):
        st.markdown(f"**{plain(viewer.name)}**")
        st.caption(words.ROLES[Role(viewer.role)])
        st.button(words.SIGN_OUT, icon=":material/logout:", on_click=leave, key="sign-out")


_LOOK = Path(__file__).parent / "look"
_BRAND = base64.b64encode((_LOOK / "brand.svg").read_bytes()).decode()

st.set_page_config(page_title=texts.PRODUCT, page_icon=str(_LOOK / "brand.svg"), layout="wide")
ways = navigation.declare()
viewer = let_in()
with st.container(key="top", horizontal=True, vertical_alignment="center"):
    st.html(
        f'<div class="brand"><img src="data:image/svg+xml;base64,{_BRAND}" alt="">'
        f"<span>{texts.PRODUCT}</span></div>",
        width="content",
    )
    navigation.bar(ways, viewer)
    show_viewer(viewer)
show_trouble()
if is_open(ways.asked.needs):
    ways.current.run()
else:
    turn_away(ways.asked.needs)
