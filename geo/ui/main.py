"""The script that Streamlit runs for each visitor: sign-in, navigation, and the page asked for."""

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
from geo.texts import capitalise
from geo.texts import profile as profile_texts
from geo.ui import navigation
from geo.ui.auth import (
    SignedOut,
    current_sign_in,
    current_store,
    current_visitor,
    require,
    show_sign_in_page,
    sign_out,
)
from geo.ui.maintenance import DAILY_MAINTENANCE
from geo.ui.session_state import (
    IMPORT_JOB_KEY,
    IMPORT_PARAMETER,
    current_settings,
    keep_settings,
    store_error,
)
from geo.ui.widgets import escape_markdown


def require_sign_in() -> Viewer:
    """Return who looks; show the door to whoever is not let in, and end the page there."""
    looking = current_visitor()
    if isinstance(looking, SignedOut):
        sign_in = current_sign_in()
        show_sign_in_page(looking, sign_in.providers if sign_in else ())
        st.stop()
    with suppress(SetupError):  # without a store whatever needs none goes on
        settings = current_settings()
        DAILY_MAINTENANCE.see_to(
            current_store(), area_days=settings.area_days, today=datetime.now(UTC).date()
        )
    return looking


def show_store_error() -> None:
    """Say on every page that the store cannot be asked, where it cannot."""
    if trouble := store_error():
        with st.container(key="store-error"):
            st.warning(escape_markdown(capitalise(trouble)), icon=":material/cloud_off:")


def is_page_allowed(needs: Action) -> bool:
    """Return whether who looks may open a page; that they tried and may not is audited."""
    try:
        require(needs)
    except NotAllowed:
        return False
    return True


def show_forbidden(needs: Action) -> None:
    """Say in one sentence that a page is not for who looks."""
    with st.container(key="forbidden"):
        st.info(profile_texts.FORBIDDEN[needs], icon=":material/lock:")


def show_account(viewer: Viewer) -> None:
    """Show who is signed in, and the way out; nothing on a computer of one's own."""
    if current_sign_in() is None:
        return
    with (
        st.container(key="account", width="content"),
        st.popover(
            escape_markdown(viewer.name) or profile_texts.YOU,
            icon=":material/account_circle:",
            type="tertiary",
        ),
        st.container(key="account-menu"),
    ):
        st.markdown(f"**{escape_markdown(viewer.name)}**")
        st.caption(profile_texts.ROLES[Role(viewer.role)])
        st.button(
            profile_texts.SIGN_OUT, icon=":material/logout:", on_click=sign_out, key="sign-out"
        )


_ASSETS = Path(__file__).parent / "styles"
_BRAND = base64.b64encode((_ASSETS / "brand.svg").read_bytes()).decode()

st.set_page_config(page_title=texts.PRODUCT, page_icon=str(_ASSETS / "brand.svg"), layout="wide")
keep_settings(read_settings())
nav = navigation.declare_pages()
viewer = require_sign_in()
with st.container(key="top", horizontal=True, vertical_alignment="center"):
    st.html(
        f'<div class="brand"><img src="data:image/svg+xml;base64,{_BRAND}" alt="">'
        f"<span>{texts.PRODUCT}</span></div>",
        width="content",
    )
    navigation.show_navigation(nav, viewer)
    show_account(viewer)
show_store_error()
_may_have_import = IMPORT_PARAMETER in st.query_params or IMPORT_JOB_KEY in st.session_state
if _may_have_import and nav.asked.needs is not Action.SEE_ROSTER:  # that page says it in its place
    from geo.ui.roster_import import show_interrupted  # much code, which few sessions need

    show_interrupted(once=True)
if is_page_allowed(nav.asked.needs):
    nav.current.run()
else:
    show_forbidden(nav.asked.needs)
