"""The roster as planners see and change it, and how long home areas are kept.

Areas that nobody uses are deleted by the clock of this computer, which can be wrong: set a year
ahead, it would take every area at once. So many at once, and whatever falls due after the clock has
jumped, wait for an admin.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from geo.errors import InputError, UnknownName
from geo.gazetteer.model import fold
from geo.model import HomeArea
from geo.people.authorised import (
    AuditedRead,
    AuthorisedWrite,
    audited_read,
    authorised_write,
    deny,
    now_utc,
    subject_of,
)
from geo.people.homes import CONSENT_VERSION
from geo.privacy import Action, Audience, Role, may_see
from geo.store import Store
from geo.store.audit import (
    AuditEntry,
    Consent,
    add_entry,
    give_consent,
    list_consents,
    purge_queries,
)
from geo.store.database import Reader, Writer
from geo.store.people import (
    EVERYBODY,
    PersonRow,
    RosterFilter,
    RosterNumbers,
    Status,
    StoredArea,
    areas_of,
    change_person,
    count_areas,
    count_members,
    find_area,
    find_change_counter,
    find_members,
    find_person,
    find_person_by,
    forget_person,
    increase_change_counter,
    keep_areas,
    list_areas,
    list_names,
    list_people,
    list_teams,
    people_by_id,
    purge_areas,
    roster_numbers,
    set_areas,
)
from geo.store.sign_ins import purge_invitations, purge_sessions
from geo.text import LONGEST_TEAM, clean_email, clean_line, clean_name

EXPORT_COLUMNS = (
    "id", "name", "email", "team", "role", "status", "seen_by", "planning", "area", "lat", "lon",
    "radius_m",
)  # fmt: skip
"""Of `export_roster`, in their order; position and radius are the area's."""

MemberField = Literal["name", "email", "team", "status"]
"""What a planner may change of somebody."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody on the roster, as a planner sees them.

    ``area`` is None where they have not said where they live, or do not allow planning;
    ``has_area`` says whether they have said it, seen or not.
    """

    person: PersonRow
    area: HomeArea | None
    has_area: bool


@dataclass(frozen=True, slots=True)
class RosterPage:
    """Some of the roster; ``total`` is how many there are of those who were asked for."""

    members: tuple[Member, ...]
    total: int
    numbers: RosterNumbers
    teams: tuple[str, ...]


def read_roster_page(
    store: Store, actor_id: str, filters: RosterFilter = EVERYBODY, *, limit: int, offset: int = 0
) -> RosterPage:
    """Return some of the roster, by name, with the numbers of all of it.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    """
    with audited_read(store, actor_id, Action.SEE_ROSTER) as read:
        people = find_members(read.db, filters, limit=limit, offset=offset)
        page = RosterPage(
            members=_members(read, people, areas_of(read.db, [one.id for one in people])),
            total=count_members(read.db, filters),
            numbers=roster_numbers(read.db),
            teams=tuple(list_teams(read.db)),
        )
        read.record(people=len(people))
    return page


def list_roster(store: Store, actor_id: str) -> list[Member]:
    """Return everybody on the roster, by name.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    """
    with audited_read(store, actor_id, Action.SEE_ROSTER) as read:
        members = _members(read, list_people(read.db), list_areas(read.db))
        read.record(people=len(members))
    return list(members)


def _members(
    read: AuditedRead, people: Sequence[PersonRow], areas: Mapping[str, StoredArea]
) -> tuple[Member, ...]:
    """Return people as a planner sees them: the area of those alone who allow planning."""
    members = []
    for person in people:
        known = areas.get(person.id)
        shown = may_see(read.viewer, Action.SEE_NAME_IN_PLAN, subject_of(person))
        area = known.area if known is not None and shown else None
        members.append(Member(person, area, known is not None))
    return tuple(members)


def export_roster(store: Store, actor_id: str) -> list[dict[str, Any]]:
    """Return the roster as rows of a table: areas only, and those of people who allow planning.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    """
    with audited_read(store, actor_id, Action.EXPORT_ROSTER) as read:
        read.record()
    return [
        {
            "id": one.person.reference or one.person.id,
            "name": one.person.name,
            "email": one.person.email or "",
            "team": one.person.team,
            "role": one.person.role,
            "status": one.person.status,
            "seen_by": "nobody" if one.person.paused else one.person.audience,
            "planning": "yes" if one.person.planning and not one.person.paused else "no",
            "area": one.area.label if one.area else "",
            "lat": f"{one.area.point.lat:.5f}" if one.area else "",
            "lon": f"{one.area.point.lon:.5f}" if one.area else "",
            "radius_m": f"{one.area.radius_m:.0f}" if one.area else "",
        }
        for one in list_roster(store, actor_id)
    ]


def change_member(
    store: Store, actor_id: str, person_id: str, changes: Mapping[MemberField, str]
) -> None:
    """Change what the roster says of somebody; an empty address or team is none.

    Raises
    ------
    NotAllowed
        The actor is no planner, or the person an admin and the actor none, or there is nobody
        like that; or the address decides who will sign in as them, and the actor is no admin.
    InputError
        A value cannot be used, or the address is somebody else's.
    """
    values = {name: _CLEANERS[name](value) for name, value in changes.items()}
    with authorised_write(store, actor_id, Action.CHANGE_ROSTER, person_id) as write:
        allowed = "email" not in values or _may_change_email(write, person_id, values["email"])
        if values.get("email"):
            other = find_person_by(write.db, "email", str(values["email"]))
            if other is not None and other.id != person_id:
                raise InputError("somebody else on the roster has that e-mail address.")
        if allowed:
            change_person(write.db, person_id, **values)
            write.record(changed=sorted(values))
    if not allowed:
        deny(store, actor_id, Action.CHANGE_ROSTER, person_id, reason=_ADDRESS_DECIDES)


_ADDRESS_DECIDES = (
    "until this person has signed in, only an admin can change the e-mail address, which decides"
    " who can sign in as them; ask an admin, or ask the person to sign in first."
)
_OWNERS_DIFFER = (
    "these entries have different e-mail addresses, or one of them is yours, so merging them would"
    " show one person's data to another; ask an admin to merge them."
)


def _may_change_email(write: AuthorisedWrite, person_id: str, email: str | None) -> bool:
    """Return whether an address may be changed: until the first sign-in it says who somebody is.

    With one of their own a planner would see what is kept of that person, and agree for them. To
    give an address to who has none is what invites them at all, so planners may.
    """
    person = find_person(write.db, person_id)
    if person is None or person.subject is not None or person.email in {None, email}:
        return True
    return write.viewer.role is Role.ADMIN


def _status(text: str) -> str:
    if text not in get_args(Status):
        raise UnknownName("status", text, get_args(Status))
    return text


_CLEANERS: Mapping[MemberField, Callable[[str], str | None]] = {
    "name": clean_name,
    "email": lambda text: clean_email(text) if text.strip() else None,
    "team": lambda text: clean_line(text, LONGEST_TEAM),
    "status": _status,
}


def find_member(store: Store, actor_id: str, text: str) -> PersonRow:
    """Return the person of a roster's id, an e-mail address, or our own id.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    InputError
        There is nobody like that.
    """
    with audited_read(store, actor_id, Action.SEE_ROSTER) as read:
        person = (
            find_person_by(read.db, "reference", text)
            or find_person_by(read.db, "email", text)
            or find_person(read.db, text)
        )
    if person is None:
        raise InputError(
            "nobody on the roster has that id or e-mail address; see 'crossroads roster list'."
        )
    return person


def set_role(store: Store, actor_id: str, person_id: str, role: Role) -> None:
    """Make somebody employee, planner or admin.

    Raises
    ------
    NotAllowed
        The actor is no admin, it is the actor, or there is no such person.
    """
    with authorised_write(store, actor_id, Action.SET_ROLE, person_id) as write:
        change_person(write.db, person_id, role=role.value)
        write.record(role=role.value)


def possible_duplicates(store: Store, actor_id: str) -> list[tuple[PersonRow, ...]]:
    """Return people who may be one: of the same name, spelled with accents or without.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    """
    with audited_read(store, actor_id, Action.SEE_ROSTER) as read:
        found = defaultdict(list)
        for person_id, name in list_names(read.db):
            found[" ".join(sorted(fold(name).split()))].append(person_id)
        sets = [ids for key, ids in sorted(found.items()) if key and len(ids) > 1]
        people = people_by_id(read.db, [one for ids in sets for one in ids])
    return [tuple(people[one] for one in ids) for ids in sets]


def merge_people(store: Store, actor_id: str, keep_id: str, drop_ids: Sequence[str]) -> None:
    """Make one person of several: what the one who stays lacks is taken from the others.

    What the others agreed to is not taken over: nobody agrees for somebody else. What one of them
    did not allow is not allowed afterwards, for their area may come with them.

    Raises
    ------
    NotAllowed
        The actor is no planner, or one of them an admin and the actor none, or there is no such
        person; or they have different addresses, or the actor is one of them and no admin.
    InputError
        More than one of them signs in.
    """
    with authorised_write(store, actor_id, Action.CHANGE_ROSTER, keep_id) as write:
        people = [find_person(write.db, one) for one in dict.fromkeys([keep_id, *drop_ids])]
        known = [one for one in people if one is not None]
        allowed = all(may_see(write.viewer, Action.CHANGE_ROSTER, subject_of(one)) for one in known)
        if allowed and len({one.subject for one in known if one.subject}) > 1:
            raise InputError("more than one of them has signed in, so they are different people.")
        safe = write.viewer.role is Role.ADMIN or _is_one_owner(write, known)
        if allowed and safe:
            _merge(write, known)
    if not (allowed and safe):
        reason = _OWNERS_DIFFER if allowed else ""
        deny(store, actor_id, Action.CHANGE_ROSTER, keep_id, reason=reason)
    store.scrub()


def _merge(write: AuthorisedWrite, known: Sequence[PersonRow]) -> None:
    """Make one person of several: the first stays."""
    keep_id = known[0].id
    areas = [find_area(write.db, one.id) for one in known]
    consent = _strictest_consent(write, known)
    for one in known[1:]:
        forget_person(write.db, one.id)
    values = {
        name: next((v for one in known if (v := getattr(one, name))), getattr(known[0], name))
        for name in ("reference", "email", "subject", "team")
    }
    if values["subject"]:
        values["status"] = "active"
    change_person(write.db, keep_id, **values)
    if consent is not None:
        give_consent(write.db, consent)
    if areas[0] is None and (other := next((one for one in areas if one), None)):
        kept = {keep_id: other.area}
        set_areas(write.db, kept, region=other.region, now=write.now, source=other.source)
    write.record(merged=len(known) - 1)


def _strictest_consent(write: AuthorisedWrite, known: Sequence[PersonRow]) -> Consent | None:
    """Return what the first may go on agreeing to, where one who is merged agreed to less.

    Else a planner could vouch for a person they made up, and read from it the area of somebody
    who does not allow it. Rows without an area, of whom nobody signed in or decided, hide nothing.
    None where the first agrees to no more than the others.
    """
    first = known[0]
    decided = {one.id for one in known[1:] if one.subject or _has_decided(write.db, one.id)}
    own = [one for one in known[1:] if one.id in decided or find_area(write.db, one.id)]
    audience = min((Audience(one.audience) for one in (first, *own)), key=list(Audience).index)
    planning = all(one.planning for one in (first, *own))
    paused = any(one.paused for one in (first, *own))
    if (audience, planning, paused) == (first.audience, first.planning, first.paused):
        return None
    source = "person" if decided else "roster"
    return Consent(first.id, write.now, CONSENT_VERSION, audience.value, planning, paused, source)


def _has_decided(db: Reader, person_id: str) -> bool:
    consents = list_consents(db, person_id)
    return bool(consents) and consents[-1].source == "person"


def _is_one_owner(write: AuthorisedWrite, known: Sequence[PersonRow]) -> bool:
    """Return whether nothing that is kept of somebody would go to whoever signs in as another."""
    owners = {one.email or one.subject for one in known if one.email or one.subject}
    return len(owners) <= 1 and all(one.id != write.viewer.id for one in known)


RETENTION = "delete what is unused"
"""What the audit calls it."""

_QUERY_DAYS = 30
_INVITATION_DAYS = 30
"""So long an expired link is answered as such, and not as unknown."""

_SESSION_DAYS = 31
"""No sign-in lasts longer, so nobody can come back by one that is not known any more."""

_MOST_AREAS, _LARGEST_SHARE = 10, 0.1
"""More areas than these, and a larger share of all, are not deleted without an admin."""

_LONGEST_PAUSE = timedelta(days=14)
"""Between two purges; the app and a timer do one a day, so more is a clock that was changed, or a
computer that was off so long that somebody should see what falls due."""

_PURGED = "purge"


@dataclass(frozen=True, slots=True)
class PurgeResult:
    """How many areas, invitations, counts of queries and sign-ins were deleted.

    ``waiting`` is how many areas are due, and wait for an admin.
    """

    areas: int
    invitations: int
    queries: int
    sessions: int
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class UnusedAreas:
    """Areas that are due to be deleted, and wait for an admin; of how many areas in all."""

    waiting: int
    total: int


def purge(store: Store, *, area_days: int) -> PurgeResult:
    """Delete home areas that were of no use to anybody for some days, and old records.

    The app does it once a day, and ``crossroads db upgrade`` whenever it runs.
    """
    now = now_utc()
    with store.atomic() as db:
        waiting = _count_waiting(db, now, area_days)
        purged = PurgeResult(
            areas=0 if waiting else _delete_areas(db, now, area_days),
            invitations=purge_invitations(db, now - timedelta(days=_INVITATION_DAYS)),
            queries=purge_queries(db, (now - timedelta(days=_QUERY_DAYS)).date()),
            sessions=purge_sessions(db, now - timedelta(days=_SESSION_DAYS)),
            waiting=waiting,
        )
        if purged.areas:
            add_entry(db, AuditEntry(now, None, RETENTION, detail={"areas": purged.areas}))
    if purged.areas:
        store.scrub()
    return purged


def find_unused_areas(store: Store, actor_id: str, *, area_days: int) -> UnusedAreas:
    """Return how many areas wait for an admin to delete them.

    Raises
    ------
    NotAllowed
        The actor is no admin.
    """
    with audited_read(store, actor_id, Action.RUN_SYSTEM) as read:
        return UnusedAreas(_count_waiting(read.db, now_utc(), area_days), count_areas(read.db))


def resolve_unused_areas(store: Store, actor_id: str, *, area_days: int, keep: bool) -> int:
    """Delete the areas that are due, or keep them as if they had been used; return how many.

    Raises
    ------
    NotAllowed
        The actor is no admin.
    """
    with authorised_write(store, actor_id, Action.RUN_SYSTEM) as write:
        if keep:
            count = keep_areas(write.db, write.now - timedelta(days=area_days), write.now)
            increase_change_counter(write.db, _PURGED, write.now)
        else:
            count = _delete_areas(write.db, write.now, area_days)
        detail = {"areas_kept" if keep else "areas": count}
        add_entry(write.db, AuditEntry(write.now, actor_id, RETENTION, detail=detail))
    if not keep:
        store.scrub()
    return count


def _count_waiting(db: Reader, now: datetime, area_days: int) -> int:
    """Return how many areas are due and are too many, or due by a clock that has jumped."""
    due = count_areas(db, unused_since=now - timedelta(days=area_days))
    many = due > _MOST_AREAS and due > _LARGEST_SHARE * count_areas(db)
    last = find_change_counter(db, _PURGED).at
    jumped = last is not None and not timedelta(0) <= now - last <= _LONGEST_PAUSE
    return due if many or jumped else 0


def _delete_areas(db: Writer, now: datetime, area_days: int) -> int:
    # The mark stays as it was while areas wait: a day after a jump is no reason to trust the clock.
    increase_change_counter(db, _PURGED, now)
    return purge_areas(db, now - timedelta(days=area_days))
