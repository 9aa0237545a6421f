"""Where a meetup could be: named places of the right kinds, open then, and no worse than others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.errors import UnknownName
from geo.meetup.request import PlanRequest
from geo.model import Place
from geo.network import Snaps
from geo.places import capacity, load_kinds, opening, work_score
from geo.region import Region

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

_ROWS_AT_ONCE = 32
"""People compared at a time; most pairs of places are told apart by the first few."""

_MOST_SPARE = 12
"""More places than this are hardly ever as good as another; looking for them takes seconds."""

_NOT_CLOSED = {"open": 0, "unknown": 1}


@dataclass(frozen=True, slots=True)
class Candidates:
    """The m places where a meetup could be, the preferred ones first.

    Attributes
    ----------
    places
        The places.
    snaps
        Where each joins the roads.
    rooms
        (m,) people who fit in; ``inf`` where that is not known.
    forced
        Columns that must be used.
    """

    places: tuple[Place, ...]
    snaps: Snaps
    rooms: Floats
    forced: Rows

    def __len__(self) -> int:
        return len(self.places)

    def only(self, columns: Rows) -> Candidates:
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


def undominated(seconds: Floats, candidates: Candidates, spare: int) -> Rows:
    """Return the columns of the candidates that some plan may need.

    A place is needless if ``spare`` others are at least as near to everyone and have as much room:
    a plan that uses it can use one of those instead, for it has no more than ``spare`` meetups, so
    one of them is free. Where groups have any size (``spare`` is 1), one other with room for all
    is enough: whoever would go to the needless place can go there, free or not. So no plan gets
    worse, and what is proven of the rest holds for all.

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
    keep[candidates.forced] = True
    if spare > _MOST_SPARE:
        return np.flatnonzero(keep)
    reach = np.where(np.isfinite(seconds), seconds, np.float64(1e12))
    sums = reach.sum(axis=0)
    for column in np.lexsort((np.arange(len(keep)), sums))[::-1]:
        if not keep[column] or column in candidates.forced:
            continue
        room = candidates.rooms[column] if spare > 1 else len(seconds)
        others = keep & (candidates.rooms >= room)
        others &= (sums < sums[column]) | ((sums == sums[column]) & (np.arange(len(keep)) < column))
        if len(_as_near(reach, int(column), np.flatnonzero(others), spare)) >= spare:
            keep[column] = False
    return np.flatnonzero(keep)


def _as_near(seconds: Floats, column: int, others: Rows, spare: int) -> Rows:
    """Return those of the other columns that are nowhere larger than one of them."""
    for start in range(0, len(seconds), _ROWS_AT_ONCE):
        if len(others) < spare:
            break
        part = seconds[start : start + _ROWS_AT_ONCE]
        others = others[(part[:, others] <= part[:, column : column + 1]).all(axis=0)]
    return others


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
