"""Who has a place to work within a drive, who has none, and what would help them.

The drive of every person to the nearest place of every kind answers most questions: who is covered
within a cutoff, where nobody is (a desert), and what is the nearest fallback. Which new memberships
would reach most people is maximal coverage: Church & ReVelle 1974, see
`geo.facility_location.covering`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo import facility_location
from geo.errors import InputError
from geo.meetup.candidates import Demand
from geo.model import Place
from geo.network import DRY, Conditions
from geo.places import shown_kinds
from geo.region import Region
from geo.roster import Person
from geo.venues import is_membership, own_venue_rows

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

FALLBACK_KINDS = ("library", "community_centre", "town_hall", "hotel")
"""Where one may sit and work without a contract; the first is asked for first, if near enough."""

_PEOPLE_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest place of some kinds."""

    place: Place
    travel_time_s: float


@dataclass(frozen=True, slots=True)
class PersonCoverage:
    """What one person has.

    The nearest place of the kinds asked for, None where no road leads to any; and for those without
    a place within the shortest cutoff the nearest library, hall or hotel, if there is one.
    """

    person: Person
    nearest: Nearest | None
    fallback: Nearest | None


@dataclass(frozen=True, slots=True)
class KindCoverage:
    """How many people have a place of one kind, within each cutoff."""

    kind: str
    places: int
    covered: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A place whose membership would help, and whom.

    ``people`` are the ids of those within the shortest cutoff to whom it is the nearest of those
    suggested.
    """

    place: Place
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who has a place within a drive.

    Attributes
    ----------
    cutoffs_s
        Ascending.
    covered
        People with any place of the kinds, within each cutoff.
    people
        In the order of the roster.
    suggestions
        Which memberships would cover most of those who are asked for; empty where none was.
    suggestions_proven
        No other choice of as many covers more people.
    unreached
        Existing memberships that nobody reaches within the shortest cutoff.
    """

    cutoffs_s: tuple[float, ...]
    covered: tuple[int, ...]
    by_kind: tuple[KindCoverage, ...]
    people: tuple[PersonCoverage, ...]
    suggestions: tuple[Suggestion, ...] = ()
    suggestions_proven: bool = True
    unreached: tuple[Place, ...] = ()

    def without(self, cutoff_s: float) -> tuple[Person, ...]:
        """Return who has no place within a cutoff."""
        return tuple(
            one.person
            for one in self.people
            if one.nearest is None or one.nearest.travel_time_s > cutoff_s
        )


def measure_coverage(
    region: Region,
    people: Sequence[Person],
    *,
    cutoffs_s: Sequence[float],
    kinds: Sequence[str] | None = None,
    conditions: Conditions = DRY,
    new_memberships: int = 0,
) -> Coverage:
    """Measure who has a place within a drive.

    ``kinds`` of None are those that a search looks for. ``conditions`` are for people who have none
    of their own; ``new_memberships`` is how many coworking spaces are suggested.

    Raises
    ------
    InputError
        There is no cutoff.
    UnknownName
        A kind does not exist.
    """
    if not cutoffs_s:
        raise InputError("coverage needs a longest drive; give one or more.")
    cutoffs = tuple(sorted(set(cutoffs_s)))
    asked = tuple(dict.fromkeys(kinds if kinds is not None else shown_kinds()))
    rows = {kind: region.places.rows(kinds=[kind]) for kind in (*asked, *FALLBACK_KINDS)}
    nearest = {kind: _nearest(region, people, rows[kind], conditions) for kind in rows}
    best = _best(region, nearest, asked, len(people))
    spare = _best(region, nearest, FALLBACK_KINDS, len(people))
    found = tuple(
        PersonCoverage(
            person,
            best[i],
            None if _within(best[i], cutoffs[0]) else spare[i],
        )
        for i, person in enumerate(people)
    )
    suggestions, proven = _suggest(region, people, cutoffs[0], conditions, new_memberships)
    return Coverage(
        cutoffs_s=cutoffs,
        covered=tuple(sum(_within(one, cutoff) for one in best) for cutoff in cutoffs),
        by_kind=tuple(
            KindCoverage(
                kind,
                len(rows[kind]),
                tuple(int((nearest[kind][1] <= cutoff).sum()) for cutoff in cutoffs),
            )
            for kind in asked
        ),
        people=found,
        suggestions=suggestions,
        suggestions_proven=proven,
        unreached=_unreached(region, people, cutoffs[0], conditions),
    )


def _nearest(
    region: Region, people: Sequence[Person], rows: npt.NDArray[np.int64], conditions: Conditions
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return for each person the row of the nearest of some places, and the drive there."""
    best_row = np.full(len(people), -1, np.int64)
    best_s = np.full(len(people), np.inf)
    if len(rows):
        for start in range(0, len(people), _PEOPLE_AT_ONCE):
            part = slice(start, start + _PEOPLE_AT_ONCE)
            seconds = Demand.measure(
                region.network, people[part], region.place_snaps[rows], conditions
            ).seconds
            column = seconds.argmin(axis=1)
            best_s[part] = seconds[np.arange(len(seconds)), column]
            best_row[part] = rows[column]
    return best_row, best_s


def _best(
    region: Region,
    nearest: dict[str, tuple[npt.NDArray[np.int64], Floats]],
    kinds: Sequence[str],
    people: int,
) -> list[Nearest | None]:
    best: list[Nearest | None] = []
    for i in range(people):
        kind = min(kinds, key=lambda one: float(nearest[one][1][i]), default=None)
        seconds = math.inf if kind is None else float(nearest[kind][1][i])
        if kind is None or not math.isfinite(seconds):
            best.append(None)
        else:
            place = region.places[int(nearest[kind][0][i])]
            best.append(Nearest(place.as_any_of([kind]), seconds))
    return best


def _within(one: Nearest | None, cutoff_s: float) -> bool:
    return one is not None and one.travel_time_s <= cutoff_s


def _suggest(
    region: Region,
    people: Sequence[Person],
    cutoff_s: float,
    conditions: Conditions,
    count: int,
) -> tuple[tuple[Suggestion, ...], bool]:
    rows = region.places.rows(kinds=["coworking"])
    ours = np.intersect1d(rows, own_venue_rows(region))  # offices and partners need no membership
    if count < 1 or not len(people) or len(rows) == len(ours):
        return (), True
    seconds = Demand.measure(region.network, people, region.place_snaps[rows], conditions).seconds
    held = np.flatnonzero(np.isin(rows, ours))
    siting = facility_location.solve_max_coverage(
        seconds,
        min(count + len(held), len(rows)),
        cutoff_s,
        forced=[int(column) for column in held],
        time_limit_s=10.0,
    )
    suggestions = []
    for column in np.setdiff1d(siting.sites, held):
        who = tuple(people[int(i)].id for i in np.flatnonzero(siting.assignment == column))
        if who:
            suggestions.append(
                Suggestion(region.places[int(rows[column])].as_any_of(["coworking"]), who)
            )
    suggestions.sort(key=lambda one: (-len(one.people), one.place.osm_id))
    return tuple(suggestions), siting.proven


def _unreached(
    region: Region, people: Sequence[Person], cutoff_s: float, conditions: Conditions
) -> tuple[Place, ...]:
    rows = np.array(
        [row for row in own_venue_rows(region) if is_membership(region.places[row])], np.intp
    )
    if not len(rows):
        return ()
    seconds = Demand.measure(region.network, people, region.place_snaps[rows], conditions).seconds
    reached = (seconds <= cutoff_s).any(axis=0)
    return tuple(region.places[int(row)] for row in rows[~reached])
