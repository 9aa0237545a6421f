"""Who looks, as a page that runs asks for it: once in a run, and never an answer of before."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from geo.people import note_refusal
from geo.privacy import Role, Viewer
from geo.ui import viewer

_LOOK = viewer._look


def _page() -> None:
    import streamlit as st

    from geo.ui import viewer

    def press() -> None:
        st.session_state["pressed"] = [viewer.look().id, viewer.look().id]

    st.button("press", on_click=press)
    st.session_state["seen"] = [viewer.look().id for _ in range(3)]
    if st.session_state.get("writes"):
        st.session_state["writes"]()
        st.session_state["then"] = viewer.look().id


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """Return a page that asks three times who looks: the first to be asked is "1"."""
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(tmp_path))
    viewer.the_store()
    numbers = count(1)
    monkeypatch.setattr(viewer, "_look", lambda: Viewer(str(next(numbers)), Role.EMPLOYEE))
    yield AppTest.from_function(_page)
    viewer._OPEN_STORE.close()


def test_a_run_asks_once_and_the_next_run_asks_anew(page: AppTest) -> None:
    assert page.run().session_state["seen"] == ["1", "1", "1"]
    assert page.run().session_state["seen"] == ["2", "2", "2"]


def test_what_a_button_does_asks_for_itself_and_the_page_after_it_too(page: AppTest) -> None:
    page.run().button[0].click().run()
    assert page.session_state["pressed"] == ["2", "3"]
    assert page.session_state["seen"] == ["4", "4", "4"]


def test_whatever_is_written_meanwhile_has_it_asked_anew(page: AppTest) -> None:
    page.session_state["writes"] = lambda: note_refusal(viewer.the_store(), None, "plan")
    page.run()
    assert (page.session_state["seen"], page.session_state["then"]) == (["1", "1", "1"], "2")


def test_a_long_run_asks_anew(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer, "_VIEWED_S", 0.0)
    assert page.run().session_state["seen"] == ["1", "2", "3"]


def test_without_a_store_every_answer_is_asked_for(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer._OPEN_STORE.close()
    (tmp_path / "file").touch()
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(tmp_path / "file"))
    monkeypatch.setattr(viewer, "_look", _LOOK)
    page.run()
    assert not page.exception
    assert page.session_state["seen"] == [viewer.LOCAL_ID] * 3
    assert "viewer-of-this-run" not in page.session_state
