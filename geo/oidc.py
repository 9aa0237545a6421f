"""Who signs people in, and whom the app may answer while nobody does.

Sign-in is OpenID Connect with the organisation's own provider. It is configured in one of two
places: by ``CROSSROADS_OIDC_METADATA_URL``, ``CROSSROADS_OIDC_CLIENT_ID``,
``CROSSROADS_OIDC_CLIENT_SECRET``, ``CROSSROADS_COOKIE_SECRET`` and ``CROSSROADS_URL``, or in the
section ``[auth]`` of ``.streamlit/secrets.toml``, in Streamlit's own form. The environment wins.

Without either the app is *local*: it is this computer's, whoever sits here is its admin, and it
answers nobody else. That is decided here, once, for the command line, for the app's start and for
its pages, so that no way of starting it leaves a roster open to a network.
"""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from geo.errors import InputError, shorten
from geo.files import app_path
from geo.settings import Settings

CALLBACK = "oauth2callback"
"""Where the provider sends people back to, below the app's address; Streamlit's choice."""

_SECRET_LENGTH = 32
_DEFAULT = "default"
_PROVIDER_KEYS = ("client_id", "client_secret", "server_metadata_url")
_CONFIGURE_HINT = (
    "configure sign-in first: set CROSSROADS_URL, CROSSROADS_OIDC_METADATA_URL,"
    " CROSSROADS_OIDC_CLIENT_ID, CROSSROADS_OIDC_CLIENT_SECRET and CROSSROADS_COOKIE_SECRET"
    " (docs/hosting.md)"
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """How people sign in.

    Attributes
    ----------
    url
        Where visitors find the app, as ``https://meet.example.org``.
    providers
        Names of the providers that people may choose from; ``"default"`` for the only one.
    auth
        The section ``[auth]`` as Streamlit wants it; it holds secrets.
    """

    url: str
    providers: tuple[str, ...]
    auth: Mapping[str, Any] = field(repr=False)

    @property
    def host(self) -> str:
        """The name that visitors call the app by, without port."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_https(self) -> bool:
        """Whether visitors come by https, whatever a proxy makes of it."""
        return self.url.startswith("https://")

    @property
    def cookie_secret(self) -> str:
        """What cookies are sealed with."""
        return str(self.auth["cookie_secret"])


def secrets_paths() -> list[Path]:
    """Return where ``secrets.toml`` may lie; what a later one says goes before."""
    folders = (Path.home(), app_path().parent)
    return [folder / ".streamlit" / "secrets.toml" for folder in folders]


def read_sign_in(settings: Settings, paths: Sequence[Path] | None = None) -> SignIn | None:
    """Return how people sign in; None where the app is local.

    ``paths`` may hold a section ``[auth]``; by default they are Streamlit's.

    Raises
    ------
    InputError
        It is configured by half, weakly, or for an address that anybody could listen to.
    """
    auth = _auth_from_settings(settings) or _auth_from_files(
        secrets_paths() if paths is None else paths
    )
    if not auth:
        return None
    redirect = str(auth.get("redirect_uri", ""))
    url = redirect.removesuffix(f"/{CALLBACK}")
    if not redirect.endswith(f"/{CALLBACK}"):
        raise InputError(
            f"sign-in: redirect_uri is {shorten(redirect)!r}; it must be the app's address and"
            f" /{CALLBACK}, as https://meet.example.org/{CALLBACK}."
        )
    if len(str(auth.get("cookie_secret", ""))) < _SECRET_LENGTH:
        raise InputError(
            f"sign-in: the cookie secret is shorter than {_SECRET_LENGTH} characters; make one with"
            " 'openssl rand -hex 32'."
        )
    for address in (
        url,
        *(str(_section(auth, name)[_PROVIDER_KEYS[2]]) for name in _provider_names(auth)),
    ):
        _require_https(address)
    return SignIn(url, tuple(_provider_names(auth)), auth)


@lru_cache(maxsize=256)  # each request asks
def is_loopback(address: str) -> bool:
    """Return whether an address is reached from this computer alone.

    Examples
    --------
    >>> [is_loopback(address) for address in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "")]
    [True, True, True, False, False]
    """
    bare = address.strip("[]")
    if bare.casefold() == "localhost":
        return True
    try:
        parsed = ipaddress.ip_address(bare)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback


def require_sign_in_when_public(
    sign_in: SignIn | None, address: str, hosts: Sequence[str] = ()
) -> None:
    """Refuse to be reached from elsewhere while nobody signs in.

    ``hosts`` are names besides this computer's own that the app shall answer to.

    Raises
    ------
    InputError
        The app is local and would answer others.
    """
    if sign_in is not None:
        return
    if not is_loopback(address):
        raise InputError(
            f"without sign-in the app answers this computer alone, not {shorten(address)!r}; leave"
            f" the address at 127.0.0.1, or {_CONFIGURE_HINT}."
        )
    if hosts:
        raise InputError(
            f"without sign-in the app answers this computer alone, but CROSSROADS_HOSTS names"
            f" {shorten(hosts[0])!r}; take it away, or {_CONFIGURE_HINT}."
        )


def _auth_from_settings(settings: Settings) -> dict[str, Any]:
    """Return the section that the environment describes; empty where it describes none."""
    parts = {
        "CROSSROADS_OIDC_METADATA_URL": settings.oidc_metadata_url,
        "CROSSROADS_OIDC_CLIENT_ID": settings.oidc_client_id,
        "CROSSROADS_OIDC_CLIENT_SECRET": settings.oidc_client_secret,
        "CROSSROADS_COOKIE_SECRET": settings.cookie_secret,
        "CROSSROADS_URL": settings.url,
    }
    if not any(parts.values()):
        return {}
    if missing := [name for name, value in parts.items() if not value]:
        raise InputError(f"sign-in is configured by half; also set {', '.join(missing)}.")
    return {
        "redirect_uri": f"{settings.url}/{CALLBACK}",
        "cookie_secret": settings.cookie_secret,
        "client_id": settings.oidc_client_id,
        "client_secret": settings.oidc_client_secret,
        "server_metadata_url": settings.oidc_metadata_url,
    }


def _auth_from_files(paths: Sequence[Path]) -> dict[str, Any]:
    """Return the section of the last file that has one; empty where none has."""
    auth: dict[str, Any] = {}
    for path in paths:
        try:
            section = tomllib.loads(path.read_text("utf-8")).get("auth", {})
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            # The reason may quote a line, and the line a secret.
            raise InputError("sign-in: .streamlit/secrets.toml cannot be read as TOML.") from error
        auth = section if isinstance(section, dict) and section else auth
    return auth


def _provider_names(auth: Mapping[str, Any]) -> list[str]:
    """Return the names of the providers of a section, each of them whole."""
    names = [name for name, part in auth.items() if isinstance(part, dict) and "client_id" in part]
    names = names or [_DEFAULT]
    for name in names:
        if missing := [key for key in _PROVIDER_KEYS if not _section(auth, name).get(key)]:
            raise InputError(f"sign-in: the provider {name!r} lacks {', '.join(missing)}.")
    return names


def _section(auth: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = auth if name == _DEFAULT and _DEFAULT not in auth else auth[name]
    return part if isinstance(part, Mapping) else {}


def _require_https(address: str) -> None:
    """Refuse plain http, but for this computer: codes and tokens go that way."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (
        parts.scheme == "http" and is_loopback(parts.hostname or "")
    ):
        raise InputError(
            f"sign-in: {shorten(address)!r} must begin with https://; plain http is for this"
            " computer alone."
        )
