"""Preferences of people about meeting, and what follows for places, company and time.

What rules a place or a drive out is a constraint (step-free, longest drive, no unpaved roads, days
away); what makes one nicer than another is a preference, which puts what suits first and leaves the
rest behind it. What the map does not know is shown as not known and rules nothing out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any, Literal, TypeVar, get_args

import numpy as np

from geo.errors import InputError, UnknownName
from geo.geometry import LocalPlane
from geo.model import BBox, Place
from geo.network import Conditions
from geo.people.authorised import authorised_write
from geo.places import ambience, capacity, get_kind, load_kinds
from geo.privacy import Action
from geo.roster import Person
from geo.store import Store
from geo.store.people import find_preferences
from geo.store.people import set_preferences as store_preferences

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
    kinds
        Kinds of place, as "library"; empty for any.
    longest_min, longest_dark_min
        The longest drive by day and after dark, minutes; None for any, 0 for none.
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
        for field_name, value, known in (
            ("group size", self.group_size, GROUP_SIZES),
            ("frequency", self.often, OFTEN),
            ("mood", self.mood, MOODS),
            *(("kind", kind, tuple(load_kinds())) for kind in self.kinds),
        ):
            if value not in known:
                raise UnknownName(field_name, value, known)
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
    with authorised_write(store, actor_id, Action.CHANGE_PROFILE, actor_id) as write:
        store_preferences(write.db, actor_id, wanted.to_json(), write.now)
        write.record(changed="preferences")


T = TypeVar("T")

REST_DAYS: Mapping[Often, int] = {
    "any": 0,
    "weekly": 7,
    "monthly": 28,
    "quarterly": 84,
    "rarely": 182,
}
"""Days between two meetups of somebody, in whole weeks, so that each can be on the same weekday."""

COMPANY: Mapping[GroupSize, int] = {"any": 0, "one to one": 1, "small": 4, "large": 9}
"""How many colleagues are suggested to somebody who likes such groups; 0 for no suggestion."""

_STEP_FREE = frozenset({"yes", "designated"})
_OPPOSITE: Mapping[Mood, str] = {"any": "-", "quiet": "lively", "lively": "quiet"}
_WALK_M = 1500.0
"""Places so near to each other are the same drive to everybody: the one that suits is taken."""


@dataclass(frozen=True, slots=True)
class PreferenceMatch:
    """How well a place suits somebody: the smaller its rank the better, and why.

    Reasons are what suits, what does not, and what is not known; a few words each.
    """

    rank: tuple[int, int]
    reasons: tuple[str, ...]


def match_preferences(place: Place, wanted: Preferences) -> PreferenceMatch:
    """Return how well a place suits somebody: the kind first, then the surroundings.

    Examples
    --------
    >>> from geo.model import Point
    >>> library = Place("n1", None, "library", Point(0, 0))
    >>> match_preferences(library, Preferences(mood="quiet", step_free=True)).reasons
    ('quiet', 'steps: not known')
    """
    kind = 0 if not wanted.kinds or place.is_any_of(wanted.kinds) else 1
    mood = 0
    reasons = ["your kind of place"] if wanted.kinds and not kind else []
    if wanted.mood != "any":
        found = ambience(place)
        mood = {"": 1, wanted.mood: 0}.get(found.mood, 2)
        if found.mood:
            why = f": {', '.join(found.reasons)}" if found.reasons else ""
            reasons.append(f"{'rather ' if mood else ''}{found.mood}{why}")
    if wanted.step_free:
        reasons.append(_steps(place))
    return PreferenceMatch((kind, mood), tuple(reasons))


def rank_by_preferences(
    found: Iterable[T], wanted: Preferences, place_of: Callable[[T], Place]
) -> tuple[list[T], int]:
    """Return what suits somebody, the best first, and how many are left out for their steps.

    What suits alike stays in the order given.
    """
    candidates = list(found)
    kept = [one for one in candidates if not (wanted.step_free and has_steps(place_of(one)))]
    ordered = sorted(kept, key=lambda one: match_preferences(place_of(one), wanted).rank)
    return ordered, len(candidates) - len(kept)


def is_resting(often: Often, last: date | None, day: date) -> bool:
    """Return whether somebody was at a meetup too short a while before a day.

    Examples
    --------
    >>> is_resting("monthly", date(2026, 5, 4), date(2026, 5, 18))
    True
    >>> is_resting("any", date.min, date.min)
    False
    """
    return last is not None and day - last < timedelta(days=REST_DAYS[often])


def usual_mood(moods: Iterable[Mood]) -> Mood:
    """Return what most of those want who want one; "any" where as many want the other.

    Examples
    --------
    >>> usual_mood(["quiet", "any", "quiet", "lively"]), usual_mood(["quiet", "lively"])
    ('quiet', 'any')
    """
    counts = Counter(moods)
    if counts["quiet"] == counts["lively"]:
        return "any"
    return "quiet" if counts["quiet"] > counts["lively"] else "lively"


def places_against_mood(places: Sequence[Place], mood: Mood) -> tuple[str, ...]:
    """Return the ids of places that do not suit a mood where one that does is a walk away.

    A place is passed over only for one that holds as many people, so that no group is shut out.
    """
    from scipy.spatial import cKDTree

    moods = [ambience(place).mood for place in places]
    matching = [row for row, one in enumerate(moods) if one == mood]
    opposite = [row for row, one in enumerate(moods) if one == _OPPOSITE[mood]]
    box = BBox.around([place.point for place in places])
    if not matching or not opposite or box is None:
        return ()
    plane = LocalPlane(box.center)
    xy = np.column_stack(
        plane.to_xy(
            np.array([place.point.lon for place in places]),
            np.array([place.point.lat for place in places]),
        )
    )
    near = cKDTree(xy[matching]).query_ball_point(xy[opposite], _WALK_M)
    capacities = [_capacity(place) for place in places]
    return tuple(
        places[row].osm_id
        for row, others in zip(opposite, near, strict=True)
        if any(capacities[matching[other]] >= capacities[row] for other in others)
    )


def suggest_company(near: Sequence[T], size: GroupSize) -> list[T]:
    """Return whom to suggest to somebody of those near, the nearest first, by the group they like.

    Examples
    --------
    >>> suggest_company(["Avis", "Bram", "Cleo"], "one to one"), suggest_company(["Avis"], "any")
    (['Avis'], [])
    """
    return list(near[: COMPANY[size]])


def suits_size(people: int, size: GroupSize) -> bool:
    """Return whether a group of so many, the one who wants included, is as somebody likes.

    Examples
    --------
    >>> suits_size(2, "one to one"), suits_size(5, "large"), suits_size(5, "any")
    (True, False, True)
    """
    if size == "any":
        return True
    least, most = SIZES[size]
    return least <= people <= most


def _steps(place: Place) -> str:
    known = {"limited": "partly step-free", "no": "has steps"}
    wheelchair = place.tags.get("wheelchair", "")
    return "step-free" if wheelchair in _STEP_FREE else known.get(wheelchair, "steps: not known")


def _capacity(place: Place) -> int:
    return capacity(place) or get_kind(place.kind).capacity or 0
