"""The sea, from the coastline.

OpenStreetMap has no sea, only coastlines with the land on their left and the water on their right
(https://wiki.openstreetmap.org/wiki/Tag:natural%3Dcoastline), and an extract has only pieces of
those. Together with the border of the extract's box they divide the box into faces; a face is sea
where more of the coast along it has it on its right than on its left. Where a coastline ends
inside the box, because the extract was cut along another outline, it is led straight to the
nearest side.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

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
