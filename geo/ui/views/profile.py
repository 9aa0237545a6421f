"""My profile: one's area as others see it, consent, wishes, meetups, data, and the way out."""

from __future__ import annotations

import streamlit as st

from geo.people import my_profile
from geo.ui import page, regions
from geo.ui.myself.area import show_area
from geo.ui.myself.consent import show_consent
from geo.ui.myself.data import show_data
from geo.ui.myself.meetups import show_meetups
from geo.ui.myself.wishes import show_wishes
from geo.ui.origin import told
from geo.ui.viewer import current_viewer, the_store
from geo.ui.words import profile as said


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
