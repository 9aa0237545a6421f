"""Which candidates no plan needs, because others are as near to everyone and have as much room.

A place that is as near to everyone as another one comes before it in each person's list of places
by rising drive. So only what comes before a place in one list has to be compared with it, and that
of the person to whom fewer places are nearer than to anybody else is short: a place at the end of a
lane has few before it in the list of whoever lives there. Sorting the lists is what takes time, n
people times m log m; of each list only a stretch of fixed length is compared, and a place whose
betters all lie outside it stays, which costs time later but is never wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.meetup.candidates import Candidates, Floats, Rows

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

    Parameters
    ----------
    seconds
        (n, m) drives; ``inf`` = cannot.
    candidates
        The m places.
    spare
        How many others must be as good.
    """
    keep: npt.NDArray[np.bool_] = np.asarray(np.isfinite(seconds).any(axis=0))
    if spare <= _MOST_SPARE:
        columns = np.flatnonzero(keep)
        columns = columns[_betters(seconds[:, columns], candidates.rooms[columns], spare) >= spare]
        keep[columns] = False
    keep[candidates.forced] = True
    return np.flatnonzero(keep)


def _betters(seconds: Floats, rooms: Floats, spare: int) -> Rows:
    """Return (m,) how many places are found that are as good, up to ``spare`` or a few more."""
    people, places = seconds.shape
    drives = np.where(np.isfinite(seconds), seconds, _FAR_S)
    # Sums of floats added in one order are monotone: who is nowhere larger has no larger sum.
    order = np.argsort(drives.sum(axis=0), kind="stable")
    drives, room = np.ascontiguousarray(drives[:, order]), rooms[order]
    needed = room if spare > 1 else np.full(places, float(people))
    lists = _Lists.sort(drives)
    found = np.zeros(places, np.intp)
    left = np.flatnonzero(lists.length >= spare)
    for begin in range(0, _COMPARED, _AT_ONCE):
        left = left[(found[left] < spare) & (lists.length[left] > begin)]
        place, other = lists.pairs(left, begin)
        fit = (other < place) & (room[other] >= needed[place])
        place, other = place[fit], other[fit]
        found += np.bincount(place[_as_near(drives, other, place)], minlength=places)
    counts = np.empty(places, np.intp)
    counts[order] = found
    return counts


@dataclass(frozen=True, slots=True)
class _Lists:
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
    def sort(cls, drives: Floats) -> _Lists:
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


def _as_near(drives: Floats, other: Rows, place: Rows) -> npt.NDArray[np.bool_]:
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
