"""Marks: how often something was changed, so that who holds a copy need not compare it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, select, update

from geo.store import schema
from geo.store.database import Reader, Writer


class Mark(NamedTuple):
    """How often something was changed, and when last; zero and None for never."""

    number: int = 0
    at: datetime | None = None


def find_mark(db: Reader, name: str) -> Mark:
    """Return how often something of a name was changed, and when last."""
    table = schema.marks
    row = db.first(select(table.c.number, table.c.at).where(table.c.name == name))
    return Mark() if row is None else Mark(row.number, row.at)


def note_mark(db: Writer, name: str, now: datetime) -> None:
    """Note that something of a name was changed."""
    table = schema.marks
    values = {"number": find_mark(db, name).number + 1, "at": now}
    if not db.run(update(table).where(table.c.name == name).values(**values)):
        db.run(insert(table).values(name=name, **values))
