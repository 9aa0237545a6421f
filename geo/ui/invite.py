"""Inviting to a place: a calendar file, another when the time changes, one that calls it off.

A calendar follows a meeting by its UID, so the visitor's session remembers what it has invited to.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

import streamlit as st

from geo.export.invite import Invitation, invitation_ics, stable_uid
from geo.export.listing import Source
from geo.model import Place
from geo.places import label
from geo.region import Region
from geo.ui import words
from geo.ui.markdown import plain

_LENGTH = timedelta(hours=1)
_SENT = "invitations"


def offer_invitation(region: Region, place: Place) -> datetime | None:
    """Show the day and time to choose, and the files; return what was chosen."""
    st.markdown(words.INVITE.format(name=f"**{plain(label(place))}**"))
    at: datetime | None = st.datetime_input(words.INVITE_AT, _tomorrow(), key="invite", width=240)
    if at is None:
        return None
    sent = _sent().get(place.osm_id)
    invitation = _next(sent, place, at)
    with st.container(horizontal=True, gap="small"):
        _button(
            words.INVITE_MOVED if sent and sent != invitation else words.INVITE_FILE,
            region,
            invitation,
            icon=":material/event:",
        )
        if sent:
            _button(words.INVITE_OFF, region, sent.cancelled(), icon=":material/event_busy:")
    return at


def _next(sent: Invitation | None, place: Place, at: datetime) -> Invitation:
    """Return the invitation for a time: new, the same again, or one change later."""
    if sent is None:
        return Invitation(
            uid=stable_uid(place.osm_id, secrets.token_hex(8)),
            title=words.INVITE_TITLE.format(name=label(place)),
            place=place,
            starts_at=at,
            duration=_LENGTH,
        )
    return sent if sent.starts_at == at else sent.moved(starts_at=at)


def _button(name: str, region: Region, invitation: Invitation, *, icon: str) -> None:
    source = Source.of(region.manifest)
    st.download_button(
        name,
        lambda: invitation_ics(invitation, source, stamp=datetime.now(UTC)),
        file_name="crossroads.ics",
        mime="text/calendar",
        on_click=_remember,
        args=(invitation,),
        icon=icon,
        key="call-off" if invitation.called_off else "save-ics",
    )


def _remember(invitation: Invitation) -> None:
    sent = {key: one for key, one in _sent().items() if key != invitation.place.osm_id}
    if not invitation.called_off:
        sent[invitation.place.osm_id] = invitation
    st.session_state[_SENT] = sent


def _sent() -> dict[str, Invitation]:
    """Return what this visitor has invited to, by the id of the place."""
    sent: dict[str, Invitation] = st.session_state.get(_SENT, {})
    return sent


def _tomorrow() -> datetime:
    tomorrow = datetime.now() + timedelta(days=1)
    return tomorrow.replace(hour=10, minute=0, second=0, microsecond=0)
