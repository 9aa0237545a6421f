"""From what somebody enters to a home area, and nothing else of it."""

from __future__ import annotations

from collections.abc import Callable

from geo.errors import InputError
from geo.model import HomeArea, Point
from geo.people.acting import acting
from geo.privacy import Action, coarsen_home
from geo.region import Region
from geo.store import Store, delete_area, set_areas


def area_finder(region: Region, *, k: int) -> Callable[[Point], HomeArea]:
    """Return the function that makes the home area of a home in a region.

    It raises `OutsideRegion` where no road is near, and `InputError` where the map of the region
    has no houses.
    """

    def routable(point: Point) -> Point | None:
        snaps = region.network.snap([point.lon], [point.lat])
        if not snaps.found[0]:
            return None
        return Point(float(snaps.road_lon[0]), float(snaps.road_lat[0]))

    return lambda home: coarsen_home(home, homes=region.homes, k=k, routable=routable)


def find_area_of(region: Region, text: str, *, k: int) -> HomeArea:
    """Return the area of a home that somebody describes: an address, a town, ``lat,lon``.

    Raises
    ------
    InputError
        The region knows nothing like it; the message does not repeat it.
    OutsideRegion
        No road of the region is near.
    """
    matches = region.gazetteer.search(text, limit=1)
    if not matches:
        raise InputError(
            f"region {region.name!r} knows no such town, street or postcode; check the spelling, or"
            " give the nearest town."
        )
    return area_finder(region, k=k)(matches[0].point)


def set_home(store: Store, actor_id: str, region: Region, area: HomeArea) -> None:
    """Let somebody say where they live, for themselves; an earlier area is gone.

    Raises
    ------
    NotAllowed
        There is no such person any more.
    """
    with acting(store, actor_id, Action.CHANGE_PROFILE, actor_id) as act:
        set_areas(act.db, {actor_id: area}, region=region.name, now=act.now)
        act.note(Action.CHANGE_PROFILE, subject_id=actor_id, changed="area")
    store.scrub()


def remove_home(store: Store, actor_id: str) -> None:
    """Let somebody take back where they live.

    Raises
    ------
    NotAllowed
        There is no such person any more.
    """
    with acting(store, actor_id, Action.CHANGE_PROFILE, actor_id) as act:
        delete_area(act.db, actor_id)
        act.note(Action.CHANGE_PROFILE, subject_id=actor_id, changed="area deleted")
    store.scrub()
