"""Collects whatever has a name or an address, and makes gazetteer entries of it.

For refreshed places it makes what a build would have made of them, laid over those of the build.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log10
from pathlib import Path

import numpy as np
import shapely

from geo.files import read_table
from geo.gazetteer import Entry, Gazetteer, Settlements, name_kinds
from geo.gazetteer.index import name_key, write_overlay
from geo.gazetteer.model import fold
from geo.geometry import plane_distance_m
from geo.model import Place
from geo.places.kinds import TagRules
from geo.region.names.addresses import (
    CollectedAddress,
    add_addresses,
    postcode_entries,
    postcodes_of,
)
from geo.region.names.streets import POSTCODES, StreetPieces, street_entries
from geo.region.names.territory import TerritoryCollector
from geo.region.osm_objects import POINT_BYTES, ObjectFilter, OsmArea, OsmNode, OsmWay

_OTHER_NAME = re.compile(
    r"(?:(?:alt|old|short|official|loc|int|reg|nat)_name|name:[a-z]{2,3}(?:[-_]\w+)?)"
)
_NO_STREET = frozenset({"construction", "proposed", "planned", "platform", "rest_area", "services"})
_POSTCODE_TAGS = ("addr:postcode", "postal_code")
_KEYS = frozenset({"name", "addr:housenumber", *_POSTCODE_TAGS})
_ROAD_KEYS = frozenset({"ref", *POSTCODES})
_AREAS = frozenset({"region", "parish"})
"""Kinds that hold settlements, often of the same name, and belong to none."""


@dataclass(frozen=True, slots=True)
class _Named:
    """A thing with a name; ``wkb`` where its position is still to be found in its outline."""

    kind: str
    tags: Mapping[str, str]
    osm_id: str
    lon: float = 0.0
    lat: float = 0.0
    wkb: str | None = None


class NameCollector:
    """Takes names and addresses from the stream of an extract."""

    wanted = ObjectFilter(node=_KEYS, way=_KEYS | _ROAD_KEYS, area=_KEYS)

    def __init__(self) -> None:
        self._named: list[_Named] = []
        self._addresses: list[CollectedAddress] = []
        self._road_postcodes: list[CollectedAddress] = []
        self._territories = TerritoryCollector()
        self._streets = StreetPieces([], array("q", [0]), bytearray())

    def node(self, node: OsmNode) -> None:
        """Take a node with a name or an address."""
        tags = node.tags
        if "name" in tags or _has_address(tags):
            self._add(tags, f"n{node.id}", node.lon, node.lat)

    def way(self, way: OsmWay) -> None:
        """Take a street, or a closed way with a name or an address."""
        tags = way.tags
        if "highway" in tags:
            if tags["highway"] not in _NO_STREET:
                self._add_road(tags, way.packed)
        elif "name" in tags or _has_address(tags):
            packed = way.packed
            size = len(packed) // POINT_BYTES
            if size > 2 and packed[:POINT_BYTES] == packed[-POINT_BYTES:]:
                degrees = array("d", packed)
                lon, lat = sum(degrees[0::2]) / size, sum(degrees[1::2]) / size
                self._add(tags, way.osm_id, round(lon, 8), round(lat, 8))

    def _add_road(self, tags: Mapping[str, str], packed: bytes) -> None:
        """Take a road with a name, a number or a postcode, and what it says of where it is."""
        size = len(packed) // POINT_BYTES
        if not size:
            return
        self._streets.add(tags, packed)
        at = size // 2 * POINT_BYTES
        lon, lat = array("d", packed[at : at + POINT_BYTES])
        self._territories.add_tags(tags, lon, lat)
        codes = {code for key in POSTCODES if key in tags for code in postcodes_of(tags[key])}
        for code in sorted(codes):
            self._road_postcodes.append(CollectedAddress("", "", "", "", code, lon, lat))

    def area(self, area: OsmArea) -> None:
        """Take a relation with a name or an address."""
        tags = area.tags
        if "boundary" in tags and "name" in tags and (wkb := area.wkb):
            self._territories.add_boundary(tags, wkb)
        kind = _name_kind(tags)
        if (kind or _has_address(tags)) and (wkb := area.wkb):
            self._named.append(_Named(kind or "", dict(tags), area.osm_id, wkb=wkb))

    def finish(self) -> list[Entry]:
        """Return the entries of the gazetteer."""
        named = _without_duplicates(self._located())
        centers = [one for one in named if name_kinds()[one.kind].influence]
        settlements = Settlements(
            np.array([one.lon for one in centers]),
            np.array([one.lat for one in centers]),
            np.array([name_kinds()[one.kind].influence for one in centers], np.float64),
        )
        names = [one.tags["name"] for one in centers]
        home, _ = settlements.nearest([one.lon for one in named], [one.lat for one in named])
        entries = [
            _entry(one, names[row] if row >= 0 else None)
            for one, row in zip(named, home.tolist(), strict=True)
        ]
        entries += street_entries(self._streets, settlements, names)
        entries = add_addresses(entries, self._addresses, settlements, names)
        entries += postcode_entries(
            entries, self._addresses, self._road_postcodes, settlements, names
        )
        for one in (*self._addresses, *self._road_postcodes):
            if one.postcode:
                self._territories.add_postcode(one.postcode, one.lon, one.lat)
        return self._territories.finish(entries)

    def _add(self, tags: Mapping[str, str], osm_id: str, lon: float, lat: float) -> None:
        self._territories.add_tags(tags, lon, lat)
        if "name" in tags:
            kind = _name_kind(tags)
            if kind is not None:
                self._named.append(_Named(kind, dict(tags), osm_id, lon, lat))
        if _has_address(tags):
            self._addresses.append(CollectedAddress.from_tags(tags, lon, lat))

    def _located(self) -> list[_Named]:
        """Return the named things with positions, and take the addresses of those with outlines."""
        located = [one for one in self._named if one.wkb is None]
        outlined = [one for one in self._named if one.wkb is not None]
        points = shapely.point_on_surface(shapely.from_wkb([one.wkb for one in outlined]))
        for one, lon, lat in zip(
            outlined, shapely.get_x(points), shapely.get_y(points), strict=True
        ):
            if one.kind:
                located.append(_Named(one.kind, one.tags, one.osm_id, float(lon), float(lat)))
            if _has_address(one.tags):
                self._addresses.append(CollectedAddress.from_tags(one.tags, float(lon), float(lat)))
        return located


def place_entry(place: Place, settlement: str | None) -> Entry | None:
    """Return the entry of a place; None for one without a name, or that nobody looks up."""
    kind = _name_kind(place.tags) if "name" in place.tags else None
    if kind is None:
        return None
    lon, lat = place.point.lon, place.point.lat
    return _entry(_Named(kind, place.tags, place.osm_id, lon, lat), settlement)


@cache
def _rules() -> TagRules:
    return TagRules(read_table("kinds")["names"])


def _name_kind(tags: Mapping[str, str]) -> str | None:
    """Return the kind of a thing with a name; None for what nobody looks up."""
    if "postal_code" in tags and tags.get("boundary") == "postal_code":
        return None  # its address stands for it
    kind = _rules().first(tags)
    return None if kind == "ignored" or not tags.get("name", "").strip() else kind


def _has_address(tags: Mapping[str, str]) -> bool:
    return "addr:housenumber" in tags or "addr:postcode" in tags or "postal_code" in tags


def _without_duplicates(named: list[_Named]) -> list[_Named]:
    """Leave out what is drawn twice, as a village's node and its outline; nodes are kept first."""
    order = {"n": 0, "w": 1, "r": 2}
    kept: dict[tuple[str, str], list[_Named]] = {}
    rank = list(name_kinds())
    for one in sorted(
        named, key=lambda one: (rank.index(one.kind), order[one.osm_id[0]], int(one.osm_id[1:]))
    ):
        key = fold(one.tags["name"]), "settled" if _is_settled(one.kind) else one.kind
        within_m = name_kinds()[one.kind].duplicate_m
        same = kept.setdefault(key, [])
        apart_m = (plane_distance_m(one.lon, one.lat, two.lon, two.lat) for two in same)
        if all(metres > within_m for metres in apart_m):
            same.append(one)
    return [one for same in kept.values() for one in same]


def _is_settled(kind: str) -> bool:
    """Say whether a kind is a settlement or the area round one, which often share a name."""
    return kind in _AREAS or name_kinds()[kind].influence is not None


def _entry(one: _Named, settlement: str | None) -> Entry:
    tags = one.tags
    name = " ".join(tags["name"].split())
    alone = settlement == name or one.kind in _AREAS
    words = [tags.get(tag, "") for tag in ("addr:street", "addr:city", *_POSTCODE_TAGS)]
    return Entry(
        name=name,
        kind=one.kind,
        lon=one.lon,
        lat=one.lat,
        settlement=None if alone else settlement,
        importance=_importance(one),
        other_names=_other_names(tags),
        words=tuple(dict.fromkeys(word for word in words if word)),
        osm_id=one.osm_id,
    )


def _importance(one: _Named) -> float:
    """Return the importance of a kind, with a little more for more people."""
    base = name_kinds()[one.kind].importance
    people = re.sub(r"[\s.,]", "", one.tags.get("population", ""))[:9]
    bonus = 0.008 * log10(int(people)) if people.isdecimal() and int(people) > 0 else 0.0
    return round(base + bonus, 4)


def _other_names(tags: Mapping[str, str]) -> tuple[str, ...]:
    found = {
        " ".join(name.split()): None
        for key, text in sorted(tags.items())
        if _OTHER_NAME.fullmatch(key)
        for name in text.split(";")
        if name.strip() and name.strip() != tags["name"]
    }
    return tuple(found)


def renew_names(path: Path, old: Path, before: Sequence[Place], after: Sequence[Place]) -> None:
    """Write the names of places that are new, changed or gone since a build.

    Raises
    ------
    OSError
        The disk is full or may not be written.
    UnreadableRegion
        The build's gazetteer is damaged.
    """
    gazetteer = Gazetteer.open(old)
    now = {place.osm_id: place for place in after}
    then = {place.osm_id: place for place in before}
    gone = [
        entry
        for place in before
        if _differs(place, now.get(place.osm_id)) and (entry := place_entry(place, None))
    ]
    names = {(name_key(entry.name), entry.kind) for entry in gone}
    entries = []
    for place in after:
        entry = place_entry(place, None)
        # Of two with one name nearby, a build keeps one: if that is gone, the other must be told.
        if entry and (_differs(place, then.get(place.osm_id)) or _key(entry) in names):
            entries.append(place_entry(place, _settlement(gazetteer, place)) or entry)
    gazetteer.close()
    write_overlay(path, old, removed=gone, entries=entries)


def _differs(place: Place, other: Place | None) -> bool:
    return other is None or (place.tags, place.point) != (other.tags, other.point)


def _key(entry: Entry) -> tuple[str, str]:
    return name_key(entry.name), entry.kind


def _settlement(gazetteer: Gazetteer, place: Place) -> str | None:
    match = gazetteer.nearest_settlement(place.point)
    return match.name if match else None
