"""The roster as a plan takes it: by name who allows planning, as a number in an area who does not.

Somebody without a name could still be identified by elimination, so nameless people of an area take
part only where at least `least_nameless` (``data/homes.toml``) of them have signed in themselves:
people whom a planner made up cover nobody. Who stays out is counted. Nor does the day matter for
who is nameless: a plan for a day on which somebody is known to be away would else reveal their area
by what it lacks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from geo.files import read_table
from geo.model import HomeArea, Place
from geo.people.authorised import audited_read, record_use, subject_of
from geo.people.preferences import SIZES, Mood, Preferences, is_resting, suits_size, usual_mood
from geo.privacy import Action, may_see
from geo.region import Region
from geo.roster import Person
from geo.store import Store
from geo.store.people import PersonRow, list_areas, list_people, list_preferences
from geo.store.plans import last_meetups, minutes_driven

ANONYMOUS_PREFIX = "someone-"
"""Begins the id of a person without a name in one plan; it says nothing of who it is."""


@dataclass(frozen=True, slots=True)
class PlanDemand:
    """Who is to be planned for.

    Attributes
    ----------
    people
        Everybody, starting from their areas.
    names
        Of those who allow planning, by id; nobody else has one.
    preferences
        Of those who allow planning and said some, by id.
    left_out
        How many nameless people stay out, because so few in their area have signed in.
    away
        How many of those with a name are away on the day.
    resting
        How many of those with a name were at a meetup more recently before the day than they wish.
    minutes_driven
        Minutes that each has driven to past meetups, by id.
    """

    people: tuple[Person, ...]
    names: Mapping[str, str]
    areas: Mapping[str, HomeArea]
    preferences: Mapping[str, Preferences]
    left_out: int = 0
    without_area: int = 0
    elsewhere: int = 0
    away: int = 0
    resting: int = 0
    minutes_driven: Mapping[str, float] = field(default_factory=dict)

    def vetoes(self, places: Sequence[Place]) -> tuple[tuple[str, str], ...]:
        """Return pairs of a person's id and a place's, where this person does not go there."""
        return tuple(
            (person_id, place.osm_id)
            for person_id, wanted in self.preferences.items()
            for place in places
            if wanted.rules_out(place)
        )

    def usual_sizes(self) -> tuple[int, int] | None:
        """Return the least and largest group that most people want; None where nobody minds."""
        stated = [SIZES[one.group_size] for one in self.preferences.values()
                  if one.group_size != "any"]  # fmt: skip
        if not stated:
            return None
        return max(set(stated), key=lambda sizes: (stated.count(sizes), -sizes[0]))

    def agreed_sizes(self) -> tuple[int, int] | None:
        """Return the same where at least half of those with a name want it, so that it is asked."""
        sizes = self.usual_sizes()
        count = sum(SIZES.get(one.group_size) == sizes for one in self.preferences.values())
        return sizes if sizes is not None and 2 * count >= len(self.names) else None

    def usual_mood(self) -> Mood:
        """Return which surroundings more people want than the other; "any" where none."""
        return usual_mood(one.mood for one in self.preferences.values())

    def count_satisfied(self, groups: Iterable[Collection[str]]) -> tuple[int, int]:
        """Return how many are in a group of a size that they like, and how many said what size.

        Groups hold the ids of those who meet; of those in none nothing is counted.
        """
        sizes = [
            suits_size(len(group), wanted.group_size)
            for group in groups
            for one in group
            if (wanted := self.preferences.get(one)) and wanted.group_size != "any"
        ]
        return sum(sizes), len(sizes)


def demand_for_plan(
    store: Store,
    actor_id: str,
    region: Region,
    *,
    day: date | None = None,
    with_resting: bool = False,
) -> PlanDemand:
    """Return the stored roster as a plan in this region takes it.

    People of other regions are not part of it. Of those with a name, who is away on ``day`` is left
    out, and, unless ``with_resting``, who was at a meetup more recently before it than they wish. A
    day of None leaves out nobody.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    """
    with audited_read(store, actor_id, Action.PLAN) as read:
        stored = list_areas(read.db)
        areas = {key: one.area for key, one in stored.items() if one.region == region.name}
        stated = list_preferences(read.db)
        staff = [one for one in list_people(read.db) if one.status != "left"]
        wanted = {one.id: Preferences.from_json(stated.get(one.id, {})) for one in staff}
        placed = [one for one in staff if one.id in areas]
        allowed = {one.id for one in placed
                   if may_see(read.viewer, Action.SEE_NAME_IN_PLAN, subject_of(one))}  # fmt: skip
        resting = set() if day is None else _resting(last_meetups(read.db, day), wanted, day)
        present = [one for one in placed if one.id in allowed
                 and (day is None or not wanted[one.id].is_away(day))]  # fmt: skip
        named = [one for one in present if with_resting or one.id not in resting]
        nameless = [one for one in placed if one.id not in allowed]
        driven = minutes_driven(read.db)
        read.record(named=len(named), nameless=len(nameless))
    record_use(store, [one.id for one in (*named, *nameless)])
    people = [_named_person(one, areas[one.id], wanted[one.id]) for one in named]
    # Of a nameless one the area is all that counts.
    anonymous = {f"{ANONYMOUS_PREFIX}{row}": areas[one.id]
                 for row, one in enumerate(_k_anonymous(nameless, areas), start=1)}  # fmt: skip
    return PlanDemand(
        people=(*people, *(Person(key, area.point) for key, area in anonymous.items())),
        names={one.id: one.name for one in named},
        areas={one.id: areas[one.id] for one in named} | anonymous,
        preferences={one.id: wanted[one.id] for one in named if one.id in stated},
        left_out=len(nameless) - len(anonymous),
        without_area=sum(one.id not in stored for one in staff),
        elsewhere=sum(one.id in stored and one.id not in areas for one in staff),
        away=len(allowed) - len(present),
        resting=sum(one.id in resting for one in present),
        minutes_driven={one.id: driven.get(one.id, 0.0) for one in named},
    )


def _named_person(row: PersonRow, area: HomeArea, preferences: Preferences) -> Person:
    return preferences.constrain(Person(row.id, area.point, weight=row.weight, team=row.team))


def _k_anonymous(nameless: Sequence[PersonRow], areas: Mapping[str, HomeArea]) -> list[PersonRow]:
    """Return those whose area enough nameless people share who have signed in, by area."""
    minimum = read_table("homes")["plans"]["least_nameless"]
    signed_in = Counter(areas[one.id].id for one in nameless if one.subject is not None)
    covered = [one for one in nameless if signed_in[areas[one.id].id] >= minimum]
    return sorted(covered, key=lambda one: (areas[one.id].id, one.id))


def _resting(last: Mapping[str, date], wanted: Mapping[str, Preferences], day: date) -> set[str]:
    """Return those who met too short a while before a day."""
    return {key for key, one in wanted.items() if is_resting(one.often, last.get(key), day)}
