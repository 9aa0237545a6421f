"""What the wishes of those on the stored roster made of a plan: counts, and nobody's own wish."""

from __future__ import annotations

import streamlit as st

from geo.privacy import count_label
from geo.ui.plan.desk import Desk, Planned
from geo.ui.words import capital
from geo.ui.words import roster as said


def tell_wishes(desk: Desk, made: Planned) -> None:
    """Say for how many the size of their group came true, and which places went first."""
    stored = desk.stored
    if stored is None:
        return
    groups = ([one.person.id for one in meetup.attendees] for meetup in made.plan.meetups)
    pleased, asked = stored.pleased(groups)
    told = []
    if asked:
        told.append(said.pleased(count_label(pleased), count_label(asked)))
    if stored.mood != "any":
        told.append(said.MOOD_FIRST[stored.mood])
    if stored.resting:
        told.append(said.resting(count_label(stored.resting), stored.with_resting))
    if told:
        st.caption(f":material/favorite: {' '.join(map(capital, told))}")
