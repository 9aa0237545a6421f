"""Where people live: a town at the bridge, villages in the valleys, hamlets, and road corners.

Flat ground near running water is settled first; larger settlements keep their distance from each
other. A few sites stand where the county's story needs them: the town by the bridge, the two ferry
landings, two hamlets that face each other across the far end of the lake, and one hamlet beyond the
high pass.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from data.sample.maker import terrain as ground
from data.sample.maker.grid import Field, smooth_noise
from data.sample.maker.names import Names
from data.sample.maker.terrain import CELL_M, SHAPE, Terrain, cell_at, cell_xy

SiteKind = Literal["gate", "town", "village", "hamlet", "corner"]
Role = Literal["", "west", "east", "south", "north", "ferry", "shore", "beyond", "pass"]

VILLAGES, HAMLETS, CORNERS = 8, 34, 420
TRUNK_GATE_Y_M, NORTH_GATE_X_M = 20_000.0, 37_000.0
_SPACING_M = {"village": 7_600.0, "hamlet": 3_300.0, "corner": 1_650.0}
_SHORE_Y_M = 32_600.0
"""Where two hamlets face each other across the lake."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place that roads lead to.

    Attributes
    ----------
    cell
        Flat number of its cell on the grid.
    name
        Empty for a gate or a corner.
    x_m, y_m
        Where it is on the map, after `Terrain.warp`.
    role
        Its part in the county's story, if any; for a gate, the side.
    """

    kind: SiteKind
    cell: int
    x_m: float
    y_m: float
    name: str = ""
    role: Role = ""


def choose_sites(rng: np.random.Generator, terrain: Terrain, names: Names) -> list[Site]:
    """Return gates, town, villages, hamlets and corners, in that order."""
    charm = _charm(rng, terrain)
    free = _reachable(terrain)
    sites = _gates()
    for kind, role, x_m, y_m in _story(terrain):
        sites.append(_settle(charm, free, kind, (x_m, y_m), role))
        _occupy(free, sites[-1], kind)
    sites.sort(key=lambda site: ("gate", "town", "village", "hamlet").index(site.kind))
    for kind, count in (("village", VILLAGES), ("hamlet", HAMLETS), ("corner", CORNERS)):
        taken = free.copy()
        for site in sites:
            _occupy(taken, site, kind)
        have = sum(site.kind == kind for site in sites)
        sites += _fill(charm, taken, kind, count - have)
    row = int(ground.HIGH_PASS_Y_M / CELL_M)
    top = cell_at(float(terrain.ridge_x_m[row]), ground.HIGH_PASS_Y_M)
    sites.append(Site("corner", top, 0, 0, role="pass"))
    return [_christen(terrain, names, site) for site in sites]


def _reachable(terrain: Terrain) -> npt.NDArray[np.bool_]:
    """Return the cells where a road can lead; not the islands in the lake."""
    parts, _ = ndimage.label(~terrain.blocked & (terrain.inside > 0.03), np.ones((3, 3)))
    return np.asarray(parts == np.bincount(parts.ravel())[1:].argmax() + 1)


def _charm(rng: np.random.Generator, terrain: Terrain) -> Field:
    """How good each cell is to live in."""
    north, east = np.gradient(terrain.height_m, CELL_M)
    slope = ndimage.gaussian_filter(np.hypot(north, east), 2)
    water = ndimage.gaussian_filter(np.log1p(terrain.drainage.flow), 2)
    low = -np.maximum(terrain.height_m - 420, 0) / 180
    mood = 0.7 * smooth_noise(rng, SHAPE, 25) + 0.3 * smooth_noise(rng, SHAPE, 6)
    return np.asarray(-22 * slope + 0.25 * water + low + mood, np.float64)


def _gates() -> list[Site]:
    ends: tuple[tuple[Role, float, float], ...] = (
        ("west", 0, TRUNK_GATE_Y_M),
        ("east", ground.WIDTH_M, TRUNK_GATE_Y_M),
        ("south", NORTH_GATE_X_M, 0),
        ("north", NORTH_GATE_X_M, ground.HEIGHT_M),
    )
    return [Site("gate", cell_at(x, y), 0, 0, role=role) for role, x, y in ends]


def _story(terrain: Terrain) -> list[tuple[SiteKind, Role, float, float]]:
    west, east = shores(terrain, _SHORE_Y_M)
    ferry_west, ferry_east = shores(terrain, ground.FERRY_Y_M)
    _, bridge_east = shores(terrain, ground.BRIDGE_Y_M)
    beyond_x = terrain.ridge_x_m[int(ground.HIGH_PASS_Y_M / CELL_M)] + 4_800
    return [
        ("town", "", bridge_east + 2_600, ground.BRIDGE_Y_M),
        ("hamlet", "shore", west - 500, _SHORE_Y_M),
        ("hamlet", "shore", east + 500, _SHORE_Y_M),
        ("hamlet", "ferry", ferry_west - 300, ground.FERRY_Y_M),
        ("hamlet", "ferry", ferry_east + 300, ground.FERRY_Y_M),
        ("hamlet", "beyond", beyond_x, ground.HIGH_PASS_Y_M + 800),
    ]


def shores(terrain: Terrain, y_m: float) -> tuple[float, float]:
    """Return the eastings of the lake's west and east shore at a northing."""
    wet = np.flatnonzero(terrain.lake[int(y_m / CELL_M)] > 0)
    return float(wet[0] * CELL_M), float((wet[-1] + 1) * CELL_M)


def _settle(
    charm: Field,
    free: npt.NDArray[np.bool_],
    kind: SiteKind,
    near: tuple[float, float],
    role: Role,
) -> Site:
    """Found a settlement on the best free ground within a kilometre of a position."""
    x, y = np.moveaxis(cell_xy(np.arange(charm.size).reshape(SHAPE)), -1, 0)
    distance_m = np.hypot(x - near[0], y - near[1])
    reach_m = 1_000 if kind == "town" else 500
    score = np.where(free & (distance_m < 4 * reach_m), charm, -1e9)
    return Site(
        kind, int(np.argmax(score - 3 * np.maximum(distance_m / reach_m - 1, 0))), 0, 0, "", role
    )


def _occupy(free: npt.NDArray[np.bool_], site: Site, kind: SiteKind) -> None:
    """Mark the ground around a site as taken for another settlement of a kind."""
    if site.kind == "gate" and kind == "corner":
        return
    radius = _SPACING_M.get(kind, 3_000.0) / CELL_M
    if site.role == "ferry":
        radius = min(radius, 12)
    row, column = divmod(site.cell, SHAPE[1])
    reach = int(radius) + 1
    rows = slice(max(0, row - reach), row + reach + 1)
    columns = slice(max(0, column - reach), column + reach + 1)
    y, x = np.ogrid[
        rows.start : min(rows.stop, SHAPE[0]), columns.start : min(columns.stop, SHAPE[1])
    ]
    free[rows, columns] &= (y - row) ** 2 + (x - column) ** 2 > radius**2


def _fill(charm: Field, free: npt.NDArray[np.bool_], kind: SiteKind, count: int) -> list[Site]:
    sites: list[Site] = []
    while len(sites) < count and free.any():
        best = int(np.argmax(np.where(free, charm, -1e9)))
        if kind == "corner" and charm.flat[best] < -4:
            break
        sites.append(Site(kind, best, 0, 0))
        _occupy(free, sites[-1], kind)
    return sites


def _christen(terrain: Terrain, names: Names, site: Site) -> Site:
    x_m, y_m = terrain.wiggle(terrain.warp(cell_xy(site.cell))[None])[0].tolist()
    name = names.settlement(site.kind) if site.kind in ("town", "village", "hamlet") else ""
    return replace(site, x_m=x_m, y_m=y_m, name=name)
