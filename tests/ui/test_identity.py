from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.settings import Settings
from geo.ui.identity import Identity, read_identity

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
