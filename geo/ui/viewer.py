"""Who looks: the one way for pages to know it.

`current_viewer` asks the store anew at every call, so a role that was taken away is gone at the
next click, not when the sign-in ends weeks later. What a button does runs before the page is drawn
again: it asks for itself, by `current_viewer` or by `require`, and never remembers a viewer.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum, auto

import streamlit as st

from geo.settings import read_settings
from geo.signin import read_sign_in
from geo.ui.identity import Identity, read_identity


class Why(StrEnum):
    """Why somebody is not let in."""

    SIGNED_OUT = auto()
    ENDED = auto()
    INVALID = auto()
    UNVERIFIED = auto()
    UNKNOWN = auto()
    INACTIVE = auto()


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody who is not let in.

    Attributes
    ----------
    why
        The reason.
    email
        Their own verified address; empty where it is not known.
    """

    why: Why
    email: str = ""


def look() -> Stranger:
    """Return who looks at the page that runs."""
    settings = read_settings()
    sign_in = read_sign_in(settings)
    if not st.user.is_logged_in:
        return Stranger(Why.SIGNED_OUT)
    identity = read_identity(st.user.to_dict(), settings)
    if identity is None:
        return Stranger(Why.INVALID)
    if identity.is_over(time.time(), settings.sign_in_hours):
        return Stranger(Why.ENDED)
    if not identity.email:
        return Stranger(Why.UNVERIFIED)
    return Stranger(Why.UNKNOWN, identity.email)
