"""Who looks: the one way for pages to know it.

`current_viewer` asks the store anew at every run, so a role that was taken away is gone at the next
click, not when the sign-in ends weeks later. What a button does runs before the page is drawn
again: it asks for itself and never remembers a viewer. While a page is drawn, which asks several
times, the answer holds for a second at most, and until this process writes anything.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum, auto
from functools import lru_cache

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from geo.errors import NotAllowed, SetupError
from geo.people import (
    LOCAL_ID,
    SIGN_IN,
    Denied,
    SignedIn,
    admit,
    end_all_sign_ins,
    end_sign_ins,
    local_viewer,
    note_refusal,
)
from geo.privacy import Action, Role, Viewer, may_see
from geo.settings import Settings, read_settings
from geo.signin import SignIn, read_sign_in
from geo.store import Store
from geo.ui import cookies
from geo.ui.identity import Identity, read_identity
from geo.ui.words import capital

_LOG = logging.getLogger(__name__)
_NOTED = "noted-refusals"
_TROUBLE = "trouble-with-the-store"
_VIEWED = "viewer-of-this-run"
_VIEWED_S = 1.0


class Why(StrEnum):
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


_WHY = {
    Denied.UNKNOWN: Why.UNKNOWN,
    Denied.UNVERIFIED: Why.UNVERIFIED,
    Denied.LEFT: Why.LEFT,
    Denied.ENDED: Why.ENDED,
    Denied.IDLE: Why.IDLE,
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
class Stranger:
    """Somebody who is not let in.

    Attributes
    ----------
    why
        The reason.
    email
        Their own verified address; empty where it is not known.
    told
        What there is to say besides; a whole sentence, or empty.
    """

    why: Why
    email: str = ""
    told: str = ""


def current_viewer() -> Viewer:
    """Return who looks, as the store knows them at this moment.

    Raises
    ------
    NotAllowed
        They are not let in any more.
    """
    looking = look()
    if isinstance(looking, Stranger):
        raise NotAllowed("your sign-in has ended; sign in again.")
    return looking


def look() -> Viewer | Stranger:
    """Return who looks at the page that runs, or why they are not let in."""
    run, store = _run(), _OPEN_STORE.opened
    if run is None or store is None:
        return _look()
    seen = st.session_state.get(_VIEWED)
    if isinstance(seen, _Viewed) and seen.holds(run, store):
        return seen.viewer
    write_count, until_s = store.write_count, time.monotonic() + _VIEWED_S  # before it is asked
    looking = _look()
    if isinstance(looking, Viewer) and not trouble_with_store():
        st.session_state[_VIEWED] = _Viewed(run, store, write_count, until_s, looking)
    return looking


def _run() -> object | None:
    """Return what stands for the run that draws a page; None before, as when a button acts."""
    running = get_script_run_ctx(suppress_warning=True)
    return running.parallel_coordinator if running and running.has_script_started else None


def _look() -> Viewer | Stranger:
    settings = read_settings()
    if the_sign_in() is None:
        return _local(settings)
    if not st.user.get("is_logged_in"):
        return Stranger(Why.SIGNED_OUT)
    identity = read_identity(st.user.to_dict(), settings)
    if identity is None:
        return Stranger(Why.INVALID)
    if identity.is_over(time.time(), settings.sign_in_hours):
        return Stranger(Why.ENDED)
    try:
        return _admitted(identity, settings)
    except SetupError as error:
        _LOG.error("%s", error)
        return Stranger(Why.UNAVAILABLE)


def may(action: Action) -> bool:
    """Return whether who looks may do something that is about nobody in particular."""
    looking = look()
    return isinstance(looking, Viewer) and may_see(looking, action)


def insist(action: Action) -> Viewer:
    """Return who looks if they may do something, or keep in the audit that they may not.

    Raises
    ------
    NotAllowed
        They may not.
    """
    viewer = current_viewer()
    if not may_see(viewer, action):
        _note_once(viewer.id, action.value)
        raise NotAllowed(f"you may not {action.value}; ask whoever looks after this app.")
    return viewer


def leave() -> None:
    """Sign out whoever looks, wherever the same sign-in is used."""
    identity = read_identity(st.user.to_dict(), read_settings())
    if identity is not None:
        with suppress(SetupError):  # the cookie goes all the same
            end_sign_ins(the_store(), identity.subject, identity.began)
    st.logout()


def leave_everywhere() -> None:
    """Sign out whoever looks on every device."""
    viewer = current_viewer()
    end_all_sign_ins(the_store(), viewer.id, viewer.id)
    st.logout()


def the_store() -> Store:
    """Return the store of this process."""
    return _OPEN_STORE.at(read_settings().store_url)


def trouble_with_store() -> str:
    """Return why the store could not be asked when it was last, in a sentence; empty if it could.

    On a computer of one's own whatever needs no store goes on without; elsewhere nobody is let in.
    """
    return str(st.session_state.get(_TROUBLE, ""))


@lru_cache(maxsize=1)
def the_sign_in() -> SignIn | None:
    """Return how people sign in, as it was when the app started; None for a local app."""
    return read_sign_in(read_settings())


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


def _local(settings: Settings) -> Viewer:
    """Return whoever sits at this computer; without a store whatever needs none goes on."""
    try:
        viewer = local_viewer(_OPEN_STORE.at(settings.store_url))
    except SetupError as error:
        st.session_state[_TROUBLE] = str(error)
        return Viewer(id=LOCAL_ID, role=Role.ADMIN)
    st.session_state.pop(_TROUBLE, None)
    return viewer


def _admitted(identity: Identity, settings: Settings) -> Viewer | Stranger:
    granted = identity.granted_role(settings)
    who = SignedIn(
        subject=identity.subject,
        email=identity.email or None,
        name=identity.name,
        since=identity.began,
        role=Role(granted) if granted else None,
    )
    token = st.context.cookies.get(cookies.INVITATION, "")
    try:
        idle = timedelta(minutes=settings.idle_minutes)
        looking = admit(the_store(), who, token=token, idle=idle)
    except NotAllowed as error:
        _note_once(None, SIGN_IN, subject=identity.subject, why="invitation")
        return Stranger(Why.BAD_INVITATION, identity.email, capital(str(error)))
    if isinstance(looking, Viewer):
        return looking
    if looking not in {Denied.ENDED, Denied.IDLE}:
        _note_once(None, SIGN_IN, subject=identity.subject, why=looking.value)
    return Stranger(_WHY[looking], identity.email)


def _note_once(
    actor_id: str | None, action: str, *, subject: str | None = None, **detail: str
) -> None:
    """Keep a refusal in the audit, once for each session: a page that runs again asks again."""
    noted = st.session_state.setdefault(_NOTED, set())
    key = (actor_id, action, *detail.values())
    if key not in noted:
        note_refusal(the_store(), actor_id, action, subject=subject, **detail)
        noted.add(key)
