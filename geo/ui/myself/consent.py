"""By whom one is seen: the whole text, the choice, and what was agreed to before."""

from __future__ import annotations

import streamlit as st

from geo.people import Profile
from geo.privacy import Audience
from geo.store import Consent
from geo.ui.consent import agree, consent_text
from geo.ui.words import colleagues as colleagues_said
from geo.ui.words import profile as said


def show_consent(profile: Profile) -> None:
    """Show what somebody agrees to, and let them change it."""
    person = profile.person
    with st.container(key="profile-consent", border=True):
        st.subheader(said.CONSENT_TITLE, anchor=False)
        with st.form("consent", border=False):
            st.radio(
                said.AUDIENCE,
                list(Audience),
                index=list(Audience).index(Audience(person.audience)),
                format_func=lambda one: said.AUDIENCES[one],
                captions=[said.AUDIENCE_HELP[one] for one in Audience],
                key="consent-audience",
            )
            if not person.team:
                st.caption(colleagues_said.NO_TEAM)
            st.toggle(said.PLANNING, value=person.planning, key="consent-planning")
            st.toggle(said.PAUSED, value=person.paused, key="consent-paused")
            with st.expander(said.TEXT, expanded=True):
                consent_text()
            st.form_submit_button(
                said.AGREE, type="primary", icon=":material/check:", on_click=_agree
            )
        _history(profile.consents)


def _agree() -> None:
    state = st.session_state
    agree(
        state["consent-audience"],
        planning=state["consent-planning"],
        paused=state["consent-paused"],
    )


def _history(consents: tuple[Consent, ...]) -> None:
    if not consents:
        return
    with st.expander(f"{said.HISTORY} ({len(consents)})"):
        st.dataframe(
            [dict(zip(said.HISTORY_COLUMNS, _row(one), strict=True)) for one in consents[::-1]],
            hide_index=True,
            column_config={
                said.HISTORY_COLUMNS[0]: st.column_config.DatetimeColumn(
                    format="D MMM YYYY, HH:mm", timezone=st.context.timezone
                )
            },
            key="consent-history",
        )


def _row(one: Consent) -> tuple[object, ...]:
    return (
        one.at,
        said.AUDIENCES[Audience(one.audience)],
        said.YES if one.planning else said.NO,
        said.YES if one.paused else said.NO,
        one.text_version,
        said.SOURCES.get(one.source, one.source),
    )
