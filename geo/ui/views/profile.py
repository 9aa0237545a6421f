"""My profile: one's area as others see it, consent, wishes, meetups, data, and the way out."""

from __future__ import annotations

import streamlit as st

from geo.people.profile import my_profile
from geo.texts import profile as profile_texts
from geo.ui import page, regions
from geo.ui.auth import current_store, current_viewer
from geo.ui.profile_sections import (
    show_area,
    show_consent,
    show_data,
    show_meetups,
    show_preferences,
)
from geo.ui.starting_points import show_toast


def _show() -> None:
    region = regions.current_region(st.query_params.get("region", ""))
    page.show_header(profile_texts.INTRO, region)
    profile = my_profile(current_store(), current_viewer().id)
    with st.container(key="profile"):
        left, right = st.columns(2, gap="medium")
        with left:
            show_area(region, profile)
            show_meetups(profile)
            show_data(profile)
        with right:
            show_consent(profile)
            show_preferences(profile)
    page.show_footer(region)
    show_toast()


_show()
