"""Who the provider says somebody is, and what that is good for.

A person is told by the provider's address and its own name for them (``iss`` and ``sub``), which
never change hands. The e-mail address only joins the first sign-in to the roster, and only where
the provider says that it was verified: at some, people can write any address into their account.

Streamlit keeps the claims in a sealed cookie for weeks and does not look at their age. We do: a
sign-in is over after the hours that the operator allows, counted from ``iat``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from geo.people import known_email
from geo.settings import Settings

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
    email = known_email(_text(claims.get("email"))) if trusted else None
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
