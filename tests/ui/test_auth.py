"""Who looks, as a page that runs asks for it: once in a run, and never an answer of before."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from geo.people.admission import record_refusal
from geo.privacy import Role, Viewer
from geo.settings import Settings, read_settings
from geo.ui import auth
from geo.ui.web.authentication import Identity, read_identity

CLAIMS = {
    "iss": "https://id.example.org",
    "sub": "17",
    "iat": 1_000_000,
    "email": "Ada@Example.org",
    "email_verified": True,
    "name": "Ada",
    "groups": ["staff", "hr"],
}
SETTINGS = Settings(data_dir=Path("data"))
GROUPS = Settings(
    data_dir=Path("data"),
    role_claim="groups",
    admin_groups=("it",),
    planner_groups=("hr",),
    admins=("root@example.org",),
)


def identity(settings: Settings = SETTINGS, **claims: object) -> Identity:
    read = read_identity({**CLAIMS, **claims}, settings)
    assert read is not None
    return read


def test_a_person_is_told_by_provider_and_subject() -> None:
    ada = identity()
    assert (ada.subject, ada.email, ada.name) == (
        "https://id.example.org 17",
        "ada@example.org",
        "Ada",
    )
    assert identity(iss="https://other.example").subject != ada.subject


@pytest.mark.parametrize("missing", ["iss", "sub", "iat"])
def test_claims_that_do_not_say_who_are_nobody(missing: str) -> None:
    assert read_identity({**CLAIMS, missing: None}, SETTINGS) is None


@pytest.mark.parametrize("verified", [False, None, "true", 1, "no"])
def test_an_address_that_is_not_verified_is_none(verified: object) -> None:
    assert identity(email_verified=verified).email == ""


def test_an_operator_may_trust_a_provider_that_does_not_say() -> None:
    trusting = Settings(data_dir=Path("data"), trust_email=True)
    assert identity(trusting, email_verified=None).email == "ada@example.org"
    assert identity(trusting, email_verified=False).email == ""


def test_a_sign_in_ends() -> None:
    ada = identity()
    assert not ada.is_over(1_000_000 + 3600, 1)
    assert ada.is_over(1_000_000 + 3601, 1)


@pytest.mark.parametrize(
    ("settings", "claims", "role"),
    [
        (SETTINGS, {}, None),
        (GROUPS, {}, "planner"),
        (GROUPS, {"groups": ["it", "hr"]}, "admin"),
        (GROUPS, {"groups": "it staff"}, "admin"),
        (GROUPS, {"groups": []}, "employee"),
        (GROUPS, {"groups": None}, "employee"),
        (GROUPS, {"groups": {"it": True}}, "employee"),
        (GROUPS, {"groups": [], "email": "ROOT@example.org"}, "admin"),
        (GROUPS, {"groups": [], "email": "root@example.org", "email_verified": None}, "employee"),
    ],
)
def test_roles_come_from_groups_and_from_the_list(settings, claims, role) -> None:
    assert identity(settings, **claims).granted_role(settings) == role


@given(st.dictionaries(st.sampled_from([*CLAIMS]), st.none() | st.integers() | st.text()))
def test_no_claims_break_the_reading(claims) -> None:
    read = read_identity(claims, GROUPS)
    assert read is None or all(c.isprintable() for c in read.name)


_RESOLVE = auth._resolve_visitor


def _page() -> None:
    import streamlit as st

    from geo.settings import read_settings
    from geo.ui import auth
    from geo.ui.session_state import keep_settings

    keep_settings(read_settings())

    def press() -> None:
        st.session_state["pressed"] = [auth.current_visitor().id, auth.current_visitor().id]

    st.button("press", on_click=press)
    st.session_state["seen"] = [auth.current_visitor().id for _ in range(3)]
    if st.session_state.get("writes"):
        st.session_state["writes"]()
        st.session_state["then"] = auth.current_visitor().id


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """Return a page that asks three times who looks: the first to be asked is "1"."""
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(tmp_path))
    auth.open_store(read_settings().store_url)
    numbers = count(1)
    monkeypatch.setattr(auth, "_resolve_visitor", lambda: Viewer(str(next(numbers)), Role.EMPLOYEE))
    yield AppTest.from_function(_page)
    auth._OPEN_STORE.close()


def test_a_run_asks_once_and_the_next_run_asks_anew(page: AppTest) -> None:
    assert page.run().session_state["seen"] == ["1", "1", "1"]
    assert page.run().session_state["seen"] == ["2", "2", "2"]


def test_what_a_button_does_asks_for_itself_and_the_page_after_it_too(page: AppTest) -> None:
    page.run().button[0].click().run()
    assert page.session_state["pressed"] == ["2", "3"]
    assert page.session_state["seen"] == ["4", "4", "4"]


def test_whatever_is_written_meanwhile_has_it_asked_anew(page: AppTest) -> None:
    page.session_state["writes"] = lambda: record_refusal(auth.current_store(), None, "plan")
    page.run()
    assert (page.session_state["seen"], page.session_state["then"]) == (["1", "1", "1"], "2")


def test_a_long_run_asks_anew(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "_VIEWED_S", 0.0)
    assert page.run().session_state["seen"] == ["1", "2", "3"]


def test_without_a_store_every_answer_is_asked_for(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth._OPEN_STORE.close()
    (tmp_path / "file").touch()
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(tmp_path / "file"))
    monkeypatch.setattr(auth, "_resolve_visitor", _RESOLVE)
    page.run()
    assert not page.exception
    assert page.session_state["seen"] == [auth.LOCAL_ID] * 3
    assert "viewer-of-this-run" not in page.session_state
