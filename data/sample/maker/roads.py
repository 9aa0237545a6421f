"""Through roads get their names, numbers, surfaces and limits; all roads become ways.

A `Road` is a line with tags; wherever two lines share a point to the centimetre they share a node.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from data.sample.maker import terrain as ground
from data.sample.maker.lines import length_m, simplify
from data.sample.maker.names import Names
from data.sample.maker.routes import (
    PRIMARY,
    SECONDARY,
    TERTIARY,
    TRUNK,
    UNCLASSIFIED,
    Route,
)
from data.sample.maker.settlements import Site
from data.sample.maker.terrain import Terrain

CLASSES = ("trunk", "primary", "secondary", "tertiary", "unclassified")
LIMITS_MPH = ("55", "50", "45", "40", "")
URBAN_RADIUS_M = {"town": 1_500.0, "village": 620.0, "hamlet": 280.0}
_URBAN_MPH = {"town": "25", "village": "30", "hamlet": "35"}
_URBAN_NAME = {
    "town": {"trunk": "Main Street", "primary": "Bridge Street", "secondary": "Mill Street"},
    "village": {
        "trunk": "Main Street",
        "primary": "Main Street",
        "secondary": "Main Street",
        "tertiary": "Church Street",
    },
}
_STRAIGHT_ON = np.cos(np.radians(50))
_GRAVEL_SHARE = {TERTIARY: 0.1, UNCLASSIFIED: 0.45}
_HIGH_ROAD_M = 6_500.0
"""How far from the high pass its road is shut in winter."""

Coordinates = npt.NDArray[np.float64]

WINTER_SHUT = {
    "access:conditional": "no @ (Nov 15-Apr 30)",
    "motor_vehicle:conditional": "no @ (Nov 15-Apr 30)",
    "winter_service": "no",
    "snowplowing": "no",
    "seasonal": "yes",
}


@dataclass(frozen=True, slots=True)
class Road:
    """A line to drive on.

    Attributes
    ----------
    xy
        (k, 2) metres.
    through
        Whether it is one of the planned routes, which streets and lanes must not break.
    apart
        Whether it passes over or under the others, so that crossing them is no junction.
    """

    xy: Coordinates
    tags: dict[str, str]
    through: bool = False
    apart: bool = False


def through_roads(
    rng: np.random.Generator,
    terrain: Terrain,
    names: Names,
    routes: Sequence[Route],
) -> list[Road]:
    """Turn routes into roads with names, numbers and surfaces."""
    lines = simplify([route.xy for route in routes], 3.0)
    group = _named_groups(routes)
    dress = _Dress(rng, names)
    roads = []
    for route, line, number in zip(routes, lines, group, strict=True):
        tags = dict(dress.tags(route.rank, number))
        if route.bridge:
            tags |= {"bridge": "yes", "layer": "1", "toll": "yes", "maxspeed": "40 mph"}
            tags["name"] = f"{names.lake_name} Toll Bridge"
        roads.append(Road(line, tags, through=True, apart=route.bridge))
    return [part for road in roads for part in _special(terrain, road)]


class _Dress:
    """Gives all routes of one named road the same tags."""

    def __init__(self, rng: np.random.Generator, names: Names) -> None:
        self._rng, self._names = rng, names
        self._known: dict[tuple[int, int], dict[str, str]] = {}
        self._next_ref = {PRIMARY: 7, SECONDARY: 12, TERTIARY: 101}

    def tags(self, rank: int, number: int) -> dict[str, str]:
        if (rank, number) not in self._known:
            self._known[rank, number] = self._new(rank)
        return self._known[rank, number]

    def _new(self, rank: int) -> dict[str, str]:
        tags = {"highway": CLASSES[rank]}
        if rank == TRUNK:
            tags |= {"ref": "MR 1", "name": "Lake and Ridge Highway", "lanes": "2"}
        elif rank < UNCLASSIFIED and (rank < TERTIARY or self._rng.random() < 0.5):
            tags["ref"] = f"{'MR' if rank < TERTIARY else 'C'} {self._next_ref[rank]}"
            self._next_ref[rank] += 1
        if rank > TRUNK and self._rng.random() < 0.93:
            tags["name"] = self._names.rural_road()
        if self._rng.random() < _GRAVEL_SHARE.get(rank, 0):
            tags["surface"] = str(
                self._rng.choice(["gravel", "gravel", "unpaved", "dirt", "compacted"])
            )
        elif rank < UNCLASSIFIED or self._rng.random() < 0.5:
            tags["surface"] = "asphalt"
        if LIMITS_MPH[rank] and (rank < TERTIARY or self._rng.random() < 0.6):
            tags["maxspeed"] = f"{LIMITS_MPH[rank]} mph"
        return tags


def _named_groups(routes: Sequence[Route]) -> list[int]:
    """Return a number for each route; routes that lead straight on into each other share it."""
    ends: defaultdict[tuple[float, float], list[tuple[int, Coordinates]]] = defaultdict(list)
    for index, route in enumerate(routes):
        for tip, inner in (
            (route.xy[0], route.xy[min(4, len(route.xy) - 1)]),
            (route.xy[-1], route.xy[max(-5, -len(route.xy))]),
        ):
            heading = inner - tip
            ends[tip[0], tip[1]].append((index, heading / max(1e-9, np.hypot(*heading))))
    leader = list(range(len(routes)))

    def find(index: int) -> int:
        while leader[index] != index:
            index = leader[index]
        return index

    for arms in ends.values():
        free = set(range(len(arms)))
        pairs = [
            (float(arms[a][1] @ arms[b][1]), a, b)
            for a in range(len(arms))
            for b in range(a + 1, len(arms))
            if routes[arms[a][0]].rank == routes[arms[b][0]].rank
        ]
        for straight, a, b in sorted(pairs):
            if straight < -_STRAIGHT_ON and a in free and b in free:
                free -= {a, b}
                leader[find(arms[a][0])] = find(arms[b][0])
    return [find(index) for index in range(len(routes))]


def _special(terrain: Terrain, road: Road) -> list[Road]:
    """Cut a tunnel into the trunk road's pass, and shut the high pass in winter."""
    to_crest = np.abs(road.xy[:, 0] - _crest_x(terrain, road.xy[:, 1]))
    pass_y = ground.HIGH_PASS_Y_M
    if to_crest.min() < 600 and np.abs(road.xy[to_crest.argmin(), 1] - pass_y) < 1_600:
        return [
            replace(
                road,
                tags=road.tags | WINTER_SHUT | {"surface": "gravel", "name": "High Notch Road"},
            )
        ]
    if road.tags["highway"] == "trunk" and to_crest.min() < 400 and length_m(road.xy) > 1_500:
        return _tunnel(road, int(to_crest.argmin()))
    high = np.abs(road.xy[:, 1] - pass_y).max() < _HIGH_ROAD_M and to_crest.max() < _HIGH_ROAD_M
    if high and terrain.at(terrain.height_m, road.xy).min() > 560:
        return [replace(road, tags=road.tags | WINTER_SHUT | {"surface": "gravel"})]
    return [road]


def _crest_x(terrain: Terrain, y_m: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    rows = (np.arange(len(terrain.ridge_x_m)) + 0.5) * ground.CELL_M
    return np.interp(y_m, rows, terrain.ridge_x_m)


def _tunnel(road: Road, top: int) -> list[Road]:
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(road.xy, axis=0).T))])
    first = int(np.clip(np.searchsorted(along, along[top] - 350), 1, len(along) - 3))
    last = int(np.clip(np.searchsorted(along, along[top] + 350), first + 1, len(along) - 2))
    under = {
        "tunnel": "yes",
        "layer": "-1",
        "lit": "yes",
        "name": "Ridge Tunnel",
        "maxspeed": "45 mph",
    }
    return [
        replace(road, xy=road.xy[: first + 1]),
        replace(road, xy=road.xy[first : last + 1], tags=road.tags | under, apart=True),
        replace(road, xy=road.xy[last:]),
    ]


def urban_tags(road: Road, sites: Sequence[Site]) -> list[Road]:
    """Cut a through road where it enters and leaves settlements: lower limits, a street's name."""
    if not road.through or road.apart:
        return [road]
    middle = (road.xy[:-1] + road.xy[1:]) / 2
    settled = [index for index, site in enumerate(sites) if site.kind in URBAN_RADIUS_M]
    centers = np.array([(sites[index].x_m, sites[index].y_m) for index in settled])
    radii = np.array([URBAN_RADIUS_M[sites[index].kind] for index in settled])
    within = np.hypot(*(middle[:, None] - centers).transpose(2, 0, 1)) < radii
    zone = np.where(within.any(axis=1), np.array(settled)[within.argmax(axis=1)], -1)
    cuts = np.flatnonzero(np.diff(zone)) + 1
    parts = []
    for first, last in zip([0, *cuts.tolist()], [*cuts.tolist(), len(middle)], strict=True):
        tags = road.tags
        if zone[first] >= 0:
            site = sites[zone[first]]
            tags = tags | {"maxspeed": f"{_URBAN_MPH[site.kind]} mph"}
            if site.kind != "hamlet":
                name = _URBAN_NAME[site.kind].get(road.tags["highway"], road.tags.get("name", ""))
                tags |= {"name": name or "Back Street", "surface": "asphalt", "sidewalk": "both"}
        parts.append(replace(road, xy=road.xy[first : last + 1], tags=tags))
    return parts
