"""What people agreed to: every change with its time and the text that they saw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from geo.store import schema
from geo.store.database import Reader, Writer
from geo.store.people import change_person, row_values


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent of one person.

    Attributes
    ----------
    person_id
        Whose.
    at
        When.
    text_version
        Which text they agreed to.
    audience
        By whom they may be seen.
    planning
        Whether planners may see their name and area.
    paused
        Whether all of it rests.
    source
        Who said so: "person", or "roster" where whoever imported it vouched for it.
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
    db.run(insert(schema.consents), [row_values(consent) for consent in consents])


def list_consents(db: Reader, person_id: str) -> list[Consent]:
    """Return all consents of somebody, the first first."""
    table = schema.consents
    names = [column for column in table.c if column.name != "id"]
    rows = db.all(select(*names).where(table.c.person_id == person_id).order_by(table.c.id))
    return [Consent(**row._mapping) for row in rows]
