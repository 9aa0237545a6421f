"""Homes and consent: the area that is kept of a home, and by whom people may be seen.

Nothing is kept of a home but its area, which `geo.privacy.coarsen_home` makes.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from geo.errors import BadCoordinates, InputError
from geo.model import HomeArea, Point
from geo.people.authorised import authorised_write
from geo.privacy import Action, Audience, Routable, coarsen_home, coarsen_homes
from geo.region import Region
from geo.store import Store
from geo.store.audit import Consent, give_consent
from geo.store.people import delete_area, find_area, set_areas

_NO_POSITION = "these numbers are no position on Earth; write it like latitude,longitude."


def areas_at(
    region: Region, homes: Sequence[Point], *, k: int, previous: Sequence[HomeArea | None] = ()
) -> list[HomeArea | None]:
    """Return the areas of homes in a region; None where no road of it is near.

    ``previous`` are those that stand for them already, None for none; empty for all of them.

    Raises
    ------
    InputError
        The map of the region has no houses.
    """
    return coarsen_homes(
        homes, homes=region.homes, k=k, routable=_routable(region), previous=previous
    )


def area_at(region: Region, home: Point, *, k: int, previous: HomeArea | None = None) -> HomeArea:
    """Return the area of a home in a region.

    ``previous`` is the area that stands for it already; None for none.

    Raises
    ------
    OutsideRegion
        No road of the region is near.
    InputError
        The map of the region has no houses.
    """
    return coarsen_home(
        home, homes=region.homes, k=k, routable=_routable(region), previous=previous
    )


def find_area_of(region: Region, text: str, *, k: int) -> HomeArea:
    """Return the area of a home that somebody describes: an address, a town, ``lat,lon``.

    Raises
    ------
    InputError
        The region knows nothing like it, or it is a link or position that cannot be read; the
        message does not repeat it.
    OutsideRegion
        No road of the region is near.
    """
    try:
        region.gazetteer.parse_position(text)
    except BadCoordinates as error:
        # What is wrong may repeat the numbers; they are somebody's home.
        is_private = any(char.isdigit() for char in str(error))
        raise BadCoordinates(_NO_POSITION if is_private else str(error)) from None
    found = region.gazetteer.geocode(text)
    if found.elsewhere:
        raise InputError(
            f"the address is in {found.elsewhere}, not in region {region.name!r};"
            " choose its region."
        )
    if found.match is None:
        raise InputError(
            f"region {region.name!r} knows no such town, street or postcode; check the spelling, or"
            " give the nearest town."
        )
    return area_at(region, found.match.point, k=k)


def set_home(store: Store, actor_id: str, region: Region, home: Point, *, k: int) -> HomeArea:
    """Let somebody say where they live, for themselves, and return the area that is kept of it.

    An earlier area stays where it holds this home too (`geo.privacy.home_areas` says why), else it
    is gone. The home itself is gone with this call.

    Raises
    ------
    NotAllowed
        There is no such person any more.
    OutsideRegion
        No road of the region is near.
    InputError
        The map of the region has no houses.
    """
    with store.read() as db:
        stored = find_area(db, actor_id)
    area = area_at(region, home, k=k, previous=stored.area if stored else None)
    with authorised_write(store, actor_id, Action.CHANGE_PROFILE, actor_id) as write:
        set_areas(write.db, {actor_id: area}, region=region.name, now=write.now, source="own")
        write.record(changed="area")
    store.scrub()
    return area


def remove_home(store: Store, actor_id: str) -> None:
    """Let somebody take back where they live.

    Raises
    ------
    NotAllowed
        There is no such person any more.
    """
    with authorised_write(store, actor_id, Action.CHANGE_PROFILE, actor_id) as write:
        delete_area(write.db, actor_id)
        write.record(changed="area deleted")
    store.scrub()


def _routable(region: Region) -> Routable:
    def snap_points(points: Sequence[Point]) -> list[Point | None]:
        snaps = region.network.snap([one.lon for one in points], [one.lat for one in points])
        roads = zip(snaps.road_lon.tolist(), snaps.road_lat.tolist(), strict=True)
        found = snaps.found.tolist()
        return [Point(*road) if near else None for road, near in zip(roads, found, strict=True)]

    return snap_points


CONSENT_VERSION = "2026-11"
"""The text that is shown now; kept with every consent. A changed text gets a new version."""

CONSENT_TEXTS = MappingProxyType(
    {
        "2026-11": (
            "Colleagues whom I let see me, and who let me see them, may know my name, my team, the"
            " area that I entered (never my address) and roughly how far away that is: within 15,"
            " 30, 45 or 60 minutes. If I allow planning, planners may see my name and my area"
            " beside the meetups they plan; if not, I count without a name. I can pause this,"
            " change it, take my data with me or delete them at any time."
        )
    }
)
"""What was agreed to, by version; versions that somebody agreed to are never changed."""


def set_consent(
    store: Store, actor_id: str, *, audience: Audience, planning: bool, paused: bool = False
) -> None:
    """Change what somebody agrees to, for themselves.

    Raises
    ------
    NotAllowed
        There is no such person any more.
    """
    with authorised_write(store, actor_id, Action.CHANGE_PROFILE, actor_id) as write:
        give_consent(
            write.db,
            Consent(
                person_id=actor_id,
                at=write.now,
                text_version=CONSENT_VERSION,
                audience=audience.value,
                planning=planning,
                paused=paused,
                source="person",
            ),
        )
        write.record(
            audience=audience.value,
            planning=planning,
            paused=paused,
        )
