"""How people come in: the one user of an own computer, and by an invitation."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from geo.errors import InputError, NotAllowed
from geo.people.acting import acting, now_utc, viewer_by_id, viewer_of
from geo.people.text import clean_email, clean_name, known_email
from geo.privacy import Action, Audience, Role, Viewer
from geo.store import (
    AuditEntry,
    InvitationRow,
    PersonRow,
    Store,
    Writer,
    add_entry,
    add_invitation,
    add_people,
    change_person,
    find_by,
    find_invitation,
    find_person,
    use_invitation,
)

LOCAL_ID = "local"
"""The one user where no sign-in is set up: whoever sits at the computer."""

JOINED = "accept an invitation"
"""What the audit calls it."""

_TOKEN_BYTES = 32
"""Nobody guesses 256 random bits; the store keeps their hash alone."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation to be sent.

    Attributes
    ----------
    person_id
        Who is invited.
    email
        Where it goes.
    token
        To be put into the link ``/?invite=TOKEN``; kept nowhere, so it is shown once.
    expires_at
        Until when it can be accepted.
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

    Parameters
    ----------
    emails
        One for each.
    days
        How long the links hold.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    InputError
        An address is none.
    """
    addresses = list(dict.fromkeys(clean_email(email) for email in emails))
    made = []
    with acting(store, actor_id, Action.INVITE) as act:
        expires_at = act.now + timedelta(days=days)
        for address in addresses:
            person = find_by(act.db, "email", address)
            if person is None:
                person = new_person(address.split("@")[0], email=address, status="invited")
                add_people(act.db, [person])
            elif person.status == "listed":
                change_person(act.db, person.id, status="invited")
            token = secrets.token_urlsafe(_TOKEN_BYTES)
            row = InvitationRow(
                id=secrets.token_hex(16),
                token_hash=_hash(token),
                person_id=person.id,
                invited_by=actor_id,
                created_at=act.now,
                expires_at=expires_at,
            )
            add_invitation(act.db, row)
            act.note(Action.INVITE, subject_id=person.id)
            made.append(Invitation(person.id, address, token, expires_at))
    return made


def check_invitation(store: Store, token: str) -> datetime:
    """Return until when an invitation can be accepted, without accepting it.

    Raises
    ------
    NotAllowed
        It is forged, has expired, or was used already.
    """
    with store.atomic() as db:
        return _valid(db, token).expires_at


def accept_invitation(
    store: Store, token: str, *, subject: str, email: str | None, name: str | None = None
) -> Viewer:
    """Let somebody who has signed in join by an invitation; it is used up.

    Parameters
    ----------
    token
        As in the link.
    subject, email, name
        As the sign-in provider knows them.

    Raises
    ------
    NotAllowed
        It is forged, has expired, was used already, or is for another address.
    """
    with store.atomic() as db:
        row = _valid(db, token)
        person = find_person(db, row.person_id)
        if person is None:
            raise NotAllowed("this invitation was withdrawn; ask for a new one.")
        if person.email and known_email(email) != person.email:
            raise NotAllowed(
                "this invitation is for another e-mail address; sign in with the one that it was"
                " sent to, or ask for a new one."
            )
        other = find_by(db, "subject", subject)
        taken = other is not None and other.id != person.id
        # Whoever changes somebody's status and address must not become them by an invitation.
        if taken or person.subject not in {None, subject} or person.status == "left":
            raise NotAllowed("you cannot join by this invitation; ask who sent it.")
        use_invitation(db, row.id, now_utc())
        if name and person.name == (person.email or "").split("@")[0]:
            change_person(db, person.id, name=clean_name(name))
        viewer = _welcome(db, person, subject)
        add_entry(db, AuditEntry(now_utc(), person.id, JOINED, person.id))
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


def _welcome(db: Writer, person: PersonRow, subject: str) -> Viewer:
    if person.subject is None or person.status != "active":
        change_person(db, person.id, subject=subject, status="active", seen_at=now_utc())
    known = find_person(db, person.id)
    if known is None:  # it was there a moment ago, in this same transaction
        raise NotAllowed("you are not on the roster any more.")
    return viewer_of(known)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _valid(db: Writer, token: str) -> InvitationRow:
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
