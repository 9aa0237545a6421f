"""Matching the rows of a table of staff with the people on the roster, and what each would change.

Whoever gives a table learns of nobody's area that they may not see: what a row does is told as if
such areas were never compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from geo.model import HomeArea
from geo.people.authorised import subject_of
from geo.people.roster_table import ImportRow
from geo.privacy import Action, Viewer, may_see
from geo.store.people import AREA_SOURCES, AreaSource, PersonRow, StoredArea

Effect = Literal["new", "changed", "unseen", "same"]
"""What a row does. *unseen*: nothing but that it sets an area which the viewer may not see."""


class KnownPeople:
    """The people who are on the roster, by what a row may know them by."""

    def __init__(self, people: Iterable[PersonRow]) -> None:
        self._people: dict[tuple[str, str], PersonRow] = {}
        for person in people:
            if person.reference:
                self._people["reference", person.reference] = person
            if person.email:
                self._people["email", person.email] = person

    def find(self, row: ImportRow) -> PersonRow | None:
        """Return the person of a row; None for somebody new."""
        return self._people.get(("reference", row.reference)) or self._people.get(
            ("email", row.email)
        )

    def id_of(self, row: ImportRow) -> str:
        """Return the id of the person of a row; empty for somebody new."""
        person = self.find(row)
        return "" if person is None else person.id

    def is_taken(self, email: str) -> bool:
        """Return whether somebody has an e-mail address."""
        return ("email", email) in self._people


@dataclass(frozen=True, slots=True)
class Matching:
    """Rows beside the roster as it is at a moment."""

    viewer: Viewer
    known: KnownPeople
    areas: Mapping[str, StoredArea]
    region: str

    def effect(self, row: ImportRow) -> Effect:
        """Return what a row does, as far as the viewer may know it."""
        person = self.known.find(row)
        if person is None:
            return "new"
        if self.changes(person, row):
            return "changed"
        if row.area is None or not self.accepts_area(person, row):
            return "same"
        if not may_see(self.viewer, Action.SEE_NAME_IN_PLAN, subject_of(person)):
            return "unseen"
        return "same" if self.has_area(person, row.area) else "changed"

    def changes(self, person: PersonRow, row: ImportRow) -> dict[str, object]:
        """Return what the table knows better: team, weight, and what was not known.

        Whoever has the address signs in as that person, so nobody gives one to who may do more.
        """
        values: dict[str, object] = {}
        if row.weight != person.weight:
            values["weight"] = row.weight
        if row.team and row.team != person.team:
            values["team"] = row.team
        own_name = person.subject is not None  # who has signed in says how they are called
        if row.name not in {"", person.name} and not own_name:
            values["name"] = row.name
        allowed = may_see(self.viewer, Action.CHANGE_ROSTER, subject_of(person))
        if row.email and person.email is None and allowed and not self.known.is_taken(row.email):
            values["email"] = row.email
        return values

    def accepts_area(self, person: PersonRow, row: ImportRow) -> bool:
        """Return whether the area of a row may take the place of somebody's."""
        stored = self.areas.get(person.id)
        return person.subject is None and (stored is None or _replaces(row.source, stored))

    def keeps_area(self, row: ImportRow) -> bool:
        """Return whether somebody keeps their area because its source is better than a row's."""
        person = self.known.find(row)
        if row.area is None or person is None or person.subject is not None:
            return False
        stored = self.areas.get(person.id)
        return stored is not None and not _replaces(row.source, stored)

    def has_area(self, person: PersonRow, area: HomeArea) -> bool:
        """Return whether an area is the one that is stored of somebody."""
        stored = self.areas.get(person.id)
        return stored is not None and (stored.region, stored.area) == (self.region, area)


def _replaces(source: AreaSource, stored: StoredArea) -> bool:
    """Return whether an area of a source may take the place of what is stored."""
    return AREA_SOURCES.index(source) <= AREA_SOURCES.index(stored.source)
