"""What cannot be taken back is asked twice: a button, then a warning with yes and no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True, slots=True)
class Question:
    """What the buttons and the warning say, each in the words of its page."""

    ask: str
    warning: str
    yes: str
    no: str


def ask_twice(question: Question, do: Callable[[], None], *, key: str) -> None:
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
