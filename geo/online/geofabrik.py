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
from geo.online.cache import AnswerCache
from geo.online.errors_and_hosts import host_of
from geo.online.http import Client, Request, Response, ResponseLimits

ATTRIBUTION = "Extracts by Geofabrik; map data © OpenStreetMap contributors (ODbL)"

_FRESH = timedelta(days=1)
_KEPT = timedelta(days=365)
_LIMITS = ResponseLimits(most_bytes=64 << 20, total_s=180)
_LIKE = 0.75
_SHORTEST_WORD = 4
_TAGS = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """An extract that the catalogue offers.

    Attributes
    ----------
    id
        What the catalogue calls it, as ``"us/vermont"``.
    name
        What people call it, as ``"Vermont"``.
    parents
        Names of what it is a part of, the nearest first.
    codes
        ISO 3166 codes of the countries and states that it holds, as ``"US-VT"``.
    region_name
        What a region made of it is called unless somebody says otherwise.
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
    """All offers, searched on this computer.

    Parameters
    ----------
    is_old
        Whether it is an old copy because the server could not be asked.
    """

    def __init__(
        self, offers: Sequence[CatalogueEntry], *, at: datetime, is_old: bool = False
    ) -> None:
        self.offers = tuple(offers)
        self.at = at
        self.is_old = is_old
        self._by_id = {offer.id: offer for offer in offers}

    def search(self, text: str, *, limit: int = 20) -> list[CatalogueEntry]:
        """Return what fits a text, best first; [] where nothing does.

        Parameters
        ----------
        text
            A name, the name of a parent, an ISO code, or a sentence with a name in it.
        """
        wanted = fold(text)
        if not wanted:
            return []
        ranked = [
            (rank, len(offer.name), offer.name, offer.id)
            for offer in self.offers
            if (rank := _rank(offer, wanted)) is not None
        ]
        ranked = ranked or [
            (0.0, -len(offer.name), offer.name, offer.id)
            for offer in self.offers
            if len(offer.name) >= _SHORTEST_WORD and f" {fold(offer.name)} " in f" {wanted} "
        ]
        ranked = ranked or list(self._alike(wanted))
        return [self._by_id[entry[-1]] for entry in sorted(ranked)[:limit]]

    def find(self, text: str) -> CatalogueEntry:
        """Return the one offer that a text names: its id, the end of it, its name or ISO code.

        Parameters
        ----------
        text
            As ``"us/vermont"``, ``"vermont"`` or ``"US-VT"``.

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
        found = [offer for offer in self.offers if wanted and wanted in _exact(offer)]
        if len(found) > 1:
            choices = ", ".join(f"{offer.id} ({offer.label})" for offer in found[:8])
            raise InputError(f"several extracts are called so: {choices}; give one by its id.")
        if not found:
            names = [*self._by_id, *(offer.name.casefold() for offer in self.offers)]
            raise UnknownName("extract", text, sorted(set(names)))
        return found[0]

    def covering(self, point: Point) -> list[CatalogueEntry]:
        """Return the offers whose outline holds a point, the smallest first; [] for none.

        Parameters
        ----------
        point
            Looked up on this computer; it is not sent anywhere.
        """
        here = shapely.Point(point.lon, point.lat)
        found = [offer for offer in self.offers if offer.shape.covers(here)]
        return sorted(found, key=lambda offer: (offer.area_deg2, offer.id))

    def _alike(self, wanted: str) -> Iterator[tuple[float, int, str, str]]:
        for offer in self.offers:
            likeness = difflib.SequenceMatcher(None, wanted, fold(offer.name)).ratio()
            if likeness >= _LIKE:
                yield (1 - likeness, len(offer.name), offer.name, offer.id)


def fetch_catalogue(client: Client, url: str, cache: AnswerCache) -> Catalogue:
    """Return the catalogue: a copy of at most a day, or else a new one.

    Parameters
    ----------
    cache
        Keeps it; where the server cannot be asked, an old copy is taken and told as such.

    Raises
    ------
    OnlineError
        It cannot be had, and there is no copy.
    MissingContact
        It is to be had from a public server only, nobody said who asks, and there is no copy.
    """
    question = Request(url)
    kept = cache.get(question, younger_than=_FRESH)
    if kept is not None:
        return _read(kept, url)
    try:
        answer = client.ask(question, _LIMITS)
        client.raise_for_status(answer)
        catalogue = _read(answer, url)
    except (OnlineError, MissingContact):
        old = cache.get(question)
        if old is None:
            raise
        return _read(old, url, is_old=True)
    cache.put(question, answer, keep=_KEPT)
    return catalogue


def cached_catalogue(url: str, cache: AnswerCache) -> Catalogue | None:
    """Return the copy of the catalogue, however old, without asking anybody; None without one."""
    kept = cache.get(Request(url))
    try:
        return _read(kept, url, is_old=True) if kept else None
    except OnlineError:
        return None


def _read(answer: Response, url: str, *, is_old: bool = False) -> Catalogue:
    """Read ``index-v1.json``; entries without an extract or an outline are left out.

    Raises
    ------
    BadResponse
        It is no such catalogue.
    TransferInterrupted
        It is cut off.
    """
    values = answer.json()
    features = values.get("features") if isinstance(values, dict) else None
    if not isinstance(features, list):
        raise BadResponse(
            f"{host_of(url)} answers with something that is no catalogue of extracts; check"
            " CROSSROADS_GEOFABRIK_INDEX_URL."
        )
    entries = [one for one in map(_properties, features) if one]
    by_id = {entry["id"]: entry for entry in entries}
    offers = [offer for entry in entries if (offer := _offer(entry, by_id, url)) is not None]
    return Catalogue(offers, at=answer.at, is_old=is_old)


def _properties(feature: Any) -> dict[str, Any] | None:
    try:
        properties = dict(feature["properties"])
        properties["geometry"] = feature["geometry"]
        return properties if isinstance(properties["id"], str) else None
    except (KeyError, TypeError, ValueError):
        return None


def _offer(entry: Mapping[str, Any], by_id: Mapping[str, Any], url: str) -> CatalogueEntry | None:
    try:
        shape = shapely.from_geojson(json.dumps(entry["geometry"]))
        address = urljoin(url, entry["urls"]["pbf"])
        host_of(address)
    except (KeyError, TypeError, ValueError, shapely.GEOSException, InputError):
        return None
    if shape is None or shape.is_empty:
        return None
    shapely.prepare(shape)
    return CatalogueEntry(
        id=entry["id"],
        name=_plain(entry.get("name") or entry["id"]),
        parents=tuple(_parents(entry, by_id)),
        codes=tuple(_codes(entry)),
        url=address,
        region_name=_region_name(entry["id"], by_id),
        area_deg2=float(shape.area),
        shape=shape,
    )


def _region_name(identity: str, by_id: Mapping[str, Any]) -> str:
    """Return the end of an id; all of it where several end alike, as two Georgias do."""
    last = identity.rpartition("/")[2]
    is_alone = sum(other.rpartition("/")[2] == last for other in by_id) < 2
    words = fold(last if is_alone else identity).replace(" ", "-")
    return re.sub(r"[^a-z0-9-]", "", words)[:64].strip("-") or "region"


def _parents(entry: Mapping[str, Any], by_id: Mapping[str, Any]) -> Iterator[str]:
    seen = {entry["id"]}
    parent = by_id.get(str(entry.get("parent")))
    while parent is not None and parent["id"] not in seen:
        seen.add(parent["id"])
        yield _plain(parent.get("name") or parent["id"])
        parent = by_id.get(str(parent.get("parent")))


def _codes(entry: Mapping[str, Any]) -> Iterator[str]:
    for key in ("iso3166-1:alpha2", "iso3166-2"):
        codes = entry.get(key) or ()
        yield from [codes] if isinstance(codes, str) else map(str, codes)


def _plain(name: Any) -> str:
    """Return a name without the markup that some names of the catalogue hold."""
    return " ".join(html.unescape(_TAGS.sub(" ", str(name))).split())


def _exact(offer: CatalogueEntry) -> set[str]:
    codes = offer.codes if len(offer.codes) == 1 else ()
    return set(map(fold, (offer.id, offer.id.rpartition("/")[2], offer.name, *codes)))


def _rank(offer: CatalogueEntry, wanted: str) -> float | None:
    """Return how well an offer fits a folded text, 0 best; None where it does not."""
    name = fold(offer.name)
    fits = (
        wanted in _exact(offer),
        any(wanted == fold(code) for code in offer.codes),
        name.startswith(wanted),
        f" {wanted}" in f" {name}",
        any(wanted == fold(parent) for parent in offer.parents[:1]),
        len(wanted) >= _SHORTEST_WORD and wanted in name,
    )
    return fits.index(True) if any(fits) else None
