"""What is drawn: layers of features, and how each gets coarser from one zoom to the next.

A zoom is made from the one below it (a *pyramid*), so the work shrinks with the map: coordinates
are halved, what has become too small goes, outlines are simplified (Douglas and Peucker 1973,
Cartographica 10: 112), and what now looks alike is joined.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import shapely
from shapely.errors import GEOSException

from geo.region.basemap.encode import GeometryKind, Properties, clean
from geo.region.basemap.shapes import (
    Bools,
    Floats,
    Geometries,
    Ints,
    RaggedShapes,
    from_lines,
    from_polygons,
)
from geo.region.basemap.shapes import join as one_after_another

DEEPEST = 14
"""The last zoom with tiles of its own; a renderer enlarges them beyond."""

_TOLERANCE = {14: 1.0, 13: 3.0}
"""Units that outlines may move, where it is not the half pixel of `_HALF_PIXEL`."""
_HALF_PIXEL = 4.0
_PIXEL_AREA = 64.0
"""Square units of one pixel, where a tile is drawn 512 pixels wide."""
_UNSEEN_SHARE = 2.5e-4
"""Share of an area that simplifying by one unit may take or give without a closer look."""
_CHUNK = 4096
"""Shapes that are simplified at a time: as objects of GEOS they take ten times the memory."""
_JOINED_FROM = 11
"""The zoom from which on areas of one class are joined to one."""

Result = TypeVar("Result")
Pyramid = dict[int, "Layer"]
Detail = Callable[[Properties, int], Properties | None]
"""Gives the attributes that a feature keeps at a zoom; None where it is not shown."""


@dataclass(frozen=True, slots=True)
class Layer:
    """The features of one layer at one zoom, in the order in which they are drawn.

    ``shapes`` are n geometries in units of the zoom, points as lines of one point; ``rows`` are
    (n,) the row of ``table`` that holds each feature's attributes.
    """

    name: str
    kind: GeometryKind
    shapes: RaggedShapes
    rows: Ints
    table: tuple[Properties, ...]

    def take(self, chosen: Ints | Bools) -> Layer:
        """Return the layer with some of its features, in that order."""
        return replace(self, shapes=self.shapes.take(chosen), rows=self.rows[chosen])


def area_pyramid(
    layer: Layer, *, first_zoom: int = 0, smallest_pixels: float = 1.0, join: bool = False
) -> Pyramid:
    """Return a polygon layer for each zoom.

    Parameters
    ----------
    layer
        Every area, in units of the deepest zoom.
    smallest_pixels
        Square pixels below which an area or a hole is left out; not at the deepest zoom.
    join
        Whether areas of the same attributes become one at small zooms.
    """
    smallest = smallest_pixels * _PIXEL_AREA
    current = _largest_first(layer)
    pyramid = {DEEPEST: current}
    for zoom in range(DEEPEST - 1, first_zoom - 1, -1):
        shapes = current.shapes.scaled(0.5)
        # Joining neighbours below saves land that is small alone, so the filter waits for it.
        shapes = _without_small_rings(shapes, smallest / 4 if join else smallest)
        current = _without_empty(replace(current, shapes=simplified(shapes, tolerance(zoom))))
        if join and zoom <= _JOINED_FROM:
            current = _joined(current)
        shapes = _without_small_rings(current.shapes, smallest)
        current = _largest_first(_without_empty(replace(current, shapes=shapes)))
        if not len(current.rows):
            break
        pyramid[zoom] = current
    return pyramid


def line_pyramid(layer: Layer, detail: Detail, *, shortest_pixels: float = 1.0) -> Pyramid:
    """Return a line layer for each zoom, lines of the same attributes joined.

    Parameters
    ----------
    layer
        Every line, in units of the deepest zoom.
    detail
        What is kept of a feature's attributes; where two features become alike, they are joined.
    shortest_pixels
        Lines shorter than that after joining are left out; not at the deepest zoom.
    """
    current = layer
    pyramid: Pyramid = {}
    for zoom in range(DEEPEST, -1, -1):
        shapes = current.shapes if zoom == DEEPEST else current.shapes.scaled(0.5)
        current = _merged(_with_detail(replace(current, shapes=shapes), detail, zoom))
        if not len(current.rows):
            break
        shapes = simplified(current.shapes, tolerance(zoom))
        current = _without_empty(replace(current, shapes=shapes))
        lengths = shapely.length(current.shapes.to_geometries())
        long_enough = (lengths >= shortest_pixels * 8) | (zoom == DEEPEST)
        if long_enough.any():  # what is left out here may still join others at the next zoom
            pyramid[zoom] = current.take(long_enough)
    return pyramid


def simplified(shapes: RaggedShapes, tolerance_units: float) -> RaggedShapes:
    """Return shapes with fewer points, in whole units; polygons are valid then."""
    if len(shapes) <= _CHUNK:
        return _simplified(shapes, tolerance_units) if len(shapes) else shapes

    def chunk(start: int) -> RaggedShapes:
        rows = np.arange(start, min(start + _CHUNK, len(shapes)))
        return _simplified(shapes.take(rows), tolerance_units)

    return one_after_another(_map_in_threads(chunk, range(0, len(shapes), _CHUNK)))


def _simplified(shapes: RaggedShapes, tolerance_units: float) -> RaggedShapes:
    whole = shapes.to_geometries()
    geometries = shapely.simplify(whole, tolerance_units, preserve_topology=False)
    if not shapes.closed:
        return clean(from_lines(geometries))
    # Three times faster than keeping the topology; undone where a part that shows was lost.
    before, after = shapely.area(whole), shapely.area(geometries)
    unseen = tolerance_units * np.clip(_UNSEEN_SHARE * before, _PIXEL_AREA, 4 * _PIXEL_AREA)
    lost = np.abs(before - after) > unseen
    geometries[lost] = shapely.simplify(whole[lost], tolerance_units, preserve_topology=True)
    cleaned = clean(from_polygons(geometries))
    rounded = cleaned.to_geometries()
    broken = ~shapely.is_valid(rounded)
    if not broken.any():
        return cleaned
    rounded[broken] = shapely.set_precision(shapely.make_valid(geometries[broken]), 1.0)
    return clean(from_polygons(rounded))


def tolerance(zoom: int) -> float:
    """Return how many units outlines may move at a zoom."""
    return _TOLERANCE.get(zoom, _HALF_PIXEL)


def _without_small_rings(shapes: RaggedShapes, smallest: float) -> RaggedShapes:
    return shapes.keep_parts(np.abs(shapes.ring_areas()) >= smallest)


def _without_empty(layer: Layer) -> Layer:
    full = np.diff(layer.shapes.shape_start) > 0
    return layer if full.all() else layer.take(full)


def _largest_first(layer: Layer) -> Layer:
    """Draw small areas over large ones."""
    shapes = layer.shapes
    areas = np.abs(shapes.ring_areas()) * np.where(shapes.hole, -1, 1)
    return layer.take(
        np.argsort(-np.bincount(shapes.shape_of_part, areas, len(shapes)), kind="stable")
    )


def _joined(layer: Layer) -> Layer:
    """Make one area of all that have the same attributes and touch."""
    geometries = layer.shapes.to_geometries()
    rows = np.unique(layer.rows)
    if not len(rows):
        return layer

    def parts(row: int) -> Geometries:
        union: Geometries = shapely.get_parts(_union(geometries[layer.rows == row]))
        polygons: Geometries = union[shapely.get_type_id(union) == shapely.GeometryType.POLYGON]
        return polygons

    joined = _map_in_threads(parts, rows.tolist())
    shapes = from_polygons(np.concatenate(joined))
    return replace(layer, shapes=shapes, rows=np.repeat(rows, [len(one) for one in joined]))


def _map_in_threads(function: Callable[[int], Result], items: Iterable[int]) -> list[Result]:
    """Return the result for each item; GEOS, which does most of it, runs on every processor."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return list(threads.map(function, items))


def _union(polygons: Geometries) -> shapely.Geometry:
    """Return the union; the fast way fails rarely, that of valid ones over a grid never."""
    try:
        return shapely.disjoint_subset_union_all(polygons)
    except GEOSException:
        return shapely.union_all(shapely.make_valid(polygons), grid_size=1.0)


def _with_detail(layer: Layer, detail: Detail, zoom: int) -> Layer:
    """Reduce the attributes; rows whose attributes become equal become one row."""
    table: dict[Properties, int] = {}
    new_row = np.full(len(layer.table), -1, np.int64)
    for row, properties in enumerate(layer.table):
        kept = detail(properties, zoom)
        if kept is not None:
            new_row[row] = table.setdefault(kept, len(table))
    rows = new_row[layer.rows]
    shown = replace(layer, rows=rows, table=tuple(table))
    return shown.take(rows >= 0)


def _merged(layer: Layer) -> Layer:
    """Join lines of the same attributes that meet end to end; draw in the order of the table."""
    if not len(layer.rows):
        return layer
    lines, shape = shapely.get_parts(layer.shapes.to_geometries(), return_index=True)
    rows = layer.rows[shape]
    order = np.argsort(rows, kind="stable")
    used, group = np.unique(rows[order], return_inverse=True)
    merged = shapely.line_merge(shapely.multilinestrings(lines[order], indices=group))
    parts, owner = shapely.get_parts(merged, return_index=True)
    return replace(layer, shapes=from_lines(parts), rows=used[owner])


def point_layer(name: str, xy: Floats, properties: Sequence[Properties]) -> Layer:
    """Return a layer of points in units of its zoom."""
    count = np.arange(len(xy) + 1)
    shapes = RaggedShapes(
        np.asarray(xy, np.float64).reshape(-1, 2),
        count,
        count,
        np.zeros(len(xy), np.bool_),
        closed=False,
    )
    return Layer(name, GeometryKind.POINT, shapes, count[:-1], tuple(properties))


def point_pyramid(layer: Layer, first_zoom: Ints, *, cell_pixels: float) -> Pyramid:
    """Return a point layer for each zoom, thinned.

    Parameters
    ----------
    layer
        Every point, the most important first, in units of the deepest zoom.
    first_zoom
        (n,) where each point begins.
    cell_pixels
        Of the points in a square cell of that size only the first is kept; all are at the
        deepest zoom.
    """
    pyramid: Pyramid = {}
    for zoom in range(DEEPEST, -1, -1):
        shown = layer.take(first_zoom <= zoom)
        xy = shown.shapes.xy * 0.5 ** (DEEPEST - zoom)
        shown = replace(shown, shapes=replace(shown.shapes, xy=xy))
        if zoom < DEEPEST:
            cells = np.floor(xy / (cell_pixels * 8)).astype(np.int64)
            _, firsts = np.unique(cells, axis=0, return_index=True)
            shown = shown.take(np.sort(firsts))
        if not len(shown.rows):
            break
        pyramid[zoom] = shown
    return pyramid
