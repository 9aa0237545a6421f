"""Since when people are signed in, and up to when their sign-ins are over.

The provider's token says when somebody signed in, and a cookie keeps it for weeks. What is kept
here ends it earlier: when they sign out, or when their access is taken away.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, insert, select, update

from geo.store import schema
from geo.store.database import Reader, Writer


class SignIns(NamedTuple):
    """What is known of somebody's sign-ins.

    Attributes
    ----------
    latest
        When the latest began, by the provider's clock.
    ended
        Those that began up to then are over; None where none was ended.
    """

    latest: datetime
    ended: datetime | None


def find_sign_ins(db: Reader, person_id: str) -> SignIns | None:
    """Return what is known of somebody's sign-ins; None before the first."""
    table = schema.sign_ins
    row = db.first(select(table.c.latest, table.c.ended).where(table.c.person_id == person_id))
    return None if row is None else SignIns(row.latest, row.ended)


def note_sign_in(db: Writer, person_id: str, since: datetime) -> None:
    """Keep when somebody signed in, unless a later time is kept."""
    known = find_sign_ins(db, person_id)
    table = schema.sign_ins
    if known is None:
        db.run(insert(table).values(person_id=person_id, latest=since))
    elif known.latest < since:
        db.run(update(table).where(table.c.person_id == person_id).values(latest=since))


def note_sign_out(db: Writer, person_id: str, until: datetime) -> None:
    """Let the sign-ins that began up to a moment be over."""
    known = find_sign_ins(db, person_id)
    table = schema.sign_ins
    if known is None:
        db.run(insert(table).values(person_id=person_id, latest=until, ended=until))
    elif known.ended is None or known.ended < until:
        db.run(update(table).where(table.c.person_id == person_id).values(ended=until))


def find_session(db: Reader, person_id: str, since: datetime) -> datetime | None:
    """Return when a sign-in was used last; None for one that is not known."""
    return db.value(select(schema.sessions.c.seen_at).where(_session(person_id, since)))  # type: ignore[no-any-return]


def note_session(db: Writer, person_id: str, since: datetime, now: datetime) -> None:
    """Note that a sign-in is used."""
    table = schema.sessions
    if not db.run(update(table).where(_session(person_id, since)).values(seen_at=now)):
        db.run(insert(table).values(person_id=person_id, since=since, seen_at=now))


def purge_sessions(db: Writer, unused_since: datetime) -> int:
    """Delete sign-ins that were not used since a moment; return how many."""
    return db.run(delete(schema.sessions).where(schema.sessions.c.seen_at < unused_since))


def _session(person_id: str, since: datetime) -> ColumnElement[bool]:
    table = schema.sessions
    return (table.c.person_id == person_id) & (table.c.since == since)
