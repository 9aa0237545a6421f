"""The audit: who saw, exported or changed what. It can be added to and read, nothing else.

The database itself refuses to change or delete an entry (triggers of the first migration). Entries
hold ids and numbers, never a name, an address or an area: they outlive the people they tell of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select

from geo.store import schema
from geo.store.database import Reader, Writer


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something that somebody did, or was refused.

    Attributes
    ----------
    at
        When.
    actor_id
        Who; None for the command line.
    action
        What.
    subject_id
        To whom; None where it was about nobody in particular.
    allowed
        Whether it was allowed.
    detail
        Numbers and words that name nobody, as how many rows.
    id
        Counts the entries; 0 before it is kept.
    """

    at: datetime
    actor_id: str | None
    action: str
    subject_id: str | None = None
    allowed: bool = True
    detail: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are asked for; None and empty for any.

    Attributes
    ----------
    since, until
        From when, and before when.
    actor_id, subject_id, action, allowed
        As in the entry.
    """

    since: datetime | None = None
    until: datetime | None = None
    actor_id: str | None = None
    subject_id: str | None = None
    action: str | None = None
    allowed: bool | None = None


EVERYTHING = AuditFilter()
"""No entry is left out."""


def add_entry(db: Writer, entry: AuditEntry) -> None:
    """Keep an entry."""
    db.run(
        insert(schema.audit).values(
            at=entry.at,
            actor_id=entry.actor_id,
            action=entry.action,
            subject_id=entry.subject_id,
            allowed=entry.allowed,
            detail=dict(entry.detail),
        )
    )


def list_entries(
    db: Reader, wanted: AuditFilter = EVERYTHING, *, limit: int = 500, offset: int = 0
) -> list[AuditEntry]:
    """Return entries, the latest first."""
    table = schema.audit
    question = _filtered(select(table), wanted).order_by(table.c.id.desc())
    rows = db.all(question.limit(limit).offset(offset))
    return [AuditEntry(**row._mapping) for row in rows]


def count_entries(db: Reader, wanted: AuditFilter = EVERYTHING) -> int:
    """Return how many entries there are."""
    return int(db.value(_filtered(select(func.count()).select_from(schema.audit), wanted)))


def _filtered(question: Any, wanted: AuditFilter) -> Any:
    table = schema.audit
    if wanted.since is not None:
        question = question.where(table.c.at >= wanted.since)
    if wanted.until is not None:
        question = question.where(table.c.at < wanted.until)
    for name in ("actor_id", "subject_id", "action", "allowed"):
        value = getattr(wanted, name)
        if value is not None:
            question = question.where(table.c[name] == value)
    return question
