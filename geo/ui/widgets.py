"""Small things that pages share: unique labels, text escaped for Markdown, a button asked twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st


def unique_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Return labels of which no two are alike: the second of a kind gets a number, and so on.

    Examples
    --------
    >>> unique_labels({"a": "Wren", "b": "Sol", "c": "Wren", "d": "Wren (2)"})
    {'a': 'Wren', 'b': 'Sol', 'c': 'Wren (2)', 'd': 'Wren (2) (2)'}
    """
    taken: set[str] = set()
    made: dict[str, str] = {}
    for key, label in labels.items():
        unique, count = label, 1
        while unique in taken:
            count += 1
            unique = f"{label} ({count})"
        taken.add(unique)
        made[key] = unique
    return made


_SPECIAL = frozenset(r"\`*_{}[]()<>#+-.!|~:$")
_AUTOLINK = re.compile(r"(?<=@)(?=[-\w])|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
_WORD_JOINER = "\N{WORD JOINER}"
"""Takes no room and shows nothing."""


def escape_markdown(text: str) -> str:
    r"""Return a text that Markdown shows as it is.

    Streamlit makes links of addresses that stand there as mere text, whatever is escaped; so they
    are broken by a sign that nobody sees.

    Examples
    --------
    >>> escape_markdown("[tea]")
    '\\[tea\\]'
    >>> escape_markdown("wren@example.org").replace("\N{WORD JOINER}", "|")
    'wren@|example\\.org'
    """
    broken = _AUTOLINK.sub(_WORD_JOINER, text)
    return "".join(f"\\{c}" if c in _SPECIAL else c for c in broken)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the buttons and the warning say, each in the words of its page."""

    ask: str
    warning: str
    yes: str
    no: str


def confirm(question: Confirmation, do: Callable[[], None], *, key: str) -> None:
    """Show the button, or the warning once it was pressed; `do` is called after a yes."""
    is_asked = f"{key}-asked"

    def answer(*, asked: bool, then: Callable[[], None] | None = None) -> None:
        st.session_state[is_asked] = asked
        if then:
            then()

    if not st.session_state.get(is_asked):
        st.button(
            question.ask,
            icon=":material/delete:",
            key=key,
            on_click=answer,
            kwargs={"asked": True},
        )
        return
    st.warning(question.warning, icon=":material/warning:")
    with st.container(horizontal=True, gap="small"):
        done = {"asked": False, "then": do}
        st.button(question.yes, key=f"{key}-yes", on_click=answer, kwargs=done)
        st.button(question.no, key=f"{key}-no", on_click=answer, kwargs={"asked": False})
