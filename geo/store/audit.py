"""The tables of the audit, of what people agreed to, and of how often they asked in a day.

The audit can be added to and read, nothing else: the database itself refuses to change or delete an
entry (triggers of the first migration). Entries hold ids and numbers, never a name, an address or
an area: they outlive the people they are about. Of a consent its time is kept, and the text that
was shown; of queries only how many there were in a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update

from geo.store import schema
from geo.store.database import Reader, Writer
from geo.store.people import change_person, row_values


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something that somebody did, or was refused.

    Attributes
    ----------
    actor_id
        Who; None for the command line.
    subject_id
        To whom; None where it was about nobody in particular.
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
    """Which entries are asked for, from ``since`` and before ``until``; None and empty for any."""

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
    values = row_values(entry)
    del values["id"]  # the database counts
    db.execute(insert(schema.audit).values(**values))


def list_entries(
    db: Reader, filters: AuditFilter = EVERYTHING, *, limit: int = 500, offset: int = 0
) -> list[AuditEntry]:
    """Return entries, the latest first."""
    table = schema.audit
    statement = select(table).where(*_conditions(filters)).order_by(table.c.id.desc())
    rows = db.all(statement.limit(limit).offset(offset))
    return [AuditEntry(**row._mapping) for row in rows]


def count_entries(db: Reader, filters: AuditFilter = EVERYTHING) -> int:
    """Return how many entries there are."""
    return db.count(schema.audit, *_conditions(filters))


def _conditions(filters: AuditFilter) -> Iterator[ColumnElement[bool]]:
    columns = schema.audit.c
    if filters.since is not None:
        yield columns.at >= filters.since
    if filters.until is not None:
        yield columns.at < filters.until
    for name in ("actor_id", "subject_id", "action", "allowed"):
        value = getattr(filters, name)
        if value is not None:
            yield columns[name] == value


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent of one person: by whom they may be seen, and whether all of it is paused.

    ``planning`` is whether planners may see their name and area; ``source`` is who said so:
    "person", or "roster" where whoever imported it vouched for it.
    """

    person_id: str
    at: datetime
    text_version: str
    audience: str
    planning: bool
    paused: bool
    source: str


def give_consent(db: Writer, consent: Consent) -> None:
    """Keep a consent, which holds from now on."""
    add_consents(db, [consent])
    change_person(
        db,
        consent.person_id,
        audience=consent.audience,
        planning=consent.planning,
        paused=consent.paused,
    )


def add_consents(db: Writer, consents: Iterable[Consent]) -> None:
    """Keep consents of people who are entered with them."""
    db.execute(insert(schema.consents), [row_values(consent) for consent in consents])


def list_consents(db: Reader, person_id: str) -> list[Consent]:
    """Return all consents of somebody, the first first."""
    table = schema.consents
    names = [column for column in table.c if column.name != "id"]
    rows = db.all(select(*names).where(table.c.person_id == person_id).order_by(table.c.id))
    return [Consent(**row._mapping) for row in rows]


def increase_query_count(db: Writer, person_id: str, kind: str, day: date) -> int:
    """Count one more query, and return how many of its kind that makes on this day."""
    asked = query_count(db, person_id, kind, day)
    table = schema.queries
    if asked:
        db.execute(update(table).where(_query_key(person_id, kind, day)).values(asked=asked + 1))
    else:
        row = {"person_id": person_id, "kind": kind, "day": day.isoformat(), "asked": 1}
        db.execute(insert(table).values(**row))
    return asked + 1


def query_count(db: Reader, person_id: str, kind: str, day: date) -> int:
    """Return how many queries of a kind somebody asked on a day."""
    return db.scalar(select(schema.queries.c.asked).where(_query_key(person_id, kind, day))) or 0


def purge_queries(db: Writer, before: date) -> int:
    """Delete the counts of days before one; return how many."""
    return db.execute(delete(schema.queries).where(schema.queries.c.day < before.isoformat()))


def _query_key(person_id: str, kind: str, day: date) -> ColumnElement[bool]:
    table = schema.queries
    of_person = (table.c.person_id == person_id) & (table.c.kind == kind)
    return of_person & (table.c.day == day.isoformat())
