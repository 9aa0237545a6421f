"""Isochrones, to be drawn below the places or printed as GeoJSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from geo.export import words
from geo.export.listing import Area, Source
from geo.export.values import area_feature
from geo.isochrone import Isochrone
from geo.region import Manifest


def listing_areas(isochrones: Sequence[Isochrone]) -> list[Area]:
    """Return isochrones as the areas of a listing."""
    return [
        Area(words.within(isochrone.cutoff_s / 60), isochrone.cutoff_s / 60, isochrone.area)
        for isochrone in isochrones
    ]


def areas_geojson(isochrones: Sequence[Isochrone], manifest: Manifest) -> dict[str, Any]:
    """Return isochrones as a FeatureCollection, each with ``minutes`` in its properties."""
    return {
        "type": "FeatureCollection",
        **Source.of(manifest).values(),
        "features": [area_feature(area) for area in listing_areas(isochrones)],
    }
