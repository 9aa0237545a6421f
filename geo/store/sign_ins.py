"""Sign-ins and invitations.

The provider's token says when somebody signed in, and a cookie keeps it for weeks. What is kept
here ends it earlier: when they sign out, or when their access is taken away. Of the token of an
invitation only the hash is kept, so whoever reads the database can accept none.
"""

from __future__ import annotations

import secrets as tokens
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, insert, select, update

from geo.store import schema
from geo.store.database import Reader, Writer


class SignIns(NamedTuple):
    """What is known of somebody's sign-ins.

    ``latest`` is when the latest began, by the provider's clock. Those that began up to ``ended``
    are over; None where none was ended.
    """

    latest: datetime
    ended: datetime | None


def find_sign_ins(db: Reader, person_id: str) -> SignIns | None:
    """Return what is known of somebody's sign-ins; None before the first."""
    table = schema.sign_ins
    row = db.first(select(table.c.latest, table.c.ended).where(table.c.person_id == person_id))
    return None if row is None else SignIns(row.latest, row.ended)


def record_sign_in(db: Writer, person_id: str, since: datetime) -> None:
    """Keep when somebody signed in, unless a later time is kept."""
    known = find_sign_ins(db, person_id)
    table = schema.sign_ins
    if known is None:
        db.execute(insert(table).values(person_id=person_id, latest=since))
    elif known.latest < since:
        db.execute(update(table).where(table.c.person_id == person_id).values(latest=since))


def record_sign_out(db: Writer, person_id: str, until: datetime) -> None:
    """Let the sign-ins that began up to a moment be over."""
    known = find_sign_ins(db, person_id)
    table = schema.sign_ins
    if known is None:
        db.execute(insert(table).values(person_id=person_id, latest=until, ended=until))
    elif known.ended is None or known.ended < until:
        db.execute(update(table).where(table.c.person_id == person_id).values(ended=until))


def find_session(db: Reader, person_id: str, since: datetime) -> datetime | None:
    """Return when a sign-in was used last; None for one that is not known."""
    return db.scalar(select(schema.sessions.c.seen_at).where(_session_key(person_id, since)))  # type: ignore[no-any-return]


def record_session(db: Writer, person_id: str, since: datetime, now: datetime) -> None:
    """Note that a sign-in is used."""
    table = schema.sessions
    if not db.execute(update(table).where(_session_key(person_id, since)).values(seen_at=now)):
        db.execute(insert(table).values(person_id=person_id, since=since, seen_at=now))


def purge_sessions(db: Writer, unused_since: datetime) -> int:
    """Delete sign-ins that were not used since a moment; return how many."""
    return db.execute(delete(schema.sessions).where(schema.sessions.c.seen_at < unused_since))


def _session_key(person_id: str, since: datetime) -> ColumnElement[bool]:
    table = schema.sessions
    return (table.c.person_id == person_id) & (table.c.since == since)


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation, which can be accepted from its creation until it expires or is used."""

    id: str
    token_hash: str
    person_id: str
    invited_by: str | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


def add_invitation(db: Writer, invitation: InvitationRow) -> None:
    """Keep an invitation; earlier ones of the same person cannot be accepted any more."""
    table = schema.invitations
    of_person = table.c.person_id == invitation.person_id
    db.execute(delete(table).where(of_person & table.c.used_at.is_(None)))
    db.execute(insert(table).values(**asdict(invitation)))


def find_invitation(db: Reader, token_hash: str) -> InvitationRow | None:
    """Return the invitation of a token's hash; None for none."""
    table = schema.invitations
    row = db.first(select(table).where(table.c.token_hash == token_hash))
    return None if row is None else InvitationRow(**row._mapping)


def is_invited(db: Reader, person_id: str, now: datetime) -> bool:
    """Return whether somebody has an invitation that can be accepted."""
    table = schema.invitations
    of_person = (table.c.person_id == person_id) & table.c.used_at.is_(None)
    return db.first(select(table.c.id).where(of_person & (table.c.expires_at > now))) is not None


def use_invitation(db: Writer, invitation_id: str, now: datetime) -> None:
    """Use an invitation up."""
    table = schema.invitations
    unused = (table.c.id == invitation_id) & table.c.used_at.is_(None)
    db.execute(update(table).where(unused).values(used_at=now))


def purge_invitations(db: Writer, expired_before: datetime) -> int:
    """Delete invitations that expired before a moment; return how many."""
    table = schema.invitations
    return db.execute(delete(table).where(table.c.expires_at < expired_before))


def signing_key(db: Writer, name: str) -> bytes:
    """Return the key that something is signed with; made when first asked for, never backed up."""
    table = schema.secrets
    found = db.scalar(select(table.c.value).where(table.c.name == name))
    if found is None:
        found = tokens.token_hex(32)
        db.execute(insert(table).values(name=name, value=found))
    return bytes.fromhex(found)
