"""The address of a page: it says what was asked, so that a link opens the same view."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

import streamlit as st

from geo.errors import InputError
from geo.export.share import SharedSearch, share_link


def read_address(page: str) -> SharedSearch:
    """Return what the address of the page asks; a damaged address is told, and asks nothing."""
    query = urlencode(
        [(key, value) for key in st.query_params for value in st.query_params.get_all(key)]
    )
    try:
        return SharedSearch.from_query(page, query)
    except InputError as error:
        st.warning(str(error))
        return SharedSearch(page)


def write_address(search: SharedSearch) -> None:
    """Let the address of the page say a search; nothing happens if it says so already."""
    fields = parse_qs(search.query())
    if {key: st.query_params.get_all(key) for key in st.query_params} != fields:
        st.query_params.from_dict(fields)


def link_to(search: SharedSearch) -> str | None:
    """Return the whole link to a search; None where the app does not know its own address."""
    url = st.context.url
    return share_link(url.rsplit("?", 1)[0].rsplit("#", 1)[0], search) if url else None
