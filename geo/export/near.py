"""What is near, as JSON values, GeoJSON and CSV."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from geo.export.links import map_links
from geo.export.tables import csv_text
from geo.places import display_name, opening
from geo.proximity import Nearby, NearbyPlace
from geo.region import Manifest

COLUMNS = ("osm_id", "name", "kind", "lat", "lon", "minutes", "km", "open")


def near_values(nearby: Nearby, manifest: Manifest, *, at: datetime) -> dict[str, Any]:
    """Return the answer as JSON values; the fields are part of the command line's contract.

    Parameters
    ----------
    nearby
        The answer.
    manifest
        Of the region that was searched.
    at
        When the places should be open; without a time zone it is each place's own local time.
    """
    return {
        "region": manifest.name,
        "origin": {"lat": nearby.origin.lat, "lon": nearby.origin.lon},
        **source_values(manifest),
        "places": [_values(found, at) for found in nearby.places],
    }


def near_geojson(nearby: Nearby, manifest: Manifest, *, at: datetime) -> dict[str, Any]:
    """Return the answer as a GeoJSON FeatureCollection (RFC 7946) of points."""
    return {
        "type": "FeatureCollection",
        **source_values(manifest),
        "features": [
            {
                "type": "Feature",
                "id": found.place.osm_id,
                "geometry": {
                    "type": "Point",
                    "coordinates": [found.place.point.lon, found.place.point.lat],
                },
                "properties": {
                    key: value
                    for key, value in _values(found, at).items()
                    if key not in ("lat", "lon")
                },
            }
            for found in nearby.places
        ],
    }


def near_csv(nearby: Nearby, *, at: datetime) -> str:
    """Return the answer as CSV, one line for each place."""
    rows = (_values(found, at) for found in nearby.places)
    return csv_text(COLUMNS, ([row[column] for column in COLUMNS] for row in rows))


def source_values(manifest: Manifest) -> dict[str, Any]:
    """Return where the data come from and of when they are, as every export must say."""
    return {
        "attribution": manifest.attribution,
        "licence": manifest.licence,
        "osm_timestamp": manifest.osm_timestamp.isoformat() if manifest.osm_timestamp else None,
    }


def _values(found: NearbyPlace, at: datetime) -> dict[str, Any]:
    place = found.place
    return {
        "osm_id": place.osm_id,
        "name": display_name(place),
        "kind": place.kind,
        "lat": place.point.lat,
        "lon": place.point.lon,
        "minutes": round(found.minutes, 3),
        "km": round(found.km, 3),
        "open": opening.state(place, at),
        "links": map_links(place),
    }
