"""What a page says, and the log keeps, where a run of it fails for a reason that somebody can mend.

Most pages catch what they expect. A database that goes away fails them anywhere, in callbacks and
fragments too: then the sentence of the error is shown in place of a redacted one, and the log has
it as one line. What is a fault of ours stays as Streamlit has it: a traceback in the log alone.
"""

from __future__ import annotations

import logging

import streamlit as st

from geo.errors import CrossroadsError
from geo.ui.markdown import plain
from geo.ui.viewer import trouble_with_store
from geo.ui.words import capital

_LOGGER = "streamlit.error_util"
"""Where Streamlit logs what a page did not catch."""


def show_error(error: Exception) -> bool | None:
    """Show a visitor what went wrong; leave it to Streamlit where it is a fault of ours."""
    if not isinstance(error, CrossroadsError):
        return None
    if str(error) != trouble_with_store():  # which is said above every page
        with st.container(key="failed"):
            st.error(plain(capital(str(error))), icon=":material/error:")
    return True


def log_errors_as_lines() -> None:
    """Have what somebody can mend logged without a traceback; once for the process."""
    logger = logging.getLogger(_LOGGER)
    if _without_traceback not in logger.filters:
        logger.addFilter(_without_traceback)


def _without_traceback(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, CrossroadsError):
        record.msg, record.args, record.exc_info = "a page failed: %s", (str(error),), None
    return True
