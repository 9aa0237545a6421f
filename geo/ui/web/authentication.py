"""Who sends a request, by its cookies alone: for what is answered without a page that runs.

A person is identified by the provider's address and its own name for them (``iss`` and ``sub``),
which never change hands. The e-mail address only joins the first sign-in to the roster, and only
where the provider says that it was verified: at some, people can write any address into their
account.

Streamlit seals the provider's claims into a cookie that is good for weeks, says nothing of a
sign-out, and is not asked for its age. So a sign-in is over after the hours that the operator
allows, counted from ``iat``, and whether it lives is asked of the store each time.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from starlette.datastructures import Headers
from starlette.types import Scope
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value

from geo.people.admission import is_signed_in
from geo.settings import Settings
from geo.store import Store
from geo.text import clean_email_or_none
from geo.ui.web import security

_LONGEST = 320
"""Characters of the longest e-mail address (RFC 3696, erratum 1690); no claim of ours is longer."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a provider's claims come to.

    Attributes
    ----------
    subject
        The provider and its name for the person, as ``"https://id.example.org 123"``.
    email
        In small letters; empty where there is none that is verified, or only one whose letters
        can be taken for others.
    name
        How the person is called; the address or the subject where the provider does not say.
    groups
        Their groups, of the claim that the operator named.
    since
        When they signed in, in seconds since 1970.
    """

    subject: str
    email: str
    name: str
    groups: frozenset[str]
    since: float

    @property
    def began(self) -> datetime:
        """When they signed in."""
        return datetime.fromtimestamp(self.since, UTC)

    def is_over(self, now: float, hours: float) -> bool:
        """Return whether the sign-in has lasted longer than it may."""
        return now - self.since > hours * 3600

    def granted_role(self, settings: Settings) -> str | None:
        """Return the role that the operator gives them; None leaves it to the store.

        With a claim for roles it alone decides, so that leaving a group takes the role away.
        """
        if self.email and self.email in settings.admins:
            return "admin"
        if not settings.role_claim:
            return None
        if self.groups & set(settings.admin_groups):
            return "admin"
        return "planner" if self.groups & set(settings.planner_groups) else "employee"


def read_identity(claims: Mapping[str, object], settings: Settings) -> Identity | None:
    """Return who the claims speak of; None where they do not say it.

    Parameters
    ----------
    claims
        Those of the provider's token; already checked against its signature.
    settings
        Which claim lists groups, and whether unverified addresses are believed.
    """
    issuer, subject = _text(claims.get("iss")), _text(claims.get("sub"))
    since = claims.get("iat")
    if not issuer or not subject or isinstance(since, bool) or not isinstance(since, int | float):
        return None
    verified = claims.get("email_verified")
    trusted = verified is True or (verified is None and settings.trust_email)
    email = clean_email_or_none(_text(claims.get("email"))) if trusted else None
    return Identity(
        subject=f"{issuer} {subject}",
        email=email or "",
        name=_text(claims.get("name")) or email or subject,
        groups=_groups(claims.get(settings.role_claim)) if settings.role_claim else frozenset(),
        since=float(since),
    )


def _text(value: object) -> str:
    """Return a claim of text as one line, empty where it is none or too long to be meant."""
    if not isinstance(value, str) or len(value) > _LONGEST:
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())


def _groups(value: object) -> frozenset[str]:
    """Return the groups of a claim that is a list, or text divided by blanks."""
    parts = value.split() if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        return frozenset()
    return frozenset(part for part in parts if isinstance(part, str))


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
