"""What else is on the map: settlements' names, peaks and passes, ferry, railway, parks, ponds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely
from scipy import ndimage
from scipy.sparse import csgraph
from shapely.geometry import Polygon

from data.sample.maker import terrain as ground
from data.sample.maker.buildings import Building, postcode
from data.sample.maker.draft import Draft
from data.sample.maker.grid import NEIGHBOURS_16, Field, grid_graph
from data.sample.maker.landcover import Waters
from data.sample.maker.lines import simplify
from data.sample.maker.names import Names
from data.sample.maker.roads import Road
from data.sample.maker.routes import smooth
from data.sample.maker.settlements import Site
from data.sample.maker.terrain import CELL_M, SHAPE, Terrain, cell_at, cell_xy

Coordinates = npt.NDArray[np.float64]

_PEAKS = 22
_PEAK_RADIUS_CELLS = 16
_PEOPLE = {"town": (6_200, 8_400), "village": (480, 1_900), "hamlet": (18, 160)}


def draw_names(rng: np.random.Generator, draft: Draft, sites: Sequence[Site]) -> None:
    """Draw the names of settlements."""
    for index, site in enumerate(sites):
        if site.kind in _PEOPLE:
            tags = {"place": site.kind, "name": site.name, "postal_code": postcode(index)}
            if rng.random() < 0.85:
                tags["population"] = str(int(rng.integers(*_PEOPLE[site.kind])))
            draft.node(site.x_m, site.y_m, tags)


def draw_peaks(draft: Draft, terrain: Terrain, names: Names) -> None:
    """Draw the highest tops, each the highest for some kilometres around."""
    height = np.where(terrain.inside > 0.02, terrain.height_m, 0)
    top = (height == ndimage.maximum_filter(height, 2 * _PEAK_RADIUS_CELLS + 1)) & (height > 300)
    cells = np.flatnonzero(top)
    cells = cells[np.argsort(-height.flat[cells], kind="stable")][:_PEAKS]
    for cell in cells.tolist():
        x_m, y_m = terrain.warp(cell_xy([cell]))[0].tolist()
        ele = f"{height.flat[cell]:.0f}"
        draft.node(x_m, y_m, {"natural": "peak", "name": names.peak(), "ele": ele})


def draw_passes(draft: Draft, terrain: Terrain, roads: Sequence[Road]) -> None:
    """Name the two passes, each at a point of its own beside its road."""
    for northing, name in (
        (ground.OPEN_PASS_Y_M, "Low Notch"),
        (ground.HIGH_PASS_Y_M, "High Notch"),
    ):
        row = int(northing / CELL_M)
        top = np.array([terrain.ridge_x_m[row], northing])
        points = np.concatenate([road.xy for road in roads if road.through])
        x_m, y_m = points[np.hypot(*(points - top).T).argmin()].tolist()
        ele = float(terrain.at(terrain.height_m, (x_m, y_m)))
        tags = {"natural": "saddle", "mountain_pass": "yes", "name": name, "ele": f"{ele:.0f}"}
        draft.node(x_m, y_m, tags)


def ferry_route(sites: Sequence[Site], names: Names) -> Road:
    """Return the ferry between its two landings."""
    ends = [np.array([site.x_m, site.y_m]) for site in sites if site.role == "ferry"]
    west, east = sorted(ends, key=lambda end: end[0])
    bow = (west + east) / 2 + np.array([0, 180])
    xy = smooth(np.stack([west, bow, east]), 2)
    tags = {
        "route": "ferry",
        "name": f"{names.lake_name} Ferry",
        "duration": "00:10",
        "interval": "00:20",
        "motor_vehicle": "yes",
        "motorcar": "yes",
        "foot": "yes",
        "fee": "yes",
        "operator": f"{names.lake_name} Ferry Company (fictional)",
    }
    return Road(xy, tags, through=False, apart=True)


def draw_railway(draft: Draft, terrain: Terrain, sites: Sequence[Site], names: Names) -> None:
    """Draw a branch line from the south to the town's station."""
    town = next(site for site in sites if site.kind == "town")
    heights = terrain.height_m.ravel()
    shut = (terrain.lake > -0.1).ravel()

    def cost(tail: npt.NDArray[np.int64], head: npt.NDArray[np.int64], length: Field) -> Field:
        grade = np.abs(heights[head] - heights[tail]) / (length * CELL_M)
        cost_m = np.round(length * CELL_M * (1 + (grade / 0.012) ** 2))
        return np.where(shut[head] | shut[tail], np.inf, cost_m)

    graph = grid_graph(SHAPE, NEIGHBOURS_16, cost)
    start = cell_at(town.x_m + 700, town.y_m - 900)
    _, before = csgraph.dijkstra(graph, indices=start, return_predecessors=True)
    path = [cell_at(29_000, 0)]
    while before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    line = simplify([smooth(smooth(terrain.warp(cell_xy(path))[::2], 2), 2)], 3)[0]
    draft.line(
        line,
        {"railway": "rail", "usage": "branch", "gauge": "1435", "name": f"{names.first()} Branch"},
    )
    x_m, y_m = line[-2].tolist()
    draft.node(
        x_m + 12, y_m + 9, {"railway": "station", "public_transport": "station", "name": town.name}
    )


def draw_greens(
    rng: np.random.Generator,
    draft: Draft,
    sites: Sequence[Site],
    houses: Sequence[Building],
    names: Names,
) -> None:
    """Draw parks, school grounds, cemeteries and yards where blocks are free of houses."""
    centers = shapely.STRtree([shapely.Point(house.center) for house in houses])
    wanted = {
        "town": (
            "park",
            "park",
            "school",
            "school",
            "cemetery",
            "industrial",
            "commercial",
            "pitch",
        ),
        "village": ("park", "school", "cemetery"),
        "hamlet": ("cemetery",),
    }
    for site in sites:
        for sort in wanted.get(site.kind, ()):
            reach = {"town": 1_300, "village": 520, "hamlet": 240}[site.kind]
            size = rng.uniform(38, 62) * (1.9 if sort in ("industrial", "commercial") else 1)
            spot = _free_spot(rng, site, reach, size, centers)
            if spot is not None:
                draft.area(_plot(rng, spot, size), _plot_tags(sort, site, names))


def _free_spot(
    rng: np.random.Generator, site: Site, reach: float, size: float, houses: shapely.STRtree
) -> Coordinates | None:
    """Return the spot with the fewest houses of some tried at random."""
    best, fewest = None, 7
    for _ in range(40):
        angle, distance = rng.uniform(0, 2 * np.pi), reach * np.sqrt(rng.uniform(0.03, 1))
        spot = np.array([site.x_m + distance * np.cos(angle), site.y_m + distance * np.sin(angle)])
        count = len(houses.query(shapely.Point(spot), predicate="dwithin", distance=size * 0.9))
        if count < fewest:
            best, fewest = spot, count
    return best


def _plot(rng: np.random.Generator, spot: Coordinates, size: float) -> Polygon:
    turn = rng.uniform(0, np.pi)
    angles = turn + np.array([0.3, 1.2, 1.9, 2.9, 3.5, 4.4, 5.2, 5.9])
    radii = size * rng.uniform(0.85, 1.15, len(angles))
    return Polygon(spot + np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1))


def _plot_tags(sort: str, site: Site, names: Names) -> dict[str, str]:
    if sort == "park":
        return {"leisure": "park", "name": f"{names.first()} Park"}
    if sort == "school":
        return {"amenity": "school", "name": f"{site.name} School"}
    if sort == "pitch":
        return {"leisure": "pitch", "sport": "baseball"}
    return {"landuse": sort}


def draw_ponds(
    rng: np.random.Generator, draft: Draft, terrain: Terrain, waters: Waters, names: Names
) -> None:
    """Draw small ponds along the brooks."""
    brooks = [brook for brook in waters.brooks if len(brook) > 8]
    for index in rng.permutation(len(brooks))[:70].tolist():
        brook = brooks[index]
        spot = brook[int(rng.integers(3, len(brook) - 3))]
        if terrain.at(terrain.inside, spot) < 0.03 or terrain.at(terrain.lake, spot) > -0.5:
            continue
        angles = np.linspace(0, 2 * np.pi, 15)[:-1]
        size = float(rng.lognormal(4.3, 0.6))
        radii = size * (
            1
            + 0.28 * np.sin(2 * angles + rng.uniform(0, 6))
            + 0.18 * np.sin(3 * angles + rng.uniform(0, 6))
        )
        tags = {"natural": "water", "water": "pond"}
        if size > 110:
            tags = {"natural": "water", "water": "lake", "name": f"{names.first()} Pond"}
        draft.area(
            Polygon(
                spot + np.stack([radii * np.cos(angles), 0.7 * radii * np.sin(angles)], axis=1)
            ),
            tags,
        )
