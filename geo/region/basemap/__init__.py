"""The basemap: vector tiles of the region's own extract, in one PMTiles file."""

from geo.region.basemap.collector import BasemapCollector

__all__ = ["BasemapCollector"]
