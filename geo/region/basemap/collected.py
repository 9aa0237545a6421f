"""Where a collector keeps what it has taken, packed, until the whole extract has been read."""

from __future__ import annotations

import math
from array import array
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import shapely
from shapely.errors import GEOSException

from geo.model import BBox
from geo.region.basemap.encode import GeometryKind, Properties
from geo.region.basemap.generalise import DEEPEST, Layer, simplified, tolerance
from geo.region.basemap.shapes import (
    EXTENT,
    Floats,
    Geometries,
    RaggedShapes,
    from_polygons,
    join,
    no_shapes,
)
from geo.region.osm_objects import POINT_BYTES, OsmArea, OsmWay

WORLD_UNITS = float(EXTENT << DEEPEST)
"""Units from the west to the east of the world, at the deepest zoom."""

_NORTHMOST_DEG = 85.051128
"""Where the square of the Web Mercator projection ends (EPSG:3857)."""
_CHUNK = 4096
"""Areas that are turned into arrays at a time."""


def project(lon_deg: npt.ArrayLike, lat_deg: npt.ArrayLike) -> Floats:
    """Return (q, 2) x to the east and y to the south in units of the deepest zoom.

    Web Mercator (EPSG:3857), as every slippy map.
    """
    lat = np.radians(np.clip(np.asarray(lat_deg, np.float64), -_NORTHMOST_DEG, _NORTHMOST_DEG))
    x = (np.asarray(lon_deg, np.float64) + 180) / 360
    y = 0.5 - np.arcsinh(np.tan(lat)) / (2 * math.pi)
    return np.stack([x, y], axis=-1) * WORLD_UNITS


def unproject(xy: Floats) -> BBox:
    """Return the box around points of `project`, in degrees."""
    west, north = xy.min(axis=0) / WORLD_UNITS
    east, south = xy.max(axis=0) / WORLD_UNITS
    return BBox(_lon(west), _lat(south), _lon(east), _lat(north))


def _lon(x: float) -> float:
    return float(x * 360 - 180)


def _lat(y: float) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y))))


class RowTable:
    """Sets of attributes, each kept once."""

    def __init__(self) -> None:
        self._rows: dict[Properties, int] = {}

    def row(self, properties: Properties) -> int:
        """Return the row of a set, a new one if it is new."""
        return self._rows.setdefault(properties, len(self._rows))

    def rows(self) -> tuple[Properties, ...]:
        """Return every set in the order of the rows."""
        return tuple(self._rows)


class LineStock:
    """Lines with attributes."""

    def __init__(self) -> None:
        self._points = bytearray()
        self._lengths, self._rows = array("q"), array("q")
        self._table = RowTable()

    def add(self, properties: Properties, way: OsmWay) -> None:
        """Keep a way as a line, or as several where the extract lacks some of its nodes."""
        for run in way.runs:
            packed = run.packed
            if len(packed) < 2 * POINT_BYTES:
                continue
            self._points += packed
            self._lengths.append(len(packed) // POINT_BYTES)
            self._rows.append(self._table.row(properties))

    def degrees(self) -> list[Floats]:
        """Return the (k, 2) lon and lat of each line."""
        points = np.frombuffer(self._points, np.float64).reshape(-1, 2)
        return np.split(points, np.cumsum(self._lengths)[:-1]) if len(points) else []

    def layer(self, name: str) -> Layer:
        """Return the lines as a layer at the deepest zoom."""
        shapes = no_shapes(closed=False)
        if len(self._lengths):
            start = np.concatenate(([0], np.cumsum(self._lengths)))
            count = np.arange(len(start))
            degrees = np.frombuffer(self._points, np.float64)
            xy = project(degrees[0::2], degrees[1::2])
            shapes = RaggedShapes(
                xy, start, count, np.zeros(len(start) - 1, np.bool_), closed=False
            )
        rows = np.asarray(self._rows, np.int64)
        return Layer(name, GeometryKind.LINE, shapes, rows, self._table.rows())


class AreaStock:
    """Areas with attributes, simplified for the deepest zoom as they come, beside the reading."""

    def __init__(self) -> None:
        self._wkb: list[str] = []
        self._rings, self._ring_lengths = bytearray(), array("q")
        self._wkb_rows, self._ring_rows, self._rows = array("q"), array("q"), array("q")
        self._done: list[Future[RaggedShapes]] = []
        self._beside = ThreadPoolExecutor(1)
        self._table = RowTable()

    def add(self, properties: Properties, area: OsmWay | OsmArea) -> None:
        """Keep an area; one without an outline is left out."""
        row = self._table.row(properties)
        if isinstance(area, OsmWay):
            if ring := area.ring:
                self._rings += ring
                self._ring_lengths.append(len(ring) // POINT_BYTES)
                self._ring_rows.append(row)
        elif wkb := area.wkb:
            self._wkb.append(wkb)
            self._wkb_rows.append(row)
        if len(self._ring_rows) + len(self._wkb_rows) >= _CHUNK:
            self._pack()

    def add_projected(self, properties: Properties, polygons: Geometries) -> None:
        """Keep areas that are in units of the deepest zoom."""
        self._pack()
        shapes = from_polygons(polygons)
        self._done.append(self._beside.submit(simplified, shapes, tolerance(DEEPEST)))
        self._rows.extend([self._table.row(properties)] * len(polygons))

    def _pack(self) -> None:
        """Have what was added since the last time simplified beside the reading."""
        if self._ring_rows:
            self._done.append(self._beside.submit(_from_rings, self._rings, self._ring_lengths))
            self._rings, self._ring_lengths = bytearray(), array("q")
        if self._wkb:
            self._done.append(self._beside.submit(_from_wkb, self._wkb))
            self._wkb = []
        self._rows += self._ring_rows + self._wkb_rows
        self._wkb_rows, self._ring_rows = array("q"), array("q")

    def layer(self, name: str) -> Layer:
        """Return the areas that still have an extent as a layer at the deepest zoom; once."""
        self._pack()
        done = [part.result() for part in self._done]
        self._done.clear()
        shapes = join(done) if done else no_shapes(closed=True)
        rows = np.asarray(self._rows, np.int64)
        layer = Layer(name, GeometryKind.POLYGON, shapes, rows, self._table.rows())
        return layer.take(np.diff(shapes.shape_start) > 0)


def _from_rings(points: bytearray, lengths: array[int]) -> RaggedShapes:
    """Return closed rings as areas in units of the deepest zoom, simplified for it."""
    degrees = np.frombuffer(points, np.float64)
    start = np.concatenate(([0], np.cumsum(lengths)))
    count = np.arange(len(start))
    xy = project(degrees[0::2], degrees[1::2])
    closed = RaggedShapes(xy, start, count, np.zeros(len(lengths), np.bool_), closed=True)
    last = np.ones(len(xy), np.bool_)
    last[start[1:] - 1] = False
    return simplified(closed.keep_points(last), tolerance(DEEPEST))


def _from_wkb(wkb: list[str]) -> RaggedShapes:
    """Return areas in units of the deepest zoom, simplified for it."""
    shapes = from_polygons(parse_areas(wkb))
    projected = project(shapes.xy[:, 0], shapes.xy[:, 1])
    return simplified(replace(shapes, xy=projected), tolerance(DEEPEST))


def parse_areas(wkb: list[str]) -> Geometries:
    """Return the polygons of hexadecimal WKB; what cannot be read is empty."""
    try:
        return np.asarray(shapely.from_wkb(wkb), object)
    except GEOSException:
        found = np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), object)
        found[shapely.is_missing(found)] = shapely.MultiPolygon()
        return found
