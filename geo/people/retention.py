"""What is deleted because nobody needs it any more.

Areas are deleted by the clock of this computer, which can be wrong: set a year ahead, it would
take every area at once. So much at once, and whatever falls due after the clock has jumped, waits
for an admin.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from geo.people.acting import acting, looking, now_utc
from geo.privacy import Action
from geo.store import (
    AuditEntry,
    Reader,
    Store,
    Writer,
    add_entry,
    count_areas,
    find_mark,
    keep_areas,
    note_mark,
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

_MOST_AREAS, _LARGEST_SHARE = 10, 0.1
"""More areas than these, and a larger share of all, are not deleted without an admin."""

_LONGEST_PAUSE = timedelta(days=14)
"""Between two purges; the app and a timer do one a day, so more is a clock that was changed, or a
computer that was off so long that somebody should see what falls due."""

_PURGED = "purge"


@dataclass(frozen=True, slots=True)
class Purged:
    """How many areas, invitations, counts of queries and sign-ins were deleted.

    Attributes
    ----------
    waiting
        How many areas are due, and wait for an admin.
    """

    areas: int
    invitations: int
    queries: int
    sessions: int
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class UnusedAreas:
    """Areas that are due to be deleted, and wait for an admin; of how many areas in all."""

    waiting: int
    total: int


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
        waiting = _waiting(db, now, area_days)
        gone = Purged(
            areas=0 if waiting else _delete_areas(db, now, area_days),
            invitations=purge_invitations(db, now - timedelta(days=_INVITATION_DAYS)),
            queries=purge_queries(db, (now - timedelta(days=_QUERY_DAYS)).date()),
            sessions=purge_sessions(db, now - timedelta(days=_SESSION_DAYS)),
            waiting=waiting,
        )
        if gone.areas:
            add_entry(db, AuditEntry(now, None, RETENTION, detail={"areas": gone.areas}))
    if gone.areas:
        store.scrub()
    return gone


def find_unused_areas(store: Store, actor_id: str, *, area_days: int) -> UnusedAreas:
    """Return how many areas wait for an admin to delete them.

    Raises
    ------
    NotAllowed
        The actor is no admin.
    """
    with looking(store, actor_id, Action.RUN_SYSTEM) as look:
        return UnusedAreas(_waiting(look.db, now_utc(), area_days), count_areas(look.db))


def settle_unused_areas(store: Store, actor_id: str, *, area_days: int, keep: bool) -> int:
    """Delete the areas that are due, or keep them as if they had been used; return how many.

    Raises
    ------
    NotAllowed
        The actor is no admin.
    """
    with acting(store, actor_id, Action.RUN_SYSTEM) as act:
        if keep:
            count = keep_areas(act.db, act.now - timedelta(days=area_days), act.now)
            note_mark(act.db, _PURGED, act.now)
        else:
            count = _delete_areas(act.db, act.now, area_days)
        detail = {"areas_kept" if keep else "areas": count}
        add_entry(act.db, AuditEntry(act.now, actor_id, RETENTION, detail=detail))
    if not keep:
        store.scrub()
    return count


def _waiting(db: Reader, now: datetime, area_days: int) -> int:
    """Return how many areas are due and are too many, or due by a clock that has jumped."""
    due = count_areas(db, unused_since=now - timedelta(days=area_days))
    many = due > _MOST_AREAS and due > _LARGEST_SHARE * count_areas(db)
    last = find_mark(db, _PURGED).at
    jumped = last is not None and not timedelta(0) <= now - last <= _LONGEST_PAUSE
    return due if many or jumped else 0


def _delete_areas(db: Writer, now: datetime, area_days: int) -> int:
    # The mark stays as it was while areas wait: a day after a jump is no reason to trust the clock.
    note_mark(db, _PURGED, now)
    return purge_areas(db, now - timedelta(days=area_days))
