"""What is decided before the first visitor: the settings, the sign-in, whom the app may answer.

Whatever started the app (``crossroads serve``, ``streamlit run app.py``, an ASGI server), what is
wrong is said in one sentence, and the app does not start.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from starlette.middleware import Middleware
from starlette.types import Scope
from streamlit import config, net_util

from geo.errors import CrossroadsError, InputError, SetupError
from geo.oidc import SignIn, read_sign_in, require_sign_in_when_public
from geo.settings import Settings, read_settings
from geo.ui.auth import open_store
from geo.ui.map.assets import preload_link
from geo.ui.navigation import everyday_pages, page_names
from geo.ui.web import uploads
from geo.ui.web.authentication import Authenticator
from geo.ui.web.middleware import (
    LoginRedirectMiddleware,
    NotFoundMiddleware,
    PreloadMiddleware,
    StylesheetMiddleware,
)
from geo.ui.web.security import LOCAL_HOSTS, SecurityMiddleware
from geo.ui.web.uploads import UploadMiddleware, browser_id, scope_of_session, uploaded_bytes
from geo.ui.web.websocket import WebSocketMiddleware


@dataclass(frozen=True, slots=True)
class AppConfig:
    """What the app is made of.

    Attributes
    ----------
    settings
        What the operator has set.
    sign_in
        How people sign in; None for a local app.
    """

    settings: Settings
    sign_in: SignIn | None

    @property
    def secrets(self) -> dict[str, Any] | None:
        """What Streamlit needs to sign people in; None for a local app."""
        return {"auth": dict(self.sign_in.auth)} if self.sign_in else None

    @property
    def middleware(self) -> list[Middleware]:
        """What stands around the whole app."""
        named = [self.sign_in.host] if self.sign_in else []
        accounts = self._accounts()
        knows = accounts.is_signed_in if accounts else None
        guard = Middleware(
            SecurityMiddleware,
            hosts=(*LOCAL_HOSTS, *named, *self.settings.hosts),
            sources=[self.settings.basemap_origin] if self.settings.basemap else [],
            local=self.sign_in is None,
            https=self.sign_in is not None and self.sign_in.is_https,
            **({"knows": knows} if knows else {}),
        )
        missing = Middleware(
            NotFoundMiddleware, pages=page_names(), ways=everyday_pages(), base=_base_path
        )
        around = [guard, *_quota_middleware(accounts), missing]
        around += [
            Middleware(PreloadMiddleware, link=preload_link()),
            Middleware(StylesheetMiddleware),
        ]
        return [*around, Middleware(LoginRedirectMiddleware)] if self.sign_in else around

    def _accounts(self) -> Authenticator | None:
        if self.sign_in is None:
            return None
        return Authenticator(
            self.settings,
            self.sign_in.cookie_secret,
            lambda: open_store(self.settings.store_url),
            time.time,
        )


def _quota_middleware(accounts: Authenticator | None) -> list[Middleware]:
    """Return what holds each visitor to their share of the server."""
    visitor = accounts.visitor if accounts else browser_id

    def sessions_of(visitor: str) -> int:
        of_account = visitor.startswith("account ")
        return uploads.ACCOUNT_SESSIONS if of_account else uploads.ANONYMOUS_SESSIONS

    def owner(session: str) -> str | None:
        scope = scope_of_session(session)
        return visitor(scope) if scope is not None else None

    return [
        Middleware(
            WebSocketMiddleware,
            sessions=uploads.SessionQuota(
                sessions_of if accounts else lambda _visitor: uploads.LOCAL_SESSIONS
            ),
            visitor=visitor if accounts else _local_visitor,
            knows=accounts.is_signed_in if accounts else None,
        ),
        Middleware(
            UploadMiddleware,
            quota=uploads.UploadQuota(uploaded_bytes),
            visitor=visitor,
            owner=owner,
            limit_bytes=lambda: int(config.get_option("server.maxUploadSize")) * 1024 * 1024,
        ),
    ]


def _local_visitor(_scope: Scope) -> str:
    """Return who sends a request to an app without sign-in: this computer."""
    return "this computer"


def disable_ip_lookup() -> None:
    """Let Streamlit ask no other computer what this one is called.

    It would do so to print more addresses at its start, and where an origin is not the one that it
    knows: by a request that everybody waits for. `geo.ui.web.security` decides about origins.
    """
    net_util.get_external_ip = lambda: None
    net_util.get_internal_ip = lambda: None


def read_config() -> AppConfig:
    """Return what the app is made of; end the process with a sentence where it cannot be."""
    with _exit_on_error():
        settings = read_settings()
        sign_in = read_sign_in(settings)
        if sign_in and not all(map(importlib.util.find_spec, ("authlib", "httpx"))):
            raise SetupError(
                "sign-in needs Authlib; install it with 'pip install crossroads[auth]'."
            )
        return AppConfig(settings, sign_in)


def check_address(start: AppConfig) -> None:
    """End the process with a sentence where the app would answer whom it must not.

    Call it once the app exists: Streamlit's configuration is settled then.
    """
    with _exit_on_error():
        require_sign_in_when_public(
            start.sign_in,
            str(config.get_option("server.address") or "::"),
            start.settings.hosts,
        )


@cache
def _base_path() -> str:
    """Return the path below which the app is; known once the app exists."""
    return str(config.get_option("server.baseUrlPath") or "")


@contextmanager
def _exit_on_error() -> Iterator[None]:
    try:
        yield
    except CrossroadsError as error:
        sys.stderr.write(f"crossroads: {error}\n")
        sys.exit(2 if isinstance(error, InputError) else 1)
