"""Own venues: offices, partner spaces, paid memberships, and places never to be used again.

OpenStreetMap does not know them, or not this of them. `with_venues` returns the region as if it
knew: they take part in what is near, halfway, plans and coverage like every other place, and what
is never to be used is gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from geo.errors import UnknownName
from geo.gazetteer import Gazetteer
from geo.geocoding import row_location
from geo.model import Place, Point
from geo.network import SnappedPoints
from geo.places import PlaceIndex, get_kind, load_kinds
from geo.records import Table
from geo.region import Region
from geo.tabular import Row, read_rows, strip_formula_quote
from geo.text import clean_line

Status = Literal["office", "partner", "membership", "never"]
STATUSES: tuple[Status, ...] = get_args(Status)

PREFIX = "own:"
"""Begins the id of a venue, so that nobody takes it for OpenStreetMap's."""

COLUMNS = (
    "id", "name", "lat", "lon", "kind", "status", "capacity", "cost", "hours", "staff",
)  # fmt: skip
"""Of the tables that `venue_cells` writes and `read_venues` reads."""

_STATUS_TAG = "crossroads:status"
_OSM_ID = re.compile(r"[nwr]\d+")
_NO_POINT = Point(0.0, 0.0)
_LONGEST_LINE = 100


@dataclass(frozen=True, slots=True)
class Venue:
    """A place that the organisation knows something of.

    Of one that is never to be used, only the id of ``place`` counts. ``staff`` are people who work
    there anyway; ``cost`` is what a day costs, or empty.
    """

    place: Place
    status: Status
    staff: int = 0
    cost: str = ""


def read_venues(path: Table, gazetteer: Gazetteer) -> tuple[list[Venue], list[str]]:
    """Read own venues from CSV or XLSX: the good rows, and a sentence with its line for each bad.

    Columns are ``id``, ``name``, ``lat,lon`` or an address, ``kind``, ``capacity``, ``cost``,
    ``hours`` (as OpenStreetMap's opening hours), ``staff`` and ``status``: office, partner,
    membership or never. An ``id`` of OpenStreetMap, as "n123", with the status never bans that
    place.

    Raises
    ------
    InputError
        The file cannot be read.
    BadTable
        It has no column ``id``.
    """
    venues: list[Venue] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for row in read_rows(path, ("id",)):
        try:
            venue = _parse_venue(row, gazetteer)
            if venue.place.osm_id in seen:
                raise ValueError(f"the id stands already on line {seen[venue.place.osm_id]}")
        except ValueError as error:
            problems.append(f"{path.name}, line {row.line}: {str(error).rstrip('.')}.")
            continue
        seen[venue.place.osm_id] = row.line
        venues.append(venue)
    return venues, problems


def venue_cells(venue: Venue) -> dict[str, str]:
    """Return a venue as a row of a table with `COLUMNS`; `read_venues` makes the same of it."""
    place = venue.place
    banned = venue.status == "never" and not place.osm_id.startswith(PREFIX)
    where = ("", "") if banned else (f"{place.point.lat:.6f}", f"{place.point.lon:.6f}")
    return {
        "id": place.osm_id.removeprefix(PREFIX),
        "name": place.name or "",
        "lat": where[0],
        "lon": where[1],
        "kind": place.kind,
        "status": venue.status,
        "capacity": place.tags.get("capacity", ""),
        "cost": venue.cost,
        "hours": place.tags.get("opening_hours", ""),
        "staff": str(venue.staff or ""),
    }


def venue_from_cells(cells: Mapping[str, str], gazetteer: Gazetteer) -> Venue:
    """Return the venue of cells that `venue_cells` gave.

    Raises
    ------
    ValueError
        They are none.
    """
    return _parse_venue(Row(0, dict(cells)), gazetteer)


def with_venues(region: Region, venues: Sequence[Venue]) -> Region:
    """Return the region as if its map knew the venues, without those never to be used."""
    if not venues:
        return region
    extra = [venue.place for venue in venues if venue.status != "never"]
    never = {venue.place.osm_id for venue in venues if venue.status == "never"}
    snaps = region.network.snap([p.point.lon for p in extra], [p.point.lat for p in extra])
    joined = {
        field.name: np.concatenate(
            [np.asarray(getattr(region.place_snaps, field.name)), getattr(snaps, field.name)]
        )
        for field in fields(SnappedPoints)
    }
    places = _PlacesAndVenues(region.places, extra, never)
    return replace(region, places=places, place_snaps=SnappedPoints(**joined))


def own_venue_rows(region: Region) -> list[int]:
    """Return the rows of a region's places that are own venues."""
    places = region.places
    return (
        list(range(places.first_own, len(places))) if isinstance(places, _PlacesAndVenues) else []
    )


def is_membership(place: Place) -> bool:
    """Whether the organisation pays for a membership there."""
    return place.tags.get(_STATUS_TAG) == "membership"


class _PlacesAndVenues(PlaceIndex):
    """An index of places with some more behind them, and without some."""

    def __init__(self, base: PlaceIndex, extra: Sequence[Place], never: Iterable[str]) -> None:
        self._base = base
        self._extra = tuple(extra)
        self.first_own = len(base)
        missing = sorted({place.kind for place in extra} - set(base.kinds))
        self.kinds = (*base.kinds, *missing)
        codes = np.array([self.kinds.index(place.kind) for place in extra], np.uint8)
        self.lon = np.concatenate([base.lon, [place.point.lon for place in extra]])
        self.lat = np.concatenate([base.lat, [place.point.lat for place in extra]])
        self.kind_codes = np.concatenate([base.kind_codes, codes])
        self.other_kinds = np.concatenate([base.other_kinds, np.zeros(len(extra), np.uint64)])
        hidden = [row for row in (base.find(osm_id) for osm_id in never) if row is not None]
        self._hidden = np.array(hidden, np.int64)

    def __getitem__(self, row: int) -> Place:
        row = int(row)
        if row < self.first_own:
            return self._base[row]
        return self._extra[row - self.first_own]

    def rows(self, kinds: Iterable[str] | None = None) -> npt.NDArray[np.int64]:
        """Return the rows of some kinds, as `PlaceIndex.rows`; never those never to be used."""
        return np.setdiff1d(super().rows(kinds), self._hidden)

    def find(self, osm_id: str) -> int | None:
        """Return the row of an id; None where there is none."""
        for number, place in enumerate(self._extra):
            if place.osm_id == osm_id:
                return self.first_own + number
        return self._base.find(osm_id)


def _parse_venue(row: Row, gazetteer: Gazetteer) -> Venue:
    row.check()
    identity = _text_cell(row, "id")
    if not identity:
        raise ValueError("the id is empty")
    status = _parse_status(row.values.get("status", "").casefold() or "partner")
    if status == "never" and _OSM_ID.fullmatch(identity):
        name = _text_cell(row, "name") or None
        return Venue(Place(identity, name, "cafe", _NO_POINT), "never")
    kind = row.values.get("kind", "") or "coworking"
    if kind not in load_kinds():
        raise ValueError(str(UnknownName("kind", kind, load_kinds())))
    tags: dict[str, str] = {_STATUS_TAG: status}
    if capacity := _parse_count(row, "capacity"):
        tags["capacity"] = str(capacity)
    if hours := row.values.get("hours", ""):
        tags["opening_hours"] = hours
    place = Place(
        PREFIX + identity,
        _text_cell(row, "name") or f"{get_kind(kind).label} {identity}",
        kind,
        row_location(row, gazetteer).point,
        tags,
    )
    return Venue(place, status, _parse_count(row, "staff"), _text_cell(row, "cost"))


def _text_cell(row: Row, column: str) -> str:
    """Return a cell as every page may show it."""
    return clean_line(strip_formula_quote(row.values.get(column, "")), _LONGEST_LINE)


def _parse_status(text: str) -> Status:
    for status in STATUSES:
        if status == text:
            return status
    raise ValueError(str(UnknownName("status", text, STATUSES)))


def _parse_count(row: Row, column: str) -> int:
    text = row.values.get(column, "")
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise ValueError(f"the {column} is no number of people")
    return int(text)
