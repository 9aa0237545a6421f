"""Administrative borders as lines, each piece drawn once and with its highest rank.

The same stretch comes as a way with its own level, and again in the outline of every area on
either side, down from the country to the parish.
"""

from __future__ import annotations

import numpy as np
import shapely

from geo.region.basemap.layers import Layer
from geo.region.basemap.mvt import GeometryKind
from geo.region.basemap.shapes import Floats, Ints, from_lines, no_shapes
from geo.region.basemap.stock import parse_areas, project


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
