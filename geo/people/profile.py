"""A person's own profile: shown, changed, exported and deleted."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from geo.people.authorised import audited_read, authorised_write
from geo.people.homes import CONSENT_TEXTS
from geo.people.preferences import Preferences
from geo.privacy import Action
from geo.store import Store
from geo.store.audit import Consent, list_consents
from geo.store.database import Reader
from geo.store.people import (
    PersonRow,
    StoredArea,
    change_person,
    find_area,
    find_person,
    find_preferences,
    forget_person,
)
from geo.store.plans import PlannedMeetup, meetups_of
from geo.text import clean_name


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything that is kept of somebody.

    ``area`` is as others see it, None where they have not said where they live; ``consents`` begin
    with the first; ``meetups`` are those that they are asked to, each with their own drive alone.
    """

    person: PersonRow
    area: StoredArea | None
    preferences: Preferences
    consents: tuple[Consent, ...]
    meetups: tuple[PlannedMeetup, ...]


def my_profile(store: Store, actor_id: str) -> Profile:
    """Return everything that is kept of the actor.

    Raises
    ------
    NotAllowed
        There is no such person any more.
    """
    with audited_read(store, actor_id, Action.SEE_PROFILE, actor_id) as read:
        return _profile(read.db, actor_id)


def rename(store: Store, actor_id: str, name: str) -> None:
    """Let somebody say how they are called. Their team and role are not theirs to change.

    Raises
    ------
    NotAllowed
        There is no such person any more.
    InputError
        The name is empty.
    """
    name = clean_name(name)
    with authorised_write(store, actor_id, Action.CHANGE_PROFILE, actor_id) as write:
        change_person(write.db, actor_id, name=name)
        write.record(changed="name")


def export_my_data(store: Store, actor_id: str) -> dict[str, Any]:
    """Return all that is kept of the actor, as JSON values.

    Raises
    ------
    NotAllowed
        There is no such person any more.
    """
    with audited_read(store, actor_id, Action.EXPORT_DATA, actor_id) as read:
        profile = _profile(read.db, actor_id)
        read.record()
    area = profile.area
    return {
        "person": _plain(asdict(profile.person)),
        "home_area": None if area is None else _plain(asdict(area)),
        "preferences": profile.preferences.to_json(),
        "consents": [
            {**_plain(asdict(one)), "text": CONSENT_TEXTS.get(one.text_version, "")}
            for one in profile.consents
        ],
        "meetups": [_plain(asdict(one)) for one in profile.meetups],
    }


def forget(store: Store, actor_id: str, person_id: str) -> None:
    """Delete somebody and all that is kept of them; past meetups keep a number only.

    Raises
    ------
    NotAllowed
        It is somebody else, and the actor is no planner, or they are an admin and the actor none;
        or there is no such person.
    """
    with authorised_write(store, actor_id, Action.FORGET, person_id) as write:
        write.record()
        forget_person(write.db, person_id)
    store.scrub()


def _profile(db: Reader, person_id: str) -> Profile:
    person = find_person(db, person_id)
    if person is None:
        raise RuntimeError("a profile is read of somebody whom the permission did not find")
    return Profile(
        person=person,
        area=find_area(db, person_id),
        preferences=Preferences.from_json(find_preferences(db, person_id)),
        consents=tuple(list_consents(db, person_id)),
        meetups=tuple(meetups_of(db, person_id)),
    )


def _plain(values: Any) -> Any:
    """Return values that JSON can hold."""
    if isinstance(values, dict):
        return {key: _plain(value) for key, value in values.items()}
    if isinstance(values, list | tuple):
        return [_plain(value) for value in values]
    return values.isoformat() if hasattr(values, "isoformat") else values
