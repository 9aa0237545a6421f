"""What a printed map shows below the places: main roads, water and the names of settlements.

The picture on paper has no tiles to load; a few thousand points of the region's own roads tell a
reader where a place is as well. Classes of road are added from the largest down, as long as the
picture stays legible.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from shapely import Polygon

from geo.isochrone import WaterMask
from geo.model import BBox, Point
from geo.network import RoadGraph
from geo.region import Region
from geo.tables import read_table

Line = npt.NDArray[np.float64]

_CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified")
_MOST_ROADS = 4_000
_MOST_WATER_CELLS = 400
"""Cells along a side of the water's lattice; more are thinned out."""


@dataclass(frozen=True, slots=True)
class Name:
    """A settlement to write on the map."""

    text: str
    point: Point


@dataclass(frozen=True, slots=True)
class Backdrop:
    """The ground of a printed map.

    Attributes
    ----------
    roads
        From the largest class down: its rank (0 = motorway) and the (k, 2) lon, lat of each road.
    water
        Polygons, in degrees.
    names
        The most important first.
    """

    roads: tuple[tuple[int, tuple[Line, ...]], ...] = ()
    water: tuple[Polygon, ...] = ()
    names: tuple[Name, ...] = ()


def backdrop(region: Region, box: BBox, points: Iterable[Point] = ()) -> Backdrop:
    """Return the ground of a map.

    Parameters
    ----------
    region
        Where it is.
    box
        What the map shows.
    points
        Whose settlements are named.
    """
    return Backdrop(
        roads=tuple(_roads(region.network.graph, box)),
        water=tuple(_water(region.water, box)),
        names=tuple(_names(region, box, points)),
    )


def _roads(graph: RoadGraph, box: BBox) -> Iterable[tuple[int, tuple[Line, ...]]]:
    classes = list(read_table("speeds")["class"])
    lon, lat = np.asarray(graph.junction_lon), np.asarray(graph.junction_lat)
    inside = (lon >= box.west) & (lon <= box.east) & (lat >= box.south) & (lat <= box.north)
    seen = inside[graph.edge_tail()] | inside[np.asarray(graph.edge_head)]
    kinds, left = np.asarray(graph.edge_class), _MOST_ROADS
    for rank, name in enumerate(_CLASSES):
        codes = [classes.index(one) for one in (name, f"{name}_link") if one in classes]
        edges = np.flatnonzero(seen & np.isin(kinds, codes))
        _, first = np.unique(np.asarray(graph.edge_shape)[edges], return_index=True)
        if len(first) > left:
            return
        left -= len(first)
        yield rank, tuple(graph.shape(int(edge)) for edge in edges[first])


def _water(mask: WaterMask, box: BBox) -> Iterable[Polygon]:
    from contourpy import FillType, contour_generator

    window = mask.window
    west, south = (float(v) for v in window.plane.to_xy(box.west, box.south))
    east, north = (float(v) for v in window.plane.to_xy(box.east, box.north))
    columns = _cells(west, east, window.column, window.cell_m, window.columns)
    rows = _cells(south, north, window.row, window.cell_m, window.rows)
    share = mask.water[np.ix_(rows, columns)]
    if min(share.shape) < 2 or not share.any():
        return
    lon, lat = window.plane.to_lon_lat(
        (columns + window.column + 0.5) * window.cell_m, (rows + window.row + 0.5) * window.cell_m
    )
    padded = np.pad(share.astype(np.float64), 1)  # so that water at the rim is closed
    contours = contour_generator(_beyond(lon), _beyond(lat), padded, fill_type=FillType.OuterOffset)
    for points, offsets in zip(*contours.filled(127, 256), strict=True):
        rings = [points[a:b] for a, b in pairwise(offsets)]
        yield Polygon(rings[0], rings[1:])


def _cells(
    low_m: float, high_m: float, first: int, cell_m: float, count: int
) -> npt.NDArray[np.int64]:
    """Return the cells between two positions, thinned out to a number that can be drawn."""
    start = max(0, int(low_m // cell_m) - first)
    end = min(count, int(high_m // cell_m) - first + 2)
    return np.arange(start, end, max(1, (end - start) // _MOST_WATER_CELLS))


def _beyond(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return values with one more at each end, a thousandth of a step away."""
    step = (values[1] - values[0]) / 1000
    return np.concatenate([[values[0] - step], values, [values[-1] + step]])


def _names(region: Region, box: BBox, points: Iterable[Point]) -> Iterable[Name]:
    seen: set[str] = set()
    for point in points:
        found = region.gazetteer.nearest_settlement(point)
        if found and found.name not in seen and found.point in box:
            seen.add(found.name)
            yield Name(found.name, found.point)
