"""The catalogue of extracts that Geofabrik publishes, or a mirror of it.

``index-v1.json`` is a GeoJSON FeatureCollection: one feature for each extract, with its outline,
its name, its parent, the ISO 3166 codes that it holds and its addresses. It is fetched once in a
while and searched on this computer, so that nobody is told what was looked for.
https://download.geofabrik.de/technical.html
"""

from __future__ import annotations

import difflib
import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import shapely

from geo.errors import BadResponse, InputError, MissingContact, OnlineError, UnknownName
from geo.gazetteer.model import fold
from geo.model import BBox, Point
from geo.online.cache import ResponseCache
from geo.online.hosts import host_of
from geo.online.http import Client, Request, Response, ResponseLimits

ATTRIBUTION = "Extracts by Geofabrik; map data © OpenStreetMap contributors (ODbL)"

_MAX_AGE = timedelta(days=1)
_EXPIRE_AFTER = timedelta(days=365)
_LIMITS = ResponseLimits(max_bytes=64 << 20, total_s=180)
_MIN_SIMILARITY = 0.75
_SHORTEST_WORD = 4
_TAGS = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """An extract that the catalogue offers, by its id there, as ``"us/vermont"``.

    ``parents`` are names of what it is a part of, the nearest first; ``codes`` those of ISO 3166
    that it holds, as ``"US-VT"``; a region of it is called ``region_name`` unless somebody says
    otherwise.
    """

    id: str
    name: str
    parents: tuple[str, ...]
    codes: tuple[str, ...]
    url: str
    region_name: str
    area_deg2: float
    shape: Any = field(repr=False, compare=False)

    @property
    def bbox(self) -> BBox:
        """The box around its outline."""
        return BBox(*(float(side) for side in self.shape.bounds))

    @property
    def label(self) -> str:
        """Its name with what it is a part of, as ``"Vermont, United States of America"``."""
        return ", ".join((self.name, *self.parents[:1]))


class Catalogue:
    """All offers, searched on this computer."""

    def __init__(
        self, entries: Sequence[CatalogueEntry], *, at: datetime, is_old: bool = False
    ) -> None:
        self.entries = tuple(entries)
        self.at = at
        self.is_old = is_old
        self._by_id = {entry.id: entry for entry in entries}

    def search(self, text: str, *, limit: int = 20) -> list[CatalogueEntry]:
        """Return what fits a text, best first; [] where nothing does.

        The text is a name, the name of a parent, an ISO code, or a sentence with a name in it.
        """
        wanted = fold(text)
        if not wanted:
            return []
        ranked = [
            (rank, len(entry.name), entry.name, entry.id)
            for entry in self.entries
            if (rank := _match_rank(entry, wanted)) is not None
        ]
        ranked = ranked or [
            (0.0, -len(entry.name), entry.name, entry.id)
            for entry in self.entries
            if len(entry.name) >= _SHORTEST_WORD and f" {fold(entry.name)} " in f" {wanted} "
        ]
        ranked = ranked or list(self._similar(wanted))
        return [self._by_id[row[-1]] for row in sorted(ranked)[:limit]]

    def find(self, text: str) -> CatalogueEntry:
        """Return the one offer that a text names.

        Its id, the end of it, its name or an ISO code: ``"us/vermont"``, ``"vermont"`` or
        ``"US-VT"``.

        Raises
        ------
        UnknownName
            There is none; the error knows the nearest names.
        InputError
            There are several.
        """
        if text in self._by_id:
            return self._by_id[text]
        wanted = fold(text)
        found = [entry for entry in self.entries if wanted and wanted in _exact_names(entry)]
        if len(found) > 1:
            choices = ", ".join(f"{entry.id} ({entry.label})" for entry in found[:8])
            raise InputError(f"several extracts are called so: {choices}; give one by its id.")
        if not found:
            names = [*self._by_id, *(entry.name.casefold() for entry in self.entries)]
            raise UnknownName("extract", text, sorted(set(names)))
        return found[0]

    def covering(self, point: Point) -> list[CatalogueEntry]:
        """Return the offers whose outline holds a point, the smallest first; [] for none.

        The point is looked up on this computer and not sent anywhere.
        """
        here = shapely.Point(point.lon, point.lat)
        found = [entry for entry in self.entries if entry.shape.covers(here)]
        return sorted(found, key=lambda entry: (entry.area_deg2, entry.id))

    def _similar(self, wanted: str) -> Iterator[tuple[float, int, str, str]]:
        for entry in self.entries:
            likeness = difflib.SequenceMatcher(None, wanted, fold(entry.name)).ratio()
            if likeness >= _MIN_SIMILARITY:
                yield (1 - likeness, len(entry.name), entry.name, entry.id)


def fetch_catalogue(client: Client, url: str, cache: ResponseCache) -> Catalogue:
    """Return the catalogue: a copy of at most a day, or else a new one.

    Where the server cannot be asked, an old copy is returned, marked as old.

    Raises
    ------
    OnlineError
        It cannot be had, and there is no copy.
    MissingContact
        It is to be had from a public server only, nobody said who asks, and there is no copy.
    """
    request = Request(url)
    cached = cache.get(request, max_age=_MAX_AGE)
    if cached is not None:
        return _read(cached, url)
    try:
        response = client.send(request, _LIMITS)
        client.raise_for_status(response)
        catalogue = _read(response, url)
    except (OnlineError, MissingContact):
        old = cache.get(request)
        if old is None:
            raise
        return _read(old, url, is_old=True)
    cache.put(request, response, expire_after=_EXPIRE_AFTER)
    return catalogue


def cached_catalogue(url: str, cache: ResponseCache) -> Catalogue | None:
    """Return the copy of the catalogue, however old, without asking anybody; None without one."""
    cached = cache.get(Request(url))
    try:
        return _read(cached, url, is_old=True) if cached else None
    except OnlineError:
        return None


def _read(response: Response, url: str, *, is_old: bool = False) -> Catalogue:
    """Read ``index-v1.json``; entries without an extract or an outline are left out."""
    values = response.json()
    features = values.get("features") if isinstance(values, dict) else None
    if not isinstance(features, list):
        raise BadResponse(
            f"{host_of(url)} answers with something that is no catalogue of extracts; check"
            " CROSSROADS_GEOFABRIK_INDEX_URL."
        )
    found = [one for one in map(_properties, features) if one]
    by_id = {one["id"]: one for one in found}
    entries = (_parse_entry(one, by_id, url) for one in found)
    known = [entry for entry in entries if entry is not None]
    return Catalogue(known, at=response.at, is_old=is_old)


def _properties(feature: Any) -> dict[str, Any] | None:
    try:
        properties = dict(feature["properties"])
        properties["geometry"] = feature["geometry"]
        return properties if isinstance(properties["id"], str) else None
    except (KeyError, TypeError, ValueError):
        return None


def _parse_entry(
    properties: Mapping[str, Any], by_id: Mapping[str, Any], url: str
) -> CatalogueEntry | None:
    try:
        shape = shapely.from_geojson(json.dumps(properties["geometry"]))
        address = urljoin(url, properties["urls"]["pbf"])
        host_of(address)
    except (KeyError, TypeError, ValueError, shapely.GEOSException, InputError):
        return None
    if shape is None or shape.is_empty:
        return None
    shapely.prepare(shape)
    return CatalogueEntry(
        id=properties["id"],
        name=_strip_markup(properties.get("name") or properties["id"]),
        parents=tuple(_parents(properties, by_id)),
        codes=tuple(_codes(properties)),
        url=address,
        region_name=_region_name(properties["id"], by_id),
        area_deg2=float(shape.area),
        shape=shape,
    )


def _region_name(identity: str, by_id: Mapping[str, Any]) -> str:
    """Return the end of an id; all of it where several end alike, as two Georgias do."""
    last = identity.rpartition("/")[2]
    is_alone = sum(other.rpartition("/")[2] == last for other in by_id) < 2
    words = fold(last if is_alone else identity).replace(" ", "-")
    return re.sub(r"[^a-z0-9-]", "", words)[:64].strip("-") or "region"


def _parents(properties: Mapping[str, Any], by_id: Mapping[str, Any]) -> Iterator[str]:
    seen = {properties["id"]}
    parent = by_id.get(str(properties.get("parent")))
    while parent is not None and parent["id"] not in seen:
        seen.add(parent["id"])
        yield _strip_markup(parent.get("name") or parent["id"])
        parent = by_id.get(str(parent.get("parent")))


def _codes(properties: Mapping[str, Any]) -> Iterator[str]:
    for key in ("iso3166-1:alpha2", "iso3166-2"):
        codes = properties.get(key) or ()
        yield from [codes] if isinstance(codes, str) else map(str, codes)


def _strip_markup(name: Any) -> str:
    """Return a name without the markup that some names of the catalogue hold."""
    return " ".join(html.unescape(_TAGS.sub(" ", str(name))).split())


def _exact_names(entry: CatalogueEntry) -> set[str]:
    codes = entry.codes if len(entry.codes) == 1 else ()
    return set(map(fold, (entry.id, entry.id.rpartition("/")[2], entry.name, *codes)))


def _match_rank(entry: CatalogueEntry, wanted: str) -> float | None:
    """Return how well an offer fits a folded text, 0 best; None where it does not."""
    name = fold(entry.name)
    fits = (
        wanted in _exact_names(entry),
        any(wanted == fold(code) for code in entry.codes),
        name.startswith(wanted),
        f" {wanted}" in f" {name}",
        any(wanted == fold(parent) for parent in entry.parents[:1]),
        len(wanted) >= _SHORTEST_WORD and wanted in name,
    )
    return fits.index(True) if any(fits) else None
