"""What is near, where to meet, and isochrones, as listings and as GeoJSON."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from geo.export.geo_formats import area_feature
from geo.export.listing import (
    Area,
    Attribution,
    Column,
    Listing,
    ListingRow,
    Quantity,
    StartLabel,
    place_columns,
)
from geo.isochrone import Isochrone
from geo.places import label, opening
from geo.proximity import Nearby, NearbyPlace
from geo.region import Manifest
from geo.texts import exports
from geo.units import Measures

if TYPE_CHECKING:
    from geo.meetup import Halfway, MeetingPlace


def listing_areas(isochrones: Sequence[Isochrone]) -> list[Area]:
    """Return isochrones as the areas of a listing."""
    return [
        Area(
            exports.WITHIN_LABEL.format(minutes=isochrone.cutoff_s / 60),
            isochrone.cutoff_s / 60,
            isochrone.area,
        )
        for isochrone in isochrones
    ]


def areas_geojson(isochrones: Sequence[Isochrone], manifest: Manifest) -> dict[str, Any]:
    """Return isochrones as a FeatureCollection, each with ``minutes`` in its properties."""
    return {
        "type": "FeatureCollection",
        **Attribution.of(manifest).values(),
        "features": [area_feature(area) for area in listing_areas(isochrones)],
    }


def halfway_listing(
    halfway: Halfway,
    manifest: Manifest,
    *,
    at: datetime,
    starts: Sequence[StartLabel] = (),
    areas: Sequence[Area] = (),
    measures: Measures | None = None,
) -> Listing:
    """Return the answer as a listing.

    Parameters
    ----------
    halfway
        The answer.
    manifest
        Of the region that was searched.
    at
        When the places should be open; without a time zone it is each place's own local time.
    starts
        What may be said of each person and origin; "person 1" and no position where it is empty.
    areas
        Isochrones to draw below.
    measures
        How the reader measures.
    """
    count = len(halfway.request.origins)
    starts = tuple(starts) or tuple(StartLabel(exports.person(i + 1)) for i in range(count))
    people = [start.label for start in starts]
    return Listing(
        title=exports.halfway_title(people),
        summary=_summary(halfway, manifest, starts),
        source=Attribution.of(manifest),
        starts=tuple(starts),
        columns=tuple(_columns(halfway, people)),
        entries=tuple(_halfway_row(found, halfway, at) for found in halfway.places),
        areas=tuple(sorted(areas, key=lambda area: -area.minutes)),
        notes=tuple(halfway_notes(halfway, people)),
        measures=measures or Measures(),
    )


def halfway_notes(halfway: Halfway, people: Sequence[str]) -> list[str]:
    """Return what must be said of an answer in sentences: who is left out, and the trade-off.

    Parameters
    ----------
    people
        What to call each person.
    """
    cutoff_s = halfway.request.cutoff_s
    sentences = []
    if halfway.unreachable:
        sentences.append(exports.unreachable_people([people[i] for i in halfway.unreachable]))
    if halfway.places and not halfway.within and math.isfinite(cutoff_s):
        over = exports.beyond_limit(halfway.places[0].beyond_s(cutoff_s), people)
        sentences.append(exports.NONE_WITHIN.format(minutes=cutoff_s / 60))
        sentences.append(f"{label(halfway.places[0].place)}: {over}.")
    if halfway.trade_off:
        sentences.append(exports.trade_off(halfway.trade_off, people) or "")
    return [sentence for sentence in sentences if sentence]


def _summary(halfway: Halfway, manifest: Manifest, starts: Sequence[StartLabel]) -> dict[str, Any]:
    request = halfway.request
    choice = halfway.trade_off
    return {
        "region": manifest.name,
        "people": [
            {
                "label": start.label,
                "lat": start.point.lat if start.point else None,
                "lon": start.point.lon if start.point else None,
                "origin": {"label": start.address, "unmatched": list(start.unmatched)},
            }
            for start in starts
        ],
        "objective": request.objective,
        "cutoff_minutes": _minutes(request.cutoff_s),
        "everyone_within": halfway.within,
        "unreachable": list(halfway.unreachable),
        "trade_off": choice
        and {
            "fairest": choice.fairest.place.osm_id,
            "least_total": choice.least_total.place.osm_id,
            "person": choice.person,
            "extra_minutes": _minutes(choice.extra_s),
            "saved_minutes": _minutes(choice.saved_s),
        },
    }


def _columns(halfway: Halfway, people: Sequence[str]) -> Iterable[Column]:
    first, last = place_columns()
    yield from first
    yield Column.simple("worst_minutes", "minutes")
    yield Column.simple("total_minutes", "minutes")
    yield from _person_columns("minutes", people, "minutes")
    if halfway.request.with_return:
        yield from _person_columns("return_minutes", people, "minutes", shown=False)
    if not halfway.within and math.isfinite(halfway.request.cutoff_s):
        yield from _person_columns("beyond_minutes", people, "minutes", shown=False)
    yield from _person_columns("km", people, "km", shown=False)
    yield last


def _person_columns(
    key: str, people: Sequence[str], quantity: Quantity, *, shown: bool = True
) -> Iterable[Column]:
    for i, name in enumerate(people):
        title = exports.PERSON_COLUMN_TITLE.format(title=exports.TITLES[key], person=name)
        yield Column(f"{key}_{i + 1}", title, quantity, key, i, shown, name)


def _halfway_row(found: MeetingPlace, halfway: Halfway, at: datetime) -> ListingRow:
    place, request = found.place, halfway.request
    values: dict[str, Any] = {
        "osm_id": place.osm_id,
        "name": label(place),
        "kind": place.kind,
        "lat": place.point.lat,
        "lon": place.point.lon,
        "minutes": [_minutes(seconds) for seconds in found.travel_times_s],
        "km": [_finite(length_m / 1000) for length_m in found.lengths_m],
        "worst_minutes": _minutes(found.worst_s),
        "total_minutes": _minutes(found.total_s),
        "open": opening.state(place, at),
    }
    if found.return_times_s is not None:
        values["return_minutes"] = [_minutes(seconds) for seconds in found.return_times_s]
    if not halfway.within and math.isfinite(request.cutoff_s):
        values["beyond_minutes"] = [_minutes(s) for s in found.beyond_s(request.cutoff_s)]
    return ListingRow(place, values)


def _minutes(seconds: float) -> float | None:
    return _finite(seconds / 60)


def _finite(value: float) -> float | None:
    """Return a number with three decimals; None, as JSON has no infinity, where it is infinite."""
    return round(value, 3) if math.isfinite(value) else None


def near_listing(
    nearby: Nearby,
    manifest: Manifest,
    *,
    at: datetime,
    start: StartLabel | None = None,
    areas: Sequence[Area] = (),
    measures: Measures | None = None,
) -> Listing:
    """Return the answer as a listing.

    Parameters
    ----------
    nearby
        The answer.
    manifest
        Of the region that was searched.
    at
        When the places should be open; without a time zone it is each place's own local time.
    start
        What may be said of the origin; nothing if None.
    areas
        Isochrones to draw below.
    measures
        How the reader measures.
    """
    start = start or StartLabel()
    with_return = any(found.return_time_s is not None for found in nearby.places)
    first, last = place_columns()
    middle = [Column.simple("minutes", "minutes"), Column.simple("km", "km")]
    if with_return:
        middle.insert(1, Column.simple("return_minutes", "minutes"))
    origin = start.point and {
        "lat": start.point.lat,
        "lon": start.point.lon,
        "label": start.address,
        "unmatched": list(start.unmatched),
    }
    return Listing(
        title=exports.NEAR_TITLE.format(start=start.label, minutes=nearby.reach.cutoff_s / 60),
        summary={"region": manifest.name, "origin": origin},
        source=Attribution.of(manifest),
        starts=(start,),
        columns=(*first, *middle, last),
        entries=tuple(_nearby_row(found, at, with_return=with_return) for found in nearby.places),
        areas=tuple(sorted(areas, key=lambda area: -area.minutes)),
        measures=measures or Measures(),
    )


def _nearby_row(found: NearbyPlace, at: datetime, *, with_return: bool) -> ListingRow:
    place = found.place
    back_s = found.return_time_s
    values: dict[str, Any] = {
        "osm_id": place.osm_id,
        "name": label(place),
        "kind": place.kind,
        "lat": place.point.lat,
        "lon": place.point.lon,
        "minutes": round(found.minutes, 3),
        "km": round(found.km, 3),
        "open": opening.state(place, at),
    }
    if with_return:
        values["return_minutes"] = None if back_s is None else round(back_s / 60, 3)
    return ListingRow(place, values)
