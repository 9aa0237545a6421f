"""Sharing an answer: the address of its page, a link with its QR code, files, an invitation.

The address says what was asked, so that a link opens the same view. Each answer is a step of the
browser's history, and going back is told apart from asking anew: the address is then another than
the page wrote last, while no control has changed.

An invitation is a calendar file, another when the time changes, and one that cancels it. A calendar
follows a meeting by its UID, so the visitor's session remembers what it has invited to.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import streamlit as st

from geo import texts
from geo.errors import InputError
from geo.export.calendar import CalendarInvitation, invitation_ics, stable_uid
from geo.export.formats import FORMATS, Format, RenderOptions
from geo.export.links import qr_png
from geo.export.listing import Attribution, Listing
from geo.export.share import SharedSearch, share_link
from geo.export.svg_map import backdrop, listing_frame
from geo.model import Place
from geo.places import label
from geo.region import Region
from geo.ui.controls import CONTROLS, reset_options
from geo.ui.widgets import escape_markdown

_LENGTH = timedelta(hours=1)
_SENT_KEY = "invitations"
_WRITTEN_KEY = "written"
_STARTS = ("origin", "people", "region")


def show_invitation(region: Region, place: Place) -> datetime | None:
    """Show the day and time to choose, and the files; return what was chosen."""
    st.markdown(texts.INVITE.format(name=f"**{escape_markdown(label(place))}**"))
    at: datetime | None = st.datetime_input(texts.INVITE_AT, _tomorrow(), key="invite", width=240)
    if at is None:
        return None
    sent = _sent_invitations().get(place.osm_id)
    invitation = _next_invitation(sent, place, at)
    with st.container(horizontal=True, gap="small"):
        _invitation_button(
            texts.CHANGED_INVITATION if sent and sent != invitation else texts.INVITE_FILE,
            region,
            invitation,
            icon=":material/event:",
        )
        if sent:
            _invitation_button(
                texts.CANCEL_INVITATION, region, sent.cancelled(), icon=":material/event_busy:"
            )
    return at


def _next_invitation(
    sent: CalendarInvitation | None, place: Place, at: datetime
) -> CalendarInvitation:
    """Return the invitation for a time: new, the same again, or one change later."""
    if sent is None:
        return CalendarInvitation(
            uid=stable_uid(place.osm_id, secrets.token_hex(8)),
            title=texts.INVITE_TITLE.format(name=label(place)),
            place=place,
            starts_at=at,
            duration=_LENGTH,
        )
    return sent if sent.starts_at == at else sent.moved(starts_at=at)


def _invitation_button(
    name: str, region: Region, invitation: CalendarInvitation, *, icon: str
) -> None:
    source = Attribution.of(region.manifest)
    st.download_button(
        name,
        lambda: invitation_ics(invitation, source, stamp=datetime.now(UTC)),
        file_name="crossroads.ics",
        mime="text/calendar",
        on_click=_remember_invitation,
        args=(invitation,),
        icon=icon,
        key="cancel-invitation" if invitation.called_off else "save-ics",
    )


def _remember_invitation(invitation: CalendarInvitation) -> None:
    sent = {key: one for key, one in _sent_invitations().items() if key != invitation.place.osm_id}
    if not invitation.called_off:
        sent[invitation.place.osm_id] = invitation
    st.session_state[_SENT_KEY] = sent


def _sent_invitations() -> dict[str, CalendarInvitation]:
    """Return what this visitor has invited to, by the id of the place."""
    sent: dict[str, CalendarInvitation] = st.session_state.get(_SENT_KEY, {})
    return sent


def _tomorrow() -> datetime:
    tomorrow = datetime.now() + timedelta(days=1)
    return tomorrow.replace(hour=10, minute=0, second=0, microsecond=0)


def share_chip(
    region: Region, listing: Callable[[], Listing], search: SharedSearch, chosen: Place | None
) -> None:
    """Show the chip; what is in it is made when it is opened, and files when they are asked for.

    A QR code alone takes longer than the search that it leads to.

    Parameters
    ----------
    region
        Where the answer lies.
    listing
        Makes the listing of the answer.
    search
        What the link says.
    chosen
        The place that is open, to invite to.
    """
    popover = st.popover(texts.SHARE, icon=":material/ios_share:", key="share", on_change="rerun")
    with popover, st.container(key="share-body", width=430):
        if not popover.open:
            st.caption(texts.SHARE_PENDING)
            return
        link = search_link(search)
        st.toggle(
            texts.EXACT_START, key="exact", help=texts.EXACT_START_HELP, persist_state="session"
        )
        if link:
            _show_link(link)
        st.caption(texts.FILES)
        with st.container(key="files", horizontal=True):
            for one in FORMATS.values():
                st.download_button(
                    one.label,
                    _export_file(one, region, listing, link),
                    file_name=f"crossroads.{one.key}",
                    mime=one.media_type,
                    on_click="ignore",
                    key=f"save-{one.key}",
                )
        if chosen:
            show_invitation(region, chosen)
        else:
            st.caption(texts.INVITE_HELP)


def _show_link(link: str) -> None:
    st.caption(texts.SHARE_LINK)
    with st.container(key="share-link", horizontal=True, vertical_alignment="center"):
        try:
            picture = base64.b64encode(qr_png(link)).decode()
            st.html(
                f'<img class="qr" src="data:image/png;base64,{picture}" alt="{texts.QR}">',
                width="content",
            )
        except InputError:
            st.caption(texts.LINK_TOO_LONG)
        st.code(link, language=None, wrap_lines=True, width="stretch")


def _export_file(
    one: Format, region: Region, listing: Callable[[], Listing], link: str | None
) -> Callable[[], bytes]:
    def make() -> bytes:
        made = listing()
        points = [entry.place.point for entry in made.entries]
        ground = backdrop(region, listing_frame(made).shown, points) if one.key == "html" else None
        return one.render(made, RenderOptions(link=link, ground=ground))

    return make


def read_url(page: str) -> SharedSearch:
    """Return what the address of the page asks; a damaged address is told, and asks nothing.

    Whoever went back or forward is asked for nothing that they had chosen since.
    """
    fields = _fields()
    written = st.session_state.get(_WRITTEN_KEY, {}).get(page)
    if written and fields and written[0] != fields and written[1] == _search_state():
        reset_options()
        for key in _STARTS:
            st.session_state.pop(key, None)
    try:
        return SharedSearch.from_query(page, urlencode(fields, doseq=True))
    except InputError as error:
        st.warning(escape_markdown(texts.capitalise(str(error))))
        return SharedSearch(page)


def write_url(search: SharedSearch) -> None:
    """Let the address say a search once it has a start; what it says already is left alone."""
    written = st.session_state.setdefault(_WRITTEN_KEY, {})
    fields = parse_qs(search.query())
    before, _ = written.get(search.page, (None, None))
    written[search.page] = (fields, _search_state())
    if (search.starts or "from" in _fields()) and fields not in (before, _fields()):
        st.query_params.from_dict(fields)


def search_link(search: SharedSearch) -> str | None:
    """Return the whole link to a search; None where the app does not know its own address."""
    url = st.context.url
    if not url:
        return None
    root = url.split("?", 1)[0].split("#", 1)[0].rstrip("/")
    if search.page:
        root = root.removesuffix(f"/{search.page}")
    return share_link(root, search)


def _fields() -> dict[str, list[str]]:
    return {key: st.query_params.get_all(key) for key in st.query_params}


def _search_state() -> list[Any]:
    """Return everything that the visitor can change about a search."""
    return [st.session_state.get(key) for key in (*CONTROLS, *_STARTS)]
