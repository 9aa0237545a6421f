"""Many people at once: staged in temporary tables, then committed by one short write.

A hundred thousand people written one by one keep every other writer waiting for many seconds; rows
that are staged the database makes its own in a fraction of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, MetaData, Table, Text, delete, func, insert, select, update

from geo.cancellation import Progress
from geo.store import schema
from geo.store.audit import Consent
from geo.store.database import StagedRows, Store, Writer
from geo.store.people import (
    PersonRow,
    SourcedArea,
    area_values,
    increase_roster_counter,
    row_values,
)

_BATCH_SIZE = 2000
"""Rows between two reports of progress."""

_STAGING = MetaData()


def _staging_table(table: Table, *names: str) -> Table:
    """Return a temporary table with some columns of a table, and none of its rules."""
    columns = (Column(name, table.c[name].type) for name in names or table.c.keys())
    return Table(f"staged_{table.name}", _STAGING, *columns, prefixes=["TEMPORARY"])


_CONSENT = tuple(one.name for one in schema.consents.columns if one.name != "id")
_CHANGED = ("name", "email", "team", "weight")
_PEOPLE = _staging_table(schema.people)
_AREAS = _staging_table(schema.home_areas)
_CONSENTS = _staging_table(schema.consents, *_CONSENT)
_CHANGES = Table(
    "staged_changes",
    _STAGING,
    Column("id", Text),
    *(Column(name, schema.people.c[name].type) for name in _CHANGED),
    prefixes=["TEMPORARY"],
)


@dataclass(slots=True)
class BulkInsert:
    """What is taken in.

    ``changes`` are names, e-mail addresses, teams and weights that are others now, by person;
    ``areas`` are where people live and how that is known, in place of what was known.
    """

    people: list[PersonRow] = field(default_factory=list)
    changes: dict[str, Mapping[str, object]] = field(default_factory=dict)
    areas: dict[str, SourcedArea] = field(default_factory=dict)
    consents: list[Consent] = field(default_factory=list)


@contextmanager
def staged(
    store: Store,
    inserts: BulkInsert,
    *,
    region: str,
    now: datetime,
    progress: Progress,
) -> Iterator[StagedRows]:
    """Stage rows; in the block they can be committed.

    Raises
    ------
    SetupError
        The database cannot be reached.
    """
    tables = (
        (_PEOPLE, [row_values(one) for one in inserts.people]),
        (_CHANGES, [_change(key, values) for key, values in inserts.changes.items()]),
        (_AREAS, [area_values(key, one, region, now) for key, one in inserts.areas.items()]),
        (_CONSENTS, [row_values(one) for one in inserts.consents]),
    )
    total = sum(len(rows) for _, rows in tables) or 1
    inserted = 0
    with store.staging(_STAGING) as staging:
        for table, rows in tables:
            for start in range(0, len(rows), _BATCH_SIZE):
                batch = rows[start : start + _BATCH_SIZE]
                staging.insert_rows(table, batch)
                inserted += len(batch)
                progress("entering", inserted / total)
        yield staging


def commit_staged(db: Writer) -> None:
    """Enter what is staged; `db` is of the `StagedRows`."""
    people, areas, consents = schema.people, schema.home_areas, schema.consents
    db.execute(insert(people).from_select(list(people.c.keys()), select(_PEOPLE)))
    changed = {name: func.coalesce(_CHANGES.c[name], people.c[name]) for name in _CHANGED}
    db.execute(update(people).where(people.c.id == _CHANGES.c.id).values(**changed))
    db.execute(delete(areas).where(areas.c.person_id.in_(select(_AREAS.c.person_id))))
    db.execute(insert(areas).from_select(list(areas.c.keys()), select(_AREAS)))
    db.execute(insert(consents).from_select(list(_CONSENT), select(_CONSENTS)))
    increase_roster_counter(db)


def _change(person_id: str, values: Mapping[str, object]) -> dict[str, Any]:
    return {"id": person_id, **{name: values.get(name) for name in _CHANGED}}
