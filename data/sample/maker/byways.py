"""What leaves the through roads: drives to lone houses, farm tracks, forest roads that end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from data.sample.maker.lines import length_m
from data.sample.maker.roads import URBAN_RADIUS_M, Road
from data.sample.maker.settlements import Site
from data.sample.maker.terrain import Terrain

Coordinates = npt.NDArray[np.float64]

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
