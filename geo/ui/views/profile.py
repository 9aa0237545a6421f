"""My profile: one's area as others see it, consent, wishes, meetups, data, and the way out."""

from __future__ import annotations

import streamlit as st

from geo.people import my_profile
from geo.texts import profile as said
from geo.ui import page, regions
from geo.ui.auth import current_viewer, the_store
from geo.ui.profile_sections import show_area, show_consent, show_data, show_meetups, show_wishes
from geo.ui.starting_points import told


def _show() -> None:
    region = regions.current_region(st.query_params.get("region", ""))
    page.begin(said.INTRO, region)
    profile = my_profile(the_store(), current_viewer().id)
    with st.container(key="profile"):
        left, right = st.columns(2, gap="medium")
        with left:
            show_area(region, profile)
            show_meetups(profile)
            show_data(profile)
        with right:
            show_consent(profile)
            show_wishes(profile)
    page.end(region)
    told()


_show()
