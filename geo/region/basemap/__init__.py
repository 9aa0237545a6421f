"""The basemap: vector tiles of the region's own extract, in one PMTiles file."""

from geo.region.basemap.collector import BasemapCollector
from geo.region.basemap.drawing import draw

__all__ = ["BasemapCollector", "draw"]
