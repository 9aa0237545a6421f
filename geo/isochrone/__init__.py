"""Isochrones: the areas within cutoffs of an origin."""

from geo.isochrone.bands import Isochrone, isochrones
from geo.isochrone.raster import WaterMask

__all__ = ["Isochrone", "WaterMask", "isochrones"]
