"""Where the visitor lives, kept as an area alone, and by whom they agree to be seen."""

from __future__ import annotations

from functools import partial

import streamlit as st

from geo.errors import CrossroadsError
from geo.people.homes import CONSENT_TEXTS, CONSENT_VERSION, remove_home, set_consent, set_home
from geo.people.profile import my_profile
from geo.privacy import Audience
from geo.region import Region
from geo.texts import capitalise
from geo.texts import profile as profile_texts
from geo.ui import place_search
from geo.ui.auth import current_store, current_viewer
from geo.ui.colleagues.nearby import clear_colleagues_cache
from geo.ui.place_search import LabelledPoint
from geo.ui.session_state import current_settings
from geo.ui.starting_points import queue_toast
from geo.ui.widgets import escape_markdown


def show_consent_text() -> None:
    """Show the text in full, with its version."""
    st.markdown(escape_markdown(CONSENT_TEXTS[CONSENT_VERSION]))
    st.caption(profile_texts.TEXT_VERSION.format(version=CONSENT_VERSION))


def save_consent(audience: Audience, *, planning: bool | None = None, paused: bool = False) -> None:
    """Keep what the visitor agrees to; ``planning`` as it was if None."""
    try:
        store, viewer = current_store(), current_viewer()
        if planning is None:
            planning = my_profile(store, viewer.id).person.planning
        set_consent(store, viewer.id, audience=audience, planning=planning, paused=paused)
    except CrossroadsError as error:
        queue_toast(capitalise(str(error)))
    else:
        clear_colleagues_cache()
        queue_toast(
            profile_texts.CONSENT_SAVED[audience] if not paused else profile_texts.PAUSE_SAVED
        )


def home_box(region: Region, *, key: str) -> None:
    """Show the box in which somebody says where they live, and what becomes of it."""
    place_search.place_search_box(
        region, partial(save_home, region), key=key, label=profile_texts.HOME
    )
    st.caption(f":material/lock: {profile_texts.HOME_PRIVATE}")


def save_home(region: Region, found: LabelledPoint) -> None:
    """Keep the area of the home that the visitor chose; the home itself is gone with this call."""
    try:
        store, viewer = current_store(), current_viewer()
        before = my_profile(store, viewer.id).area
        k = current_settings().homes_per_area
        area = set_home(store, viewer.id, region, found.point, k=k)
    except CrossroadsError as error:
        queue_toast(capitalise(str(error)))
    else:
        clear_colleagues_cache()
        same = before is not None and before.area == area
        queue_toast(
            (profile_texts.HOME_UNCHANGED if same else profile_texts.HOME_SAVED).format(
                area=area.label
            )
        )


def delete_home() -> None:
    """Let the visitor take back where they live."""
    try:
        remove_home(current_store(), current_viewer().id)
    except CrossroadsError as error:
        queue_toast(capitalise(str(error)))
    else:
        clear_colleagues_cache()
        queue_toast(profile_texts.HOME_DELETED)
