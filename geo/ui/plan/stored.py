"""The stored roster as a plan takes it: by name who allows planning, others in their area.

What a plan calls somebody is their name, made unique, so that every table, map and file of the plan
says names and nothing else; which row of the store that is stays here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from geo.export.listing import Start
from geo.model import Place
from geo.people import NAMELESS, PlanDemand, demand_for_plan
from geo.places import get_kind
from geo.region import Region
from geo.roster import Person
from geo.ui.distinct import distinct
from geo.ui.viewer import current_viewer, the_store
from geo.ui.words import plan as said


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
    sizes
        The least and largest group that most want; None where nobody minds.
    nameless, left_out, without_area, away
        How many count without a name, stay out because those are so few, have not said where they
        live, and are away on the day.
    """

    people: tuple[Person, ...]
    starts: Mapping[str, Start]
    ids: Mapping[str, str]
    minutes: Mapping[str, float]
    vetoes: tuple[tuple[str, str], ...]
    sizes: tuple[int, int] | None
    nameless: int
    left_out: int
    without_area: int
    away: int


def stored_people(region: Region, day: date | None) -> Stored:
    """Return the stored roster, as whoever looks may plan for it at this moment.

    Raises
    ------
    NotAllowed
        They are no planner.
    """
    demand = demand_for_plan(the_store(), current_viewer().id, region, day=day)
    called = _names(demand)
    return Stored(
        people=tuple(replace(one, id=called[one.id]) for one in demand.people),
        starts={called[key]: Start(one.label, one.point) for key, one in demand.areas.items()},
        ids={called[key]: key for key in demand.names},
        minutes={called[key]: minutes for key, minutes in (demand.ledger or {}).items()},
        vetoes=tuple((called[key], osm_id) for key, osm_id in demand.vetoes(_hosts(region))),
        sizes=demand.usual_sizes(),
        nameless=len(demand.people) - len(demand.names),
        left_out=demand.left_out,
        without_area=demand.without_area,
        away=demand.away,
    )


def _names(demand: PlanDemand) -> dict[str, str]:
    """Return what to call each: their name, with a number where another has it too."""
    return distinct(
        {
            one.id: demand.names.get(one.id) or said.nameless(one.id.removeprefix(NAMELESS))
            for one in demand.people
        }
    )


def _hosts(region: Region) -> list[Place]:
    """Return the places that can host a group."""
    places = region.places.take(region.places.rows().tolist())
    return [place for place in places if get_kind(place.kind).hosts_groups]
