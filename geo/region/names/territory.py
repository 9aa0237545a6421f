"""Which country, state, county and municipality each name of a region is in.

Maps say it here and there: on addresses, on imported roads (``tiger:county``), on imported places
(``gnis:``), in the boundaries that an extract holds whole. What is said nearby counts; the country
is known from the time zone of the settlements.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import shapely

from geo.gazetteer import Entry
from geo.gazetteer.model import fold
from geo.gazetteer.territories import (
    ZipCode,
    country_of_zone,
    state_of_postcode,
    territories_named,
    zip_codes,
)
from geo.geometry import LocalPlane
from geo.model import Point
from geo.places.opening import timezone

_STATE_KEYS = ("addr:state", "addr:province", "is_in:state_code", "is_in:state", "gnis:ST_alpha")
_COUNTY_KEYS = ("addr:county", "is_in:county", "gnis:County", "gnis:county_name", "gnis:Cnty_name")
_TIGER_COUNTY = "tiger:county"
_TIGER = re.compile(r"([^,;:]+), ([A-Z]{2})(?:[;:].*)?")
_MAX_DISTANCE_M = 60_000.0
"""How far away a state may be read; a county half as far."""

_AROUND_DEG = 0.6
"""How far around a region the ZIP codes may say its state."""

_LEVELS = range(3, 11)
"""Administrative levels of what people write in addresses, from the state to the parish.
https://wiki.openstreetmap.org/wiki/Tag:boundary=administrative"""

_MAX_ZONE_LOOKUPS = 200
"""Settlements whose time zones are looked up before the rest is taken to be in the same country."""

_POSTAL_KINDS = frozenset({"street", "postcode", "place", "locality"})
"""Kinds of which the town is often the one that the post goes by."""


class _Evidence(NamedTuple):
    text: str
    lon: float
    lat: float


@dataclass(slots=True)
class TerritoryCollector:
    """Takes what the map says of countries, states and counties."""

    _states: list[_Evidence] = field(default_factory=list)
    _counties: list[_Evidence] = field(default_factory=list)
    _postcodes: list[_Evidence] = field(default_factory=list)
    _areas: list[tuple[Mapping[str, str], str]] = field(default_factory=list)

    def add_tags(self, tags: Mapping[str, str], lon: float, lat: float) -> None:
        """Take what the tags of a thing say of where it is."""
        for key in _STATE_KEYS:
            if key in tags and ";" not in tags[key]:
                self._states.append(_Evidence(tags[key], lon, lat))
        for key in _COUNTY_KEYS:
            if key in tags and ";" not in tags[key]:
                self._counties.append(_Evidence(tags[key], lon, lat))
        tiger = _TIGER.fullmatch(tags.get(_TIGER_COUNTY, ""))
        if tiger:
            self._counties.append(_Evidence(tiger[1], lon, lat))
            self._states.append(_Evidence(f"US-{tiger[2]}", lon, lat))

    def add_postcode(self, code: str, lon: float, lat: float) -> None:
        """Take a postcode, which often tells the state."""
        self._postcodes.append(_Evidence(code, lon, lat))

    def add_boundary(self, tags: Mapping[str, str], wkb: str) -> None:
        """Take the boundary of a state, county or municipality."""
        level = tags.get("admin_level", "")
        if tags.get("boundary") == "administrative" and level.isdecimal() and int(level) in _LEVELS:
            self._areas.append((tags, wkb))

    def finish(self, entries: Sequence[Entry]) -> list[Entry]:
        """Return the entries with their territory, and with the names of what they lie in."""
        if not entries:
            return []
        locations = _Locations(entries)
        countries = locations.countries()
        areas = self._areas_of(locations)
        counties = self._counties_of(locations, countries)
        states = self._states_of(locations, countries)
        found = []
        for entry, country, state, county, around in zip(
            entries, countries, states, counties, areas, strict=True
        ):
            words = dict.fromkeys((*entry.words, *filter(None, (*around, *county))))
            words.pop(entry.name, None)
            towns = dict.fromkeys(_cities(entry) if country == "US" else ())
            found.append(
                replace(
                    entry,
                    territory=state or country,
                    words=tuple(words),
                    postal_towns=tuple(town for town in towns if town not in words),
                )
            )
        return found

    def _areas_of(self, locations: _Locations) -> list[list[str]]:
        """Return the names of the areas that each entry lies in, the smallest first."""
        names: list[list[str]] = [[] for _ in range(len(locations))]
        if self._areas:
            shapes = shapely.from_wkb([wkb for _, wkb in self._areas])
            tree = shapely.STRtree(shapes)
            points = shapely.points(locations.lon, locations.lat)
            rows, areas = tree.query(points, predicate="within")
            levels = [int(tags["admin_level"]) for tags, _ in self._areas]
            order = sorted(range(len(levels)), key=lambda area: -levels[area])
            rank = {area: place for place, area in enumerate(order)}
            pairs = sorted(
                zip(rows.tolist(), areas.tolist(), strict=True),
                key=lambda pair: (pair[0], rank[pair[1]]),
            )
            for row, area in pairs:
                names[row] += _area_names(self._areas[area][0])
        return names

    def _counties_of(
        self, locations: _Locations, countries: Sequence[str]
    ) -> list[tuple[str, ...]]:
        evidence = [one for one in self._counties if one.text.strip()]
        found: list[tuple[str, ...]] = [()] * len(locations)
        for row, one in locations.nearest(evidence, _MAX_DISTANCE_M / 2):
            found[row] = _county_names(one.text, countries[row])
        rows = [row for row, one in enumerate(countries) if one == "US" and not found[row]]
        if rows:
            zips = [_Evidence(one.county, one.lon, one.lat) for one in _zips_around(locations)]
            for row, one in locations.nearest(zips, _MAX_DISTANCE_M, rows):
                found[row] = (one.text,)
        return found

    def _states_of(self, locations: _Locations, countries: Sequence[str]) -> list[str]:
        found = [""] * len(locations)
        for country in sorted(set(countries) - {""}):
            evidence = list(self._evidence_of(country))
            if country == "US" and not evidence:
                evidence = [
                    _Evidence(one.state, one.lon, one.lat) for one in _zips_around(locations)
                ]
            rows = [row for row, one in enumerate(countries) if one == country]
            for row, one in locations.nearest(evidence, _MAX_DISTANCE_M, rows):
                found[row] = one.text
        return found

    def _evidence_of(self, country: str) -> Iterator[_Evidence]:
        """Yield where states of a country are."""
        for one in self._states:
            code = one.text if one.text.startswith(f"{country}-") else _state(one.text, country)
            if code:
                yield one._replace(text=code)
        for one in self._postcodes:
            if code := state_of_postcode(one.text, country):
                yield one._replace(text=code)


class _Locations:
    """Where entries are, and what is near them."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.lon = np.array([one.lon for one in entries])
        self.lat = np.array([one.lat for one in entries])
        self._plane = LocalPlane(Point(float(self.lon.mean()), float(self.lat.mean())))
        self._xy = np.column_stack(self._plane.to_xy(self.lon, self.lat))
        self._settled = [
            row for row, one in enumerate(entries) if one.kind in ("city", "town", "village")
        ]

    def __len__(self) -> int:
        return len(self.lon)

    def countries(self) -> list[str]:
        """Return the country of each entry: that of the nearest settlement."""
        rows = self._settled or list(range(0, len(self), max(1, len(self) // _MAX_ZONE_LOOKUPS)))
        some = rows[:: max(1, len(rows) // _MAX_ZONE_LOOKUPS)]
        known = {row: self._country(row) for row in some}
        if len(set(known.values())) > 1:  # a border: every settlement is looked up
            known = {row: self._country(row) for row in rows}
        evidence = [
            _Evidence(code, float(self.lon[row]), float(self.lat[row]))
            for row, code in known.items()
        ]
        found = [""] * len(self)
        for row, one in self.nearest(evidence, np.inf):
            found[row] = one.text
        return found

    def _country(self, row: int) -> str:
        zone = timezone(Point(float(self.lon[row]), float(self.lat[row])))
        return country_of_zone(str(zone))

    def nearest(
        self, evidence: Sequence[_Evidence], within_m: float, rows: Sequence[int] | None = None
    ) -> Iterator[tuple[int, _Evidence]]:
        """Yield the nearest of what is known for each entry, or for some rows of them."""
        from scipy.spatial import cKDTree

        if not evidence:
            return
        lon, lat = np.array([one.lon for one in evidence]), np.array([one.lat for one in evidence])
        tree = cKDTree(np.column_stack(self._plane.to_xy(lon, lat)))
        chosen = range(len(self)) if rows is None else rows
        away_m, found = tree.query(self._xy[list(chosen)])
        for row, metres, one in zip(chosen, away_m.tolist(), found.tolist(), strict=True):
            if metres <= within_m:
                yield row, evidence[one]


def _state(text: str, country: str) -> str:
    """Return the state of a country that a text names; empty where it names none."""
    named = [code for code in territories_named(fold(text).split()) if code.startswith(country)]
    states = [code for code in named if "-" in code]
    return states[0] if len(states) == 1 else ""


def _cities(entry: Entry) -> Iterator[str]:
    """Yield the towns that the post calls a thing's ZIP codes by."""
    if entry.kind in _POSTAL_KINDS:
        for word in (*entry.words, entry.name):
            if word in zip_codes():
                yield from zip_codes()[word].cities


def _county_names(text: str, country: str) -> tuple[str, ...]:
    name = " ".join(text.split())
    if country == "US" and not name.casefold().endswith((" county", " parish", " borough")):
        return (name, f"{name} County")
    return (name,)


def _area_names(tags: Mapping[str, str]) -> Iterable[str]:
    for key in ("name", "name:en", "short_name", "official_name"):
        if tags.get(key, "").strip():
            yield " ".join(tags[key].split())


def _zips_around(locations: _Locations) -> list[ZipCode]:
    """Return the ZIP codes in and around the box of what is looked up."""
    west, east = float(locations.lon.min()) - _AROUND_DEG, float(locations.lon.max()) + _AROUND_DEG
    south, north = (
        float(locations.lat.min()) - _AROUND_DEG,
        float(locations.lat.max()) + _AROUND_DEG,
    )
    return [
        one for one in zip_codes().values() if west <= one.lon <= east and south <= one.lat <= north
    ]
