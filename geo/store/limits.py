"""How often somebody asked for something in a day; what they asked is not kept."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, delete, insert, select, update

from geo.store import schema
from geo.store.database import Reader, Writer


def count_query(db: Writer, person_id: str, kind: str, day: date) -> int:
    """Count one more query, and return how many of its kind that makes on this day."""
    asked = queries_asked(db, person_id, kind, day)
    table = schema.queries
    if asked:
        db.run(update(table).where(_key(person_id, kind, day)).values(asked=asked + 1))
    else:
        row = {"person_id": person_id, "kind": kind, "day": day.isoformat(), "asked": 1}
        db.run(insert(table).values(**row))
    return asked + 1


def queries_asked(db: Reader, person_id: str, kind: str, day: date) -> int:
    """Return how many queries of a kind somebody asked on a day."""
    return db.value(select(schema.queries.c.asked).where(_key(person_id, kind, day))) or 0


def purge_queries(db: Writer, before: date) -> int:
    """Delete the counts of days before one; return how many."""
    return db.run(delete(schema.queries).where(schema.queries.c.day < before.isoformat()))


def _key(person_id: str, kind: str, day: date) -> ColumnElement[bool]:
    table = schema.queries
    mine = (table.c.person_id == person_id) & (table.c.kind == kind)
    return mine & (table.c.day == day.isoformat())
