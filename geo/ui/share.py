"""Sharing an answer: a link with its QR code, files of every format, an invitation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import streamlit as st

from geo.errors import InputError
from geo.export.backdrop import backdrop
from geo.export.formats import FORMATS, Extras, Format
from geo.export.frame import listing_frame
from geo.export.invite import Invitation, invitation_ics, stable_uid
from geo.export.listing import Listing, Source
from geo.export.qr import qr_svg
from geo.export.share import SharedSearch
from geo.model import Place
from geo.places import label
from geo.region import Region
from geo.ui import words
from geo.ui.address import link_to

_LENGTH = timedelta(hours=1)


def share_button(
    region: Region, listing: Callable[[], Listing], search: SharedSearch, chosen: Place | None
) -> None:
    """Show the button; files are made when they are asked for.

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
    link = link_to(search)
    with st.popover(words.SHARE, icon=":material/ios_share:"):
        st.toggle(words.EXACT, key="exact", help=words.EXACT_HELP)
        if link:
            _show_link(link)
        st.caption(words.FILES)
        with st.container(horizontal=True, gap="small"):
            for one in FORMATS.values():
                st.download_button(
                    one.label,
                    _file(one, region, listing, link),
                    file_name=f"crossroads.{one.key}",
                    mime=one.media_type,
                    on_click="ignore",
                    key=f"save-{one.key}",
                )
        if chosen:
            _offer_invitation(region, chosen)
        else:
            st.caption(words.INVITE_HOW)


def _show_link(link: str) -> None:
    st.caption(words.COPY)
    st.code(link, language=None, wrap_lines=True)
    try:
        st.image(qr_svg(link), width=150)
    except InputError:
        st.caption(words.TOO_LONG)


def _file(
    one: Format, region: Region, listing: Callable[[], Listing], link: str | None
) -> Callable[[], bytes]:
    def make() -> bytes:
        made = listing()
        points = [entry.place.point for entry in made.entries]
        ground = backdrop(region, listing_frame(made).shown, points) if one.key == "html" else None
        return one.render(made, Extras(link=link, ground=ground))

    return make


def _offer_invitation(region: Region, place: Place) -> None:
    st.caption(words.INVITE.format(name=label(place)))
    tomorrow = datetime.now() + timedelta(days=1)
    at = st.datetime_input(
        words.INVITE_AT, tomorrow.replace(hour=10, minute=0, second=0, microsecond=0), key="invite"
    )
    invitation = Invitation(
        uid=stable_uid(place.osm_id, at.date().isoformat()),
        title=words.INVITE_TITLE.format(name=label(place)),
        place=place,
        starts_at=at,
        duration=_LENGTH,
    )
    st.download_button(
        words.INVITE_FILE,
        lambda: invitation_ics(invitation, Source.of(region.manifest), stamp=datetime.now(UTC)),
        file_name="crossroads.ics",
        mime="text/calendar",
        on_click="ignore",
        icon=":material/event:",
        key="save-ics",
    )
