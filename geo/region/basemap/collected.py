"""The features that a basemap collects, packed; and the sea and the borders made of them.

OpenStreetMap has no sea, only coastlines with the land on their left and the water on their right
(https://wiki.openstreetmap.org/wiki/Tag:natural%3Dcoastline), and an extract has only pieces of
those. Together with the border of the extract's box they divide the box into faces; a face is sea
where more of the coast along it has it on its right than on its left. Where a coastline ends
inside the box, because the extract was cut along another outline, it is led straight to the
nearest side.

The same stretch of a border comes as a way with its own level, and again in the outline of every
area on either side, from the country to the parish. It is drawn once, with its highest rank.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

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
    Ints,
    RaggedShapes,
    from_lines,
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


class LineBuffer:
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


class AreaBuffer:
    """Areas with attributes, simplified for the deepest zoom as they come, beside the reading."""

    def __init__(self) -> None:
        self._wkb: list[str] = []
        self._rings, self._ring_lengths = bytearray(), array("q")
        self._wkb_rows, self._ring_rows, self._rows = array("q"), array("q"), array("q")
        self._futures: list[Future[RaggedShapes]] = []
        self._executor = ThreadPoolExecutor(1)
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
            self._submit()

    def add_projected(self, properties: Properties, polygons: Geometries) -> None:
        """Keep areas that are in units of the deepest zoom."""
        self._submit()
        shapes = from_polygons(polygons)
        self._futures.append(self._executor.submit(simplified, shapes, tolerance(DEEPEST)))
        self._rows.extend([self._table.row(properties)] * len(polygons))

    def _submit(self) -> None:
        """Have what was added since the last time simplified beside the reading."""
        if self._ring_rows:
            self._futures.append(
                self._executor.submit(_from_rings, self._rings, self._ring_lengths)
            )
            self._rings, self._ring_lengths = bytearray(), array("q")
        if self._wkb:
            self._futures.append(self._executor.submit(_from_wkb, self._wkb))
            self._wkb = []
        self._rows += self._ring_rows + self._wkb_rows
        self._wkb_rows, self._ring_rows = array("q"), array("q")

    def layer(self, name: str) -> Layer:
        """Return the areas that still have an extent as a layer at the deepest zoom; once."""
        self._submit()
        parts = [part.result() for part in self._futures]
        self._futures.clear()
        shapes = join(parts) if parts else no_shapes(closed=True)
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


class BorderBuffer:
    """Border lines and outlines with their level, 2 for a country to 8 for a municipality."""

    def __init__(self) -> None:
        self._lines: list[tuple[int, Floats]] = []
        self._outlines: list[tuple[int, str]] = []

    def add_line(self, level: int, lon_lat_deg: Floats) -> None:
        """Keep a (k, 2) line."""
        if len(lon_lat_deg) >= 2:
            self._lines.append((level, lon_lat_deg))

    def add_outline(self, level: int, wkb: str) -> None:
        """Keep the outline of an area, given as hexadecimal WKB; an empty text is left out."""
        if wkb:
            self._outlines.append((level, wkb))

    def layer(self, name: str) -> Layer:
        """Return the borders as a layer at the deepest zoom, one row of the table a level."""
        levels, pieces = self._pieces()
        table = tuple((("level", level),) for level in range(11))
        if not len(levels):
            return Layer(name, GeometryKind.LINE, no_shapes(closed=False), levels, table)
        lines = shapely.linestrings(project(pieces[:, :, 0], pieces[:, :, 1]))
        used, group = np.unique(levels, return_inverse=True)
        merged = shapely.line_merge(shapely.multilinestrings(np.asarray(lines), indices=group))
        parts, owner = shapely.get_parts(merged, return_index=True)
        return Layer(name, GeometryKind.LINE, from_lines(parts), used[owner], table)

    def _pieces(self) -> tuple[Ints, Floats]:
        """Return (k,) levels and (k, 2, 2) straight pieces, each once, by level."""
        lines = self._lines + self._rings()
        if not lines:
            return np.zeros(0, np.int64), np.zeros((0, 2, 2))
        ends = [np.stack([line[:-1], line[1:]], axis=1) for _, line in lines]
        levels = np.repeat([level for level, _ in lines], [len(pieces) for pieces in ends])
        whole = np.rint(np.concatenate(ends) * 1e7).astype(np.int64)
        swapped = (whole[:, 0, 0] > whole[:, 1, 0]) | (
            (whole[:, 0, 0] == whole[:, 1, 0]) & (whole[:, 0, 1] > whole[:, 1, 1])
        )
        whole[swapped] = whole[swapped][:, ::-1]  # so that both directions of a piece are equal
        by_rank = np.argsort(levels, kind="stable")
        unique, first = np.unique(whole[by_rank].reshape(-1, 4), axis=0, return_index=True)
        found = levels[by_rank][first].astype(np.int64)
        order = np.argsort(found, kind="stable")
        return found[order], unique[order].reshape(-1, 2, 2) / 1e7

    def _rings(self) -> list[tuple[int, Floats]]:
        areas = parse_areas([wkb for _, wkb in self._outlines])
        polygons, area = shapely.get_parts(areas, return_index=True)
        rings, polygon = shapely.get_rings(polygons, return_index=True)
        return [
            (self._outlines[row][0], shapely.get_coordinates(ring))
            for ring, row in zip(rings, area[polygon].tolist(), strict=True)
        ]


Lines = Sequence[npt.NDArray[np.float64]]
Edges = npt.NDArray[np.float64]
"""(k, 4) start and end of straight pieces."""


def sea_areas(coastlines: Lines, box: tuple[float, float, float, float]) -> npt.NDArray[Any]:
    """Return the (m,) shapely polygons of the sea within a box; none without a coastline.

    Coastlines are (k, 2) x to the east and y to the north, in the direction in which they are
    mapped; the box is west, south, east and north in the same unit.
    """
    lines = [shapely.LineString(line) for line in coastlines if len(line) >= 2]
    frame = shapely.box(*box)
    if not lines or frame.area == 0:
        return np.zeros(0, object)
    merged = shapely.line_merge(shapely.multilinestrings(lines), directed=True)
    shapely.prepare(frame)
    pieces = shapely.get_parts(shapely.intersection(shapely.get_parts(merged), frame))
    pieces = shapely.get_parts(pieces)
    pieces = pieces[shapely.get_type_id(pieces) == shapely.GeometryType.LINESTRING]
    if not len(pieces):
        return np.zeros(0, object)
    bridges = _bridges(pieces, frame)
    noded = shapely.union_all(np.concatenate([pieces, bridges, [frame.exterior]]))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    return faces[_votes(faces, _edges(pieces)) > 0]


def _bridges(pieces: npt.NDArray[Any], frame: shapely.Polygon) -> npt.NDArray[Any]:
    """Return straight lines from ends inside the box to its border."""
    ends = np.concatenate(
        [
            shapely.get_coordinates(shapely.get_point(pieces, 0)),
            shapely.get_coordinates(shapely.get_point(pieces, -1)),
        ]
    )
    found, counts = np.unique(ends, axis=0, return_counts=True)
    loose = shapely.points(found[counts == 1])
    loose = loose[shapely.distance(loose, frame.exterior) > 0]
    if not len(loose):
        return np.zeros(0, object)
    return np.asarray(shapely.shortest_line(loose, frame.exterior))


def _edges(lines: npt.NDArray[Any]) -> Edges:
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    same = owner[1:] == owner[:-1]
    return np.concatenate([xy[:-1][same], xy[1:][same]], axis=1)


def _votes(faces: npt.NDArray[Any], coast: Edges) -> npt.NDArray[np.float64]:
    """(m,) length of coast that has each face on its right, less that with it on its left."""
    oriented = shapely.orient_polygons(faces, exterior_cw=False)  # each has itself on the left
    rings, face = shapely.get_rings(oriented, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    around = np.concatenate([xy[:-1][same], xy[1:][same]], axis=1)
    face_of_edge = face[ring[1:][same]]
    lengths = np.hypot(around[:, 2] - around[:, 0], around[:, 3] - around[:, 1])
    forward = _are_among(around, coast)  # the face lies on the left of its own edges
    backward = _are_among(around[:, [2, 3, 0, 1]], coast)
    weight = lengths * (backward.astype(np.float64) - forward)
    return np.bincount(face_of_edge, weight, len(faces)).astype(np.float64)


def _are_among(edges: Edges, others: Edges) -> npt.NDArray[np.bool_]:
    row = np.dtype((np.void, 4 * 8))
    plain = np.ascontiguousarray(edges + 0.0).view(row).ravel()  # + 0.0 makes -0.0 into 0.0
    return np.isin(plain, np.ascontiguousarray(others + 0.0).view(row).ravel())
