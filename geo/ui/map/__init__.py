"""The map: a scene in, what the person did out."""

from geo.ui.map.component import region_map
from geo.ui.map.scene import (
    Band,
    Card,
    Drive,
    LegendEntry,
    MapEvent,
    MapLink,
    Person,
    Scene,
    Spider,
    bands_geojson,
    legend,
)

__all__ = [
    "Band",
    "Card",
    "Drive",
    "LegendEntry",
    "MapEvent",
    "MapLink",
    "Person",
    "Scene",
    "Spider",
    "bands_geojson",
    "legend",
    "region_map",
]
