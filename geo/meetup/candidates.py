"""Where a meetup could be, who can drive there in what time, and which places no plan needs.

Candidates are named places of the right kinds that are open then. Drives are the network's own
matrix, to the last digit, each person's under their own conditions.

A candidate is needless where others are as near to everyone and have as much room. A place that is
as near to everyone as another one comes before it in each person's list of places by rising drive.
So only what comes before a place in one list has to be compared with it, and that of the person to
whom fewer places are nearer than to anybody else is short: a place at the end of a lane has few
before it in the list of whoever lives there. Sorting the lists is what takes time, n people times
m log m; of each list only a stretch of fixed length is compared, and a place whose betters all lie
outside it stays, which costs time later but is never wrong.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np
import numpy.typing as npt

from geo.errors import UnknownName
from geo.meetup.request import PlanRequest
from geo.model import Place, Point
from geo.network import Conditions, RoadNetwork, SnappedPoints
from geo.places import capacity, load_kinds, opening, work_score
from geo.region import Region
from geo.roster import Person

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

_NOT_CLOSED = {"open": 0, "unknown": 1}


@dataclass(frozen=True, slots=True)
class Candidates:
    """The m places where a meetup could be, the preferred ones first.

    Attributes
    ----------
    snaps
        Where each joins the roads.
    rooms
        (m,) people who fit in; ``inf`` where that is not known.
    """

    places: tuple[Place, ...]
    snaps: SnappedPoints
    rooms: Floats
    forced: Rows

    def __len__(self) -> int:
        return len(self.places)

    def take(self, columns: Rows) -> Candidates:
        """Return some of them, in ascending order; the forced ones must be among them."""
        return Candidates(
            tuple(self.places[column] for column in columns),
            self.snaps[columns],
            self.rooms[columns],
            np.searchsorted(columns, self.forced).astype(np.intp),
        )


def find_candidates(region: Region, request: PlanRequest) -> Candidates:
    """Find the places where a meetup could be.

    Of two places with the same drives the one that comes first is taken: so those known to be open
    stand before those of unknown hours, and those where one works well before others.

    Raises
    ------
    UnknownName
        A kind, or a forced place, does not exist.
    """
    kinds = request.kinds or [key for key, kind in load_kinds().items() if kind.hosts_groups]
    rows = set(region.places.rows(kinds=kinds).tolist())
    forced = {_row(region, osm_id) for osm_id in request.forced}
    ranked = []
    for row in rows | forced:
        place = region.places[row].as_any_of(kinds)
        state = _state(place, request)
        fit = place.name and state in _NOT_CLOSED and place.osm_id not in request.banned
        if fit or row in forced:
            score = work_score(place).score
            ranked.append((_NOT_CLOSED.get(state, 2), -score, place.osm_id, row))
    order = np.array([entry[-1] for entry in sorted(ranked)], np.intp)
    places = tuple(region.places.take(order.tolist(), kinds))
    return Candidates(
        places,
        region.place_snaps[order],
        np.array([_room(place) for place in places], np.float64),
        np.flatnonzero([int(row) in forced for row in order]).astype(np.intp),
    )


def _state(place: Place, request: PlanRequest) -> str:
    if request.starts_at is None:
        return "unknown"
    return opening.open_throughout(place, request.starts_at, request.duration)


def _room(place: Place) -> float:
    known = capacity(place)
    return np.inf if known is None else float(known)


def _row(region: Region, osm_id: str) -> int:
    row = region.places.find(osm_id)
    if row is None:
        raise UnknownName("place", osm_id, _some_ids(region))
    return row


def _some_ids(region: Region) -> Iterable[str]:
    return (region.places[row].osm_id for row in range(min(3, len(region.places))))


@dataclass(frozen=True, slots=True)
class Demand:
    """The drives of n people, joined to the roads at ``starts``, to m places.

    Without any limit; ``inf`` where there is no way.
    """

    network: RoadNetwork
    people: tuple[Person, ...]
    starts: SnappedPoints
    conditions: tuple[Conditions, ...]
    seconds: Floats

    @classmethod
    def measure(
        cls,
        network: RoadNetwork,
        people: Sequence[Person],
        places: SnappedPoints,
        conditions: Conditions,
    ) -> Demand:
        """Measure all drives; ``conditions`` are for people who have none of their own."""
        starts = network.snap([p.point.lon for p in people], [p.point.lat for p in people])
        own = tuple(person.conditions or conditions for person in people)
        seconds = np.full((len(people), len(places)), np.inf)
        for roads, rows in _by_conditions(own).items():
            matrix = network.matrix(starts[rows], places, conditions=roads)
            seconds[rows] = matrix.seconds
        return cls(network, tuple(people), starts, own, seconds)

    def return_seconds(self, places: SnappedPoints) -> Floats:
        """Return (n, k) drives back from some places; ``inf`` where there is no way."""
        back = np.full((len(self.people), len(places)), np.inf)
        for roads, rows in _by_conditions(self.conditions).items():
            matrix = self.network.matrix(places, self.starts[rows], conditions=roads)
            back[rows] = matrix.seconds.T
        return back

    def allowed(self, request: PlanRequest, places: SnappedPoints) -> npt.NDArray[np.bool_]:
        """Return (n, m) which drives keep the cutoff and what people are ready for.

        Who cannot drive after dark, or not far, is there and back by daylight otherwise.
        """
        own_s = np.array([person.longest_s for person in self.people], np.float64)
        longest_s = np.minimum(request.cutoff_s, own_s)[:, None]
        allowed: npt.NDArray[np.bool_] = np.isfinite(self.seconds) & (self.seconds <= longest_s)
        careful = [
            row
            for row, person in enumerate(self.people)
            if person.daylight or math.isfinite(person.longest_dark_s)
        ]
        if request.starts_at is None or not careful:
            return allowed
        back = self.return_seconds(places)
        for row in careful:
            before_s, after_s = daylight_s(
                self.people[row].point, request.starts_at, request.duration
            )
            by_day = (self.seconds[row] <= before_s) & (back[row] <= after_s)
            dark_s = 0.0 if self.people[row].daylight else self.people[row].longest_dark_s
            allowed[row] &= by_day | (np.maximum(self.seconds[row], back[row]) <= dark_s)
        return allowed


def daylight_s(point: Point, at: datetime, duration: timedelta) -> tuple[float, float]:
    """Return the seconds of daylight before a meetup begins and after it ends, at a position.

    A moment without a zone is by the position's own clock.
    """
    zone = opening.timezone(point)
    local = at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(zone)
    sun = Place("n0", None, "cafe", point, {"opening_hours": "sunrise-sunset"})
    sunrise = opening.next_change(sun, datetime.combine(local.date(), time(0, 1), zone))
    sunset = None if sunrise is None else opening.next_change(sun, sunrise)
    if sunrise is None or sunset is None:
        return -1.0, -1.0
    end = local + duration
    return (local - sunrise).total_seconds(), (sunset - end).total_seconds()


def _by_conditions(own: Sequence[Conditions]) -> dict[Conditions, Rows]:
    groups = defaultdict(list)
    for row, conditions in enumerate(own):
        groups[conditions].append(row)
    return {conditions: np.array(rows, np.intp) for conditions, rows in groups.items()}


_FAR_S = 1e12
"""Stands for a drive that is not possible, and is longer than every other."""

_MOST_SPARE = 12
"""More places than this are hardly ever as good as another; looking for them takes seconds."""

_COMPARED = 128
"""Places that one place is compared with; on real roads 64 find all but one in a thousand."""

_AT_ONCE = 16
"""So many of them at a time: most needless places have a better one among the first few."""

_FIRST_PEOPLE, _MOST_PEOPLE = 4, 64
"""People compared at a time; most pairs of places are told apart by the first few."""


def pareto_filter(seconds: Floats, candidates: Candidates, spare: int) -> Rows:
    """Return the columns of the candidates that some plan may need.

    A place is needless if ``spare`` others are at least as near to everyone and have as much room:
    a plan that uses it can use one of those instead, for it has no more than ``spare`` meetups, so
    one of them is free. Where groups have any size (``spare`` is 1), one other with room for all
    is enough: whoever would go to the needless place can go there, free or not. So no plan gets
    worse, and what is proven of the rest holds for all. Of places that are as good as each other
    the first ones are kept, and whatever is needless has ``spare`` betters among those kept: the
    first of its betters have no more than ``spare`` themselves.
    """
    keep: npt.NDArray[np.bool_] = np.asarray(np.isfinite(seconds).any(axis=0))
    if spare <= _MOST_SPARE:
        columns = np.flatnonzero(keep)
        columns = columns[
            _count_dominating(seconds[:, columns], candidates.rooms[columns], spare) >= spare
        ]
        keep[columns] = False
    keep[candidates.forced] = True
    return np.flatnonzero(keep)


def _count_dominating(seconds: Floats, rooms: Floats, spare: int) -> Rows:
    """Return (m,) how many places are found that are as good, up to ``spare`` or a few more."""
    people, places = seconds.shape
    drives = np.where(np.isfinite(seconds), seconds, _FAR_S)
    # Sums of floats added in one order are monotone: who is nowhere larger has no larger sum.
    order = np.argsort(drives.sum(axis=0), kind="stable")
    drives, room = np.ascontiguousarray(drives[:, order]), rooms[order]
    needed = room if spare > 1 else np.full(places, float(people))
    lists = _NearestFirst.sort(drives)
    found = np.zeros(places, np.intp)
    left = np.flatnonzero(lists.length >= spare)
    for begin in range(0, _COMPARED, _AT_ONCE):
        left = left[(found[left] < spare) & (lists.length[left] > begin)]
        place, other = lists.pairs(left, begin)
        fit = (other < place) & (room[other] >= needed[place])
        place, other = place[fit], other[fit]
        found += np.bincount(place[_dominates(drives, other, place)], minlength=places)
    counts = np.empty(places, np.intp)
    counts[order] = found
    return counts


@dataclass(frozen=True, slots=True)
class _NearestFirst:
    """The places by rising drive, for each person, and for each place the list to compare with.

    Attributes
    ----------
    nearest
        (n, m) places by rising drive; those as near as each other by rising number.
    person
        (m,) in whose list fewest come before a place.
    length
        (m,) how many those are.
    """

    nearest: npt.NDArray[np.int32]
    person: Rows
    length: Rows

    @classmethod
    def sort(cls, drives: Floats) -> _NearestFirst:
        """Sort the places of everyone."""
        people, places = drives.shape
        nearest = np.empty(drives.shape, np.int32)
        person, length = np.zeros(places, np.intp), np.full(places, places, np.intp)
        rank = np.empty(places, np.intp)
        for row in range(people):
            nearest[row] = np.argsort(drives[row], kind="stable")
            rank[nearest[row]] = np.arange(places)
            shorter = rank < length
            length[shorter], person[shorter] = rank[shorter], row
        return cls(nearest, person, length)

    def pairs(self, places: Rows, begin: int) -> tuple[Rows, Rows]:
        """Return each place beside those that come before it, from the ``begin``-th last on."""
        place = np.repeat(places, _AT_ONCE)
        back = np.tile(np.arange(begin + 1, begin + _AT_ONCE + 1), len(places))
        position = self.length[place] - back
        place, position = place[position >= 0], position[position >= 0]
        return place, self.nearest[self.person[place], position].astype(np.intp)


def _dominates(drives: Floats, other: Rows, place: Rows) -> npt.NDArray[np.bool_]:
    """Return (k,) whether one place is nowhere farther than another, pair by pair."""
    pairs = np.arange(len(place))
    begin, count = 0, _FIRST_PEOPLE
    while begin < len(drives) and len(pairs):
        part = drives[begin : begin + count]
        pairs = pairs[(part[:, other[pairs]] <= part[:, place[pairs]]).all(axis=0)]
        begin, count = begin + count, min(2 * count, _MOST_PEOPLE)
    near = np.zeros(len(place), np.bool_)
    near[pairs] = True
    return near
