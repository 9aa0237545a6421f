"""The sea, from the coastline; and administrative borders, each piece drawn once.

OpenStreetMap has no sea, only coastlines with the land on their left and the water on their right
(https://wiki.openstreetmap.org/wiki/Tag:natural%3Dcoastline), and an extract has only pieces of
those. Together with the border of the extract's box they divide the box into faces; a face is sea
where more of the coast along it has it on its right than on its left. Where a coastline ends
inside the box, because the extract was cut along another outline, it is led straight to the
nearest side.

The same stretch of a border comes as a way with its own level, and again in the outline of every
area on either side, from the country to the parish. It is drawn with its highest rank.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.region.basemap.collected import parse_areas, project
from geo.region.basemap.encode import GeometryKind
from geo.region.basemap.generalise import Layer
from geo.region.basemap.shapes import Floats, Ints, from_lines, no_shapes


class BorderStock:
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
        whole[swapped] = whole[swapped][:, ::-1]
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
    """Return the polygons of the sea within a box.

    Parameters
    ----------
    coastlines
        Each (k, 2) x to the east and y to the north, in the direction in which they are mapped.
    box
        West, south, east and north in the same unit.

    Returns
    -------
    numpy.ndarray
        (m,) shapely polygons; empty where there is no coastline.
    """
    lines = [line for line in coastlines if len(line) >= 2]
    frame = shapely.box(*box)
    if not lines or frame.area == 0:
        return np.zeros(0, object)
    merged = shapely.line_merge(shapely.multilinestrings(_linestrings(lines)), directed=True)
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


def _linestrings(lines: Lines) -> npt.NDArray[Any]:
    return np.array([shapely.linestrings(line) for line in lines], object)


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
    rings, face = _oriented_rings(faces)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    around = np.concatenate([xy[:-1][same], xy[1:][same]], axis=1)
    face_of_edge = face[ring[1:][same]]
    lengths = np.hypot(around[:, 2] - around[:, 0], around[:, 3] - around[:, 1])
    forward = _are_among(around, coast)  # the face lies on the left of its own edges
    backward = _are_among(around[:, [2, 3, 0, 1]], coast)
    weight = lengths * (backward.astype(np.float64) - forward)
    return np.bincount(face_of_edge, weight, len(faces)).astype(np.float64)


def _oriented_rings(faces: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Return the rings with the face on their left, and the face of each."""
    oriented = shapely.orient_polygons(faces, exterior_cw=False)
    rings, face = shapely.get_rings(oriented, return_index=True)
    return rings, face


def _are_among(edges: Edges, others: Edges) -> npt.NDArray[np.bool_]:
    row = np.dtype((np.void, 4 * 8))
    plain = np.ascontiguousarray(edges + 0.0).view(row).ravel()  # + 0.0 makes -0.0 into 0.0
    return np.isin(plain, np.ascontiguousarray(others + 0.0).view(row).ravel())
