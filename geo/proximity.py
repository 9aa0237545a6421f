"""Places near one origin: one bounded search gives the drive to every place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from geo.model import Place, Point
from geo.network import DRY, Conditions, Reach
from geo.places import opening
from geo.region import Region


@dataclass(frozen=True, slots=True)
class NearbyPlace:
    """A place and the drive to it.

    Attributes
    ----------
    travel_time_s
        Seconds from the origin, the walks at both ends included.
    return_time_s
        Seconds back to the origin; None where it was not asked for or cannot be driven.
    length_m
        Metres of road driven there.
    """

    place: Place
    travel_time_s: float
    return_time_s: float | None
    length_m: float

    @property
    def minutes(self) -> float:
        """The drive there in minutes."""
        return self.travel_time_s / 60

    @property
    def km(self) -> float:
        """The length of the drive there in kilometres."""
        return self.length_m / 1000


@dataclass(frozen=True, slots=True)
class Nearby:
    """What is near an origin, sorted by the drive there; isochrones are drawn from the reach."""

    origin: Point
    reach: Reach
    places: list[NearbyPlace]

    def without_closed(self, at: datetime) -> Nearby:
        """Return the same without the places that are known to be closed at a moment."""
        keep = [found for found in self.places if opening.state(found.place, at) != "closed"]
        return replace(self, places=keep)


def near_me(
    region: Region,
    origin: Point,
    *,
    cutoff_s: float,
    kinds: Collection[str] | None = None,
    conditions: Conditions = DRY,
    with_return: bool = False,
) -> Nearby:
    """Find every place within a drive of an origin.

    ``kinds`` of None are all; ``with_return`` asks for the drive back too, at the price of a second
    search.

    Raises
    ------
    OutsideRegion
        No road of the region is near the origin.
    UnknownName
        A kind does not exist.
    """
    network = region.network
    start = network.snap_point(origin)
    reach = network.reach(start, cutoff_s=cutoff_s, conditions=conditions)
    rows = region.places.rows(kinds=kinds)
    snaps = region.place_snaps[rows]
    seconds, lengths_m = reach.trips_to(snaps)
    within = np.flatnonzero(seconds <= cutoff_s)
    within = within[np.lexsort((rows[within], seconds[within]))]
    back: list[float | None] = [None] * len(within)
    if with_return and len(within):
        # Roads are not the same in both directions: give the return some room beyond the cutoff.
        homeward = network.reach(
            start, cutoff_s=2 * cutoff_s + 600, conditions=conditions, homeward=True
        )
        back = [s if s < np.inf else None for s in homeward.to(snaps[within]).tolist()]
    found = region.places.take(rows[within].tolist(), kinds)
    places = map(NearbyPlace, found, seconds[within].tolist(), back, lengths_m[within].tolist())
    return Nearby(origin=origin, reach=reach, places=list(places))


@dataclass(frozen=True, slots=True)
class NearestBeyond:
    """What helps where nothing is in reach.

    ``nearest`` are places of the kinds asked for, beyond the cutoff, by the drive there; ``kinds``
    are others that are within the cutoff, the most frequent first.
    """

    nearest: list[NearbyPlace]
    kinds: list[str]


def find_beyond(
    region: Region,
    origin: Point,
    *,
    cutoff_s: float,
    kinds: Collection[str],
    conditions: Conditions = DRY,
    limit: int = 3,
) -> NearestBeyond:
    """Find the nearest places beyond a cutoff, and the kinds that would help within it.

    At most ``limit`` places; ``kinds`` and ``conditions`` are those of `near_me`.

    Raises
    ------
    OutsideRegion
        No road of the region is near the origin.
    UnknownName
        A kind does not exist.
    """
    everything = near_me(region, origin, cutoff_s=np.inf, conditions=conditions).places
    wanted = [
        replace(found, place=found.place.as_any_of(kinds))
        for found in everything
        if found.place.is_any_of(kinds)
    ]
    others = Counter(
        found.place.kind
        for found in everything
        if found.travel_time_s <= cutoff_s and not found.place.is_any_of(kinds)
    )
    beyond = [found for found in wanted if found.travel_time_s > cutoff_s]
    return NearestBeyond(beyond[:limit], [kind for kind, _ in others.most_common()])
