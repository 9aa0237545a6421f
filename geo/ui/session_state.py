"""Values that a visitor's session keeps between the runs of pages, each with its type.

Streamlit keeps the state of widgets by their keys, which stand beside the widgets. What pages keep
besides is declared here as a `SessionValue`; it is gone with the session.
"""

from __future__ import annotations

from typing import Generic, TypeVar, cast

import streamlit as st

from geo.settings import Settings

IMPORT_JOB_KEY = "roster-import-job"
"""Of the import that runs in a session."""

IMPORT_PARAMETER = "import"
"""The field of a page's address that names an import that runs: it outlives the process."""

T = TypeVar("T")
U = TypeVar("U")


class SessionValue(Generic[T]):
    """One value of the session of whoever's page runs.

    Parameters
    ----------
    key
        Its name in the session; no widget may have it.
    default
        What it is until it is set; never changed in place.
    """

    def __init__(self, key: str, default: T) -> None:
        self.key = key
        self.default = default

    def get(self) -> T:
        """Return the value."""
        return cast("T", st.session_state.get(self.key, self.default))

    def require(self: SessionValue[U | None]) -> U:
        """Return the value where it must have been set before.

        Raises
        ------
        LookupError
            It was not.
        """
        value = self.get()
        if value is None:
            raise LookupError(self.key)
        return value

    def set(self, value: T) -> None:
        """Keep a value."""
        st.session_state[self.key] = value

    def pop(self) -> T:
        """Return the value, and forget it."""
        return cast("T", st.session_state.pop(self.key, self.default))


_SETTINGS: SessionValue[Settings | None] = SessionValue("settings", None)


def keep_settings(settings: Settings) -> None:
    """Keep the installation's settings for this run, and for what buttons do before the next."""
    _SETTINGS.set(settings)


def current_settings() -> Settings:
    """Return the installation's settings, as `geo.ui.main` read them for whoever's page runs."""
    return _SETTINGS.require()


STORE_ERROR: SessionValue[str] = SessionValue("store-error", "")


def store_error() -> str:
    """Return why the store could not be asked when it was last, in a sentence; empty if it could.

    On a computer of one's own whatever needs no store goes on without; elsewhere nobody is let in.
    """
    return STORE_ERROR.get()
