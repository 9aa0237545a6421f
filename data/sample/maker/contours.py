"""Areas out of fields: where a field is above a level, as smooth polygons on the map."""

from __future__ import annotations

import contourpy
import numpy as np
import shapely
from scipy import ndimage
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from data.sample.maker.noise import Field, spline_surface
from data.sample.maker.terrain import CELL_M, Terrain


def refine(field: Field, times: int) -> Field:
    """Return a field on a grid that is finer by a whole number, smoothly filled in."""
    rows, columns = field.shape
    y = (np.arange(rows * times) + 0.5) / times - 0.5
    x = (np.arange(columns * times) + 0.5) / times - 0.5
    return spline_surface(ndimage.spline_filter(field, order=3, mode="mirror"), y, x)


def polygons_above(
    terrain: Terrain, field: Field, level: float, *, tolerance_m: float, least_m2: float = 0
) -> list[Polygon]:
    """Return the valid polygons where a field over the whole county is above a level.

    Parameters
    ----------
    field
        On the terrain's grid or a finer one.
    tolerance_m
        Points within this distance of the line are left out.
    least_m2
        Smaller polygons and holes are left out.
    """
    size = CELL_M * terrain.height_m.shape[0] / field.shape[0]
    rows, columns = ((np.arange(n) + 0.5) * size for n in field.shape)
    edged = np.pad(field[1:-1, 1:-1], 1, constant_values=level - 1e-3)
    traced = contourpy.contour_generator(
        columns, rows, edged, fill_type=contourpy.FillType.OuterOffset
    ).filled(level, np.inf)
    polygons = []
    for points, offsets in zip(*traced, strict=True):
        xy = terrain.warp(points)
        rings = [xy[a:b] for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)]
        holes = [ring for ring in rings[1:] if Polygon(ring).area >= least_m2]
        shape = Polygon(rings[0], holes)
        if shape.area >= least_m2:
            polygons += valid_parts(shapely.simplify(shape, tolerance_m))
    return polygons


def valid_parts(shape: BaseGeometry) -> list[Polygon]:
    """Return the polygons of a shape, each of them valid."""
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    parts = shapely.get_parts(shape)
    return [part for part in parts.tolist() if isinstance(part, Polygon) and part.area > 1]
