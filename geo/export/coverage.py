"""Who has a place within a drive, as JSON values, CSV and GeoJSON.

People are listed by their ids; the map shows settlements and how many people there have nothing, so
that no home can be read off it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from geo.export.links import map_links
from geo.export.listing import Attribution
from geo.export.plan import minutes
from geo.export.tables import csv_text
from geo.meetup.coverage import Coverage, Nearest
from geo.model import Place
from geo.places import label
from geo.region import Region
from geo.text import strip_controls

_COLUMNS = ("id", "covered", "minutes", "osm_id", "name", "kind", "lat", "lon", "fallback",
            "fallback_minutes", "source")  # fmt: skip


def coverage_values(coverage: Coverage, region: Region) -> dict[str, Any]:
    """Return coverage as JSON values."""
    count = len(coverage.people)
    cutoffs = [minutes(cutoff) for cutoff in coverage.cutoffs_s]
    return {
        "region": region.name,
        **Attribution.of(region.manifest).values(),
        "people_count": count,
        "minutes": cutoffs,
        "covered": list(coverage.covered),
        "share": [round(one / count, 4) if count else None for one in coverage.covered],
        "kinds": [
            {"kind": one.kind, "places": one.places, "covered": list(one.covered)}
            for one in coverage.by_kind
        ],
        "people": [
            {
                "id": one.person.id,
                "covered": _is_covered(one.nearest, coverage.cutoffs_s[0]),
                "nearest": _nearest(one.nearest),
                "fallback": _nearest(one.fallback),
            }
            for one in coverage.people
        ],
        "deserts": [
            {"minutes": minutes(cutoff), "ids": [one.id for one in coverage.without(cutoff)]}
            for cutoff in coverage.cutoffs_s
        ],
        "suggested": [
            {"place": _place(one.place), "people": list(one.people)} for one in coverage.suggestions
        ],
        "suggested_proven": coverage.suggestions_proven,
        "unreached_memberships": [_place(place) for place in coverage.unreached],
    }


def coverage_csv(coverage: Coverage, region: Region) -> str:
    """Return coverage as CSV: one line for each person."""
    source = Attribution.of(region.manifest).line
    rows = []
    for one in coverage.people:
        near, spare = one.nearest, one.fallback
        where = ["", "", "", "", ""] if near is None else _cells(near.place)
        rows.append(
            [
                strip_controls(one.person.id),
                "yes" if _is_covered(near, coverage.cutoffs_s[0]) else "no",
                "inf" if near is None else minutes(near.travel_time_s),
                *where,
                "" if spare is None else strip_controls(label(spare.place)),
                "" if spare is None else minutes(spare.travel_time_s),
                source,
            ]
        )
    return csv_text(_COLUMNS, rows)


def coverage_geojson(coverage: Coverage, region: Region) -> dict[str, Any]:
    """Return the settlements whose people have no place, with how many they are by cutoff."""
    lacking: dict[tuple[str, float, float], Counter[str]] = defaultdict(Counter)
    for cutoff in coverage.cutoffs_s:
        for person in coverage.without(cutoff):
            settlement = region.gazetteer.nearest_settlement(person.point)
            if settlement is not None:
                key = (settlement.name, settlement.point.lon, settlement.point.lat)
                lacking[key][f"without_{cutoff / 60:g}"] += 1
    return {
        "type": "FeatureCollection",
        **Attribution.of(region.manifest).values(),
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [lon, lat]},
                "properties": {"name": name, **counts},
            }
            for (name, lon, lat), counts in lacking.items()
        ],
    }


def _is_covered(nearest: Nearest | None, cutoff_s: float) -> bool:
    return nearest is not None and nearest.travel_time_s <= cutoff_s


def _nearest(nearest: Nearest | None) -> dict[str, Any] | None:
    if nearest is None:
        return None
    return {**_place(nearest.place), "minutes": minutes(nearest.travel_time_s)}


def _place(place: Place) -> dict[str, Any]:
    return {
        "osm_id": place.osm_id,
        "name": label(place),
        "kind": place.kind,
        "lat": place.point.lat,
        "lon": place.point.lon,
        "links": map_links(place),
    }


def _cells(place: Place) -> list[object]:
    return [
        place.osm_id,
        strip_controls(label(place)),
        place.kind,
        place.point.lat,
        place.point.lon,
    ]
