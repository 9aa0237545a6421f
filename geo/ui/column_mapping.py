"""Which columns of an uploaded table are which of ours: drop-downs that the session remembers.

A choice is kept by the names of all columns, so that the same export of next month needs none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from geo.columns import map_columns
from geo.errors import InputError
from geo.records import Table
from geo.tabular import read_headings
from geo.texts import roster as roster_texts

_CHOICES = "column-choices"
_WIDTH = 210
Choices = dict[tuple[str, ...], dict[str, str]]


def chosen_columns(table: Table) -> Mapping[str, str]:
    """Return what the visitor chose before for a table with these columns.

    Raises
    ------
    InputError
        The table cannot be read.
    """
    return dict(_choices().get(read_headings(table), {}))


def show_mapping(
    headings: Sequence[str],
    columns: Sequence[str],
    *,
    key: str,
    on_change: Callable[[], None] | None = None,
) -> None:
    """Show which column of a file is read for each of ours, and let the visitor change that.

    Parameters
    ----------
    headings
        What the file calls its columns.
    columns
        Ours, in the order in which they are shown.
    key
        Of the widgets.
    on_change
        Called after a choice.
    """
    found = _current_mapping(headings)
    options = ["", *dict.fromkeys(filter(None, headings))]
    mark = hashlib.sha256("\n".join(headings).encode()).hexdigest()[:8]
    with st.container(horizontal=True, gap="small", key=f"{key}-columns"):
        for column in columns:
            current = found.get(column, "")
            widget = f"{key}-{mark}-{column}-{current}"  # so that what is read is what is shown
            st.selectbox(
                roster_texts.COLUMN_NAMES[column],
                options,
                index=options.index(current) if current in options else 0,
                format_func=lambda one: one or roster_texts.NO_COLUMN,
                key=widget,
                width=_WIDTH,
                on_change=_set_column,
                args=(tuple(headings), column, widget, on_change),
            )


def _current_mapping(headings: Sequence[str]) -> dict[str, str]:
    """Return what is read for each of our columns, by what was chosen and by what is known."""
    chosen = _choices().get(tuple(headings), {})
    try:
        return map_columns(headings, chosen).used
    except InputError:  # a column stands there twice, so that one has to be chosen
        return {column: heading for column, heading in chosen.items() if heading}


def _set_column(
    headings: tuple[str, ...], column: str, widget: str, then: Callable[[], None] | None
) -> None:
    _choices().setdefault(headings, {})[column] = st.session_state[widget]
    if then is not None:
        then()


def _choices() -> Choices:
    choices: Choices = st.session_state.setdefault(_CHOICES, {})
    return choices
