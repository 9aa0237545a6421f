"""A plan on the map: meetups as cards, people at their settlements, lines between them."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from geo.export.listing import Start
from geo.measures import Measures, drive
from geo.meetup import Attendee, Meetup, MeetupPlan
from geo.model import BBox, Point
from geo.region import Region
from geo.ui import page, words
from geo.ui.cards import place_card
from geo.ui.map import Card, Person, Scene, Spider
from geo.ui.map.palette import PEOPLE_COLORS
from geo.ui.words import plan as said

_NOWHERE = "#6b7280"
_LEFT_OUT = "#b02a37"
_MOST_NAMED = 60


def group_color(number: int) -> str:
    """Return the colour of a meetup; numbers count from 1."""
    return PEOPLE_COLORS[(number - 1) % len(PEOPLE_COLORS)]


def plan_scene(
    region: Region, plan: MeetupPlan, starts: Mapping[str, Start], selected: str | None
) -> Scene:
    """Return the map of a plan; people stand where a browser may know them."""
    ids = {meetup.place.osm_id for meetup in plan.meetups}
    points = [start.point for start in starts.values() if start.point]
    places = [meetup.place.point for meetup in plan.meetups]
    measures = page.measures()
    return replace(
        page.empty_scene(region, ""),
        fit_id=f"{region.name} {sorted(ids)} {len(points)}",
        fit=BBox.around([*places, *(point for point in points if point in region.bbox)]),
        cards=[_card(n, meetup, plan, measures) for n, meetup in enumerate(plan.meetups, start=1)],
        people=people_markers(plan, starts),
        spiders=[
            Spider(meetup.place.point, _ends(meetup, starts), group_color(number))
            for number, meetup in enumerate(plan.meetups, start=1)
        ],
        lists=True,
        picks=False,
        locates=False,
        selected=selected if selected in ids else None,
        heading=said.meetups(len(plan.meetups)),
        texts=said.MAP,
    )


def people_markers(plan: MeetupPlan, starts: Mapping[str, Start]) -> list[Person]:
    """Return one marker for each settlement that people start from, with how many they are."""
    going: dict[tuple[str, Point], Counter[int]] = defaultdict(Counter)
    for number, meetup in enumerate(plan.meetups, start=1):
        for one in meetup.attendees:
            _count(going, starts.get(one.person.id), number)
    for left in plan.unplaced:
        _count(going, starts.get(left.person.id), 0)
    return [
        Person(
            point,
            str(sum(groups.values())),
            _color(groups),
            said.where_from(name, {n: groups[n] for n in sorted(groups) if n}, groups[0]),
        )
        for (name, point), groups in going.items()
    ]


def start_markers(starts: Mapping[str, Start]) -> list[Person]:
    """Return one marker for each settlement that people start from, before there is a plan."""
    going = Counter((start.label, start.point) for start in starts.values())
    return [
        Person(point, str(count), _NOWHERE, said.from_here(name, count))
        for (name, point), count in going.items()
        if point is not None
    ]


def _count(going: dict[tuple[str, Point], Counter[int]], start: Start | None, number: int) -> None:
    if start is not None and start.point is not None:
        going[start.label, start.point][number] += 1


def _color(groups: Counter[int]) -> str:
    """Return a group's colour where all go to one, else a neutral one."""
    if groups[0]:
        return _LEFT_OUT
    numbers = [number for number, count in groups.items() if count]
    return group_color(numbers[0]) if len(numbers) == 1 else _NOWHERE


def _ends(meetup: Meetup, starts: Mapping[str, Start]) -> Sequence[Point]:
    found = [starts.get(one.person.id) for one in meetup.attendees]
    return list(dict.fromkeys(one.point for one in found if one and one.point))


def _card(number: int, meetup: Meetup, plan: MeetupPlan, measures: Measures) -> Card:
    request, count = plan.request, len(meetup.attendees)
    at = request.starts_at or datetime.now().astimezone()
    card = place_card(meetup.place, number, at=at, measures=measures)
    if request.starts_at is None:
        card = replace(card, status="", tone="")
    return replace(
        card,
        color=group_color(number),
        headline=words.unbroken(said.people(count)),
        detail=words.unbroken(said.up_to(drive(meetup.worst_s))) if count else "",
        notes=(*card.notes, said.comers([_comer(one) for one in meetup.attendees], _MOST_NAMED)),
    )


def _comer(one: Attendee) -> str:
    back = drive(one.return_time_s) if math.isfinite(one.return_time_s) else ""
    return said.comer(one.person.id, drive(one.travel_time_s), back)
