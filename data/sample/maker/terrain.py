"""The county's ground: heights, the lake, where water flows, and what a road cannot cross.

The plan is always the same and the seed bends it: from west to east hills, a long lake in a basin,
the middle country, a ridge from north to south, and a far valley behind it. Lengths are metres east
and north of the county's south-west corner. Everything that is drawn from the grid goes through
`Terrain.warp`, a gentle bending of the plane, so that no line shows the grid and none that touched
before is torn apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.sparse import csgraph

from data.sample.maker.grid import (
    NEIGHBOURS_8,
    Field,
    fractal_noise,
    grid_graph,
    sample_field,
    smooth_noise,
)

_CLIMB_COST = 150.0
"""Metres of detour that one metre of climbing is worth to water."""
_CELL_M = 200.0


@dataclass(frozen=True, slots=True)
class Drainage:
    """The streams of the county.

    Attributes
    ----------
    downhill
        (cells,) the cell that each cell drains into; -1 for outlets.
    flow
        (rows, columns) how many cells drain through each.
    order
        (cells,) all cells, each before the one it drains into.
    """

    downhill: npt.NDArray[np.int64]
    flow: Field
    order: npt.NDArray[np.int64]


def drain(height_m: Field, outlets: npt.NDArray[np.bool_]) -> Drainage:
    """Let the water of every cell flow to an outlet; a lake is a level that it crosses."""
    heights = height_m.ravel()

    def cost(tail: npt.NDArray[np.int64], head: npt.NDArray[np.int64], length: Field) -> Field:
        # The search runs upstream, from the outlets, so water climbs where the head is lower.
        climb_m = np.maximum(heights[tail] - heights[head], 0)
        return np.round(length * _CELL_M + _CLIMB_COST * climb_m)

    graph = grid_graph(height_m.shape, NEIGHBOURS_8, cost)
    distance, downhill, _ = csgraph.dijkstra(
        graph, indices=np.flatnonzero(outlets), min_only=True, return_predecessors=True
    )
    downhill = np.where(downhill < 0, -1, downhill).astype(np.int64)
    order = np.argsort(-distance, kind="stable")
    return Drainage(downhill, _accumulate(downhill, order).reshape(height_m.shape), order)


def _accumulate(
    downhill: npt.NDArray[np.int64], order: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    flow = [1.0] * len(downhill)
    targets = downhill.tolist()
    for cell in order.tolist():
        if targets[cell] >= 0:
            flow[targets[cell]] += flow[cell]
    return np.array(flow)


CELL_M = 200.0
WIDTH_M, HEIGHT_M = 72_000.0, 52_000.0
SHAPE = (int(HEIGHT_M / CELL_M), int(WIDTH_M / CELL_M))
LAKE_LEVEL_M = 171.0

BRIDGE_Y_M = 17_300.0
"""Where the one bridge crosses the lake: near its south end, so that the north is far by road."""
FERRY_Y_M = 25_200.0
OPEN_PASS_Y_M, HIGH_PASS_Y_M = 18_500.0, 38_500.0

_LAKE_SOUTH_M, _LAKE_NORTH_M = 13_600.0, 36_400.0
_LAKE_HALF_WIDTH_M = 1_850.0
_ISLANDS = ((0.15, 21_300.0, 420.0), (-0.25, 29_800.0, 520.0), (0.25, 30_700.0, 260.0))
"""Distance from the lake's middle in half-widths, northing, radius."""
_WARP_M, _WARP_WAVE_M = 95.0, 1_700.0

_WIGGLE_STEP_M = 55.0

Coordinates = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Terrain:
    """The ground as fields over the grid.

    Attributes
    ----------
    height_m
        Metres above the sea, rounded to centimetres.
    lake
        Positive inside the lake, zero on its shore.
    inside
        Positive inside the county, zero on its boundary; about 1 in its middle.
    blocked
        No road: the lake and its shore, the crest away from its passes, the head of the lake.
    ridge_x_m
        (rows,) easting of the crest.
    drainage
        Where water flows.
    marsh
        The wet ground at the lake's outlet.
    wiggle_east, wiggle_north
        (waves, 4) wave numbers east and north, phase and height of what `wiggle` adds.
    warp_east_m, warp_north_m
        How far `warp` moves each cell.
    """

    height_m: Field
    lake: Field
    inside: Field
    blocked: npt.NDArray[np.bool_]
    ridge_x_m: npt.NDArray[np.float64]
    drainage: Drainage
    marsh: npt.NDArray[np.bool_]
    wiggle_east: npt.NDArray[np.float64]
    wiggle_north: npt.NDArray[np.float64]
    warp_east_m: Field
    warp_north_m: Field

    def at(self, field: Field, xy: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return a field's values at (..., 2) positions."""
        columns, rows = np.moveaxis(np.asarray(xy, np.float64) / CELL_M - 0.5, -1, 0)
        return sample_field(field, rows, columns)

    def warp(self, xy: npt.ArrayLike) -> Coordinates:
        """Bend (..., 2) positions of the grid into positions on the map."""
        xy = np.asarray(xy, np.float64)
        shift = np.stack([self.at(self.warp_east_m, xy), self.at(self.warp_north_m, xy)], axis=-1)
        return np.asarray(xy + shift, np.float64)

    def wiggle(self, xy: npt.NDArray[np.float64]) -> Coordinates:
        """Bend a line in the small, as roads and brooks do that follow the ground."""
        pieces = np.hypot(*np.diff(xy, axis=0).T) // _WIGGLE_STEP_M
        extra = np.repeat(np.arange(len(pieces)), pieces.astype(int))
        first = np.concatenate([[0], np.cumsum(pieces.astype(int))])[extra]
        share = (np.arange(len(extra)) - first + 1) / (pieces[extra] + 1)
        between = xy[extra] + share[:, None] * (xy[extra + 1] - xy[extra])
        dense = np.insert(xy, extra + 1, between, axis=0)
        return dense + np.stack(
            [_wave(dense, self.wiggle_east), _wave(dense, self.wiggle_north)], -1
        )


def _waves(rng: np.random.Generator, count: int = 14) -> npt.NDArray[np.float64]:
    length_m, turn = rng.uniform(260, 950, count), rng.uniform(0, 2 * np.pi, count)
    number = 2 * np.pi / length_m
    phase, height_m = rng.uniform(0, 2 * np.pi, count), length_m / 950 * rng.uniform(4, 9, count)
    return np.stack([number * np.cos(turn), number * np.sin(turn), phase, height_m], axis=1)


def _wave(xy: Coordinates, waves: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.sin(xy @ waves[:, :2].T + waves[:, 2]) @ waves[:, 3], np.float64)


def cell_xy(cells: npt.ArrayLike) -> Coordinates:
    """Return the (..., 2) middle of cells given by their flat number."""
    rows, columns = np.divmod(np.asarray(cells), SHAPE[1])
    return np.stack([(columns + 0.5) * CELL_M, (rows + 0.5) * CELL_M], axis=-1)


def cell_at(x_m: float, y_m: float) -> int:
    """Return the flat number of the cell that holds a position."""
    row = int(np.clip(y_m // CELL_M, 0, SHAPE[0] - 1))
    return row * SHAPE[1] + int(np.clip(x_m // CELL_M, 0, SHAPE[1] - 1))


def make_terrain(rng: np.random.Generator) -> Terrain:
    """Shape the ground of one county."""
    x, y = np.moveaxis(cell_xy(np.arange(SHAPE[0] * SHAPE[1]).reshape(SHAPE)), -1, 0)
    lake_x = 23_000 + 1_900 * np.sin(y / 6_500 + rng.uniform(0, 2 * np.pi))
    ridge_x = 49_500 + 1_600 * np.sin(y / 7_800 + rng.uniform(0, 2 * np.pi))
    lake = _lake(rng, x, y, lake_x)
    height = _heights(rng, x, y, lake_x, ridge_x)
    shore_m = ndimage.distance_transform_edt(lake <= 0) * CELL_M
    height = LAKE_LEVEL_M + (height - LAKE_LEVEL_M) * (0.12 + 0.88 * (1 - np.exp(-shore_m / 3_500)))
    floor = LAKE_LEVEL_M + 1 + 1.5 * (y - _LAKE_SOUTH_M) / 1_000
    height = np.where(lake > 0, LAKE_LEVEL_M, np.maximum(height, floor))
    outlets = _outlets(x, y, ridge_x)
    bumps = np.where(lake > 0, 0.0, 3.5 * smooth_noise(rng, SHAPE, 2.5))
    for _ in range(2):  # water cuts valleys, and then follows them
        height = np.where(lake > 0, LAKE_LEVEL_M, _carve(height, drain(height + bumps, outlets)))
    drainage = drain(height + bumps, outlets)
    return Terrain(
        height_m=np.round(height, 2),
        lake=lake,
        inside=_inside(rng, x, y),
        blocked=_blocked(x, y, lake, lake_x, ridge_x),
        ridge_x_m=ridge_x[:, 0],
        drainage=drainage,
        marsh=_marsh(y, x - lake_x),
        wiggle_east=_waves(rng),
        wiggle_north=_waves(rng),
        warp_east_m=_WARP_M * smooth_noise(rng, SHAPE, _WARP_WAVE_M / CELL_M),
        warp_north_m=_WARP_M * smooth_noise(rng, SHAPE, _WARP_WAVE_M / CELL_M),
    )


def _lake(rng: np.random.Generator, x: Field, y: Field, lake_x: Field) -> Field:
    across = (x - lake_x) / _LAKE_HALF_WIDTH_M
    along = (y - _LAKE_SOUTH_M) / (_LAKE_NORTH_M - _LAKE_SOUTH_M) * 2 - 1
    lake = 1 - across**2 - np.abs(along) ** 5
    lake = lake + 0.5 * fractal_noise(rng, SHAPE, 2_800 / CELL_M, gain=0.6)
    for side, north_m, radius_m in _ISLANDS:
        middle_x = lake_x + side * _LAKE_HALF_WIDTH_M
        distance2 = ((x - middle_x) ** 2 + (y - north_m) ** 2) / radius_m**2
        lake = lake - 2.4 * np.exp(-distance2)
    parts, _ = ndimage.label(lake > 0)
    main = np.bincount(parts.ravel())[1:].argmax() + 1
    return np.where((lake > 0) & (parts != main), -0.01, lake)


def _heights(rng: np.random.Generator, x: Field, y: Field, lake_x: Field, ridge_x: Field) -> Field:
    km = 1_000.0
    plain = 185 + 170 * (1 - np.exp(-np.abs(x - lake_x) / (9 * km))) + 2.2 * y / km
    dips = 0.42 * np.exp(-(((y - OPEN_PASS_Y_M) / 1_900) ** 2))
    dips = dips + 0.24 * np.exp(-(((y - HIGH_PASS_Y_M) / 1_300) ** 2))
    crest = np.exp(-(((x - ridge_x) / (3.1 * km)) ** 2)) * (1 - dips)
    hills = np.exp(-(((x - 7 * km) / (4.2 * km)) ** 2))
    massif = np.exp(-(((x - lake_x) / (4.5 * km)) ** 2) - ((y - 46 * km) / (6 * km)) ** 2)
    steep = crest + 0.5 * hills + 0.8 * massif
    rough = fractal_noise(rng, SHAPE, 9 * km / CELL_M, gain=0.52)
    ridged = 1 - np.abs(fractal_noise(rng, SHAPE, 6 * km / CELL_M))
    mountains = 610 * crest + 190 * hills + 330 * massif
    relief = (62 + 85 * steep) * rough + (30 + 105 * steep) * ridged
    return np.asarray(plain + mountains + relief, np.float64)


def _carve(height: Field, drainage: Drainage) -> Field:
    """Cut valleys where much water flows (after the stream power law's shape, not its units)."""
    flow = np.log1p(drainage.flow)
    depth = 7 * ndimage.gaussian_filter(flow, 1.5) + 10 * ndimage.gaussian_filter(flow, 5)
    return np.asarray(height - (depth - depth.mean()), np.float64)


def _outlets(x: Field, y: Field, ridge_x: Field) -> npt.NDArray[np.bool_]:
    """Return the edges that water leaves by: the south, behind the hills, behind the ridge."""
    south = y < CELL_M
    west = x < CELL_M
    east = (x > WIDTH_M - CELL_M) | ((y > HEIGHT_M - CELL_M) & (x > ridge_x))
    return np.asarray(south | west | east)


def _inside(rng: np.random.Generator, x: Field, y: Field) -> Field:
    across = np.abs(x - WIDTH_M / 2) / (WIDTH_M / 2 - 1_500)
    along = np.abs(y - HEIGHT_M / 2) / (HEIGHT_M / 2 - 1_500)
    edge = 1 - (across**7 + along**7) ** (1 / 7)
    ragged = fractal_noise(rng, SHAPE, 15_000 / CELL_M, gain=0.55)
    return np.asarray(edge - 0.034 * np.clip(1.3 - ragged, 0, 4), np.float64)


def _blocked(
    x: Field, y: Field, lake: Field, lake_x: Field, ridge_x: Field
) -> npt.NDArray[np.bool_]:
    wet = ndimage.binary_dilation(lake > 0, iterations=1, structure=np.ones((3, 3)))
    at_pass = (np.abs(y - OPEN_PASS_Y_M) < 700) | (np.abs(y - HIGH_PASS_Y_M) < 500)
    crest = (np.abs(x - ridge_x) < 650) & ~at_pass
    head = (np.abs(x - lake_x) < 900) & (y > _LAKE_NORTH_M - 2_500)
    return np.asarray(wet | crest | head | _marsh(y, x - lake_x))


def _marsh(y: Field, east_m: Field) -> npt.NDArray[np.bool_]:
    """Return the wet ground at the lake's outlet, so that the bridge is worth its toll."""
    return np.asarray((np.abs(east_m) < 800) & (y > 6_000) & (y < _LAKE_SOUTH_M + 2_500))
