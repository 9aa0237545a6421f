"""Who looks: the one way for pages to know it.

`current_viewer` asks the store anew at every run, so a role that was taken away is gone at the next
click, not when the sign-in ends weeks later. What a button does runs before the page is drawn
again: it asks for itself and never remembers a viewer. While a page is drawn, which asks several
times, the answer holds for a second at most, and until this process writes anything.

The sign-in page shows what `SignedOut` holds and nothing else: it says nothing of who is on the
roster to anybody but the owner of a verified address.
"""

from __future__ import annotations

import atexit
import base64
import logging
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum, auto
from functools import lru_cache
from html import escape
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from geo.errors import NotAllowed, SetupError
from geo.oidc import SignIn, read_sign_in
from geo.people.admission import (
    LOCAL_ID,
    SIGN_IN,
    AdmissionRefusal,
    SignedIn,
    admit,
    end_all_sign_ins,
    end_sign_ins,
    local_viewer,
    record_refusal,
)
from geo.privacy import Action, Role, Viewer, may_see
from geo.settings import Settings
from geo.store import Store
from geo.texts import capitalise
from geo.texts import profile as profile_texts
from geo.ui.session_state import STORE_ERROR, SessionValue, current_settings, store_error
from geo.ui.web import security
from geo.ui.web.authentication import Identity, read_identity

_LOG = logging.getLogger(__name__)
_AUDITED_KEY = "noted-refusals"
_VIEWED: SessionValue[_Viewed | None] = SessionValue("viewer-of-this-run", None)
_VIEWED_S = 1.0


class SignInRefusal(StrEnum):
    """Why somebody is not let in."""

    SIGNED_OUT = auto()
    ENDED = auto()
    IDLE = auto()
    INVALID = auto()
    UNVERIFIED = auto()
    UNKNOWN = auto()
    LEFT = auto()
    BAD_INVITATION = auto()
    UNAVAILABLE = auto()


_REFUSALS = {
    AdmissionRefusal.UNKNOWN: SignInRefusal.UNKNOWN,
    AdmissionRefusal.UNVERIFIED: SignInRefusal.UNVERIFIED,
    AdmissionRefusal.LEFT: SignInRefusal.LEFT,
    AdmissionRefusal.ENDED: SignInRefusal.ENDED,
    AdmissionRefusal.IDLE: SignInRefusal.IDLE,
}


@dataclass(frozen=True, slots=True)
class _Viewed:
    """Who looks, as one run of a page found it.

    Attributes
    ----------
    run
        An object that every run makes for itself.
    store, write_count
        What was asked, and how much this process had written to it by then.
    until_s
        When it must be asked again, on the monotonic clock.
    """

    run: object
    store: Store
    write_count: int
    until_s: float
    viewer: Viewer

    def holds(self, run: object, store: Store | None) -> bool:
        """Whether neither another run, nor a write, nor a second lies between."""
        return (
            run is self.run
            and store is self.store
            and self.store.write_count == self.write_count
            and time.monotonic() < self.until_s
        )


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Somebody who is not let in.

    Attributes
    ----------
    why
        The reason.
    email
        Their own verified address; empty where it is not known.
    explanation
        What there is to say besides; a whole sentence, or empty.
    """

    why: SignInRefusal
    email: str = ""
    explanation: str = ""


def current_viewer() -> Viewer:
    """Return who looks, as the store knows them at this moment.

    Raises
    ------
    NotAllowed
        They are not let in any more.
    """
    visitor = current_visitor()
    if isinstance(visitor, SignedOut):
        raise NotAllowed("your sign-in has ended; sign in again.")
    return visitor


def current_visitor() -> Viewer | SignedOut:
    """Return who looks at the page that runs, or why they are not let in."""
    run, store = _run(), _OPEN_STORE.opened
    if run is None or store is None:
        return _resolve_visitor()
    seen = _VIEWED.get()
    if isinstance(seen, _Viewed) and seen.holds(run, store):
        return seen.viewer
    write_count, until_s = store.write_count, time.monotonic() + _VIEWED_S  # before it is asked
    visitor = _resolve_visitor()
    if isinstance(visitor, Viewer) and not store_error():
        _VIEWED.set(_Viewed(run, store, write_count, until_s, visitor))
    return visitor


def _run() -> object | None:
    """Return what stands for the run that draws a page; None before, as when a button acts."""
    running = get_script_run_ctx(suppress_warning=True)
    return running.parallel_coordinator if running and running.has_script_started else None


def _resolve_visitor() -> Viewer | SignedOut:
    settings = current_settings()
    if current_sign_in() is None:
        return _local_viewer(settings)
    if not st.user.get("is_logged_in"):
        return SignedOut(SignInRefusal.SIGNED_OUT)
    identity = read_identity(st.user.to_dict(), settings)
    if identity is None:
        return SignedOut(SignInRefusal.INVALID)
    if identity.is_over(time.time(), settings.sign_in_hours):
        return SignedOut(SignInRefusal.ENDED)
    try:
        return _admit_identity(identity, settings)
    except SetupError as error:
        _LOG.error("%s", error)
        return SignedOut(SignInRefusal.UNAVAILABLE)


def is_allowed(action: Action) -> bool:
    """Return whether who looks may do something that is about nobody in particular."""
    visitor = current_visitor()
    return isinstance(visitor, Viewer) and may_see(visitor, action)


def require(action: Action) -> Viewer:
    """Return who looks if they may do something, or keep in the audit that they may not.

    Raises
    ------
    NotAllowed
        They may not.
    """
    viewer = current_viewer()
    if not may_see(viewer, action):
        _audit_refusal_once(viewer.id, action.value)
        raise NotAllowed(f"you may not {action.value}; ask whoever looks after this app.")
    return viewer


def sign_out() -> None:
    """Sign out whoever looks, wherever the same sign-in is used."""
    identity = read_identity(st.user.to_dict(), current_settings())
    if identity is not None:
        with suppress(SetupError):  # the cookie goes all the same
            end_sign_ins(current_store(), identity.subject, identity.began)
    st.logout()


def sign_out_everywhere() -> None:
    """Sign out whoever looks on every device."""
    viewer = current_viewer()
    end_all_sign_ins(current_store(), viewer.id, viewer.id)
    st.logout()


def current_store() -> Store:
    """Return the store of this process."""
    return open_store(current_settings().store_url)


def open_store(url: str) -> Store:
    """Return the store at an address, opened once for this process."""
    return _OPEN_STORE.at(url)


@lru_cache(maxsize=1)
def current_sign_in() -> SignIn | None:
    """Return how people sign in, as it was when the app started; None for a local app."""
    return read_sign_in(current_settings())


class _OpenStore:
    """The one store that is open, for every session; another address closes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._url = ""
        self._store: Store | None = None
        atexit.register(self.close)

    def at(self, url: str) -> Store:
        """Return the store of an address, opened once however many sessions begin together."""
        with self._lock:
            if self._store is None or self._url != url:
                opened = Store.open(url)
                if self._store:
                    self._store.close()
                self._url, self._store = url, opened
            return self._store

    @property
    def opened(self) -> Store | None:
        """The store that is open; None for none."""
        return self._store

    def close(self) -> None:
        """Close it; who asks for it after this opens it again."""
        with self._lock:
            if self._store:
                self._store.close()
            self._store = None


_OPEN_STORE = _OpenStore()


def _local_viewer(settings: Settings) -> Viewer:
    """Return whoever sits at this computer; without a store whatever needs none goes on."""
    try:
        viewer = local_viewer(_OPEN_STORE.at(settings.store_url))
    except SetupError as error:
        STORE_ERROR.set(str(error))
        return Viewer(id=LOCAL_ID, role=Role.ADMIN)
    STORE_ERROR.pop()
    return viewer


def _admit_identity(identity: Identity, settings: Settings) -> Viewer | SignedOut:
    granted = identity.granted_role(settings)
    who = SignedIn(
        subject=identity.subject,
        email=identity.email or None,
        name=identity.name,
        since=identity.began,
        role=Role(granted) if granted else None,
    )
    token = st.context.cookies.get(security.INVITATION_COOKIE, "")
    try:
        idle = timedelta(minutes=settings.idle_minutes)
        visitor = admit(current_store(), who, token=token, idle=idle)
    except NotAllowed as error:
        _audit_refusal_once(None, SIGN_IN, subject=identity.subject, why="invitation")
        return SignedOut(SignInRefusal.BAD_INVITATION, identity.email, capitalise(str(error)))
    if isinstance(visitor, Viewer):
        return visitor
    if visitor not in {AdmissionRefusal.ENDED, AdmissionRefusal.IDLE}:
        _audit_refusal_once(None, SIGN_IN, subject=identity.subject, why=visitor.value)
    return SignedOut(_REFUSALS[visitor], identity.email)


def _audit_refusal_once(
    actor_id: str | None, action: str, *, subject: str | None = None, **detail: str
) -> None:
    """Keep a refusal in the audit, once for each session: a page that runs again asks again."""
    noted = st.session_state.setdefault(_AUDITED_KEY, set())
    key = (actor_id, action, *detail.values())
    if key not in noted:
        record_refusal(current_store(), actor_id, action, subject=subject, **detail)
        noted.add(key)


_BRAND = base64.b64encode((Path(__file__).parent / "styles" / "brand.svg").read_bytes()).decode()
_TEXTS = {
    SignInRefusal.ENDED: (profile_texts.TITLE, profile_texts.SIGN_IN_ENDED),
    SignInRefusal.IDLE: (profile_texts.TITLE, profile_texts.SIGNED_OUT_IDLE),
    SignInRefusal.INVALID: (profile_texts.REFUSED_TITLE, profile_texts.SIGN_IN_INVALID),
    SignInRefusal.UNVERIFIED: (profile_texts.REFUSED_TITLE, profile_texts.EMAIL_UNVERIFIED),
    SignInRefusal.UNKNOWN: (profile_texts.NOT_ON_ROSTER_TITLE, profile_texts.NOT_ON_ROSTER),
    SignInRefusal.LEFT: (profile_texts.ACCESS_ENDED_TITLE, profile_texts.ACCESS_ENDED),
    SignInRefusal.BAD_INVITATION: (profile_texts.INVITATION_TITLE, ""),
    SignInRefusal.UNAVAILABLE: (profile_texts.UNAVAILABLE_TITLE, profile_texts.UNAVAILABLE),
}
_CAN_SIGN_IN = {SignInRefusal.SIGNED_OUT, SignInRefusal.ENDED, SignInRefusal.IDLE}


def show_sign_in_page(stranger: SignedOut, providers: Sequence[str]) -> None:
    """Show who is not let in how to come in, or why they cannot.

    Parameters
    ----------
    stranger
        Who they are, as far as it is known, and why they are not let in.
    providers
        Where they may sign in.
    """
    title, text = _TEXTS.get(stranger.why, (profile_texts.TITLE, profile_texts.ABOUT))
    if stranger.why in _CAN_SIGN_IN and st.context.cookies.get(security.INVITATION_COOKIE):
        text = profile_texts.INVITED
    with st.container(key="sign-in"):
        st.html(f'<img class="door-brand" src="data:image/svg+xml;base64,{_BRAND}" alt="">')
        st.title(title, anchor=False)
        # Not by Markdown, which would make a link of the address.
        st.html(f"<p>{escape(stranger.explanation or text.format(email=stranger.email))}</p>")
        if stranger.why in _CAN_SIGN_IN:
            _show_providers(providers)
        elif stranger.why is not SignInRefusal.UNAVAILABLE:
            st.button(
                profile_texts.OTHER_ACCOUNT, type="primary", width="stretch", on_click=st.logout
            )
        st.caption(profile_texts.PRIVATE)


def _show_providers(providers: Sequence[str]) -> None:
    for provider in providers:
        only = len(providers) == 1
        st.button(
            profile_texts.SIGN_IN
            if only
            else profile_texts.SIGN_IN_WITH.format(provider=provider.capitalize()),
            key=f"sign-in-{provider}",
            type="primary",
            width="stretch",
            on_click=st.login,
            args=(provider,),
        )
