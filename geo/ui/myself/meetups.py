"""The meetups that somebody is asked to, each with their own drive alone."""

from __future__ import annotations

import streamlit as st

from geo.measures import drive
from geo.people import Profile
from geo.store import PlannedMeetup
from geo.ui.meetups.dates import when_of
from geo.ui.words import meetups as meetups_said
from geo.ui.words import profile as said


def show_meetups(profile: Profile) -> None:
    """Show them, where there are any."""
    if not profile.meetups:
        return
    with st.container(key="profile-meetups", border=True):
        st.subheader(said.MEETUPS_TITLE, anchor=False)
        st.dataframe(
            [dict(zip(said.MEETUPS_COLUMNS, _row(one), strict=True)) for one in profile.meetups],
            hide_index=True,
            key="my-meetups",
        )


def _row(one: PlannedMeetup) -> tuple[str, ...]:
    seconds = one.seats[0].travel_time_s
    return (
        when_of(one) or said.OPEN_DATE,
        str(one.place.get("name") or ""),
        meetups_said.STATES[one.status],
        "" if seconds is None else drive(seconds),
    )
