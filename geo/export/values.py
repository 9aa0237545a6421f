"""A listing as JSON values and as GeoJSON; the fields are part of the command line's contract."""

from __future__ import annotations

import json
from typing import Any

from shapely.geometry import mapping

from geo.export.listing import Area, Listing

_POSITION = ("lat", "lon")


def listing_values(listing: Listing) -> dict[str, Any]:
    """Return the listing as JSON values."""
    return {
        **listing.summary,
        **listing.source.values(),
        "places": [dict(entry.values) for entry in listing.entries],
    }


def listing_geojson(listing: Listing) -> dict[str, Any]:
    """Return the listing as a GeoJSON FeatureCollection (RFC 7946): areas, then points."""
    places = [
        {
            "type": "Feature",
            "id": entry.place.osm_id,
            "geometry": {
                "type": "Point",
                "coordinates": [entry.place.point.lon, entry.place.point.lat],
            },
            "properties": {
                key: value for key, value in entry.values.items() if key not in _POSITION
            },
        }
        for entry in listing.entries
    ]
    areas = [area_feature(area) for area in listing.areas]
    return {
        "type": "FeatureCollection",
        **listing.source.values(),
        "features": [*areas, *places],
    }


def area_feature(area: Area) -> dict[str, Any]:
    """Return an area as a GeoJSON Feature with ``minutes`` in its properties."""
    minutes = int(area.minutes) if area.minutes == int(area.minutes) else area.minutes
    return {
        "type": "Feature",
        "properties": {"minutes": minutes},
        "geometry": mapping(area.shape),
    }


def listing_json(listing: Listing) -> str:
    """Return the listing as JSON text for people: indented."""
    return json.dumps(listing_values(listing), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def listing_geojson_text(listing: Listing) -> str:
    """Return the listing as GeoJSON text."""
    return json.dumps(listing_geojson(listing), ensure_ascii=False, allow_nan=False) + "\n"
