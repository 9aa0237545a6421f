"""The address of a page: it says what was asked, so that a link opens the same view.

Each answer is a step of the browser's history, and going back is told apart from asking anew: the
address is then another than the page wrote last, while no control has changed.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode

import streamlit as st

from geo.errors import InputError
from geo.export.share import SharedSearch, share_link
from geo.texts import capitalise
from geo.ui.controls import CONTROLS, reset_options
from geo.ui.widgets import escape_markdown

_WRITTEN_KEY = "said"
_STARTS = ("origin", "people", "region")


def read_url(page: str) -> SharedSearch:
    """Return what the address of the page asks; a damaged address is told, and asks nothing.

    Whoever went back or forward is asked for nothing that they had chosen since.
    """
    fields = _fields()
    said = st.session_state.get(_WRITTEN_KEY, {}).get(page)
    if said and fields and said[0] != fields and said[1] == _search_state():
        reset_options()
        for key in _STARTS:
            st.session_state.pop(key, None)
    try:
        return SharedSearch.from_query(page, urlencode(fields, doseq=True))
    except InputError as error:
        st.warning(escape_markdown(capitalise(str(error))))
        return SharedSearch(page)


def write_url(search: SharedSearch) -> None:
    """Let the address say a search once it has a start; what it says already is left alone."""
    said = st.session_state.setdefault(_WRITTEN_KEY, {})
    fields = parse_qs(search.query())
    before, _ = said.get(search.page, (None, None))
    said[search.page] = (fields, _search_state())
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
