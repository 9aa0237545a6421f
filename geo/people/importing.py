"""A table of staff into the roster: read, look at what it would do, then do it.

Whatever the table says of where people live becomes an area while it is read; nothing else of it is
kept, neither in the preview nor in a message. The rows of people who are on the roster already
(by ``id`` or e-mail address) change what is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from geo.errors import BadTable, CrossroadsError
from geo.model import HomeArea, Point
from geo.people.acting import Act, acting, now_utc, subject_of
from geo.people.consent import CONSENT_VERSION
from geo.people.homes import areas_at
from geo.people.joining import new_person
from geo.people.text import LONGEST_NAME, LONGEST_TEAM, clean_email
from geo.privacy import Action, may_see
from geo.region import Region
from geo.roster import row_place, row_weight, table_rows
from geo.rows import Row, Table, clean_line
from geo.store import (
    Consent,
    PersonRow,
    Store,
    add_consents,
    add_people,
    change_person,
    list_areas,
    list_people,
    set_areas,
)

Progress = Callable[[str, float], None]
_LONGEST_REFERENCE = 80
_STEP = 500
"""Rows between two words of progress."""

_YES = frozenset({"yes", "y", "true", "1", "x", "ja", "oui", "si", "sí"})


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A good row of a table of staff.

    Attributes
    ----------
    line
        Where it stands in the file.
    reference
        Its ``id``; empty for none.
    name, email, team
        Empty where the table does not say.
    weight
        How much this person counts in a plan.
    planning
        Whether the table says that they allow planning.
    area
        Where they live, coarsely; None where the table says nothing.
    """

    line: int
    reference: str
    name: str
    email: str
    team: str
    weight: float
    planning: bool
    area: HomeArea | None


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What a table would do to the roster.

    Attributes
    ----------
    region
        The region that its areas are of.
    rows
        The good rows.
    problems
        One sentence for each bad row, with its line and without what it holds.
    duplicates
        One sentence for each set of rows that may be one person; they are all kept.
    new, changed
        How many people would be entered, and how many changed.
    """

    region: str
    rows: tuple[ImportRow, ...]
    problems: tuple[str, ...]
    duplicates: tuple[str, ...]
    new: int
    changed: int


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import has done: how many people were entered, and how many changed."""

    new: int
    changed: int


def preview_import(
    store: Store,
    actor_id: str,
    region: Region,
    table: Table,
    *,
    k: int,
    progress: Progress = lambda _step, _done: None,
) -> ImportPreview:
    """Read a table of staff, CSV or XLSX.

    Its columns are ``id``, and what is known of ``name``, ``email``, ``team``, ``weight``,
    ``planning`` (yes where this person allows it), and ``lat,lon`` or ``address``, ``town``,
    ``postcode``.

    Parameters
    ----------
    table
        On disk, or in memory as it came from a browser.
    k
        Among how many homes everybody hides at least.
    progress
        Is told how far it is.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    InputError
        The file cannot be read.
    BadTable
        It has no ``id``, or no column that says who somebody is.
    """
    with acting(store, actor_id, Action.CHANGE_ROSTER) as act:
        known = _Known(list_people(act.db))
    progress("reading", 0.0)
    given = table_rows(table)
    _check_columns(table, given)
    reading = _Reading(table.name, region)
    for number, row in enumerate(given):
        if number % _STEP == 0:
            progress("finding homes", 0.95 * number / len(given))
        reading.take(row)
    rows, problems = reading.finish(k)
    changed = sum(known.find(row) is not None for row in rows)
    progress("done", 1.0)
    return ImportPreview(
        region=region.name,
        rows=tuple(rows),
        problems=tuple(problems),
        duplicates=tuple(_twins(rows)),
        new=len(rows) - changed,
        changed=changed,
    )


def commit_import(
    store: Store, actor_id: str, preview: ImportPreview, *, planning: bool = False
) -> ImportResult:
    """Enter what was previewed, all of it or nothing.

    Parameters
    ----------
    planning
        Whether the actor vouches that everybody in the table allows planning; kept as such with
        each of their consents. What people said themselves is never changed by an import.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    """
    with acting(store, actor_id, Action.CHANGE_ROSTER) as act:
        people = list_people(act.db)
        known, placed = _Known(people), list_areas(act.db)
        own = {one.id for one in people if one.subject and one.id in placed}
        fresh: list[PersonRow] = []
        areas: dict[str, HomeArea] = {}
        vouched: list[PersonRow] = []
        for row in preview.rows:
            person = known.find(row)
            agrees = planning or row.planning
            if person is None:
                person = _person(row)
                fresh.append(replace(person, planning=agrees))
                vouched += [person] if agrees else []
            else:
                _change(act, person, row, known)
            if row.area is not None and person.id not in own:
                areas[person.id] = row.area
        add_people(act.db, fresh)
        set_areas(act.db, areas, region=preview.region, now=act.now)
        add_consents(act.db, (_vouched(person) for person in vouched))
        result = ImportResult(len(fresh), len(preview.rows) - len(fresh))
        act.note(Action.CHANGE_ROSTER, imported=result.new, changed=result.changed)
    store.scrub()
    return result


class _Known:
    """The people who are on the roster, by what a row may know them by."""

    def __init__(self, people: Iterable[PersonRow]) -> None:
        self._by: dict[tuple[str, str], PersonRow] = {}
        for person in people:
            if person.reference:
                self._by["reference", person.reference] = person
            if person.email:
                self._by["email", person.email] = person

    def find(self, row: ImportRow) -> PersonRow | None:
        """Return the person of a row; None for somebody new."""
        return self._by.get(("reference", row.reference)) or self._by.get(("email", row.email))

    def is_taken(self, email: str) -> bool:
        """Return whether somebody has an e-mail address."""
        return ("email", email) in self._by


class _Reading:
    """Reads rows one by one, and remembers what was seen; homes stay in memory until `finish`."""

    def __init__(self, name: str, region: Region) -> None:
        self._name = name
        self._region = region
        self._rows: list[ImportRow] = []
        self._homes: list[Point | None] = []
        self._problems: list[tuple[int, str]] = []
        self._seen: dict[tuple[str, str], int] = {}
        self._found: dict[tuple[str, ...], Point] = {}

    def take(self, row: Row) -> None:
        """Read a row, or say why it cannot be used."""
        try:
            read = self._read(row)
            home = self._home(row)
        except (ValueError, CrossroadsError) as error:
            self._problems.append((row.line, str(error).rstrip(".")))
            return
        self._seen |= {
            (what, value): row.line
            for what, value in (("id", read.reference), ("e-mail address", read.email))
            if value
        }
        self._rows.append(read)
        self._homes.append(home)

    def finish(self, k: int) -> tuple[list[ImportRow], list[str]]:
        """Return the good rows with their areas, and a sentence for each bad one."""
        known = [home for home in self._homes if home is not None]
        areas = iter(areas_at(self._region, known, k=k) if known else [])
        rows = []
        for row, home in zip(self._rows, self._homes, strict=True):
            area = None if home is None else next(areas)
            if home is not None and area is None:
                reason = "no road of the region is near that home; choose the region it is in"
                self._problems.append((row.line, reason))
            else:
                rows.append(replace(row, area=area))
        told = [f"{self._name}, line {line}: {text}." for line, text in sorted(self._problems)]
        return rows, told

    def _read(self, row: Row) -> ImportRow:
        row.check()
        values = row.values
        if any("\ufffd" in value for value in values.values()):
            raise ValueError("there are letters that cannot be read; save the file as UTF-8")
        reference = clean_line(values.get("id", ""), _LONGEST_REFERENCE + 1)
        if len(reference) > _LONGEST_REFERENCE:
            raise ValueError(f"the id is longer than {_LONGEST_REFERENCE} characters")
        email = clean_email(values["email"]) if values.get("email") else ""
        for what, value in (("id", reference), ("e-mail address", email)):
            if value and (what, value) in self._seen:
                raise ValueError(f"the {what} stands already on line {self._seen[what, value]}")
        name = clean_line(values.get("name", ""), LONGEST_NAME)
        if not (reference or email or name):
            raise ValueError("there is no id, no name and no e-mail address")
        return ImportRow(
            line=row.line,
            reference=reference,
            name=name,
            email=email,
            team=clean_line(values.get("team", ""), LONGEST_TEAM),
            weight=row_weight(row),
            planning=values.get("planning", "").casefold() in _YES,
            area=None,
        )

    def _home(self, row: Row) -> Point | None:
        where = tuple(row.values.get(name, "") for name in _WHERE)
        if not any(where):
            return None
        if where not in self._found:
            self._found[where] = row_place(row, self._region.gazetteer)
        return self._found[where]


_WHERE = ("lat", "lon", "address", "town", "postcode")


def _check_columns(table: Table, rows: Sequence[Row]) -> None:
    columns = set(rows[0].values) if rows else {"id", "name"}
    if not columns & {"name", "email", *_WHERE}:
        raise BadTable(
            [f"{table.name} says of nobody who or where they are; add name, email or town."]
        )


def _person(row: ImportRow) -> PersonRow:
    name = row.name or row.email.split("@")[0] or row.reference
    person = new_person(name, email=row.email or None, team=row.team)
    return replace(person, reference=row.reference or None, weight=row.weight)


def _change(act: Act, person: PersonRow, row: ImportRow, known: _Known) -> None:
    """Take from a row what the table knows better: team, weight, and what was not known.

    Whoever has the address signs in as that person, so nobody gives one to who may do more.
    """
    values: dict[str, object] = {"weight": row.weight}
    if row.team:
        values["team"] = row.team
    if row.name and person.subject is None:  # who has signed in says themselves how they are called
        values["name"] = row.name
    allowed = may_see(act.viewer, Action.CHANGE_ROSTER, subject_of(person))
    if row.email and person.email is None and allowed and not known.is_taken(row.email):
        values["email"] = row.email
    change_person(act.db, person.id, **values)


def _vouched(person: PersonRow) -> Consent:
    return Consent(
        person_id=person.id,
        at=now_utc(),
        text_version=CONSENT_VERSION,
        audience=person.audience,
        planning=True,
        paused=False,
        source="roster",
    )


def _twins(rows: Sequence[ImportRow]) -> Iterable[str]:
    """Tell which rows have the same name and the same area."""
    lines: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        if row.name:
            key = row.name.casefold(), row.area.id if row.area else ""
            lines.setdefault(key, []).append(row.line)
    for same in lines.values():
        if len(same) > 1:
            shown = ", ".join(map(str, same[:10])) + (", …" if len(same) > 10 else "")
            yield f"lines {shown} have the same name and area; all are kept."
