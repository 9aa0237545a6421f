"""Own venues as rows, and the mark that changes whenever they do.

What a venue is, `geo.venues` says; here it is an id and the cells of its table. Pages keep
venues in memory: they ask for the mark alone, and read the rows anew when it is another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from geo.store import schema
from geo.store.database import Reader, Writer
from geo.store.people import increase_change_counter

VENUES = "venues"
"""The change counter of the table."""


@dataclass(frozen=True, slots=True)
class VenueRow:
    """A venue: its id, and the cells of its row."""

    id: str
    cells: Mapping[str, str]


def list_venues(db: Reader) -> list[VenueRow]:
    """Return all venues, in the order in which they came."""
    table = schema.venues
    rows = db.all(select(table.c.id, table.c.cells).order_by(table.c.position, table.c.id))
    return [VenueRow(row.id, row.cells) for row in rows]


def count_venues(db: Reader) -> int:
    """Return how many venues there are."""
    return db.count(schema.venues)


def put_venues(db: Writer, rows: Iterable[VenueRow], *, by: str | None, now: datetime) -> None:
    """Keep venues; one with the id of another takes its place, and new ones come last."""
    table = schema.venues
    known = {row.id for row in db.all(select(table.c.id))}
    last = db.scalar(select(func.max(table.c.position))) or 0
    new = []
    for row in {row.id: row for row in rows}.values():
        values = {"cells": dict(row.cells), "changed_at": now, "changed_by": by}
        if row.id in known:
            db.execute(update(table).where(table.c.id == row.id).values(**values))
        else:
            last += 1
            new.append({"id": row.id, "position": last, **values})
    db.execute(insert(table), new)
    increase_change_counter(db, VENUES, now)


def delete_venues(db: Writer, ids: Sequence[str], *, now: datetime) -> int:
    """Delete venues and return how many there were."""
    deleted = sum(db.execute(delete(schema.venues).where(schema.venues.c.id == one)) for one in ids)
    increase_change_counter(db, VENUES, now)
    return deleted
