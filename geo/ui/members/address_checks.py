"""Addresses of a table of staff: what was typed beside what was found, to mend in place.

They are on this screen and in the memory of this session, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from geo.geocoding import ADDRESS
from geo.people import AddressCheck
from geo.ui.words import members as said

_SHOWN = 200
_VERSION = "address-checks-version"

Corrections = dict[int, dict[str, str]]
"""Cells in place of those of a file, by line and column."""


def show_checks(
    checks: Sequence[AddressCheck], corrections: Corrections, look_up: Callable[[], None]
) -> None:
    """Show addresses in the order in which they should be looked at.

    Parameters
    ----------
    checks
        The addresses.
    corrections
        Takes what the visitor corrects.
    look_up
        Called when the corrected addresses are to be looked up.
    """
    if not checks:
        return
    shown = checks[:_SHOWN]
    st.markdown(f"**{said.CHECKS}**")
    st.caption(said.CHECKS_HOW)
    used = [name for name in ADDRESS if any(name in one.typed for one in shown)]
    frame: Any = {  # of objects, so that every cell can take text
        title: np.array([cells[title] for cells in map(_cells, shown)], object)
        for title in (said.LINE, said.RESULT, *(said.ADDRESS_COLUMNS[one] for one in used),
                      said.FOUND)
    }  # fmt: skip
    key = f"address-checks-{st.session_state.get(_VERSION, 0)}"
    config = st.column_config
    st.data_editor(
        frame,
        hide_index=True,
        num_rows="fixed",
        key=key,
        disabled=[said.LINE, said.RESULT, said.FOUND],
        height=min(420, 38 + 35 * len(shown)),
        on_change=_note_edits,
        args=(key, shown, corrections),
        column_config={
            said.LINE: config.NumberColumn(width="small"),
            said.FOUND: config.TextColumn(width="large"),
            said.ADDRESS_COLUMNS["address"]: config.TextColumn(width="medium", max_chars=300),
        },
    )
    if len(checks) > len(shown):
        st.caption(said.CHECKS_MORE.format(count=len(shown)))
    st.button(
        said.LOOK_UP,
        icon=":material/search:",
        key="import-look-up",
        disabled=not _edited(key),
        on_click=_look_up,
        args=(look_up,),
    )


def _cells(check: AddressCheck) -> dict[str, object]:
    typed = {title: check.typed.get(name, "") for name, title in said.ADDRESS_COLUMNS.items()}
    result = said.result(check.state, check.source)
    return {said.LINE: check.line, said.RESULT: result, **typed, said.FOUND: check.found}


def note_corrections(
    edits: Mapping[int, Mapping[str, object]],
    checks: Sequence[AddressCheck],
    corrections: Corrections,
) -> None:
    """Take what was edited into the corrections.

    Parameters
    ----------
    edits
        Cells by the title of their column, by row.
    checks
        The addresses that the rows are of.
    corrections
        Takes them.
    """
    names = {title: name for name, title in said.ADDRESS_COLUMNS.items()}
    for row, cells in edits.items():
        better = {names[title]: str(cell or "").strip() for title, cell in cells.items()
                  if title in names}  # fmt: skip
        if better:
            corrections.setdefault(checks[row].line, {}).update(better)


def _note_edits(key: str, checks: Sequence[AddressCheck], corrections: Corrections) -> None:
    note_corrections(st.session_state[key]["edited_rows"], checks, corrections)


def _edited(key: str) -> bool:
    state = st.session_state.get(key)
    return bool(state and state["edited_rows"])


def _look_up(then: Callable[[], None]) -> None:
    """Look up again, in an editor of its own: the rows are sorted anew."""
    st.session_state[_VERSION] = st.session_state.get(_VERSION, 0) + 1
    then()
