"""A few starting points, one place: where do we meet halfway.

One search from each person gives the drive to every place; ranking them is arithmetic. A place is
*fairest* when its longest drive is the shortest, then its second longest, and so on; it has the
*least total* when all drives together are the shortest; *mix* weighs the longest drive and the
mean drive alike. A matrix would be quicker for many people; but a few need the lengths of the
roads, the drives back and their isochrones as well, and a search has all of them.

Once there are two people, no result is an error: somebody whom no road leads to any place is
reported and left out of the ranking, and where no place is within everyone's cutoff the fairest
are given anyway, with what each would drive beyond it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geo.errors import InputError, UnknownName
from geo.isochrone import WaterMask, isochrones
from geo.model import Place, Point
from geo.network import DRY, Conditions, Reach, RoadNetwork, SnappedPoints
from geo.places import opening
from geo.region import Region

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Drives:
    """What the drives of n people to m places take: (n, m) seconds, and the search of each person.

    ``inf`` beyond the cutoff, or where there is no way; None for people far from every road.
    """

    seconds: Floats
    destinations: SnappedPoints
    reaches: tuple[Reach | None, ...]

    @classmethod
    def search(
        cls,
        network: RoadNetwork,
        origins: Sequence[Point],
        destinations: SnappedPoints,
        *,
        cutoff_s: float,
        conditions: Conditions,
    ) -> Drives:
        """Search from each person."""
        starts = network.snap([p.lon for p in origins], [p.lat for p in origins])
        reaches: list[Reach | None] = []
        seconds = np.full((len(origins), len(destinations)), np.inf)
        for i in range(len(origins)):
            if not starts.found[i]:
                reaches.append(None)
                continue
            start = starts[i : i + 1]
            reach = network.reach(start, cutoff_s=cutoff_s, conditions=conditions)
            seconds[i] = reach.to(destinations)
            reaches.append(reach)
        return cls(seconds, destinations, tuple(reaches))

    @property
    def on_road(self) -> Mask:
        """(n,) whether a person starts near any road."""
        return np.array([reach is not None for reach in self.reaches], np.bool_)

    @property
    def reached(self) -> Mask:
        """(n,) whether a person comes to any of the places."""
        return np.asarray(np.isfinite(self.seconds).any(axis=1))

    def take(self, columns: Rows) -> Drives:
        """Return the drives to some of the places."""
        return replace(
            self, seconds=self.seconds[:, columns], destinations=self.destinations[columns]
        )

    def within(self, cutoff_s: float, people: Mask) -> Rows:
        """Return the columns of the places that all of some people come to in time."""
        times = self.seconds[people]
        good = np.isfinite(times) & (times <= cutoff_s)
        return np.flatnonzero(good.all(axis=0) & bool(len(times)))

    def nearest_to_all(self) -> Rows:
        """Return the columns of the places that most people come to; none where nobody does."""
        coming = np.isfinite(self.seconds).sum(axis=0)
        most = coming.max(initial=0)
        return np.flatnonzero((coming == most) & (most > 0))

    def lengths_m(self) -> Floats:
        """Return (n, m) metres of road; ``inf`` where there is no way."""
        lengths = np.full(self.seconds.shape, np.inf)
        for row, reach in zip(lengths, self.reaches, strict=True):
            if reach is not None:
                row[:] = reach.lengths_to(self.destinations)
        return lengths

    def return_seconds(self, network: RoadNetwork) -> Floats:
        """Return (n, m) seconds back, under the same conditions; ``inf`` where there is no way."""
        back = np.full(self.seconds.shape, np.inf)
        longest = np.max(self.seconds, initial=0.0, where=np.isfinite(self.seconds))
        for row, reach in zip(back, self.reaches, strict=True):
            if reach is not None:
                # Roads are not the same both ways: give the way back room beyond the way there.
                homeward = network.reach(
                    reach.origin,
                    cutoff_s=2 * float(longest) + 600,
                    conditions=reach.conditions,
                    homeward=True,
                )
                row[:] = homeward.to(self.destinations)
        return back


def fairness_order(seconds: Floats) -> Rows:
    """Order the columns by the longest drive, then the second longest, and so on.

    Of (n, m) seconds; ``inf`` counts as longer than any drive.
    """
    if not len(seconds):
        return np.arange(seconds.shape[1])
    return np.lexsort(tuple(np.sort(seconds, axis=0)))


def total_order(seconds: Floats) -> Rows:
    """Order the columns by the sum of the drives, then by the longest; as `fairness_order`."""
    return np.lexsort((seconds.max(axis=0, initial=0.0), _sums(seconds)))


def mixed_order(seconds: Floats) -> Rows:
    """Order the columns by the longest drive plus the mean drive; as `fairness_order`."""
    longest = seconds.max(axis=0, initial=0.0)
    return np.lexsort((longest, longest + _sums(seconds) / max(1, len(seconds))))


def _sums(seconds: Floats) -> Floats:
    """Return the (m,) sums of columns, the same for every order of the rows."""
    return np.array([math.fsum(column) for column in seconds.T])


Objective = Literal["fairest", "total", "mix"]
OBJECTIVES: tuple[Objective, ...] = get_args(Objective)

MAX_PEOPLE = 30
"""Starting points; larger groups are planned, with several meetups."""

FAIREST_ANYWAY = 5
"""Places given where none is within everyone's cutoff."""

_ORDERS = {"fairest": fairness_order, "total": total_order, "mix": mixed_order}


@dataclass(frozen=True, slots=True)
class HalfwayRequest:
    """What is asked for.

    Attributes
    ----------
    origins
        Where each person starts; two to `MAX_PEOPLE`.
    cutoff_s
        The longest drive for anybody; ``inf`` for no limit.
    open_at
        Leave out what is known to be closed then; None leaves out nothing.
    with_return
        Whether the drives back are wanted too, at the price of a second search for each person.

    Raises
    ------
    InputError
        There are too few or too many people.
    UnknownName
        There is no such objective.
    """

    origins: tuple[Point, ...]
    objective: Objective = "fairest"
    cutoff_s: float = math.inf
    kinds: tuple[str, ...] | None = None
    open_at: datetime | None = None
    conditions: Conditions = DRY
    with_return: bool = False

    def __post_init__(self) -> None:
        count = len(self.origins)
        if not 2 <= count <= MAX_PEOPLE:
            raise InputError(
                f"{count} starting point{'s are' if count != 1 else ' is'}"
                f" too {'few' if count < 2 else 'many'} to meet halfway; give 2 to {MAX_PEOPLE}."
            )
        if self.objective not in OBJECTIVES:
            raise UnknownName("objective", self.objective, OBJECTIVES)


@dataclass(frozen=True, slots=True)
class MeetingPlace:
    """A place, and what it costs each person to come.

    Attributes
    ----------
    travel_times_s
        Seconds there, person by person; ``inf`` where somebody cannot come.
    lengths_m
        Metres of road, person by person; ``inf`` likewise.
    return_times_s
        Seconds back, person by person, ``inf`` where there is no way; None where not asked for.
    """

    place: Place
    travel_times_s: tuple[float, ...]
    lengths_m: tuple[float, ...]
    return_times_s: tuple[float, ...] | None = None

    @property
    def worst_s(self) -> float:
        """The longest drive there of those who can come."""
        return max(self._possible())

    @property
    def total_s(self) -> float:
        """All drives there together, of those who can come."""
        return math.fsum(self._possible())

    def beyond_s(self, cutoff_s: float) -> tuple[float, ...]:
        """Return how much longer than a cutoff each person drives; 0 within it."""
        return tuple(max(0.0, seconds - cutoff_s) for seconds in self.travel_times_s)

    def _possible(self) -> list[float]:
        return [seconds for seconds in self.travel_times_s if math.isfinite(seconds)]


@dataclass(frozen=True, slots=True)
class TradeOff:
    """The choice between the fairest place and the one with the least total, in numbers.

    From the first to the second, one person's drive grows most, by ``extra_s``; all together drive
    ``saved_s`` less.
    """

    fairest: MeetingPlace
    least_total: MeetingPlace
    person: int
    extra_s: float
    saved_s: float


@dataclass(frozen=True, slots=True)
class Halfway:
    """Where to meet.

    Attributes
    ----------
    places
        The best first. Where ``within`` is false, a few fairest ones.
    within
        Whether everybody who can be reached comes to each of the places, in the cutoff's time.
    unreachable
        Indices of people from whom no road leads to any of the places asked for.
    trade_off
        What the least total would save and cost; None where the fairest place has it already.
    reaches
        The search of each person, None for those far from every road; isochrones are drawn from
        it.
    """

    request: HalfwayRequest
    places: tuple[MeetingPlace, ...]
    within: bool
    unreachable: tuple[int, ...]
    trade_off: TradeOff | None
    reaches: tuple[Reach | None, ...] = field(repr=False)


def meet_halfway(region: Region, request: HalfwayRequest) -> Halfway:
    """Rank the places where people can meet.

    Raises
    ------
    UnknownName
        A kind does not exist.
    """
    rows = region.places.rows(kinds=request.kinds)
    found, drives = _search(region, request, rows, request.cutoff_s)
    people = drives.on_road
    columns = drives.within(request.cutoff_s, people)
    if not len(columns):
        if math.isfinite(request.cutoff_s):
            found, drives = _search(region, request, rows, math.inf)
        people = drives.reached
        columns = drives.within(request.cutoff_s, people)
    within = len(columns) > 0
    columns = columns if within else drives.nearest_to_all()
    order = _ORDERS[request.objective if within else "fairest"]
    columns = columns[order(drives.seconds[np.ix_(people, columns)])]
    if not within and math.isfinite(request.cutoff_s):
        columns = columns[:FAIREST_ANYWAY]
    best = drives.take(columns)
    places = _meeting_places(region, found[columns], best, request)
    return Halfway(
        request=request,
        places=places,
        within=within,
        unreachable=tuple(np.flatnonzero(~people).tolist()),
        trade_off=_trade_off(places, best.seconds, np.flatnonzero(people)) if within else None,
        reaches=drives.reaches,
    )


def common_area(
    halfway: Halfway,
    cutoff_s: float,
    *,
    water: WaterMask | None = None,
    places: SnappedPoints | None = None,
) -> MultiPolygon:
    """Return where everybody who can be reached gets within a cutoff; empty where nowhere is.

    It holds those of the listed ``places`` that everybody gets to within the cutoff.

    Raises
    ------
    ValueError
        The searches ended before the cutoff.
    """
    areas: list[BaseGeometry] = []
    for person, reach in enumerate(halfway.reaches):
        if reach is None or person in halfway.unreachable:
            continue
        if reach.cutoff_s < cutoff_s:
            raise ValueError(f"the searches ended at {reach.cutoff_s:g} s, before {cutoff_s:g} s")
        (band,) = isochrones(reach, [cutoff_s], water=water, places=places)
        areas.append(band.area)
    if not areas:
        return MultiPolygon()
    shared = areas[0]
    for area in areas[1:]:
        shared = shapely.intersection(shared, area)
    return MultiPolygon([part for part in shapely.get_parts(shared) if isinstance(part, Polygon)])


def _search(
    region: Region, request: HalfwayRequest, rows: Rows, cutoff_s: float
) -> tuple[Rows, Drives]:
    """Return the drives to those places that anybody reaches and that are not closed."""
    drives = Drives.search(
        region.network,
        request.origins,
        region.place_snaps[rows],
        cutoff_s=cutoff_s,
        conditions=request.conditions,
    )
    if request.open_at is None:
        return rows, drives
    reached = np.flatnonzero(np.isfinite(drives.seconds).any(axis=0))
    keep = np.array(
        [
            column
            for column in reached
            if opening.state(region.places[int(rows[column])], request.open_at) != "closed"
        ],
        np.intp,
    )
    return rows[keep], drives.take(keep)


def _meeting_places(
    region: Region, rows: Rows, drives: Drives, request: HalfwayRequest
) -> tuple[MeetingPlace, ...]:
    lengths_m = drives.lengths_m()
    return_s = drives.return_seconds(region.network) if request.with_return else None
    return tuple(
        MeetingPlace(
            place=region.places[int(row)].as_any_of(request.kinds),
            travel_times_s=tuple(drives.seconds[:, column].tolist()),
            lengths_m=tuple(lengths_m[:, column].tolist()),
            return_times_s=None if return_s is None else tuple(return_s[:, column].tolist()),
        )
        for column, row in enumerate(rows)
    )


def _trade_off(places: tuple[MeetingPlace, ...], seconds: Floats, people: Rows) -> TradeOff | None:
    times = seconds[people]
    fair, least = int(fairness_order(times)[0]), int(total_order(times)[0])
    saved_s = places[fair].total_s - places[least].total_s
    if saved_s <= 0:
        return None
    extra_s = times[:, least] - times[:, fair]
    most = int(np.argmax(extra_s))
    return TradeOff(places[fair], places[least], int(people[most]), float(extra_s[most]), saved_s)
