"""The areas within cutoffs of an origin: isochrones.

Travel times along the roads are laid on a lattice, spread a little way off the roads at walking
pace, and gaps between neighbouring roads are closed, so that a town is one area and a mountain
road a ribbon. A field between 0 and 1 then says how surely each cell lies within a cutoff; the
isochrone is where it passes one half (marching squares, by contourpy).

Two promises hold by construction. A larger cutoff never gives less: every step from the travel
times to the field is monotone, and a larger field has the larger area, corner by corner. And water
is not painted: times do not spread across it, and the share of land is a factor of the field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.geometry import LocalPlane
from geo.isochrone.lattice import BASE_CELL_M, Window
from geo.isochrone.water_mask import WaterMask
from geo.network import Reach

if TYPE_CHECKING:
    from shapely import MultiPolygon

Cells = npt.NDArray[np.bool_]
Field = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

_MOST_CELLS = 360  # across a window; beyond that the cells are made wider
_SPREAD_M = 350.0  # how far off a road the area reaches before gaps are closed
_LEAST_SPREAD = 3  # cells
_KEPT = 2  # cells of the spread that stay where there is no gap
_WALK_M_S = 4.5 / 3.6
_RAMP_S = 60.0  # the field rises from 0 to 1 over so many seconds before the cutoff
_LEVEL = 0.5 + 1 / 1024  # never a value of the field, which is rounded to 1 / 512
_BRIDGE = 0.7  # the share of land of a cell in which a road crosses water
_FAR = np.float32(1e9)


@dataclass(frozen=True, slots=True)
class Isochrone:
    """The area within a cutoff.

    Attributes
    ----------
    cutoff_s
        Seconds.
    area
        Valid polygons, lon and lat in degrees; empty where nothing is within the cutoff.
    """

    cutoff_s: float
    area: MultiPolygon


def isochrones(
    reach: Reach, cutoffs_s: Sequence[float], *, water: WaterMask | None = None
) -> list[Isochrone]:
    """Return the area within each cutoff; those with larger cutoffs hold the others.

    Parameters
    ----------
    reach
        A search whose own cutoff is at least the largest one here.
    cutoffs_s
        Seconds, in any order; the answer is in the same order.
    water
        What not to paint; None to paint everything.
    """
    largest = max(cutoffs_s, default=0.0)
    if largest > reach.cutoff_s:
        raise InputError(
            f"an isochrone of {largest:g} s was asked for, but the search stopped at "
            f"{reach.cutoff_s:g} s; search as far as the largest isochrone."
        )
    layer = _Layer.of(reach, largest, water)
    return [Isochrone(cutoff_s, layer.area(cutoff_s)) for cutoff_s in cutoffs_s]


@dataclass(frozen=True, slots=True)
class _Layer:
    """Travel times on a window of the lattice.

    Attributes
    ----------
    window
        The cells; None where nothing is within the cutoff.
    times
        (rows, columns) seconds, on and off the roads.
    land
        (rows, columns) share of each cell that may be painted, 0..1.
    """

    window: Window | None
    times: Field
    land: Field

    @classmethod
    def of(cls, reach: Reach, largest_s: float, water: WaterMask | None) -> _Layer:
        """Lay a reach on the lattice, as far as the largest cutoff."""
        plane = water.window.plane if water else _plane(reach)
        cell_m, x, y, seconds = _road_times(reach, largest_s, plane)
        if not len(x):
            return cls(None, np.empty((0, 0), np.float32), np.empty((0, 0), np.float32))
        steps = max(_LEAST_SPREAD, round(_SPREAD_M / cell_m))
        window = Window.around(plane, x, y, cell_m=cell_m, margin=steps + 2)
        flat = np.full(window.rows * window.columns, _FAR, np.float32)
        np.minimum.at(flat, window.cell_of(x, y), seconds)
        times = flat.reshape(window.rows, window.columns)
        land = water.land(window) if water else np.ones_like(times)
        roads = times < _FAR
        land[roads] = np.maximum(land[roads], _BRIDGE)
        _spread(times, land > 0.5, steps, np.float32(cell_m / _WALK_M_S))
        return cls(window, times, land)

    def area(self, cutoff_s: float) -> MultiPolygon:
        """Return the area within a cutoff."""
        import shapely

        if self.window is None:
            return shapely.MultiPolygon()
        inside = np.clip((np.float32(cutoff_s) - self.times) / np.float32(_RAMP_S), 0, 1)
        # A blur in which water does not count, so that shores and bridges keep their width.
        inside = _blur(inside * self.land) / np.maximum(_blur(self.land), 1e-6) * self.land
        return _polygons(self.window, np.rint(inside * np.float32(512)) / np.float32(512))


def _plane(reach: Reach) -> LocalPlane:
    """Return a plane of the whole network, the same for every reach on it."""
    return LocalPlane(reach.roads.center)


def _road_times(
    reach: Reach, largest_s: float, plane: LocalPlane
) -> tuple[float, Floats, Floats, Field]:
    """Return the width of cells that suits a reach, and its times at positions along roads."""
    lon, lat = reach.junctions_within(largest_s)
    x, y = plane.to_xy(lon, lat)
    cell_m = BASE_CELL_M
    extent_m = max(np.ptp(x), np.ptp(y)) if len(x) else 0.0
    while extent_m > _MOST_CELLS * cell_m:
        cell_m *= 2
    along = reach.along_roads(cell_m)
    x, y = plane.to_xy(along.lon, along.lat)
    return cell_m, x, y, along.seconds


def _spread(times: Field, dry: Cells, steps: int, step_s: np.float32) -> None:
    """Let times spread off the roads over dry cells, then take back what closes no gap.

    This is the closing of mathematical morphology with a cone: times rise by ``step_s`` a cell on
    the way out, and fall by it on the way back. Rounds of eight and of four neighbours take turns,
    which makes the cone nearly round (an octagon).
    """
    for turn in range(steps):
        _look_round(times, np.minimum, step_s, diagonals=turn % 2 == 0)
        times[~dry] = _FAR
    for turn in range(steps - _KEPT):
        times[~dry] = -_FAR
        _look_round(times, np.maximum, -step_s, diagonals=turn % 2 == 1)
    times[~dry] = _FAR


def _look_round(times: Field, take: np.ufunc, step_s: np.float32, *, diagonals: bool) -> None:
    """Let each cell take the best of its own time and its neighbours' plus a step."""
    before = times + step_s
    take(times[1:], before[:-1], out=times[1:])
    take(times[:-1], before[1:], out=times[:-1])
    take(times[:, 1:], before[:, :-1], out=times[:, 1:])
    take(times[:, :-1], before[:, 1:], out=times[:, :-1])
    if diagonals:
        before += step_s * np.float32(np.sqrt(2) - 1)
        take(times[1:, 1:], before[:-1, :-1], out=times[1:, 1:])
        take(times[1:, :-1], before[:-1, 1:], out=times[1:, :-1])
        take(times[:-1, 1:], before[1:, :-1], out=times[:-1, 1:])
        take(times[:-1, :-1], before[1:, 1:], out=times[:-1, :-1])


def _blur(field: Field) -> Field:
    """Return the field, each cell mixed with its neighbours (twice 1-2-1 both ways)."""
    for _ in range(2):
        across = field.copy()
        across[:, 1:-1] = (field[:, :-2] + 2 * field[:, 1:-1] + field[:, 2:]) / 4
        field = across.copy()
        field[1:-1] = (across[:-2] + 2 * across[1:-1] + across[2:]) / 4
    return field


def _polygons(window: Window, inside: Field) -> MultiPolygon:
    """Return where a field passes one half."""
    from contourpy import FillType, contour_generator

    lines = contour_generator(
        window.middles_lon,
        window.middles_lat,
        inside,
        name="serial",
        fill_type=FillType.OuterOffset,
    )
    filled: Any = lines.filled(_LEVEL, 2.0)
    return _assemble(*filled)


def _assemble(points: list[Any], offsets: list[Any]) -> MultiPolygon:
    """Return polygons from contourpy's lists: the points of each, and where its rings begin."""
    import shapely

    if not points:
        return shapely.MultiPolygon()
    sizes = [np.diff(each) for each in offsets]
    ring_of_point = np.repeat(np.arange(sum(map(len, sizes))), np.concatenate(sizes))
    rings: Any = shapely.linearrings(np.concatenate(points), indices=ring_of_point)
    polygon_of_ring: Any = np.repeat(np.arange(len(sizes)), [len(each) for each in sizes])
    polygons: Any = shapely.polygons(rings, indices=polygon_of_ring)
    return shapely.MultiPolygon(list(polygons))
