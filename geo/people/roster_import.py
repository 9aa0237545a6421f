"""A table of staff into the roster: read, previewed, then committed.

Whatever the table says of where people live becomes an area while it is read. What was typed is in
the preview beside what was found, for whoever gave the table, and in no message, log or store. The
rows of people who are on the roster already (by ``id`` or e-mail address) change what is there, but
an area only by a source that is as good as the one that is known, whatever it holds: so no preview
reveals anything of an area that its reader may not see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from geo.cancellation import Progress, no_progress, subprogress
from geo.errors import ConflictError
from geo.model import HomeArea
from geo.people.admission import new_person
from geo.people.authorised import (
    audited_read,
    authorised_write,
    deny,
    now_utc,
    record_use,
    subject_of,
    viewer_by_id,
)
from geo.people.homes import CONSENT_VERSION
from geo.people.roster_table import (
    AddressCheck,
    ImportRow,
    RosterTable,
    check_columns,
    likely_duplicates,
)
from geo.privacy import Action, Viewer, may_see
from geo.records import Table
from geo.region import Region
from geo.store import Store
from geo.store.audit import Consent
from geo.store.bulk_insert import BulkInsert, commit_staged, staged
from geo.store.database import Reader
from geo.store.people import (
    AREA_SOURCES,
    AreaSource,
    ChangeCounter,
    PersonRow,
    SourcedArea,
    StoredArea,
    list_areas,
    list_people,
    roster_change_counter,
)
from geo.tabular import Row, parse_table

Item = TypeVar("Item")

_PROGRESS_ROWS = 500
"""Rows between two reports of progress."""

_DRAFT_SHARE, _STAGE_SHARE = 0.4, 0.4
"""Fractions of the progress: drafting what is written, and staging it."""

_TRIES = 5
"""How often an import begins anew because somebody came, or was changed, meanwhile."""


@dataclass(frozen=True, slots=True)
class StaffTable:
    """A table of staff, with what a person chose and mended of it.

    ``columns`` is what it calls some of our columns, empty for one that is not to be read;
    ``corrections`` are cells of addresses in place of the file's, by line and our column.
    """

    table: Table
    columns: Mapping[str, str] = field(default_factory=dict)
    corrections: Mapping[int, Mapping[str, str]] = field(default_factory=dict, repr=False)

    def corrected(self, row: Row) -> Row:
        """Return a row with its corrections."""
        corrections = self.corrections.get(row.line)
        return row if corrections is None else replace(row, values={**row.values, **corrections})


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What a table would do to the roster.

    Attributes
    ----------
    problems
        One sentence for each bad row, with its line and without what it holds.
    duplicates
        One sentence for each set of rows that may be one person; they are all kept.
    new, changed
        How many people would be entered, and how many changed in what the reader may see.
    same
        How many are on the roster as the table has them.
    unseen
        How many others are, but for an area that the reader may not see: it is set to the one of
        the table, and whether there was one, and the same, is not shown.
    own
        How many of the latter have signed in, so that they say themselves where they live.
    kept
        How many others keep an area that is known from a better source than this table.
    elsewhere
        How many of the bad rows are of people who live in another region.
    notes
        One sentence for each column that several columns of the file could be.
    checks
        The addresses, those first that a person should look at.
    """

    region: str
    rows: tuple[ImportRow, ...]
    problems: tuple[str, ...]
    duplicates: tuple[str, ...]
    new: int
    changed: int
    same: int = 0
    unseen: int = 0
    own: int = 0
    kept: int = 0
    elsewhere: int = 0
    notes: tuple[str, ...] = ()
    checks: tuple[AddressCheck, ...] = field(default=(), repr=False)
    columns: Mapping[str, str] = field(default_factory=dict)
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import has done, in numbers of people as in `ImportPreview`."""

    new: int
    changed: int
    same: int = 0
    unseen: int = 0


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

    def is_taken(self, email: str) -> bool:
        """Return whether somebody has an e-mail address."""
        return ("email", email) in self._people


@dataclass(frozen=True, slots=True)
class Matching:
    """What rows do to the roster as it is at a moment.

    To the viewer it is as if areas that they may not see were never compared.
    """

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

    def area_of(self, row: ImportRow) -> HomeArea | None:
        """Return the area that the person of a row has already; None for none."""
        person = self.known.find(row)
        stored = self.areas.get(person.id) if person is not None else None
        return None if stored is None else stored.area

    def has_area(self, person: PersonRow, area: HomeArea) -> bool:
        """Return whether an area is the one that is stored of somebody."""
        stored = self.areas.get(person.id)
        return stored is not None and (stored.region, stored.area) == (self.region, area)


def _replaces(source: AreaSource, stored: StoredArea) -> bool:
    """Return whether an area of a source may take the place of what is stored."""
    return AREA_SOURCES.index(source) <= AREA_SOURCES.index(stored.source)


def preview_import(
    store: Store,
    actor_id: str,
    region: Region,
    table: Table | StaffTable,
    *,
    k: int,
    progress: Progress = no_progress,
) -> ImportPreview:
    """Read a table of staff, CSV or XLSX.

    Its columns are ``id``, and what is known of ``name``, ``email``, ``team``, ``weight``,
    ``planning`` (yes where this person allows it), and ``lat,lon`` or an address. Everybody hides
    among k homes at least.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    InputError
        The file cannot be read.
    BadTable
        It has no ``id``, or no column that says who somebody is.
    """
    with audited_read(store, actor_id, Action.CHANGE_ROSTER) as read:
        known = KnownPeople(list_people(read.db))
        roster = Matching(read.viewer, known, list_areas(read.db), region.name)
    progress("reading", 0.0)
    staff = table if isinstance(table, StaffTable) else StaffTable(table)
    given = parse_table(staff.table, staff.columns)
    check_columns(given)
    collector = RosterTable(given.name, region)
    for row in _reported(given.rows, progress, "finding homes", 0.95):
        collector.append(staff.corrected(row))
    result = collector.finish(k, roster.area_of)
    found = list(filter(None, map(known.find, result.rows)))
    effects = Counter(roster.effect(row) for row in result.rows)
    progress("done", 1.0)
    return ImportPreview(
        region=region.name,
        rows=result.rows,
        problems=result.problems,
        duplicates=tuple(likely_duplicates(result.rows)),
        new=effects["new"],
        changed=effects["changed"],
        same=effects["same"],
        unseen=effects["unseen"],
        own=sum(person.subject is not None for person in found),
        kept=sum(map(roster.keeps_area, result.rows)),
        elsewhere=result.elsewhere,
        notes=given.columns.notes,
        checks=result.checks,
        columns=given.columns.used,
        headings=given.columns.headings,
    )


def _reported(rows: Sequence[Item], progress: Progress, step: str, share: float) -> Iterator[Item]:
    """Yield rows, and report from time to time how many were, as a fraction up to a share."""
    for number, row in enumerate(rows):
        if number % _PROGRESS_ROWS == 0:
            progress(step, share * number / len(rows))
        yield row


def commit_import(
    store: Store,
    actor_id: str,
    preview: ImportPreview,
    *,
    planning: bool = False,
    progress: Progress = no_progress,
) -> ImportResult:
    """Enter what was previewed, all of it or nothing.

    ``planning`` says that the actor vouches that everybody in the table allows planning; it is kept
    as such with each of their consents. What people said themselves is never changed by an import,
    and who has signed in says themselves where they live.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    ConflictError
        Others changed the roster at every try.
    """
    for _ in range(_TRIES):
        with store.read() as db:
            counter = roster_change_counter(db)
            draft = _draft(db, actor_id, preview, planning, progress)
        if draft is None:
            deny(store, actor_id, Action.CHANGE_ROSTER)
        if _commit_draft(store, actor_id, preview, draft, counter, progress):
            break
    else:
        raise ConflictError(
            "others changed the roster all the while, so nothing was entered; try again."
        )
    record_use(store, draft.confirmed)
    progress("done", 1.0)
    store.scrub()
    effects = draft.effects
    return ImportResult(effects["new"], effects["changed"], effects["same"], effects["unseen"])


def _commit_draft(
    store: Store,
    actor_id: str,
    preview: ImportPreview,
    draft: _Draft,
    counter: ChangeCounter,
    progress: Progress,
) -> bool:
    """Enter a draft, or return that it is of a roster that is another by now."""
    staging = staged(
        store,
        draft.inserts,
        region=preview.region,
        now=now_utc(),
        progress=subprogress(progress, _DRAFT_SHARE, _DRAFT_SHARE + _STAGE_SHARE),
    )
    with staging as target, authorised_write(target, actor_id, Action.CHANGE_ROSTER) as write:
        if roster_change_counter(write.db) != counter:
            return False
        commit_staged(write.db)
        effects = draft.effects
        changed = effects["changed"] + effects["unseen"]
        write.record(imported=effects["new"], changed=changed)
    return True


def _draft(
    db: Reader, actor_id: str, preview: ImportPreview, planning: bool, progress: Progress
) -> _Draft | None:
    """Return what an import would write; made while others write, so that they need not wait.

    None where there is no such actor.
    """
    areas = list_areas(db)
    viewer = viewer_by_id(db, actor_id)
    if viewer is None:
        return None
    draft = _Draft(Matching(viewer, KnownPeople(list_people(db)), areas, preview.region))
    for row in _reported(preview.rows, progress, "entering", _DRAFT_SHARE):
        draft.append(row, agrees=planning or row.planning)
    return draft


class _Draft:
    """What an import writes, whose areas it finds as they were, and what its rows do."""

    def __init__(self, roster: Matching) -> None:
        self.inserts = BulkInsert()
        self.confirmed: list[str] = []
        self.effects: Counter[Effect] = Counter()
        self._roster = roster

    def append(self, row: ImportRow, *, agrees: bool) -> None:
        """Take a row: somebody new, or a change of who is there."""
        self.effects[self._roster.effect(row)] += 1
        person = self._roster.known.find(row)
        if person is None:
            self._enter(row, agrees=agrees)
            return
        if values := self._roster.changes(person, row):
            self.inserts.changes[person.id] = values
        if row.area is not None:
            self._set_area(person, row, row.area)

    def _set_area(self, person: PersonRow, row: ImportRow, area: HomeArea) -> None:
        stored = self._roster.areas.get(person.id)
        takes = self._roster.accepts_area(person, row)
        same = self._roster.has_area(person, area)
        if stored and same and (not takes or row.source == stored.source):
            self.confirmed.append(person.id)
        elif takes:
            self.inserts.areas[person.id] = SourcedArea(area, row.source)

    def _enter(self, row: ImportRow, *, agrees: bool) -> None:
        person = _person(row, agrees=agrees)
        self.inserts.people.append(person)
        if agrees:
            self.inserts.consents.append(_vouched_consent(person))
        if row.area is not None:
            self.inserts.areas[person.id] = SourcedArea(row.area, row.source)


def _person(row: ImportRow, *, agrees: bool) -> PersonRow:
    name = row.name or row.email.split("@")[0] or row.reference
    person = new_person(name, email=row.email or None, team=row.team)
    return replace(person, reference=row.reference or None, weight=row.weight, planning=agrees)


def _vouched_consent(person: PersonRow) -> Consent:
    return Consent(
        person_id=person.id,
        at=now_utc(),
        text_version=CONSENT_VERSION,
        audience=person.audience,
        planning=True,
        paused=False,
        source="roster",
    )
