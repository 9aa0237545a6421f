from __future__ import annotations

from pathlib import Path

import pytest

from geo.errors import InputError
from geo.oidc import is_loopback, read_sign_in, require_sign_in_when_public
from geo.settings import Settings, read_settings

SECRET = "0123456789abcdef" * 4
ENVIRON = {
    "CROSSROADS_URL": "https://meet.example.org/",
    "CROSSROADS_OIDC_METADATA_URL": "https://id.example.org/.well-known/openid-configuration",
    "CROSSROADS_OIDC_CLIENT_ID": "crossroads",
    "CROSSROADS_OIDC_CLIENT_SECRET": "very secret",
    "CROSSROADS_COOKIE_SECRET": SECRET,
}
TOML = f"""
[auth]
redirect_uri = "https://meet.example.org/oauth2callback"
cookie_secret = "{SECRET}"
[auth.acme]
client_id = "a"
client_secret = "b"
server_metadata_url = "https://id.example.org/.well-known/openid-configuration"
"""


def settings(**changed: str) -> Settings:
    return read_settings({**ENVIRON, **changed})


def test_without_anything_the_app_is_local(tmp_path: Path) -> None:
    assert read_sign_in(read_settings({}), [tmp_path / "secrets.toml"]) is None


def test_the_environment_configures_one_provider() -> None:
    sign_in = read_sign_in(settings(), [])
    assert sign_in is not None
    assert (sign_in.host, sign_in.is_https, sign_in.providers) == (
        "meet.example.org",
        True,
        ("default",),
    )
    assert sign_in.auth["redirect_uri"] == "https://meet.example.org/oauth2callback"


def test_secrets_are_in_no_text_of_the_settings() -> None:
    shown = repr(settings()) + repr(read_sign_in(settings(), []))
    assert SECRET not in shown
    assert "very secret" not in shown


@pytest.mark.parametrize("missing", ENVIRON)
def test_half_a_configuration_is_refused_by_name(missing: str) -> None:
    with pytest.raises(InputError, match=missing):
        read_sign_in(settings(**{missing: ""}), [])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"CROSSROADS_COOKIE_SECRET": "x" * 31}, "shorter than 32"),
        ({"CROSSROADS_URL": "http://meet.example.org"}, "https"),
        ({"CROSSROADS_OIDC_METADATA_URL": "http://id.example.org/x"}, "https"),
        ({"CROSSROADS_OIDC_METADATA_URL": "id.example.org"}, "https"),
    ],
)
def test_what_anybody_could_listen_to_or_guess_is_refused(changed, message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        read_sign_in(settings(**changed), [])
    assert "very secret" not in str(refused.value)


def test_plain_http_is_for_this_computer() -> None:
    here = {"CROSSROADS_URL": "http://localhost:8501"}
    sign_in = read_sign_in(settings(**here), [])
    assert sign_in is not None
    assert not sign_in.is_https


def test_a_file_of_secrets_may_name_several_providers(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(TOML + TOML[TOML.index("[auth.acme]") :].replace("acme", "other"))
    sign_in = read_sign_in(read_settings({}), [path])
    assert sign_in is not None
    assert sign_in.providers == ("acme", "other")
    assert read_sign_in(settings(), [path]).providers == ("default",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TOML.replace('client_secret = "b"', ""), "lacks client_secret"),
        (TOML.replace("/oauth2callback", "/"), "redirect_uri"),
        (TOML + "oops = [very secret", "cannot be read"),
        ("[auth]\nclient_id = 1\n", "redirect_uri"),
    ],
)
def test_a_bad_file_of_secrets_is_told_without_them(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as refused:
        read_sign_in(read_settings({}), [path])
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "localhost", "::1", "[::1]"])
def test_this_computer_needs_no_sign_in(address: str) -> None:
    assert is_loopback(address)
    require_sign_in_when_public(None, address)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.1", "", "meet.example.org", "127.1"])
def test_others_do(address: str) -> None:
    with pytest.raises(InputError, match="configure sign-in"):
        require_sign_in_when_public(None, address)
    require_sign_in_when_public(read_sign_in(settings(), []), address, ["other.example.org"])


def test_a_name_that_others_call_needs_sign_in() -> None:
    with pytest.raises(InputError, match="CROSSROADS_HOSTS"):
        require_sign_in_when_public(None, "127.0.0.1", ["meet.example.org"])
