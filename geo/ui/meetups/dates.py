"""When a kept meetup is, in words and as a moment."""

from __future__ import annotations

from datetime import datetime

from geo.store import PlannedMeetup
from geo.ui import page


def starts_at(meetup: PlannedMeetup) -> datetime | None:
    """Return when a meetup begins, by the clock there; None where that is open."""
    return datetime.fromisoformat(meetup.starts_at) if meetup.starts_at else None


def when_of(meetup: PlannedMeetup) -> str:
    """Return the same in words; empty where it is open."""
    at = starts_at(meetup)
    return page.measures().moment(at) if at else ""
