"""From a reach to the areas within cutoffs."""

from geo.isochrone.bands import Isochrone, isochrones
from geo.isochrone.raster import WaterMask

__all__ = ["Isochrone", "WaterMask", "isochrones"]
