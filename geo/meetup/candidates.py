"""Where a meetup could be: named places of the right kinds that are open then."""

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
