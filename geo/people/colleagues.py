"""Colleagues nearby, in bands of drives between home areas: who lets others see them sees them.

Every start counts towards a daily limit, and is written to the audit as a number. Neither is what
protects a home (its area does, see `geo.privacy.home_areas`); they make it dull and visible to go
through the roster start by start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.errors import InputError, LimitReached
from geo.model import Colleague, HomeArea, Point
from geo.network import DRY, Conditions
from geo.people.authorised import authorised_write, deny, subject_of, viewer_by_id
from geo.privacy import Action, Viewer, band_of, may_see
from geo.privacy.access import bands
from geo.region import Region
from geo.store import Store
from geo.store.audit import increase_query_count, query_count
from geo.store.database import Reader
from geo.store.people import StoredArea, areas_of, find_area, touch_areas, visible_people

_QUERY_KIND = "colleagues"
MOST_CHOSEN = 30
"""Colleagues that one meeting halfway takes."""


@dataclass(frozen=True, slots=True)
class NearbyColleague:
    """A colleague, and the band of minutes that the drive to them lies in; None beyond the last."""

    colleague: Colleague
    band: int | None


def within_minutes(nearby: Sequence[NearbyColleague], minutes: int) -> list[NearbyColleague]:
    """Return the colleagues within some minutes."""
    return [one for one in nearby if one.band is not None and one.band <= minutes]


def nearby_colleagues(
    store: Store,
    actor_id: str,
    region: Region,
    *,
    origin: Point | None = None,
    conditions: Conditions = DRY,
    most_origins: int = 100,
) -> tuple[NearbyColleague, ...]:
    """Return the colleagues whom somebody may see, with the band that each lives in.

    By band, then by name; those beyond the last band come last. Who is seen by nobody sees nobody.
    The origin is by default their own area; they may search from ``most_origins`` starts in a day.

    Raises
    ------
    NotAllowed
        There is no such person any more.
    InputError
        No start was given, and they have not said where they live.
    LimitReached
        They searched from too many starts today.
    OutsideRegion
        The start is too far from every road.
    """
    with store.read() as db:
        viewer = viewer_by_id(db, actor_id)
        home = find_area(db, actor_id)
    if viewer is None:
        deny(store, actor_id, Action.SEE_COLLEAGUES)
    if not may_see(viewer, Action.SEE_COLLEAGUES):
        return ()
    origin_point = origin or _own_point(home, region)
    region.network.snap_point(origin_point)  # a start that is none is not counted
    with authorised_write(store, actor_id, Action.SEE_COLLEAGUES) as write:
        today = write.now.date()
        if query_count(write.db, actor_id, _QUERY_KIND, today) >= most_origins:
            raise LimitReached(
                f"you looked for colleagues from {most_origins} starts today, which is as many as"
                " a day has; look again tomorrow."
            )
        asked = increase_query_count(write.db, actor_id, _QUERY_KIND, today)
        write.record(own_area=origin is None, asked_today=asked)
        visible = _visible_colleagues(write.db, write.viewer, region)
        touch_areas(write.db, [one.id for one in visible], write.now)
    return tuple(_in_bands(visible, origin_point, region, conditions))


def filter_visible(
    store: Store, actor_id: str, region: Region, nearby: Sequence[NearbyColleague]
) -> tuple[NearbyColleague, ...]:
    """Return what is left of an earlier answer by what may be seen now.

    A page that runs again at every click asks this instead: it shows nothing new, so it is not
    counted, and whoever paused or left since is gone from it at once.
    """
    with store.read() as db:
        viewer = viewer_by_id(db, actor_id)
        if viewer is None or not may_see(viewer, Action.SEE_COLLEAGUES):
            return ()
        visible = {one.id: one for one in _visible_colleagues(db, viewer, region)}
    return tuple(
        replace(one, colleague=visible[one.colleague.id])
        for one in nearby
        if one.colleague.id in visible and visible[one.colleague.id].area == one.colleague.area
    )


def colleagues_by_id(
    store: Store, actor_id: str, region: Region, ids: Sequence[str]
) -> list[Colleague]:
    """Return chosen colleagues, to meet them halfway between their areas and one's own.

    Raises
    ------
    NotAllowed
        One of them is nobody whom the actor may see.
    InputError
        There are too many.
    """
    if len(ids) > MOST_CHOSEN:
        raise InputError(f"at most {MOST_CHOSEN} colleagues meet halfway; choose fewer.")
    with authorised_write(store, actor_id, Action.SEE_COLLEAGUES) as write:
        visible = {one.id: one for one in _visible_colleagues(write.db, write.viewer, region)}
        chosen = [visible[one] for one in dict.fromkeys(ids) if one in visible]
        write.record(chosen=len(chosen))
        touch_areas(write.db, [one.id for one in chosen], write.now)
    hidden = next((one for one in ids if one not in visible), None)
    if hidden is not None:
        deny(store, actor_id, Action.SEE_COLLEAGUE, hidden)
    return chosen


def _visible_colleagues(db: Reader, viewer: Viewer, region: Region) -> list[Colleague]:
    """Return those whom somebody may see and who said where they live, by name."""
    people = visible_people(db, region=region.name, team=viewer.team)
    areas = areas_of(db, [person.id for person in people])
    return [
        Colleague(person.id, person.name, person.team, areas[person.id].area)
        for person in people
        if person.id != viewer.id and may_see(viewer, Action.SEE_COLLEAGUE, subject_of(person))
    ]


def _own_point(home: StoredArea | None, region: Region) -> Point:
    if home is None or home.region != region.name:
        raise InputError("say on your profile where you live, or choose where to start from.")
    return home.area.point


def _in_bands(
    colleagues: Sequence[Colleague], origin_point: Point, region: Region, conditions: Conditions
) -> list[NearbyColleague]:
    """Return colleagues with the band of the drive to the position that stands for their area."""
    areas: dict[str, HomeArea] = {one.area.id: one.area for one in colleagues}
    if not areas:
        return []
    points = [area.point for area in areas.values()]
    seconds = region.network.matrix([origin_point], points, conditions=conditions).seconds[0]
    band = {key: band_of(float(one)) for key, one in zip(areas, np.asarray(seconds), strict=True)}
    order = {minutes: row for row, minutes in enumerate((*bands(), None))}
    found = [NearbyColleague(one, band[one.area.id]) for one in colleagues]
    return sorted(found, key=lambda one: (order[one.band], one.colleague.name.casefold()))
