"""Roster: who is on it, importing, inviting, making one person of two; for planners."""

from __future__ import annotations

import streamlit as st

from geo.privacy import Action
from geo.texts import members as members_texts
from geo.ui import page, regions
from geo.ui.auth import require
from geo.ui.roster_admin import show_duplicates, show_invite, show_people
from geo.ui.roster_import import show_import, show_interrupted
from geo.ui.starting_points import show_toast


def _show() -> None:
    viewer = require(Action.SEE_ROSTER)
    region = regions.current_region(st.query_params.get("region", ""))
    page.show_header(members_texts.INTRO, region)
    with st.container(key="roster"):
        show_interrupted()
        people, imports, invites, duplicates = st.tabs(
            [
                members_texts.PEOPLE,
                members_texts.IMPORT,
                members_texts.INVITE,
                members_texts.DUPLICATES,
            ],
            key="roster-tabs",
            on_change="rerun",
        )
        if people.open:
            with people:
                show_people(viewer, region)
        elif imports.open:
            with imports:
                show_import(region)
        elif invites.open:
            with invites:
                show_invite()
        elif duplicates.open:
            with duplicates:
                show_duplicates(viewer)
    page.show_footer(region)
    show_toast()


_show()
