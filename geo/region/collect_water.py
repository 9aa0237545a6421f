"""Lakes, wide rivers and the sea of an extract, as the mask that isochrones must not paint.

Water is kept as shares of small cells and not as outlines: an isochrone then costs the same
beside a fjord as in a desert. Ice, intermittent and covered water do not count: people do not drown
there, and such outlines are rarely true for long.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.geometry import METRES_PER_DEGREE, LocalPlane
from geo.isochrone import WaterMask
from geo.isochrone.raster import BASE_CELL_M, Window
from geo.model import BBox, Point
from geo.network.graph import expand
from geo.region.osm_objects import NEGATIVE_VALUES, ObjectFilter, OsmArea, OsmNode, OsmWay

Floats = npt.NDArray[np.float64]
Field = npt.NDArray[np.float32]

_MIN_AREA_M2 = 5000.0  # a smaller pond never blocks more than its own cells
_MAX_CELLS = 16_000_000
_SCAN_LINES = 4  # for each row of cells
_BATCH = 2000  # outlines turned into shapes at once
_OFFSHORE_M = 5000.0  # how far around its coast the sea is drawn


class WaterCollector:
    """Takes the areas of water and the coastline of an extract."""

    wanted = ObjectFilter(
        node=NEGATIVE_VALUES,
        way=frozenset({"natural", "waterway", "landuse"}),
        area=frozenset({"natural", "waterway", "landuse"}),
    )

    def __init__(self) -> None:
        self._wkb: list[str] = []
        self._outlines: list[Any] = []
        self._coast = array("d")  # lon and lat of both ends of each stretch, in turn

    def node(self, node: OsmNode) -> None:
        """Ignore nodes: a point has no water in it."""

    def way(self, way: OsmWay) -> None:
        """Keep a stretch of coast, or an outline of open water."""
        if _is_water(way.tags):
            self._keep(way.wkb)
        elif way.tags.get("natural") == "coastline":
            for run in way.runs:
                lon, lat = run.lon_e7 / 1e7, run.lat_e7 / 1e7
                ends = np.column_stack([lon[:-1], lat[:-1], lon[1:], lat[1:]])
                self._coast.frombytes(ends.astype(np.float64).tobytes())

    def area(self, area: OsmArea) -> None:
        """Keep a relation of open water."""
        if _is_water(area.tags):
            self._keep(area.wkb)

    def _keep(self, wkb: str) -> None:
        self._wkb.append(wkb)
        if len(self._wkb) >= _BATCH:
            self._keep_large()

    def write(self, folder: Path, *, bbox: BBox | None = None) -> WaterMask:
        """Write the mask into an existing folder, and return it."""
        mask = self.mask(bbox)
        mask.save(folder)
        return mask

    def mask(self, bbox: BBox | None = None) -> WaterMask:
        """Return the mask of everything gathered; see `write`."""
        self._keep_large()
        coast = np.frombuffer(self._coast, np.float64).reshape(-1, 4)
        window = _window(self._extent(coast, bbox))
        share = np.zeros((window.rows, window.columns), np.float32)
        for start in range(0, len(self._outlines), _BATCH):
            _fill(share, window, self._outlines[start : start + _BATCH])
        if len(coast):
            np.maximum(share, _sea(window, coast), out=share)
        return WaterMask(window, np.rint(share.clip(0, 1) * 255).astype(np.uint8))

    def _keep_large(self) -> None:
        """Turn the outlines that were handed in into shapes, and drop the small ones."""
        import shapely

        shapes = shapely.from_wkb(self._wkb, on_invalid="ignore")
        self._wkb = []
        for shape in shapes:
            if shape is None or shape.is_empty:
                continue
            shrink = np.cos(np.radians(shape.bounds[1]))
            if shape.area * shrink * METRES_PER_DEGREE**2 >= _MIN_AREA_M2:
                self._outlines.append(shape)

    def _extent(self, coast: Floats, bbox: BBox | None) -> BBox:
        """Return the box of all water, or of what of it lies in a given box."""
        import shapely

        boxes = [tuple(map(float, row)) for row in shapely.bounds(self._outlines)]
        if len(coast):
            lon, lat = coast[:, [0, 2]], coast[:, [1, 3]]
            pad_lat_deg = _OFFSHORE_M / METRES_PER_DEGREE
            pad_lon_deg = pad_lat_deg / max(float(np.cos(np.radians(np.abs(lat).max()))), 0.01)
            boxes.append(
                (
                    lon.min() - pad_lon_deg,
                    lat.min() - pad_lat_deg,
                    lon.max() + pad_lon_deg,
                    lat.max() + pad_lat_deg,
                )
            )
        if not boxes:
            return bbox or BBox(0.0, 0.0, 0.0, 0.0)
        west, south, east, north = zip(*boxes, strict=True)
        extent = BBox(min(west), min(south), max(east), max(north))
        if bbox is None:
            return extent
        return BBox(
            float(np.clip(extent.west, bbox.west, bbox.east)),
            float(np.clip(extent.south, bbox.south, bbox.north)),
            float(np.clip(extent.east, bbox.west, bbox.east)),
            float(np.clip(extent.north, bbox.south, bbox.north)),
        )


def _is_water(tags: Mapping[str, str]) -> bool:
    """Tell whether an area is open water all year."""
    if (
        tags.get("natural") != "water"
        and tags.get("waterway") not in {"riverbank", "dock"}
        and tags.get("landuse") != "reservoir"
    ):
        return False
    if "yes" in (tags.get("intermittent"), tags.get("seasonal"), tags.get("covered")):
        return False
    return tags.get("location") not in {"underground", "indoor"}


def _window(extent: BBox) -> Window:
    """Return the cells over a box: the finest of which there are not too many."""
    plane = LocalPlane(Point(extent.center.lon, extent.center.lat))
    x, y = plane.to_xy([extent.west, extent.east], [extent.south, extent.north])
    cell_m = BASE_CELL_M
    while np.ptp(x) * np.ptp(y) > _MAX_CELLS * cell_m**2:
        cell_m *= 2
    return Window.around(plane, x, y, cell_m=cell_m, margin=1)


def _fill(share: Field, window: Window, outlines: list[Any]) -> None:
    """Add the share of each cell that lies inside of outlines.

    Scan lines cross the outlines; from each crossing on, everything to the east is inside, or, on
    the far side, no longer is. Outlines run anticlockwise (holes clockwise), so that a crossing
    downwards goes in. The parts of a cell on both sides of a crossing are exact.
    """
    import shapely

    shapes = shapely.get_parts(np.asarray(outlines, object))
    rings: Any = shapely.get_rings(shapely.orient_polygons(shapes))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    x, y = window.plane.to_xy(points[:, 0], points[:, 1])
    x = x / window.cell_m - window.column
    y = (y / window.cell_m - window.row) * _SCAN_LINES - 0.5
    begin = np.flatnonzero(ring[1:] == ring[:-1])
    low, high = np.minimum(y[begin], y[begin + 1]), np.maximum(y[begin], y[begin + 1])
    first = np.ceil(low).astype(np.int64).clip(0, window.rows * _SCAN_LINES)
    last = np.ceil(high).astype(np.int64).clip(0, window.rows * _SCAN_LINES)
    side, line = expand(first, last - first)
    a, b = begin[side], begin[side] + 1
    at = x[a] + (line - y[a]) / (y[b] - y[a]) * (x[b] - x[a])
    at = at.clip(0, window.columns - 1)
    enters = np.where(y[b] < y[a], 1.0, -1.0) / _SCAN_LINES
    cell = np.floor(at).astype(np.int64)
    flat = np.zeros((window.rows, window.columns + 1), np.float32)
    here = (line // _SCAN_LINES) * flat.shape[1] + cell
    np.add.at(flat.reshape(-1), here, (enters * (1 - (at - cell))).astype(np.float32))
    np.add.at(flat.reshape(-1), here + 1, (enters * (at - cell)).astype(np.float32))
    share += np.cumsum(flat, axis=1)[:, :-1]


def _sea(window: Window, coast: Floats) -> Field:
    """Return 1 in the cells whose nearest stretch of coast has them on its right: the sea.

    OpenStreetMap draws coastlines with the land on their left
    (https://wiki.openstreetmap.org/wiki/Tag:natural%3Dcoastline). Asking the nearest stretch needs
    no closed outline, which a coast that leaves the extract does not have.
    """
    from scipy.ndimage import distance_transform_edt

    x1, y1 = window.plane.to_xy(coast[:, 0], coast[:, 1])
    x2, y2 = window.plane.to_xy(coast[:, 2], coast[:, 3])
    length = np.hypot(x2 - x1, y2 - y1)
    pieces = np.ceil(length / (window.cell_m / 2)).astype(np.int64).clip(1)
    row, number = expand(np.zeros(len(coast), np.int64), pieces)
    along = (number + 0.5) / pieces[row]
    offset = 0.75 * window.cell_m / np.maximum(length, 1e-9)[row]
    x, y = x1[row] + along * (x2 - x1)[row], y1[row] + along * (y2 - y1)[row]
    right_x, right_y = offset * (y2 - y1)[row], -offset * (x2 - x1)[row]
    votes = np.zeros((window.rows, window.columns), np.float32)
    for vote in (1.0, -1.0):
        vote_x, vote_y = x + vote * right_x, y + vote * right_y
        inside = window.holds(vote_x, vote_y)
        np.add.at(
            votes.reshape(-1), window.cell_of(vote_x[inside], vote_y[inside]), np.float32(vote)
        )
    if not votes.any():
        return np.zeros_like(votes)
    nearest = distance_transform_edt(votes == 0, return_distances=False, return_indices=True)
    return np.asarray(votes[tuple(nearest)] > 0, np.float32)
