"""Taking the stored roster for a plan, and what is said of those who are not part of it."""

from __future__ import annotations

import streamlit as st

from geo.errors import CrossroadsError
from geo.privacy import count_label
from geo.region import Region
from geo.ui.origin import tell
from geo.ui.plan.desk import open_stored_desk
from geo.ui.plan.questions import apply_sizes
from geo.ui.plan.stored import RESTING, Stored, stored_people
from geo.ui.words import capital
from geo.ui.words import roster as said


def offer_stored(region: Region, whom: said.Whom) -> None:
    """Offer to work for the stored roster."""
    with st.container(key="roster-stored", border=True):
        st.subheader(whom.stored_title, anchor=False)
        st.caption(whom.stored_how)
        st.button(
            said.STORED,
            type="primary",
            icon=":material/contacts:",
            key="stored-roster",
            on_click=_take,
            args=(region,),
        )


def tell_stored(stored: Stored) -> None:
    """Say who of the stored roster counts without a name or not at all, and what most want."""
    for sentence in said.of_stored(stored.demand, stored.nameless):
        st.caption(sentence)
    if stored.resting:
        st.caption(said.resting(count_label(stored.resting), stored.with_resting))
        st.toggle(said.WITH_RESTING, key=RESTING, persist_state="session")
    if stored.agreed is not None:
        st.caption(said.agreed_sizes(*stored.agreed))
    elif stored.sizes is not None:
        st.caption(said.usual_sizes(*stored.sizes))
        st.button(
            said.SIZES_APPLY,
            icon=":material/groups:",
            key="apply-sizes",
            on_click=apply_sizes,
            args=stored.sizes,
        )


def _take(region: Region) -> None:
    try:
        stored = stored_people(region, None)
    except CrossroadsError as error:
        tell(capital(str(error)))
        return
    if stored.people:
        open_stored_desk(region, said.STORED_NAME, stored)
        if stored.agreed is not None:
            apply_sizes(*stored.agreed)
    else:
        tell(said.none_stored(stored.elsewhere))
