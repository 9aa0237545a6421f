"""Whether the visitor of a page is still there, for what runs beside it."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx


def presence() -> Callable[[], bool]:
    """Return what says whether the visitor of the page that runs is still there."""
    running = get_script_run_ctx(suppress_warning=True)
    session = running.session_id if running else ""
    return lambda: not Runtime.exists() or Runtime.instance().is_active_session(session)
