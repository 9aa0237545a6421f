"""Streets of a town, a village, a hamlet, and what leaves the through roads between them.

Streets are blocks along the main road, bent and thinned out; byways are drives to lone houses, farm
tracks and forest roads that end.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from data.sample.maker.lines import length_m
from data.sample.maker.names import Names
from data.sample.maker.roads import URBAN_RADIUS_M, Road
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


_EVERY_M = 520.0
_STEP_M = 70.0
_DRIVE_SHARE = 0.55
_CLEAR_M = 12.0


def lay_byways(
    rng: np.random.Generator, terrain: Terrain, through: Sequence[Road], sites: Sequence[Site]
) -> list[Road]:
    """Return drives and tracks; each starts at a point of a through road and meets no other."""
    starts = [start for road in through for start in _starts(rng, road)]
    towns = [site for site in sites if site.kind in URBAN_RADIUS_M]
    centers = np.array([(site.x_m, site.y_m) for site in towns])
    radii = np.array([URBAN_RADIUS_M[site.kind] for site in towns])
    distance, near = cKDTree(centers).query([origin for origin, _ in starts])
    rural = (distance > radii[near] * 0.8).tolist()
    roads = [_byway(rng, *start) for start, good in zip(starts, rural, strict=True) if good]
    forks = [fork for road in roads if (fork := _fork(rng, road)) is not None]
    roads += forks
    dry = _dry(terrain, roads).tolist()
    roads = [road for road, good in zip(roads, dry, strict=True) if good]
    return _clear(roads, [road.xy for road in through])


def _starts(rng: np.random.Generator, road: Road) -> list[tuple[Coordinates, float]]:
    if road.apart or len(road.xy) < 4:
        return []
    count = rng.poisson(length_m(road.xy) / _EVERY_M)
    points = rng.integers(1, len(road.xy) - 1, count)
    sides = rng.choice([-1, 1], count)
    starts = []
    for point, side in zip(np.unique(points).tolist(), sides.tolist(), strict=False):
        east, north = road.xy[point + 1] - road.xy[point - 1]
        turn = side * np.pi / 2 + rng.normal(0, 0.3)
        starts.append((road.xy[point], float(np.arctan2(north, east) + turn)))
    return starts


def _byway(rng: np.random.Generator, origin: Coordinates, heading: float) -> Road:
    if rng.random() < _DRIVE_SHARE:
        xy = _wander(rng, origin, heading, reach_m=rng.uniform(60, 260), step_m=30)
        tags = {"highway": "service", "service": "driveway"}
        if rng.random() < 0.6:
            tags["surface"] = str(rng.choice(["gravel", "gravel", "dirt", "asphalt"]))
        return Road(xy, tags)
    reach_m = float(np.clip(rng.lognormal(6.7, 0.7), 250, 3_800))
    xy = _wander(rng, origin, heading, reach_m=reach_m, step_m=_STEP_M)
    tags = {"highway": "track"}
    if rng.random() < 0.75:
        tags["tracktype"] = str(rng.choice(["grade2", "grade3", "grade3", "grade4", "grade5"]))
    if rng.random() < 0.4:
        tags["surface"] = str(rng.choice(["gravel", "dirt", "ground", "grass"]))
    if rng.random() < 0.08:
        tags["access"] = "private"
    return Road(xy, tags)


def _wander(
    rng: np.random.Generator,
    origin: Coordinates,
    heading: float,
    *,
    reach_m: float,
    step_m: float,
) -> Coordinates:
    """Walk away from a road, turning at random."""
    steps = max(2, int(reach_m / step_m))
    turns = np.cumsum(rng.normal(0, 0.22, steps)) + rng.normal(0, 0.06, steps)
    turns[0] = 0
    headings = heading + turns
    moves = np.stack([np.cos(headings), np.sin(headings)], axis=1) * step_m
    return np.concatenate([origin[None], origin + np.cumsum(moves, axis=0)])


def _fork(rng: np.random.Generator, road: Road) -> Road | None:
    if road.tags["highway"] != "track" or len(road.xy) < 9 or rng.random() < 0.3:
        return None
    point = int(rng.integers(3, len(road.xy) - 3))
    east, north = road.xy[point + 1] - road.xy[point]
    heading = float(np.arctan2(north, east) + rng.choice([-1, 1]) * rng.uniform(0.6, 1.4))
    reach_m = length_m(road.xy) * rng.uniform(0.3, 0.7)
    xy = _wander(rng, road.xy[point], heading, reach_m=reach_m, step_m=_STEP_M)
    return Road(xy, dict(road.tags))


def _dry(terrain: Terrain, roads: Sequence[Road]) -> npt.NDArray[np.bool_]:
    """Return which roads stay inside the county and out of lake and rivers."""
    xy = np.concatenate([road.xy for road in roads])
    wet = (terrain.at(terrain.lake, xy) > -0.1) | (terrain.at(terrain.drainage.flow, xy) > 400)
    bad = wet | (terrain.at(terrain.inside, xy) < 0.01)
    owner = np.repeat(np.arange(len(roads)), [len(road.xy) for road in roads])
    return np.asarray(np.bincount(owner, bad, len(roads)) == 0)


def _clear(roads: Sequence[Road], through: Sequence[Coordinates]) -> list[Road]:
    """Leave out byways that meet another road anywhere but where they start."""
    shapes = [shapely.LineString(road.xy) for road in roads]
    tails = [shapely.LineString(road.xy[1:]) for road in roads]
    others = [shapely.LineString(xy) for xy in through]
    tree = shapely.STRtree(others)
    near, _ = tree.query(tails, predicate="dwithin", distance=_CLEAR_M)
    bad = set(near.tolist())
    tree = shapely.STRtree(shapes)
    first, second = tree.query(shapes, predicate="crosses")
    kept: set[int] = set()
    clashes: dict[int, set[int]] = {}
    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        clashes.setdefault(a, set()).add(b)
    for index in range(len(roads)):
        if index not in bad and not (clashes.get(index, set()) & kept):
            kept.add(index)
    return [road for index, road in enumerate(roads) if index in kept]
