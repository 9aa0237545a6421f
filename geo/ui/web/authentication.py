"""Who sends a request, told by its cookies alone: for what is answered without a page that runs.

Streamlit seals the provider's claims into a cookie; what pages make of them is in `geo.ui.auth`.
A seal is good for weeks and says nothing of a sign-out, so whether a sign-in lives is asked of the
store each time.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from starlette.datastructures import Headers
from starlette.types import Scope
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value

from geo.people.admission import is_signed_in
from geo.settings import Settings
from geo.store import Store
from geo.ui.auth import Identity, read_identity
from geo.ui.web import security

_PREFIX_BITS = {4: 32, 6: 64}
"""Of an address, what one visitor has: with IPv6 each has a network (RFC 6177)."""


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Says who sends a request, and whether their sign-in lives.

    Attributes
    ----------
    settings
        How long sign-ins last, and which claims count.
    secret
        What cookies are sealed with.
    store
        Opens the store; may raise `SetupError`.
    now
        Seconds since 1970.
    """

    settings: Settings
    secret: str
    store: Callable[[], Store]
    now: Callable[[], float]

    def identity(self, cookie: str) -> Identity | None:
        """Return whom the provider signed in, by a ``Cookie`` header; None for nobody."""
        sealed = security.parse_cookies(cookie)

        def unsealed(name: str) -> bytes | None:
            value = sealed.get(name)
            if value is None:
                return None
            return decode_signed_value(self.secret, name, value.encode("latin-1", "replace"))

        identity = read_identity(_claims(unsealed), self.settings)
        if identity is None or identity.is_over(self.now(), self.settings.sign_in_hours):
            return None
        return identity

    def is_signed_in(self, cookie: str) -> bool:
        """Return whether a ``Cookie`` header holds a sign-in that the store knows and that lives.

        Raises
        ------
        SetupError
            The store cannot be reached.
        """
        identity = self.identity(cookie)
        if identity is None:
            return False
        idle = timedelta(minutes=self.settings.idle_minutes)
        return is_signed_in(self.store(), identity.subject, identity.began, idle=idle)

    def visitor(self, scope: Scope) -> str:
        """Return what tells one visitor from another: their account, or where they come from."""
        identity = self.identity(Headers(scope=scope).get("cookie", ""))
        return f"account {identity.subject}" if identity else client_network(scope)


def client_network(scope: Scope) -> str:
    """Return the network that a request comes from, as far as one visitor may have it.

    Examples
    --------
    >>> client_network({"client": ("192.0.2.7", 50000)})
    '192.0.2.7/32'
    >>> client_network({"client": ("2001:db8::1:2", 50000)})
    '2001:db8::/64'
    """
    client = scope.get("client")
    try:
        address = ipaddress.ip_address(client[0] if client else "")
    except ValueError:
        return "unknown"
    mapped = getattr(address, "ipv4_mapped", None) or address
    network = ipaddress.ip_network((mapped, _PREFIX_BITS[mapped.version]), strict=False)
    return str(network)


def _claims(unsealed: Callable[[str], bytes | None]) -> Mapping[str, object]:
    """Return the claims of the cookie of a sign-in; empty where there are none."""
    value = get_cookie_with_chunks(unsealed, security.USER_COOKIE)
    if value is None:
        return {}
    try:
        claims = json.loads(value)
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) and claims.get("is_logged_in") is True else {}
