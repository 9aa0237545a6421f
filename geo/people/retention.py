"""What is deleted because nobody needs it any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from geo.people.acting import now_utc
from geo.store import (
    AuditEntry,
    Store,
    add_entry,
    purge_areas,
    purge_invitations,
    purge_queries,
    purge_sessions,
)

RETENTION = "delete what is unused"
"""What the audit calls it."""

_QUERY_DAYS = 30
_INVITATION_DAYS = 30
"""An expired invitation can still be told as such for so long."""

_SESSION_DAYS = 31
"""No sign-in lasts longer, so nobody can come back by one that is not known any more."""


@dataclass(frozen=True, slots=True)
class Purged:
    """How many areas, invitations, counts of queries and sign-ins were deleted."""

    areas: int
    invitations: int
    queries: int
    sessions: int


def purge(store: Store, *, area_days: int) -> Purged:
    """Delete home areas that were of no use to anybody for some days, and old records.

    The app does it once a day, and ``crossroads db upgrade`` whenever it runs.

    Parameters
    ----------
    area_days
        For how many days an area is kept without use.
    """
    now = now_utc()
    with store.atomic() as db:
        gone = Purged(
            areas=purge_areas(db, now - timedelta(days=area_days)),
            invitations=purge_invitations(db, now - timedelta(days=_INVITATION_DAYS)),
            queries=purge_queries(db, (now - timedelta(days=_QUERY_DAYS)).date()),
            sessions=purge_sessions(db, now - timedelta(days=_SESSION_DAYS)),
        )
        if gone.areas:
            add_entry(db, AuditEntry(now, None, RETENTION, detail={"areas": gone.areas}))
    if gone.areas:
        store.scrub()
    return gone
