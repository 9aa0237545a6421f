"""Streets: the pieces that a map cuts them into, joined for each settlement, and road numbers.

A street through two settlements is two streets to those who live there. Each piece belongs to the
settlement of its middle; and where a piece runs through the core of another settlement it is a
street of that one too, so that a long piece is not lost to the village at its end. Roads are also
called by their numbers: "VT 117" is Route 117, "B 85" Bundesstraße 85.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from geo.files import read_table
from geo.gazetteer import Entry, Settlements, name_kinds
from geo.gazetteer.model import fold
from geo.gazetteer.territories import territory_name
from geo.region.names.addresses import postcodes_of
from geo.region.osm_objects import POINT_BYTES

_REFERENCE = re.compile(r"([^\W\d_]+)?[\s.-]*(\d+(?:[-.\s]?[^\W_]{1,3})?)")
_NAMED_BY_NUMBER = re.compile(r".*\b(Route|Road|Highway|Rte|Rd|Hwy)\.? (\d+\w?)", re.IGNORECASE)


@lru_cache(maxsize=4096)
def road_names(reference: str) -> tuple[str, ...]:
    """Return what the roads of a ``ref`` tag are called.

    Examples
    --------
    >>> road_names("VT 117")[:4]
    ('VT 117', 'VT117', 'VT Route 117', 'Vermont Route 117')
    >>> road_names("A606")[:2], "Route 7" in road_names("US 7"), road_names("B 85")[-1]
    (('A606', 'A 606'), True, 'Bundesstraße 85')
    """
    names: list[str] = []
    for part in reference.split(";"):
        found = _REFERENCE.fullmatch(part.strip())
        if found and (found[1] or not part.strip().isdigit()):
            names += _spellings(part.strip(), found[1] or "", found[2])
        elif found:
            names += (f"Route {found[2]}", f"Highway {found[2]}")
    return tuple(dict.fromkeys(names))


def _spellings(reference: str, prefix: str, number: str) -> Iterator[str]:
    yield reference
    if prefix:
        yield f"{prefix} {number}"
        yield f"{prefix}{number}"
    table: dict[str, list[str]] = read_table("addresses")["road_numbers"]
    for name in table.get(prefix.upper(), ()):
        yield f"{name} {number}"
    state = f"US-{prefix.upper()}"
    if territory_name(state) != state:
        for kind in ("Route", "State Route", "Highway", "State Highway"):
            yield f"{prefix} {kind} {number}"
            yield f"{territory_name(state)} {kind} {number}"
            yield f"{kind} {number}"


def names_by_number(names: Iterable[str]) -> Iterator[str]:
    """Yield how roads that are called by a number are called for short.

    Examples
    --------
    >>> list(names_by_number(["County Route 9", "Main Street"]))
    ['Route 9']
    """
    for name in names:
        found = _NAMED_BY_NUMBER.fullmatch(name)
        if found:
            yield f"{found[1]} {found[2]}"


_CORE_M = 500.0
"""How near to a village's middle a street is one of its streets, whatever its other end."""

_REACH_M = 1500.0
"""How near to a village's middle a street is called one of it by those who live around."""

_MAX_AROUND = 6

_SAMPLES = 12
"""Points of a piece that are looked at."""

_ELSEWHERE_DEG = 0.1
"""Where there are no settlements, streets of one name are joined within cells of this side."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StreetPieces:
    """Named roads as the map has them, their points packed as `OsmWay.packed`.

    ``starts`` is where the points of each piece begin; one more than pieces.
    """

    tags: list[Mapping[str, str]]
    starts: array[int]
    points: bytearray

    def add(self, tags: Mapping[str, str], packed: bytes) -> None:
        """Add a piece; of a long one some points are enough."""
        size = len(packed) // POINT_BYTES
        name = street_name(tags)
        if not size or not name:
            return
        chosen = [packed] if size <= _SAMPLES else map(packed.__getitem__, _spread(size))
        self.tags.append({key: tags[key] for key in _KEPT if key in tags} | {"name": name})
        self.points.extend(b"".join(chosen))
        self.starts.append(len(self.points) // POINT_BYTES)


def street_name(tags: Mapping[str, str]) -> str:
    """Return what a road is called: its name, else its number; empty where it has neither."""
    name = tags.get("name", "").strip()
    return name or next(iter(road_names(tags.get("ref", ""))), "")


@lru_cache(maxsize=2048)
def _spread(size: int) -> list[slice]:
    """Return where some of so many packed points are, from the first to the last."""
    chosen = np.linspace(0, size - 1, _SAMPLES).round().astype(int).tolist()
    return [slice(POINT_BYTES * at, POINT_BYTES * (at + 1)) for at in chosen]


_OTHER_NAMES = ("alt_name", "old_name", "short_name", "official_name", "loc_name")
POSTCODES = ("addr:postcode", "postal_code", "tiger:zip_left", "tiger:zip_right")
"""Tags of roads that say postcodes, those on either side among them."""

_KEPT = ("name", "ref", *_OTHER_NAMES, *POSTCODES)


def street_entries(pieces: StreetPieces, settlements: Settlements, names: list[str]) -> list[Entry]:
    """Return one entry for each street of each settlement."""
    if not pieces.tags:
        return []
    streets = _join(pieces, settlements, names)
    importance = name_kinds()["street"].importance
    entries = []
    for row in np.flatnonzero(streets.kept).tolist():
        tags = [pieces.tags[one] for one in streets.pieces[row]]
        home = int(streets.home[row])
        entries.append(
            Entry(
                name=" ".join(tags[0]["name"].split()),
                kind="street",
                lon=float(streets.lon[row]),
                lat=float(streets.lat[row]),
                settlement=names[home] if home < len(names) else None,
                importance=importance,
                other_names=_other_names(tags),
                words=tuple(dict.fromkeys((*_postcodes(tags), *streets.around[row]))),
            )
        )
    return entries


@dataclass(frozen=True, slots=True)
class _Streets:
    """Every name in every settlement that it touches: settlement, pieces, a point, worth keeping.

    ``around`` are other settlements within whose reach it runs. A home beyond the number of
    settlements stands for a cell of the map.
    """

    home: Ints
    pieces: list[list[int]]
    lon: Floats
    lat: Floats
    kept: npt.NDArray[np.bool_]
    around: list[tuple[str, ...]]


def _join(pieces: StreetPieces, settlements: Settlements, names: list[str]) -> _Streets:
    """Group the points of all pieces by name and settlement."""
    starts = np.frombuffer(pieces.starts, np.int64)
    degrees = np.frombuffer(pieces.points, np.float64)
    lon, lat = degrees[0::2], degrees[1::2]
    piece = np.repeat(np.arange(len(pieces.tags)), np.diff(starts))
    home, away_m = settlements.nearest(lon, lat)
    home = np.where(home >= 0, home, len(settlements) + _cell(lon, lat))
    belongs = away_m <= _CORE_M
    belongs[(starts[:-1] + starts[1:] - 1) // 2] = True
    homes = int(home.max()) + 1
    name_at_home = _name_numbers(pieces.tags)[piece] * homes + home
    found, group = np.unique(name_at_home, return_inverse=True)
    middle = _middles(group, lon, lat)
    return _Streets(
        home=found % homes,
        pieces=_pieces_of(group, piece, len(found)),
        lon=lon[middle],
        lat=lat[middle],
        kept=np.bincount(group[belongs], minlength=len(found)) > 0,
        around=_around(group, lon, lat, settlements, names),
    )


def _around(
    group: Ints, lon: Floats, lat: Floats, settlements: Settlements, names: list[str]
) -> list[tuple[str, ...]]:
    """Return the settlements within whose reach each group of points runs, the nearest first."""
    points, rows, away_m = settlements.within(lon, lat, _REACH_M)
    found: list[dict[str, float]] = [{} for _ in range(int(group.max()) + 1)]
    groups = group[points].tolist()
    for at, row, metres in zip(groups, rows.tolist(), away_m.tolist(), strict=True):
        name = names[row]
        found[at][name] = min(metres, found[at].get(name, metres))
    return [tuple(sorted(one, key=lambda name: (one[name], name)))[:_MAX_AROUND] for one in found]


def _name_numbers(tags: list[Mapping[str, str]]) -> Ints:
    """Return a number for the name of each piece, equal where the folded names are."""
    keys = [fold(one["name"]) or one["name"] for one in tags]
    number = {key: row for row, key in enumerate(dict.fromkeys(keys))}
    return np.array([number[key] for key in keys], np.int64)


def _cell(lon: Floats, lat: Floats) -> Ints:
    column = np.floor((lon + 180) / _ELSEWHERE_DEG).astype(np.int64)
    row = np.floor((lat + 90) / _ELSEWHERE_DEG).astype(np.int64)
    return row * 4000 + column


def _middles(group: Ints, lon: Floats, lat: Floats) -> Ints:
    """Return for each group its point nearest to the mean of its points, so that it is on it."""
    count = np.bincount(group)
    mean_lon = np.bincount(group, lon) / count
    mean_lat = np.bincount(group, lat) / count
    east = (lon - mean_lon[group]) * np.cos(np.radians(lat))
    away = np.hypot(east, lat - mean_lat[group])
    order = np.lexsort((away, group))
    first = np.flatnonzero(np.diff(group[order], prepend=-1))
    return np.asarray(order[first], np.int64)


def _pieces_of(group: Ints, piece: Ints, count: int) -> list[list[int]]:
    width = int(piece[-1]) + 1
    pairs = np.unique(group * width + piece)
    ends = np.cumsum(np.bincount(pairs // width, minlength=count))
    return [rows.tolist() for rows in np.split(pairs % width, ends[:-1])]


def _postcodes(tags: list[Mapping[str, str]]) -> tuple[str, ...]:
    found = (one[key] for one in tags for key in POSTCODES if key in one)
    return tuple(dict.fromkeys(code for text in found for code in postcodes_of(text)))


def _other_names(tags: list[Mapping[str, str]]) -> tuple[str, ...]:
    """Return what else a street is called, its numbers among it; each once and in order."""
    values = [
        part.strip()
        for one in tags
        for key in _OTHER_NAMES
        if key in one
        for part in one[key].split(";")
    ]
    numbers = [name for one in tags if "ref" in one for name in road_names(one["ref"])]
    own = (tags[0]["name"], *values)
    found = dict.fromkeys((*values, *names_by_number(own), *numbers))
    return tuple(name for name in found if name and name != tags[0]["name"])
