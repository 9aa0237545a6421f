"""Sharing an answer: a link with its QR code, files of every format, an invitation."""

from __future__ import annotations

import base64
from collections.abc import Callable

import streamlit as st

from geo.errors import InputError
from geo.export.backdrop import backdrop
from geo.export.formats import FORMATS, Extras, Format
from geo.export.frame import listing_frame
from geo.export.listing import Listing
from geo.export.qr import qr_png
from geo.export.share import SharedSearch
from geo.model import Place
from geo.region import Region
from geo.ui import words
from geo.ui.address import link_to
from geo.ui.invite import offer_invitation


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
    popover = st.popover(words.SHARE, icon=":material/ios_share:", key="share", on_change="rerun")
    with popover, st.container(key="share-body", width=430):
        if not popover.open:
            st.caption(words.SHARE_SOON)
            return
        link = link_to(search)
        st.toggle(words.EXACT, key="exact", help=words.EXACT_HELP, persist_state="session")
        if link:
            _show_link(link)
        st.caption(words.FILES)
        with st.container(key="files", horizontal=True):
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
            offer_invitation(region, chosen)
        else:
            st.caption(words.INVITE_HOW)


def _show_link(link: str) -> None:
    st.caption(words.COPY)
    with st.container(key="share-link", horizontal=True, vertical_alignment="center"):
        try:
            picture = base64.b64encode(qr_png(link)).decode()
            st.html(
                f'<img class="qr" src="data:image/png;base64,{picture}" alt="{words.QR}">',
                width="content",
            )
        except InputError:
            st.caption(words.TOO_LONG)
        st.code(link, language=None, wrap_lines=True, width="stretch")


def _file(
    one: Format, region: Region, listing: Callable[[], Listing], link: str | None
) -> Callable[[], bytes]:
    def make() -> bytes:
        made = listing()
        points = [entry.place.point for entry in made.entries]
        ground = backdrop(region, listing_frame(made).shown, points) if one.key == "html" else None
        return one.render(made, Extras(link=link, ground=ground))

    return make
