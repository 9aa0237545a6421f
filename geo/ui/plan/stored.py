"""The stored roster as a plan takes it: by name who allows planning, others in their area.

What a plan calls somebody is their name, made unique, so that every table, map and file of the plan
says names and nothing else; which row of the store that is stays here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from geo.export.listing import Start
from geo.meetup import PlanRequest
from geo.model import Place
from geo.people import NAMELESS, Mood, PlanDemand, demand_for_plan, passed_over
from geo.places import hosts_groups, opening
from geo.region import Region
from geo.roster import Person
from geo.ui.distinct import distinct
from geo.ui.viewer import current_viewer, the_store
from geo.ui.words import plan as said

RESTING = "plan-resting"
"""Where the visitor's session keeps whether those who rest take part all the same."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The people of the stored roster.

    Attributes
    ----------
    people
        Everybody, starting from their areas, by the name that a plan calls them.
    starts
        What a browser may know of where each starts, by that name.
    ids
        Who they are in the store, by that name; nobody without a name is in it.
    minutes
        What each has driven to meetups that they attended, by that name.
    vetoes
        That name and the id of a place where they do not go.
    sizes, agreed
        The least and largest group that most want, and the same where at least half want it; None
        where nobody minds, or too few.
    mood
        The surroundings that more want than the other.
    demand
        The same by the ids of the store.
    nameless, left_out, without_area, elsewhere, away, resting
        How many count without a name, stay out because those are so few, have not said where they
        live, live in another region, are away on the day, and met more recently than they wish.
    with_resting
        Whether the last take part all the same.
    """

    people: tuple[Person, ...]
    starts: Mapping[str, Start]
    ids: Mapping[str, str]
    minutes: Mapping[str, float]
    vetoes: tuple[tuple[str, str], ...]
    sizes: tuple[int, int] | None
    agreed: tuple[int, int] | None
    mood: Mood
    hosts: tuple[Place, ...] = field(repr=False)
    demand: PlanDemand = field(repr=False)
    nameless: int
    left_out: int
    without_area: int
    elsewhere: int
    away: int
    resting: int
    with_resting: bool
    _over: dict[object, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)

    def pleased(self, groups: Iterable[Collection[str]]) -> tuple[int, int]:
        """Return how many are in a group of a size that they like, and how many said what size."""
        return self.demand.pleased([self.ids.get(one, one) for one in group] for group in groups)

    def bind(self, request: PlanRequest) -> PlanRequest:
        """Return a request that keeps to what people wish: where they go, and quiet or lively."""
        over = set(self._passed_over(request)) - set(request.forced)
        return replace(
            request,
            vetoes=(*request.vetoes, *self.vetoes),
            banned=(*request.banned, *sorted(over)),
        )

    def _passed_over(self, request: PlanRequest) -> tuple[str, ...]:
        """Return the places that do not suit where one that does could host, a walk away."""
        if self.mood == "any":
            return ()
        key = (request.kinds, request.banned, request.starts_at, request.duration)
        if key not in self._over:
            able = [place for place in self.hosts if _could_host(place, request)]
            self._over[key] = passed_over(able, self.mood)
        return self._over[key]


def stored_people(region: Region, day: date | None, *, with_resting: bool = False) -> Stored:
    """Return the stored roster, as whoever looks may plan for it at this moment.

    Parameters
    ----------
    region
        Where.
    day
        When; None for any day.
    with_resting
        Whether those who met more recently than they wish take part all the same.

    Raises
    ------
    NotAllowed
        They are no planner.
    """
    demand = demand_for_plan(
        the_store(), current_viewer().id, region, day=day, with_resting=with_resting
    )
    called, hosts = _names(demand), _hosts(region)
    return Stored(
        people=tuple(replace(one, id=called[one.id]) for one in demand.people),
        starts={called[key]: Start(one.label, one.point) for key, one in demand.areas.items()},
        ids={called[key]: key for key in demand.names},
        minutes={called[key]: minutes for key, minutes in (demand.ledger or {}).items()},
        vetoes=tuple((called[key], osm_id) for key, osm_id in demand.vetoes(hosts)),
        sizes=demand.usual_sizes(),
        agreed=demand.agreed_sizes(),
        mood=demand.usual_mood(),
        hosts=tuple(hosts),
        demand=demand,
        nameless=len(demand.people) - len(demand.names),
        left_out=demand.left_out,
        without_area=demand.without_area,
        elsewhere=demand.elsewhere,
        away=demand.away,
        resting=demand.resting,
        with_resting=with_resting,
    )


def _names(demand: PlanDemand) -> dict[str, str]:
    """Return what to call each: their name, with a number where another has it too."""
    return distinct(
        {
            one.id: demand.names.get(one.id) or said.nameless(one.id.removeprefix(NAMELESS))
            for one in demand.people
        }
    )


def _could_host(place: Place, request: PlanRequest) -> bool:
    if place.osm_id in request.banned or not place.name:
        return False
    if request.kinds is not None and not place.is_any_of(request.kinds):
        return False
    at = request.starts_at
    return at is None or opening.open_throughout(place, at, request.duration) != "closed"


def _hosts(region: Region) -> list[Place]:
    """Return the places that can host a group."""
    places = region.places.take(region.places.rows().tolist())
    return [place for place in places if hosts_groups(place)]
