from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from geo.people.admission import SignedIn, admit, end_sign_ins, new_person
from geo.settings import Settings
from geo.store import Store
from geo.store.people import add_people
from geo.ui.web.authentication import Authenticator
from geo.ui.web.security import USER_COOKIE

SECRET = "of-cookies-" * 3
NOW = 1_800_000_000.0
CLAIMS = {
    "is_logged_in": True,
    "origin": "https://meet.example.org",
    "iss": "https://id.example.org",
    "sub": "eve",
    "iat": NOW - 60,
    "email": "eve@example.org",
    "email_verified": True,
    "name": "Eve",
}


def sealed(secret: str = SECRET, name: str = USER_COOKIE, **claims: object) -> str:
    value = create_signed_value(secret, name, json.dumps({**CLAIMS, **claims}))
    return f"{name}={value.decode()}"


def chunked(secret: str = SECRET, **claims: object) -> str:
    """Return the cookies of claims that one cookie does not hold, as Streamlit divides them."""
    text = json.dumps({**CLAIMS, **claims})
    parts = [text[start : start + 40] for start in range(0, len(text), 40)]
    named = [
        (USER_COOKIE, f"chunks-{len(parts)}"),
        *((f"{USER_COOKIE}_{n}", p) for n, p in enumerate(parts, 1)),
    ]
    values = (f"{name}={create_signed_value(secret, name, part).decode()}" for name, part in named)
    return "; ".join(values)


@pytest.fixture
def accounts(store: Store) -> Authenticator:
    """Return what knows who is signed in; Eve is on the roster."""
    with store.atomic() as db:
        add_people(db, [new_person("Eve", email="eve@example.org")])
    settings = Settings(data_dir=Path("data"), sign_in_hours=12, idle_minutes=120)
    return Authenticator(settings, SECRET, lambda: store, lambda: NOW)


def test_a_sign_in_lives_once_let_in_until_it_is_ended(
    accounts: Authenticator, store: Store
) -> None:
    cookie = sealed()
    identity = accounts.identity(cookie)
    assert identity is not None
    assert not accounts.is_signed_in(cookie)
    admit(store, SignedIn(identity.subject, identity.email, "Eve", identity.began))
    assert accounts.is_signed_in(cookie)
    assert not accounts.is_signed_in(sealed(sub="una"))
    over = replace(accounts, now=lambda: NOW + timedelta(hours=12).total_seconds())
    assert not over.is_signed_in(cookie)
    end_sign_ins(store, identity.subject, identity.began)
    assert not accounts.is_signed_in(cookie)


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "theme=dark",
        sealed("another-secret-another-secret-ano"),
        sealed(is_logged_in=False),
        sealed(is_logged_in="yes"),
        sealed(iat=None),
        sealed().replace("=", "=x", 1),
        f"{USER_COOKIE}=" + sealed(name="_streamlit_session").partition("=")[2],
        f"{USER_COOKIE}=\u20ac",
    ],
)
def test_what_is_not_sealed_is_nobodys(accounts: Authenticator, cookie: str) -> None:
    assert accounts.identity(cookie) is None
    assert not accounts.is_signed_in(cookie)


def test_a_cookie_in_pieces_is_read(accounts: Authenticator) -> None:
    assert accounts.identity(chunked()) == accounts.identity(sealed())
    assert accounts.identity(chunked("another-secret-another-secret-ano")) is None


def test_a_visitor_is_an_account_or_a_network(accounts: Authenticator) -> None:
    def visitor(cookie: str, address: str) -> str:
        return accounts.visitor(
            {"headers": [(b"cookie", cookie.encode())], "client": (address, 50000)}
        )

    assert visitor(sealed(), "192.0.2.7") == visitor(sealed(), "192.0.2.8")
    assert visitor("", "192.0.2.7") != visitor("", "192.0.2.8")
    assert visitor("", "2001:db8::1") == visitor("", "2001:db8::2") != visitor("", "2001:db8:1::2")
    assert visitor("", "::ffff:192.0.2.7") == visitor("", "192.0.2.7")
    assert accounts.visitor({"headers": [], "client": None}) == "unknown"
