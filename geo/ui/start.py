"""What is decided before the first visitor: the settings, the sign-in, whom the app may answer.

Whatever started the app (``crossroads serve``, ``streamlit run app.py``, an ASGI server), what is
wrong is said in one sentence, and the app does not start.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from starlette.middleware import Middleware
from streamlit import config
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value

from geo.errors import CrossroadsError, InputError, SetupError
from geo.settings import Settings, read_settings
from geo.signin import SignIn, insist_on_sign_in, read_sign_in
from geo.ui import cookies
from geo.ui.ahead import Ahead
from geo.ui.guard import LOCAL_HOSTS, Guard
from geo.ui.landing import Landing
from geo.ui.map.assets import preload_link
from geo.ui.missing import Missing
from geo.ui.pages import everyday, names


@dataclass(frozen=True, slots=True)
class Start:
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
        guard = Middleware(
            Guard,
            hosts=(*LOCAL_HOSTS, *named, *self.settings.hosts),
            sources=[self.settings.basemap_origin] if self.settings.basemap else [],
            local=self.sign_in is None,
            https=self.sign_in is not None and self.sign_in.is_https,
            **({"knows": _is_sealed(self.sign_in.cookie_secret)} if self.sign_in else {}),
        )
        missing = Middleware(Missing, pages=names(), ways=everyday(), base=_base_path)
        around = [guard, missing, Middleware(Ahead, link=preload_link())]
        return [*around, Middleware(Landing)] if self.sign_in else around


def read_start() -> Start:
    """Return what the app is made of; end the process with a sentence where it cannot be."""
    with _told():
        settings = read_settings()
        sign_in = read_sign_in(settings)
        if sign_in and not all(map(importlib.util.find_spec, ("authlib", "httpx"))):
            raise SetupError(
                "sign-in needs Authlib; install it with 'pip install crossroads[auth]'."
            )
        return Start(settings, sign_in)


def check_address(start: Start) -> None:
    """End the process with a sentence where the app would answer whom it must not.

    Call it once the app exists: Streamlit's configuration is settled then.
    """
    with _told():
        insist_on_sign_in(
            start.sign_in,
            str(config.get_option("server.address") or "::"),
            start.settings.hosts,
        )


def _base_path() -> str:
    """Return the path below which the app is; known once the app exists."""
    return str(config.get_option("server.baseUrlPath") or "")


def _is_sealed(secret: str) -> Callable[[str], bool]:
    """Return what says of a ``Cookie`` header whether it holds a sign-in that we sealed."""

    def is_sealed(header: str) -> bool:
        value = cookies.read(header).get(cookies.USER, "")
        return decode_signed_value(secret, cookies.USER, value.encode("latin-1")) is not None

    return is_sealed


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except CrossroadsError as error:
        sys.stderr.write(f"crossroads: {error}\n")
        sys.exit(2 if isinstance(error, InputError) else 1)
