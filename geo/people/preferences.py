"""What people want of meeting, because people differ; and what a plan makes of it.

Some want to sit with one other person in a quiet corner, some with everybody in a pub. What rules a
place or a drive out is a constraint (step-free, longest drive, no unpaved roads, days away); what
makes one nicer than another is a wish.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Literal, get_args

from geo.errors import InputError, UnknownName
from geo.model import Place
from geo.network import Conditions
from geo.people.acting import acting
from geo.places import load_kinds
from geo.privacy import Action
from geo.roster import Person
from geo.store import Store, find_preferences
from geo.store import set_preferences as keep_preferences

GroupSize = Literal["any", "one to one", "small", "large"]
Often = Literal["any", "weekly", "monthly", "quarterly", "rarely"]
Mood = Literal["any", "quiet", "lively"]
GROUP_SIZES: tuple[GroupSize, ...] = get_args(GroupSize)
OFTEN: tuple[Often, ...] = get_args(Often)
MOODS: tuple[Mood, ...] = get_args(Mood)

SIZES: Mapping[str, tuple[int, int]] = {"one to one": (2, 2), "small": (2, 5), "large": (6, 60)}
"""How many people, the person included, each kind of group has."""

_LONGEST_MIN = 240
_MOST_AWAY = 40


@dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody wants; what is not said is anything.

    Attributes
    ----------
    group_size, often, mood
        With how many, how often, and in what surroundings.
    kinds
        Kinds of place, as "library"; empty for any.
    step_free
        Whether there must be no steps.
    longest_min, longest_dark_min
        The longest drive by day and after dark, minutes; None for any, 0 for none.
    avoids_unpaved
        Whether unpaved roads are avoided.
    away
        First and last days of times away.

    Raises
    ------
    InputError
        A number or a date is out of range.
    UnknownName
        A word is not known.
    """

    group_size: GroupSize = "any"
    often: Often = "any"
    mood: Mood = "any"
    kinds: tuple[str, ...] = ()
    step_free: bool = False
    longest_min: int | None = None
    longest_dark_min: int | None = None
    avoids_unpaved: bool = False
    away: tuple[tuple[date, date], ...] = ()

    def __post_init__(self) -> None:
        for what, value, known in (
            ("group size", self.group_size, GROUP_SIZES),
            ("frequency", self.often, OFTEN),
            ("mood", self.mood, MOODS),
            *(("kind", kind, tuple(load_kinds())) for kind in self.kinds),
        ):
            if value not in known:
                raise UnknownName(what, value, known)
        for minutes in (self.longest_min, self.longest_dark_min):
            if minutes is not None and not 0 <= minutes <= _LONGEST_MIN:
                raise InputError(f"a longest drive is between 0 and {_LONGEST_MIN} minutes.")
        if len(self.away) > _MOST_AWAY or any(first > last for first, last in self.away):
            raise InputError("each time away has a first day and a last day after it.")

    def is_away(self, day: date) -> bool:
        """Return whether somebody is away on a day."""
        return any(first <= day <= last for first, last in self.away)

    def to_json(self) -> dict[str, Any]:
        """Return what was said, as JSON values; what is anything is left out."""
        plain = Preferences()
        values: dict[str, Any] = {
            one.name: getattr(self, one.name)
            for one in fields(self)
            if getattr(self, one.name) != getattr(plain, one.name)
        }
        if self.away:
            values["away"] = [[first.isoformat(), last.isoformat()] for first, last in self.away]
        if self.kinds:
            values["kinds"] = list(self.kinds)
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Preferences:
        """Return what `to_json` gave; kinds that are not known any more are dropped."""
        known = {one.name for one in fields(cls)}
        given = {key: value for key, value in values.items() if key in known}
        given["kinds"] = tuple(kind for kind in given.get("kinds", ()) if kind in load_kinds())
        given["away"] = tuple(
            (date.fromisoformat(first), date.fromisoformat(last))
            for first, last in given.get("away", ())
        )
        return cls(**given)

    def constrain(self, person: Person) -> Person:
        """Return somebody of a plan with the drives that they are ready for."""
        longest, dark = (
            math.inf if minutes is None else minutes * 60.0
            for minutes in (self.longest_min, self.longest_dark_min)
        )
        conditions = person.conditions
        if self.avoids_unpaved and conditions is None:
            conditions = Conditions("mud")
        return replace(
            person,
            conditions=conditions,
            daylight=person.daylight or dark == 0,
            longest_s=min(person.longest_s, longest),
            longest_dark_s=min(person.longest_dark_s, dark),
        )

    def rules_out(self, place: Place) -> bool:
        """Return whether somebody does not go to a place: of another kind, or with steps.

        What the map does not say rules nothing out.
        """
        if self.kinds and not place.is_any_of(self.kinds):
            return True
        return self.step_free and has_steps(place)


def has_steps(place: Place) -> bool:
    """Return whether the map says that there are steps; what it does not say is no steps."""
    return place.tags.get("wheelchair") == "no"


def my_preferences(store: Store, actor_id: str) -> Preferences:
    """Return what somebody said that they want."""
    with store.read() as db:
        return Preferences.from_json(find_preferences(db, actor_id))


def set_preferences(store: Store, actor_id: str, wanted: Preferences) -> None:
    """Let somebody say what they want, for themselves.

    Raises
    ------
    NotAllowed
        There is no such person any more.
    """
    with acting(store, actor_id, Action.CHANGE_PROFILE, actor_id) as act:
        keep_preferences(act.db, actor_id, wanted.to_json(), act.now)
        act.note(Action.CHANGE_PROFILE, subject_id=actor_id, changed="preferences")
