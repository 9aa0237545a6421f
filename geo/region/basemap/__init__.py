"""The basemap: vector tiles of the region's own extract, in one PMTiles file."""

from geo.region.basemap.build import BasemapCollector, start_basemap

__all__ = ["BasemapCollector", "start_basemap"]
