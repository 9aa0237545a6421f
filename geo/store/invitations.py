"""Invitations: of a token only its hash is kept, so whoever reads the database can accept none."""

from __future__ import annotations

import secrets as random
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from geo.store import schema
from geo.store.database import Reader, Writer


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation.

    Attributes
    ----------
    id
        Random.
    token_hash
        What the token's hash must be.
    person_id
        Who is invited.
    invited_by
        Who invited them.
    created_at, expires_at, used_at
        From when to when it can be accepted, and when it was; None for not yet.
    """

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
    mine = table.c.person_id == invitation.person_id
    db.run(delete(table).where(mine & table.c.used_at.is_(None)))
    db.run(insert(table).values(**asdict(invitation)))


def find_invitation(db: Reader, token_hash: str) -> InvitationRow | None:
    """Return the invitation of a token's hash; None for none."""
    table = schema.invitations
    row = db.first(select(table).where(table.c.token_hash == token_hash))
    return None if row is None else InvitationRow(**row._mapping)


def is_invited(db: Reader, person_id: str, now: datetime) -> bool:
    """Return whether somebody has an invitation that can be accepted."""
    table = schema.invitations
    mine = (table.c.person_id == person_id) & table.c.used_at.is_(None)
    return db.first(select(table.c.id).where(mine & (table.c.expires_at > now))) is not None


def use_invitation(db: Writer, invitation_id: str, now: datetime) -> bool:
    """Use an invitation up; return whether it had not been used before."""
    table = schema.invitations
    fresh = (table.c.id == invitation_id) & table.c.used_at.is_(None)
    return db.run(update(table).where(fresh).values(used_at=now)) > 0


def purge_invitations(db: Writer, expired_before: datetime) -> int:
    """Delete invitations that expired before a moment; return how many."""
    table = schema.invitations
    return db.run(delete(table).where(table.c.expires_at < expired_before))


def signing_key(db: Writer, of: str) -> bytes:
    """Return the key that something is signed with; made when first asked for, never backed up."""
    table = schema.secrets
    found = db.value(select(table.c.value).where(table.c.name == of))
    if found is None:
        found = random.token_hex(32)
        db.run(insert(table).values(name=of, value=found))
    return bytes.fromhex(found)
