"""The map: a scene in, what the person did out."""

from geo.ui.map.component import region_map
from geo.ui.map.scene import (
    AttendeeLines,
    Band,
    Card,
    Drive,
    LegendEntry,
    MapEvent,
    MapLink,
    PersonMarker,
    Scene,
    bands_geojson,
    legend,
)

__all__ = [
    "AttendeeLines",
    "Band",
    "Card",
    "Drive",
    "LegendEntry",
    "MapEvent",
    "MapLink",
    "PersonMarker",
    "Scene",
    "bands_geojson",
    "legend",
    "region_map",
]
