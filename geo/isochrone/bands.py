"""The areas within cutoffs of an origin: isochrones.

Travel times along the roads are put on a raster, spread off the roads at walking pace, and
gaps between neighbouring roads are closed, so that a town is one area and a mountain road a ribbon.
A field between 0 and 1 then says how surely each cell lies within a cutoff; the isochrone is where
it passes one half (marching squares, by contourpy).

Three promises hold by construction. A larger cutoff never gives less: every step from the travel
times to the field is monotone, and a larger field has the larger area, corner by corner. Water is
not painted: times do not spread across it, and the share of land is a factor of the field. And
junctions and listed places lie on the right side of the edge, whatever the blur makes of it
(`geo.isochrone.raster.Constraints`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.geometry import LocalPlane
from geo.isochrone.raster import (
    FAR,
    JUST_WITHIN,
    Constraints,
    Field,
    WaterMask,
    Window,
    blur,
    least_times,
    round_seconds,
    soonest_around,
    spread,
)
from geo.network import Reach, SnappedPoints

if TYPE_CHECKING:
    from shapely import MultiPolygon

Floats = npt.NDArray[np.float64]

_MAX_CELLS = 360  # across a window; beyond that the cells are made wider
_SLACK = 1.5  # times as many are accepted where roads go on far beyond the last junction
_FINEST_CELL_M = 50.0
_RAMP_S = 60.0  # the field falls from 1 to 0 over so many seconds, half of them after the cutoff
_LEVEL = JUST_WITHIN - 1 / 1024  # never a value of the field, which is rounded to 1 / 512
_BRIDGE = 0.9  # the share of land of a cell in which a road crosses water


@dataclass(frozen=True, slots=True)
class Isochrone:
    """The area within ``cutoff_s`` seconds: valid polygons, degrees; empty if nothing is within."""

    cutoff_s: float
    area: MultiPolygon


def isochrones(
    reach: Reach,
    cutoffs_s: Sequence[float],
    *,
    water: WaterMask | None = None,
    places: SnappedPoints | None = None,
    disjoint: bool = False,
) -> list[Isochrone]:
    """Return the area within each cutoff; those with larger cutoffs hold the others.

    ``cutoffs_s`` may be in any order, none larger than the search's own; the answer is in the same
    order. Nothing is painted on ``water``. ``places`` are listed beside the areas: each area holds
    those within its cutoff, and leaves out those beyond it.

    With ``disjoint`` each area leaves out those of the smaller cutoffs, as a map tints them. Where
    the edges of two lie less than a cell apart, what is between them may then be in neither.
    """
    largest = max(cutoffs_s, default=0.0)
    if largest > reach.cutoff_s:
        raise InputError(
            f"an isochrone of {largest:g} s was asked for, but the search stopped at "
            f"{reach.cutoff_s:g} s; search as far as the largest isochrone."
        )
    import shapely

    layer = _Layer.of(reach, largest, water, places)
    areas: dict[float, MultiPolygon] = {}
    smaller: _Block | None = None
    for cutoff_s in sorted(set(cutoffs_s)):
        if layer is None:
            areas[cutoff_s] = shapely.MultiPolygon()
            continue
        block = layer.block(cutoff_s)
        areas[cutoff_s] = layer.area(block.without(smaller) if disjoint and smaller else block)
        smaller = block if block.inside.any() else None
    return [Isochrone(cutoff_s, areas[cutoff_s]) for cutoff_s in cutoffs_s]


@dataclass(frozen=True, slots=True)
class _Block:
    """A part of the raster with how surely each cell lies within a cutoff.

    Attributes
    ----------
    rows, columns
        Where it lies in the window.
    inside
        (rows, columns) 0..1 in steps of 1 / 512.
    """

    rows: slice
    columns: slice
    inside: Field

    def without(self, smaller: _Block) -> _Block:
        """Return this block without what lies within a smaller cutoff, which it holds."""
        inside = self.inside.copy()
        row = smaller.rows.start - self.rows.start
        column = smaller.columns.start - self.columns.start
        height, width = smaller.inside.shape
        part = inside[row : row + height, column : column + width]
        np.minimum(part, np.float32(2 * _LEVEL) - smaller.inside, out=part)
        return _Block(self.rows, self.columns, inside)


@dataclass(frozen=True, slots=True)
class _Layer:
    """Travel times on a window of the raster; its arrays are (rows, columns).

    Attributes
    ----------
    lon, lat
        (rows, columns) degrees of the middles of the cells.
    times
        Seconds, on and off the roads.
    land
        The share of each cell that may be painted, 0..1.
    sharpen
        What the blur of a field on land is multiplied by.
    road_s
        The least time on a road around the middle of each cell.
    """

    lon: Floats
    lat: Floats
    times: Field
    land: Field
    sharpen: Field
    road_s: Field
    constraints: Constraints

    @classmethod
    def of(
        cls, reach: Reach, largest_s: float, water: WaterMask | None, places: SnappedPoints | None
    ) -> _Layer | None:
        """Put a reach on the raster, as far as the largest cutoff; None where it has no roads."""
        # Without water a plane of the whole network, the same for every reach on it.
        plane = water.window.plane if water else LocalPlane(reach.network.graph.center)
        cell_m, x, y, seconds = _road_times(reach, largest_s, plane)
        if not len(x):
            return None
        rounds = round_seconds(cell_m)
        window = Window.around(plane, x, y, cell_m=cell_m, margin=len(rounds) + 2)
        flat = np.full(window.rows * window.columns, FAR, np.float32)
        np.minimum.at(flat, window.cell_of(x, y), seconds)
        times = flat.reshape(window.rows, window.columns)
        land = water.land(window) if water else np.ones_like(times)
        roads = np.flatnonzero(flat < FAR)
        land.reshape(-1)[roads] = np.maximum(land.reshape(-1)[roads], _BRIDGE)
        at_x, at_y, at_s = _known(reach, window, places)
        beyond = window.cell_of(at_x, at_y)[~(at_s <= largest_s)]
        least = least_times(flat, beyond, window.columns)
        spread(times, land > 0.5, rounds)
        np.maximum(times, least, out=times)
        return cls(
            *np.meshgrid(*window.middles),  # once: contourpy would for each cutoff
            times,
            land,
            np.asarray(land / np.maximum(blur(land), 1e-6), np.float32),
            soonest_around(window, x, y, seconds),
            Constraints.of(window, at_x, at_y, at_s),
        )

    def block(self, cutoff_s: float) -> _Block:
        """Return how surely cells lie within a cutoff, where any do."""
        ramp_s = min(_RAMP_S, cutoff_s / 2) or 1.0  # the least drive still holds its origin
        latest_s = np.float32(cutoff_s + ramp_s / 2)
        rows, columns = _bounds((self.times < latest_s) | self.constraints.within(cutoff_s))
        inside = latest_s - self.times[rows, columns]
        inside *= np.float32(1 / ramp_s)
        np.clip(inside, 0, 1, out=inside)
        # A road is painted to its end, where the blur leaves little of a thin line.
        np.putmask(inside, self.road_s[rows, columns] <= cutoff_s, 1.0)
        # A blur in which water does not count, so that shores and bridges keep their width.
        inside *= self.land[rows, columns]
        inside = blur(inside)
        inside *= self.sharpen[rows, columns]
        inside *= 512
        np.rint(inside, out=inside)
        inside *= np.float32(1 / 512)
        self.constraints.part(rows, columns).hold(inside, cutoff_s)
        return _Block(rows, columns, inside)

    def area(self, block: _Block) -> MultiPolygon:
        """Return where the field of a block passes one half."""
        part = block.rows, block.columns
        return _polygons(self.lon[part], self.lat[part], block.inside)


def _bounds(wanted: npt.NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return the rows and columns of a block that holds all wanted cells, and room to blur."""
    row, column = np.flatnonzero(wanted.any(axis=1)), np.flatnonzero(wanted.any(axis=0))
    if not len(row):
        return slice(0, 2), slice(0, 2)
    return (
        slice(max(0, int(row[0]) - 3), int(row[-1]) + 4),
        slice(max(0, int(column[0]) - 3), int(column[-1]) + 4),
    )


def _road_times(
    reach: Reach, largest_s: float, plane: LocalPlane
) -> tuple[float, Floats, Floats, Field]:
    """Return the width of cells that suits a reach, and its times at positions along roads."""
    lon, lat = reach.junctions_within(largest_s)
    x, y = plane.to_xy(lon, lat)
    cell_m = _FINEST_CELL_M
    extent_m = max(np.ptp(x), np.ptp(y)) if len(x) else 0.0
    while extent_m > _MAX_CELLS * cell_m:
        cell_m *= 2
    while True:
        along = reach.along_roads(cell_m)
        x, y = plane.to_xy(along.lon, along.lat)
        extent_m = max(np.ptp(x), np.ptp(y)) if len(x) else 0.0
        if extent_m <= _SLACK * _MAX_CELLS * cell_m:
            return cell_m, x, y, along.seconds
        cell_m *= 2


def _known(
    reach: Reach, window: Window, places: SnappedPoints | None
) -> tuple[Floats, Floats, Field]:
    """Return x, y and seconds of the junctions and places in a window; ``inf`` = beyond.

    Where ferries alone meet, nobody gets off.
    """
    network = reach.network
    drawn = np.maximum(network.roads.forward, network.roads.backward)
    on_land = np.zeros(len(reach.seconds), np.bool_)
    on_land[network.edges.tail[drawn]] = on_land[network.edges.head[drawn]] = True
    lon, lat = network.graph.junction_lon[on_land], network.graph.junction_lat[on_land]
    seconds = reach.seconds[on_land]
    if places is not None:
        lon, lat = np.concatenate([lon, places.lon]), np.concatenate([lat, places.lat])
        seconds = np.concatenate([seconds, reach.to(places)])
    x, y = window.plane.to_xy(lon, lat)
    inside = window.holds(x, y)
    return x[inside], y[inside], seconds[inside]


def _polygons(lon: Floats, lat: Floats, inside: Field) -> MultiPolygon:
    """Return where a field, known at longitudes and latitudes, passes one half."""
    import shapely
    from contourpy import FillType, contour_generator

    generator = contour_generator(
        lon, lat, inside, name="serial", fill_type=FillType.ChunkCombinedOffsetOffset
    )
    filled: Any = generator.filled(_LEVEL, 2.0)
    (points,), (ring_ends,), (polygon_ends,) = filled  # one chunk: the whole
    if points is None:
        return shapely.MultiPolygon()
    offsets = (ring_ends, polygon_ends, np.array([0, len(polygon_ends) - 1]))
    areas: Any = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, points, offsets)
    area: MultiPolygon = areas[0]
    return area
