"""The English of the audit page."""

from __future__ import annotations

INTRO = "Who saw, exported or changed what, and what was refused. Nothing here can be changed."

PERIOD = "Period"
PERIODS = {"Last 7 days": 7, "Last 30 days": 30, "Last year": 365, "All time": None}
USUAL_PERIOD = "Last 30 days"
WHO = "Who"
ANYBODY = "Anybody"
WHAT = "What"
ANYTHING = "Anything"
OUTCOME = "Outcome"
ALL = "All"
OUTCOMES = {ALL: None, "Allowed": True, "Refused": False}

WHEN, ABOUT, DETAILS = "When", "About whom", "Details"
ALLOWED, REFUSED = "Allowed", "Refused"
STRANGER = "Somebody unknown"
NOBODY = "The app's settings"
OPERATOR = "Command line"
SAVE = "Save as CSV"
NOTHING = "Nothing like that happened in this time."


def found(count: int, shown: int) -> str:
    """Return how many entries there are, and how many of them are shown."""
    entries = "1 entry" if count == 1 else f"{count:,} entries"
    return entries if shown >= count else f"{entries}, the latest {shown:,} of them below"


def gone(beginning: str) -> str:
    """Return what stands for somebody who is not on the roster any more."""
    return f"no longer here ({beginning})"
