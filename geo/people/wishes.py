"""What somebody's wishes make of places, company and time: pure, so that every page agrees.

What rules something out is said so (steps where there must be none); all else puts what suits
first and leaves the rest behind it. What the map does not know is shown as not known and rules
nothing out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

import numpy as np

from geo.geometry import LocalPlane
from geo.model import BBox, Place
from geo.people.preferences import SIZES, GroupSize, Mood, Often, Preferences, has_steps
from geo.places import capacity, get_kind, surroundings

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
class Fit:
    """How well a place suits somebody.

    Attributes
    ----------
    rank
        Sorts places: the smaller the better.
    reasons
        What suits, what does not, and what is not known; a few words each.
    """

    rank: tuple[int, int]
    reasons: tuple[str, ...]


def fit(place: Place, wanted: Preferences) -> Fit:
    """Return how well a place suits somebody: the kind first, then the surroundings.

    Examples
    --------
    >>> from geo.model import Point
    >>> library = Place("n1", None, "library", Point(0, 0))
    >>> fit(library, Preferences(mood="quiet", step_free=True)).reasons
    ('quiet', 'steps: not known')
    """
    kind = 0 if not wanted.kinds or place.is_any_of(wanted.kinds) else 1
    mood = 0
    reasons = ["your kind of place"] if wanted.kinds and not kind else []
    if wanted.mood != "any":
        found = surroundings(place)
        mood = {"": 1, wanted.mood: 0}.get(found.mood, 2)
        if found.mood:
            why = f": {', '.join(found.reasons)}" if found.reasons else ""
            reasons.append(f"{'rather ' if mood else ''}{found.mood}{why}")
    if wanted.step_free:
        reasons.append(_steps(place))
    return Fit((kind, mood), tuple(reasons))


def by_wishes(
    found: Iterable[T], wanted: Preferences, place_of: Callable[[T], Place]
) -> tuple[list[T], int]:
    """Return what suits somebody, the best first, and how many are left out for their steps.

    What suits alike stays in the order given.
    """
    every = list(found)
    kept = [one for one in every if not (wanted.step_free and has_steps(place_of(one)))]
    ordered = sorted(kept, key=lambda one: fit(place_of(one), wanted).rank)
    return ordered, len(every) - len(kept)


def rests(often: Often, last: date | None, day: date) -> bool:
    """Return whether somebody was at a meetup too short a while before a day.

    Examples
    --------
    >>> rests("monthly", date(2026, 5, 4), date(2026, 5, 18)), rests("any", date.min, date.min)
    (True, False)
    """
    return last is not None and day - last < timedelta(days=REST_DAYS[often])


def usual_mood(moods: Iterable[Mood]) -> Mood:
    """Return what most of those want who want one; "any" where as many want the other.

    Examples
    --------
    >>> usual_mood(["quiet", "any", "quiet", "lively"]), usual_mood(["quiet", "lively"])
    ('quiet', 'any')
    """
    said = Counter(moods)
    if said["quiet"] == said["lively"]:
        return "any"
    return "quiet" if said["quiet"] > said["lively"] else "lively"


def passed_over(places: Sequence[Place], mood: Mood) -> tuple[str, ...]:
    """Return the ids of places that do not suit a mood where one that does is a walk away.

    A place is passed over only for one that holds as many people, so that no group is shut out.
    """
    from scipy.spatial import cKDTree

    moods = [surroundings(place).mood for place in places]
    good = [row for row, one in enumerate(moods) if one == mood]
    bad = [row for row, one in enumerate(moods) if one == _OPPOSITE[mood]]
    box = BBox.around([place.point for place in places])
    if not good or not bad or box is None:
        return ()
    plane = LocalPlane(box.center)
    xy = np.column_stack(
        plane.to_xy(
            np.array([place.point.lon for place in places]),
            np.array([place.point.lat for place in places]),
        )
    )
    near = cKDTree(xy[good]).query_ball_point(xy[bad], _WALK_M)
    rooms = [_room(place) for place in places]
    return tuple(
        places[row].osm_id
        for row, others in zip(bad, near, strict=True)
        if any(rooms[good[other]] >= rooms[row] for other in others)
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
    said = place.tags.get("wheelchair", "")
    return "step-free" if said in _STEP_FREE else known.get(said, "steps: not known")


def _room(place: Place) -> int:
    return capacity(place) or get_kind(place.kind).capacity or 0
