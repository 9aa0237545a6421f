"""Isochrones as GeoJSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shapely.geometry import mapping

from geo.export.near import source_values
from geo.isochrone import Isochrone
from geo.region import Manifest


def areas_geojson(areas: Sequence[Isochrone], manifest: Manifest) -> dict[str, Any]:
    """Return the areas as a FeatureCollection, each with ``minutes`` in its properties."""
    return {
        "type": "FeatureCollection",
        **source_values(manifest),
        "features": [
            {
                "type": "Feature",
                "properties": {"minutes": _tidy(isochrone.cutoff_s / 60)},
                "geometry": mapping(isochrone.area),
            }
            for isochrone in areas
        ],
    }


def _tidy(minutes: float) -> float:
    """Return 15 rather than 15.0, and 12.5 as it is."""
    return int(minutes) if minutes == int(minutes) else minutes
