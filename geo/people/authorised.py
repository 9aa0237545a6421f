"""Authorisation and audit: each action on people is allowed or denied, and written down, here.

Whoever acts is given by id and looked up in the same transaction that does the work, because a
sign-in lives for weeks and a role does not. A denial goes to the audit too.

Reading takes no lock of writers, so that nobody waits for another who reads a long roster; only the
line of the audit that it leaves does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from geo.errors import NotAllowed
from geo.privacy import Action, Audience, Role, Subject, Viewer, may_see
from geo.store import Store
from geo.store.audit import (
    EVERYTHING,
    AuditEntry,
    AuditFilter,
    add_entry,
    count_entries,
    list_entries,
)
from geo.store.database import Reader, Writer, WriteTarget
from geo.store.people import PersonRow, find_person, people_by_id, touch_areas

OPERATOR_ID = "command line"
"""Whoever may run commands on the computer of the database: an admin who is on no roster."""

_BATCH_SIZE = 5000


@dataclass(frozen=True, slots=True)
class AuthorisedWrite:
    """Something that somebody is allowed to do, while it is done."""

    db: Writer
    viewer: Viewer
    now: datetime
    action: Action
    subject_id: str | None

    def record(self, *, subject_id: str | None = None, **detail: Any) -> None:
        """Write to the audit what was done: numbers and words that name nobody.

        ``subject_id`` is to whom, where that is not who was given at the start.
        """
        subject_id = subject_id or self.subject_id
        entry = AuditEntry(self.now, self.viewer.id, self.action.value, subject_id, detail=detail)
        add_entry(self.db, entry)


class AuditedRead:
    """What somebody is allowed to read, while they do."""

    def __init__(self, db: Reader, viewer: Viewer) -> None:
        self.db = db
        self.viewer = viewer
        self.detail: dict[str, Any] | None = None

    def record(self, **detail: Any) -> None:
        """Have it written to the audit what was seen: numbers and words that name nobody."""
        self.detail = detail


@contextmanager
def audited_read(
    store: Store, actor_id: str, action: Action, subject_id: str | None = None
) -> Iterator[AuditedRead]:
    """Read something as somebody; denied where they may not.

    What is recorded is written when the block is over: before anybody is shown anything.

    Raises
    ------
    NotAllowed
        As for `authorised_write`.
    """
    with store.read() as db:
        viewer = _allowed(db, actor_id, action, subject_id)
        if viewer is not None:
            read = AuditedRead(db, viewer)
            yield read
    if viewer is None:
        deny(store, actor_id, action, subject_id)
    if read.detail is not None:
        entry = AuditEntry(now_utc(), viewer.id, action.value, subject_id, detail=read.detail)
        with store.atomic() as db:
            add_entry(db, entry)


@contextmanager
def authorised_write(
    store: WriteTarget, actor_id: str, action: Action, subject_id: str | None = None
) -> Iterator[AuthorisedWrite]:
    """Do something as somebody, in one transaction; denied where they may not.

    ``subject_id`` is None where it is about nobody in particular.

    Raises
    ------
    NotAllowed
        They may not, there is no such actor any more, or nobody like the one it is about: whether
        somebody exists is not shown to those who may not know.
    """
    now = now_utc()
    with store.atomic() as db:
        viewer = _allowed(db, actor_id, action, subject_id)
        if viewer is not None:
            yield AuthorisedWrite(db, viewer, now, action, subject_id)
            return
    deny(store, actor_id, action, subject_id)


def _allowed(db: Reader, actor_id: str, action: Action, subject_id: str | None) -> Viewer | None:
    """Return who acts if they may, and there is whom it is about; None otherwise."""
    viewer = viewer_by_id(db, actor_id)
    person = find_person(db, subject_id) if subject_id is not None else None
    missing = subject_id is not None and person is None
    subject = subject_of(person) if person is not None else None
    allowed = viewer is not None and not missing and may_see(viewer, action, subject)
    return viewer if allowed else None


def deny(
    store: WriteTarget,
    actor_id: str,
    action: Action,
    subject_id: str | None = None,
    *,
    reason: str = "",
) -> NoReturn:
    """Write a denial to the audit, and raise it.

    ``reason`` is a whole sentence, where there is more to say than that they may not.

    Raises
    ------
    NotAllowed
        Always.
    """
    with store.atomic() as db:
        person = None if subject_id is None else find_person(db, subject_id)
        subject = None if person is None else person.id  # what somebody made up is not kept
        add_entry(db, AuditEntry(now_utc(), actor_id, action.value, subject, allowed=False))
    default_reason = f"you may not {action.value}; ask your Crossroads administrator."
    raise NotAllowed(reason or default_reason)


def record_use(store: Store, ids: Sequence[str]) -> None:
    """Note that the areas of people were of use, some at a time: nobody waits for it."""
    for start in range(0, len(ids), _BATCH_SIZE):
        with store.atomic() as db:
            touch_areas(db, ids[start : start + _BATCH_SIZE], now_utc())


def viewer_by_id(db: Reader, person_id: str) -> Viewer | None:
    """Return somebody as a viewer; None for nobody, or for who has left."""
    if person_id == OPERATOR_ID:
        return Viewer(OPERATOR_ID, Role.ADMIN)
    person = find_person(db, person_id)
    return None if person is None or person.status == "left" else viewer_of(person)


def viewer_of(person: PersonRow) -> Viewer:
    """Return a person as a viewer."""
    return Viewer(
        id=person.id,
        role=Role(person.role),
        team=person.team,
        audience=Audience(person.audience),
        paused=person.paused,
        name=person.name,
    )


def subject_of(person: PersonRow) -> Subject:
    """Return a person as a subject."""
    return Subject(
        id=person.id,
        team=person.team,
        audience=Audience(person.audience),
        paused=person.paused,
        planning=person.planning and not person.paused,
        role=Role(person.role),
    )


def now_utc() -> datetime:
    """Return this moment; tests put a clock of their own in its place."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some entries of the audit, the latest first.

    ``names`` are of those whom entries are about and who are still on the roster, by id.
    """

    entries: tuple[AuditEntry, ...]
    total: int
    names: dict[str, str]


def read_audit(
    store: Store,
    actor_id: str,
    filters: AuditFilter = EVERYTHING,
    *,
    limit: int = 500,
    offset: int = 0,
) -> AuditPage:
    """Return entries of the audit; that it was read becomes one of them.

    Raises
    ------
    NotAllowed
        The actor is no admin.
    """
    with audited_read(store, actor_id, Action.SEE_AUDIT) as read:
        entries = list_entries(read.db, filters, limit=limit, offset=offset)
        total = count_entries(read.db, filters)
        ids = {one for entry in entries for one in (entry.actor_id, entry.subject_id) if one}
        names = {key: one.name for key, one in people_by_id(read.db, ids).items()}
        read.record(entries=len(entries))
    return AuditPage(tuple(entries), total, names)
