"""Sentences of the audit page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

INTRO = "Audit log: who viewed, exported or changed data"

PERIOD = "Period"
PERIODS = {"Last 7 days": 7, "Last 30 days": 30, "Last year": 365, "All time": None}
USUAL_PERIOD = "Last 30 days"
WHO = "Who"
ANYBODY = "Anyone"
WHAT = "What"
ANYTHING = "Anything"
OUTCOME = "Outcome"
ALL = "All"
OUTCOMES = {ALL: None, "Allowed": True, "Refused": False}

WHEN, ABOUT, DETAILS = "When", "Affected person", "Details"
ALLOWED, REFUSED = "Allowed", "Refused"
UNKNOWN_PERSON = "Unknown person"
SETTINGS_ACTOR = "The app's settings"
OPERATOR = "Command line"
SAVE = "Export as CSV"
NOTHING = "No matching entries in this period."

UNUSED_AREAS = (
    "{waiting:,} of {total:,} home areas have not been used for {days} days, according to this"
    " computer's clock. Nothing is deleted until you decide. Check the clock first."
)
DELETE_AREAS = "Delete areas"
KEEP_AREAS = "Keep them for {days} more days"
AREAS_DELETED = "Areas deleted"
AREAS_KEPT = "Areas kept"

_COUNT_TEXTS = {
    "people": ("1 person", "{} people"),
    "named": ("1 by name", "{} by name"),
    "nameless": ("1 anonymous", "{} anonymous"),
    "meetups": ("1 meetup", "{} meetups"),
    "attended": ("1 came", "{} came"),
    "asked_today": ("1 start today", "{} starts today"),
    "chosen": ("1 chosen", "{} chosen"),
    "imported": ("1 imported", "{} imported"),
    "changed": ("1 changed", "{} changed"),
    "merged": ("1 merged into another", "{} merged into another"),
    "areas": ("1 unused area deleted", "{} unused areas deleted"),
    "areas_kept": ("1 unused area kept", "{} unused areas kept"),
    "entries": ("1 entry read", "{} entries read"),
    "put": ("1 venue added", "{} venues added"),
    "dropped": ("1 venue removed", "{} venues removed"),
}
_VALUE_TEXTS = {
    "saved": "plan {} saved",
    "opened": "plan {} opened",
    "deleted": "plan {} deleted",
    "looked_elsewhere": "other places looked for, plan {}",
    "version": "version {}",
    "role": "role: {}",
    "by": "by the {}",
    "why": "{}",
    "audience": "shown to: {}",
    "changed": "{}",
    "stranger": "stranger {}",
}
_FLAG_TEXTS = {
    "planning": ("planning allowed", "planning not allowed"),
    "paused": ("paused", ""),
    "own_area": ("from their own area", "from another start"),
}
FORMER_PERSON = "no longer here ({beginning})"


def details(detail: Mapping[str, Any]) -> str:
    """Return the details of an entry in words; what has none is shown as it is kept.

    Examples
    --------
    >>> details({"own_area": True, "asked_today": 2}), details({"saved": "a" * 32, "version": 3})
    ('from their own area, 2 starts today', 'plan aaaaaa saved, version 3')
    >>> details({"changed": ["email", "team"]}), details({"planning": False, "paused": False})
    ('email, team', 'planning not allowed')
    """
    return ", ".join(filter(None, (_detail(key, value) for key, value in detail.items())))


def _detail(key: str, value: Any) -> str:
    if isinstance(value, bool):
        yes, no = _FLAG_TEXTS.get(key, (key, f"not {key}"))
        return yes if value else no
    if isinstance(value, int) and key in _COUNT_TEXTS:
        one, several = _COUNT_TEXTS[key]
        return one if value == 1 else several.format(f"{value:,}")
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    text = str(value)
    shown = text[:6] if key in {"saved", "opened", "deleted", "looked_elsewhere"} else text
    return _VALUE_TEXTS[key].format(shown) if key in _VALUE_TEXTS else f"{key}: {text}"


def entry_count(count: int, shown: int) -> str:
    """Return how many entries there are, and how many of them are shown."""
    entries = "1 entry" if count == 1 else f"{count:,} entries"
    return entries if shown >= count else f"{entries}, the latest {shown:,} of them below"
