"""Who is let in: a sign-in at the provider, compared with the roster; and invitations.

A provider's token is good for as long as its cookie, and says nothing of what happened since. So
every request asks `admit`: who left is out, who signed out or was away for long is out, and the
role is the one that the store has now. What the token says of a role counts once, when the sign-in
is new.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from geo.errors import InputError, NotAllowed
from geo.people.authorised import authorised_write, now_utc, viewer_by_id, viewer_of
from geo.privacy import Action, Audience, Role, Viewer
from geo.store import Store
from geo.store.audit import AuditEntry, AuditFilter, add_entry, list_entries
from geo.store.database import Reader, Writer
from geo.store.people import PersonRow, add_people, change_person, find_person, find_person_by
from geo.store.sign_ins import (
    InvitationRow,
    add_invitation,
    find_invitation,
    find_session,
    find_sign_ins,
    is_invited,
    record_session,
    record_sign_in,
    record_sign_out,
    signing_key,
    use_invitation,
)
from geo.text import clean_email, clean_email_or_none, clean_name

LOCAL_ID = "local"
"""The one user where no sign-in is set up: whoever sits at the computer."""

JOIN = "accept an invitation"
"""What the audit calls it."""

_TOKEN_BYTES = 32
"""Nobody guesses 256 random bits; the store keeps their hash alone."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation to be sent, in the link ``/?invite=TOKEN``.

    The token is kept nowhere, so it is shown once.
    """

    person_id: str
    email: str
    token: str
    expires_at: datetime


def local_viewer(store: Store) -> Viewer:
    """Return the one user of an own computer, who is admin of it; entered when first asked for."""
    with store.read() as db:
        viewer = viewer_by_id(db, LOCAL_ID)
    if viewer is not None:
        return viewer
    with store.atomic() as db:
        person = find_person(db, LOCAL_ID) or new_person("You", role=Role.ADMIN, status="active")
        if person.id != LOCAL_ID:
            add_people(db, [person := replace(person, id=LOCAL_ID)])
        elif person.status == "left":
            change_person(db, LOCAL_ID, status="active")
    return viewer_of(person)


def invite(store: Store, actor_id: str, emails: Sequence[str], *, days: int) -> list[Invitation]:
    """Invite people by their e-mail addresses; who is on no roster yet is entered.

    An earlier invitation of the same person cannot be accepted any more.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    InputError
        An address is none.
    """
    addresses = list(dict.fromkeys(clean_email(email) for email in emails))
    invitations = []
    with authorised_write(store, actor_id, Action.INVITE) as write:
        expires_at = write.now + timedelta(days=days)
        for address in addresses:
            person = find_person_by(write.db, "email", address)
            if person is None:
                person = new_person(address.split("@")[0], email=address, status="invited")
                add_people(write.db, [person])
            elif person.status == "listed":
                change_person(write.db, person.id, status="invited")
            token = secrets.token_urlsafe(_TOKEN_BYTES)
            row = InvitationRow(
                id=secrets.token_hex(16),
                token_hash=_hash(token),
                person_id=person.id,
                invited_by=actor_id,
                created_at=write.now,
                expires_at=expires_at,
            )
            add_invitation(write.db, row)
            write.record(subject_id=person.id)
            invitations.append(Invitation(person.id, address, token, expires_at))
    return invitations


def accept_invitation(
    store: Store, token: str, *, subject: str, email: str | None, name: str | None = None
) -> Viewer:
    """Let somebody who has signed in join by an invitation; it is used up.

    Raises
    ------
    NotAllowed
        It is forged, has expired, was used already, or is for another address.
    """
    with store.atomic() as db:
        row = _find_valid_invitation(db, token)
        person = find_person(db, row.person_id)
        if person is None:
            raise NotAllowed("this invitation was withdrawn; ask for a new one.")
        if person.email and clean_email_or_none(email) != person.email:
            raise NotAllowed(
                "this invitation is for another e-mail address; sign in with the one that it was"
                " sent to, or ask for a new one."
            )
        other = find_person_by(db, "subject", subject)
        taken = other is not None and other.id != person.id
        # Whoever changes somebody's status and address must not become them by an invitation.
        if taken or person.subject not in {None, subject} or person.status == "left":
            raise NotAllowed("you cannot join by this invitation; ask who sent it.")
        use_invitation(db, row.id, now_utc())
        changes: dict[str, Any] = {}
        if name and person.name == (person.email or "").split("@")[0]:
            changes["name"] = clean_name(name)
        if person.subject is None or person.status != "active":
            changes |= {"subject": subject, "status": "active", "seen_at": now_utc()}
        viewer = _change(db, person, changes)
        add_entry(db, AuditEntry(now_utc(), person.id, JOIN, person.id))
        return viewer


def new_person(
    name: str,
    *,
    email: str | None = None,
    role: Role = Role.EMPLOYEE,
    status: str = "listed",
    team: str = "",
    reference: str | None = None,
) -> PersonRow:
    """Return somebody who is seen by nobody yet."""
    return PersonRow(
        id=secrets.token_hex(12),
        reference=reference,
        name=name,
        email=email,
        subject=None,
        role=role.value,
        team=team,
        status=status,  # type: ignore[arg-type]
        weight=1.0,
        audience=Audience.NOBODY.value,
        planning=False,
        paused=False,
        created_at=now_utc(),
        seen_at=None,
    )


def _change(db: Writer, person: PersonRow, changes: dict[str, Any]) -> Viewer:
    if changes:
        change_person(db, person.id, **changes)
    return viewer_of(replace(person, **changes))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _find_valid_invitation(db: Writer, token: str) -> InvitationRow:
    """Return an invitation that can be accepted now."""
    row = find_invitation(db, _hash(token))
    if row is None:
        raise NotAllowed(
            "this link is no invitation of ours, or was withdrawn or replaced by a newer one; ask"
            " for a new one."
        )
    if row.used_at is not None:
        raise NotAllowed("this invitation was used already; sign in, or ask for a new one.")
    if now_utc() >= row.expires_at:
        raise NotAllowed("this invitation has expired; ask for a new one.")
    return row


def check_emails(text: str) -> list[str]:
    """Return the addresses in a text, divided by commas, semicolons, blanks or line ends.

    Raises
    ------
    InputError
        One of them is none, or there are none.
    """
    words = text.replace(",", " ").replace(";", " ").split()
    if not words:
        raise InputError("there is no e-mail address; give one in a line.")
    return list(dict.fromkeys(clean_email(word) for word in words))


SIGN_IN, SIGN_OUT = "sign in", "sign out"
"""What the audit calls them."""

_SESSION_UPDATE_INTERVAL = timedelta(minutes=1)
"""That a sign-in is used is written no oftener, so that requests stay cheap."""

_REFUSAL_INTERVAL = timedelta(hours=1)
"""How often the audit keeps what the same stranger tries in vain."""

_MOST_REFUSALS = 10_000
"""Among how many entries of that time the same stranger is searched for."""


class AdmissionRefusal(StrEnum):
    """Why somebody is not let in."""

    UNKNOWN = "not on the roster"
    UNVERIFIED = "no verified address"
    LEFT = "has left"
    ENDED = "signed out"
    IDLE = "not used for a while"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a provider says of whoever has signed in.

    ``subject`` is who they are there, and never changes hands; ``email`` is None unless the
    provider has verified it. ``role`` is what the operator's settings make of them, None to leave
    it to the roster.
    """

    subject: str
    email: str | None
    name: str
    since: datetime
    role: Role | None = None


def admit(
    store: Store, identity: SignedIn, *, token: str = "", idle: timedelta | None = None
) -> Viewer | AdmissionRefusal:
    """Return who has signed in, as the store knows them now, or why they are not let in.

    ``token`` is of an invitation that they brought, or empty. A sign-in that was not used for
    longer than ``idle`` is over; None for never.

    Raises
    ------
    NotAllowed
        The invitation cannot be accepted or has expired; the sentence says why.
    """
    with store.read() as db:
        person = find_person_by(db, "subject", identity.subject)
        known = _current_viewer(db, person, identity.since) if person is not None else None
        last_used = find_session(db, person.id, identity.since) if person is not None else None
    if isinstance(known, Viewer):
        return _continue_session(store, known, identity.since, last_used, idle)
    if known is not None:
        return known
    refusal = _try_invitation(store, identity, token) if person is None and token else None
    with store.atomic() as db:
        person = _find_or_enter(db, identity)
        if person is None:
            if refusal is not None:
                raise refusal
            return (
                AdmissionRefusal.UNKNOWN
                if clean_email_or_none(identity.email)
                else AdmissionRefusal.UNVERIFIED
            )
        if person.status == "left":
            return AdmissionRefusal.LEFT
        if not _may_join(db, person, identity):
            raise refusal or NotAllowed("your invitation has expired; ask for a new one.")
        return _sign_in(db, person, identity)


def is_signed_in(
    store: Store, subject: str, since: datetime, *, idle: timedelta | None = None
) -> bool:
    """Return whether a sign-in was let in and is not over, as `admit` would say, writing nothing.

    Raises
    ------
    SetupError
        The database cannot be reached.
    """
    with store.read() as db:
        person = find_person_by(db, "subject", subject)
        if person is None or not isinstance(_current_viewer(db, person, since), Viewer):
            return False
        last_used = find_session(db, person.id, since)
    return not _is_idle(last_used, now_utc(), idle)


def _is_idle(last_used: datetime | None, now: datetime, idle: timedelta | None) -> bool:
    return last_used is not None and idle is not None and now - last_used > idle


def _continue_session(
    store: Store,
    viewer: Viewer,
    since: datetime,
    last_used: datetime | None,
    idle: timedelta | None,
) -> Viewer | AdmissionRefusal:
    """Admit somebody whose sign-in is in use, and record from time to time that it is."""
    now = now_utc()
    if _is_idle(last_used, now, idle):
        return AdmissionRefusal.IDLE
    if last_used is None or now - last_used > _SESSION_UPDATE_INTERVAL:
        with store.atomic() as db:
            record_session(db, viewer.id, since, now)
    return viewer


def end_all_sign_ins(store: Store, actor_id: str, person_id: str) -> None:
    """Let every sign-in of somebody be over, on every device; they may sign in again.

    Raises
    ------
    NotAllowed
        It is somebody else and the actor is no admin, or there is no such person.
    """
    with authorised_write(store, actor_id, Action.END_SIGN_INS, person_id) as write:
        known = find_sign_ins(write.db, person_id)
        until = write.now if known is None else max(write.now, known.latest)  # clocks differ
        record_sign_out(write.db, person_id, until)
        write.record()


def end_sign_ins(store: Store, subject: str, until: datetime) -> None:
    """Let the sign-ins of somebody that began up to a moment be over, on every device."""
    with store.atomic() as db:
        person = find_person_by(db, "subject", subject)
        if person is not None:
            record_sign_out(db, person.id, until)
            add_entry(db, AuditEntry(now_utc(), person.id, SIGN_OUT, person.id))


def record_refusal(
    store: Store, actor_id: str | None, action: str, *, subject: str | None = None, **detail: str
) -> None:
    """Keep in the audit what somebody tried and was refused.

    ``subject`` is who they are at their provider, where the roster knows them by no id. The audit
    gets a number for it that says nothing to others, and one entry an hour for each: nobody fills
    it by coming again and again.
    """
    now = now_utc()
    with store.atomic() as db:
        if subject is not None:
            key = signing_key(db, "audit")
            detail["stranger"] = hmac.digest(key, subject.encode(), "sha256").hex()[:12]
            filters = AuditFilter(since=now - _REFUSAL_INTERVAL, action=action, allowed=False)
            recent = list_entries(db, filters, limit=_MOST_REFUSALS)
            if any(entry.detail.get("stranger") == detail["stranger"] for entry in recent):
                return
        add_entry(db, AuditEntry(now, actor_id, action, allowed=False, detail=detail))


def _try_invitation(store: Store, identity: SignedIn, token: str) -> NotAllowed | None:
    """Accept an invitation, or return why not: whom the roster knows needs none."""
    try:
        accept_invitation(
            store, token, subject=identity.subject, email=identity.email, name=identity.name
        )
    except NotAllowed as refusal:
        return refusal
    return None


def _current_viewer(
    db: Reader, person: PersonRow, since: datetime
) -> Viewer | AdmissionRefusal | None:
    """Return whom to admit, or why not, as far as no write is needed; None for a new sign-in."""
    sign_ins = find_sign_ins(db, person.id)
    if person.status == "left":
        return AdmissionRefusal.LEFT
    if sign_ins is None:
        return None
    if sign_ins.ended is not None and since <= sign_ins.ended:
        return AdmissionRefusal.ENDED
    return viewer_of(person) if since <= sign_ins.latest else None


def _find_or_enter(db: Writer, identity: SignedIn) -> PersonRow | None:
    """Return whom the roster knows by subject or address; enter whom the settings give a role."""
    person = find_person_by(db, "subject", identity.subject)
    email = clean_email_or_none(identity.email)
    if person is None and email is not None:
        person = find_person_by(db, "email", email)
        if person is not None and person.subject is not None:
            return None  # the address has passed on to somebody else
    if person is None and identity.role in {Role.PLANNER, Role.ADMIN}:
        person = new_person(clean_name(identity.name), email=email)
        add_people(db, [person])
    return person


def _may_join(db: Reader, person: PersonRow, identity: SignedIn) -> bool:
    """Return whether somebody may come in: who was invited, while the invitation holds."""
    if person.status != "invited" or identity.role in {Role.PLANNER, Role.ADMIN}:
        return True
    return is_invited(db, person.id, now_utc())


def _sign_in(db: Writer, person: PersonRow, identity: SignedIn) -> Viewer:
    now = now_utc()
    changes: dict[str, Any] = {"subject": identity.subject, "status": "active", "seen_at": now}
    if identity.role is not None and identity.role.value != person.role:
        changes["role"] = identity.role.value
        detail = {"role": identity.role.value, "by": "settings"}
        add_entry(db, AuditEntry(now, None, Action.SET_ROLE.value, person.id, detail=detail))
    viewer = _change(db, person, changes)
    record_sign_in(db, person.id, identity.since)
    record_session(db, person.id, identity.since, now)
    add_entry(db, AuditEntry(now, person.id, SIGN_IN, person.id))
    return viewer
