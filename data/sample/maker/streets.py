"""Streets of a town, a village, a hamlet: blocks along the main road, bent and thinned out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from data.sample.maker.names import Names
from data.sample.maker.roads import Road
from data.sample.maker.settlements import Site
from data.sample.maker.terrain import Terrain

Coordinates = npt.NDArray[np.float64]

REACH_M = 1_900.0
"""No street is farther from its settlement's middle."""
_RADIUS_M = {"town": 1_450.0, "village": 560.0, "hamlet": 240.0}
_BLOCK_M = {"town": (108.0, 168.0), "village": (125.0, 190.0), "hamlet": (150.0, 200.0)}
_GAPS = {"town": (0.05, 0.5), "village": (0.22, 0.6), "hamlet": (0.5, 0.8)}
"""The share of blocks without a street, in the middle and at the edge."""
_PARALLEL_M = 48.0


def lay_streets(
    rng: np.random.Generator,
    terrain: Terrain,
    names: Names,
    site: Site,
    through: Sequence[Road],
) -> list[Road]:
    """Return the streets of one settlement, before they are joined to the through roads.

    Parameters
    ----------
    through
        The through roads near it.
    """
    grid = _bent_grid(rng, site, _main_heading(site, through))
    size = grid.shape[0]
    limit = _outline(rng, site, grid)
    main = shapely.multilinestrings([shapely.LineString(road.xy) for road in through])
    shapely.prepare(main)
    roads = []
    titles = iter(names.streets(4 * size))
    for axis in (0, 1):
        for row in range(size):
            line = grid[row] if axis == 0 else grid[:, row]
            keep = _kept(rng, terrain, site, line, limit[row] if axis == 0 else limit[:, row], main)
            title = next(titles)
            for run in _runs(keep):
                tags = {"highway": "residential", "name": title} | _detail(rng, site)
                roads.append(Road(_curve(line[run]), tags))
    return roads


def _main_heading(site: Site, through: Sequence[Road]) -> float:
    """Return the direction of the most important road at the middle, in radians."""
    order = ("trunk", "primary", "secondary", "tertiary", "unclassified")
    here = np.array([site.x_m, site.y_m])
    best = min(
        through,
        key=lambda road: (order.index(road.tags["highway"]), np.hypot(*(road.xy - here).T).min()),
        default=None,
    )
    if best is None:
        return 0.0
    nearest = int(np.hypot(*(best.xy - here).T).argmin())
    low, high = max(0, nearest - 3), min(len(best.xy) - 1, nearest + 3)
    east, north = best.xy[high] - best.xy[low]
    return float(np.arctan2(north, east))


def _bent_grid(rng: np.random.Generator, site: Site, heading: float) -> Coordinates:
    """Return (n, n, 2) street corners around a settlement's middle."""
    short, long = _BLOCK_M[site.kind]
    reach = int(_RADIUS_M[site.kind] * 1.25 / short)
    steps = np.arange(-reach, reach + 1)
    along = steps * long * rng.uniform(0.9, 1.1) + rng.normal(0, 0.12 * long, len(steps))
    across = steps * short * rng.uniform(0.9, 1.1) + rng.normal(0, 0.1 * short, len(steps))
    u, v = np.meshgrid(along, across)
    for _ in range(3):
        turn, wave = rng.uniform(0, 2 * np.pi), rng.uniform(900, 2_400)
        phase = (u * np.cos(turn) + v * np.sin(turn)) / wave * 2 * np.pi + rng.uniform(0, 6)
        lift = rng.uniform(0.02, 0.045) * wave
        u, v = u - np.sin(turn) * lift * np.sin(phase), v + np.cos(turn) * lift * np.sin(phase)
    u += rng.normal(0, 0.05 * short, u.shape)
    v += rng.normal(0, 0.05 * short, v.shape)
    cosine, sine = np.cos(heading), np.sin(heading)
    x = site.x_m + u * cosine - v * sine + 31
    y = site.y_m + u * sine + v * cosine + 37
    return np.stack([x, y], axis=-1)


def _outline(rng: np.random.Generator, site: Site, grid: Coordinates) -> npt.NDArray[np.float64]:
    """Return how far out each corner is: 0 in the middle, 1 at the ragged edge."""
    dx, dy = grid[..., 0] - site.x_m, grid[..., 1] - site.y_m
    angle = np.arctan2(dy, dx)
    radius = np.ones_like(angle)
    for waves in (2, 3, 5):
        radius += rng.uniform(0.06, 0.2) * np.sin(waves * angle + rng.uniform(0, 6.28))
    return np.asarray(np.hypot(dx, dy) / (_RADIUS_M[site.kind] * radius), np.float64)


def _kept(
    rng: np.random.Generator,
    terrain: Terrain,
    site: Site,
    line: Coordinates,
    out: npt.NDArray[np.float64],
    main: shapely.Geometry,
) -> npt.NDArray[np.bool_]:
    """Return which pieces between the corners of one line become a street."""
    middle = (line[:-1] + line[1:]) / 2
    out = (out[:-1] + out[1:]) / 2
    inner, outer = _GAPS[site.kind]
    gap = inner + (outer - inner) * np.clip(out, 0, 1) ** 2
    ends = shapely.points(np.stack([line[:-1], middle, line[1:]], axis=1))
    beside = np.all(np.asarray(shapely.distance(ends, main)) < _PARALLEL_M, axis=1)
    dry = (terrain.at(terrain.lake, line) < -0.12) & (terrain.at(terrain.drainage.flow, line) < 900)
    rise = np.abs(np.diff(terrain.at(terrain.height_m, line)))
    gentle = rise / np.hypot(*np.diff(line, axis=0).T) < 0.13
    built = (out < 1) & (rng.random(len(out)) > gap)
    return np.asarray(built & ~beside & dry[:-1] & dry[1:] & gentle)


def _runs(keep: npt.NDArray[np.bool_]) -> list[slice]:
    """Return the stretches of a line whose pieces are all kept, as slices of its corners."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], keep, [False]])))
    return [slice(first, last + 1) for first, last in edges.reshape(-1, 2).tolist()]


def _curve(corners: Coordinates) -> Coordinates:
    """Bend a street a little between its corners, which stay where they are."""
    if len(corners) < 3:
        return corners
    before = np.concatenate([corners[:1], corners[:-2]])
    after = np.concatenate([corners[2:], corners[-1:]])
    middle = (9 * (corners[:-1] + corners[1:]) - before - after) / 16
    points = np.empty((2 * len(corners) - 1, 2))
    points[::2], points[1::2] = corners, middle
    return points


def _detail(rng: np.random.Generator, site: Site) -> dict[str, str]:
    tags = {}
    if rng.random() < 0.8:
        tags["maxspeed"] = "25 mph"
    if site.kind == "hamlet" and rng.random() < 0.5:
        tags["surface"] = "gravel"
    elif rng.random() < 0.7:
        tags["surface"] = "asphalt"
    if site.kind == "town" and rng.random() < 0.4:
        tags["sidewalk"] = "both"
    return tags
