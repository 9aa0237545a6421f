"""Houses along streets and at the end of drives, with their addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from data.sample.maker.draft import Draft
from data.sample.maker.landcover import Waters
from data.sample.maker.roads import URBAN_RADIUS_M, Road
from data.sample.maker.settlements import Site

Coordinates = npt.NDArray[np.float64]

_SPACING_M = {"town": 25.0, "village": 34.0, "hamlet": 46.0}
_BUILT = {"town": 0.85, "village": 0.7, "hamlet": 0.55}
_LARGE = {"town": 0.13, "village": 0.07, "hamlet": 0.03}
_SETBACK_M = 15.0
_CLEAR_ROAD_M, _CLEAR_HOUSE_M = 8.5, 17.0
_FIRST_POSTCODE = 301
_BUILT_UP = frozenset(
    ["trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "living_street"]
)


@dataclass(slots=True)
class Building:
    """A house; places that move in add their tags to it.

    Attributes
    ----------
    corners
        (4, 2) metres.
    site
        Row of the settlement that it belongs to.
    street
        Empty where its road has no name.
    """

    corners: Coordinates
    site: int
    street: str
    number: int
    tags: dict[str, str]

    @property
    def center(self) -> Coordinates:
        """The middle."""
        return np.asarray(self.corners.mean(axis=0), np.float64)


def postcode(site: int) -> str:
    """Return the invented postal code of the settlement in a row; 003 is no ZIP code area."""
    return f"{_FIRST_POSTCODE + site:05d}"


def build_houses(
    rng: np.random.Generator, roads: Sequence[Road], sites: Sequence[Site], waters: Waters
) -> list[Building]:
    """Build houses along the streets of all settlements and at the end of drives."""
    settled = [index for index, site in enumerate(sites) if site.kind in URBAN_RADIUS_M]
    tree = cKDTree([(sites[index].x_m, sites[index].y_m) for index in settled])
    houses = _along_streets(rng, roads, sites, settled, tree) + _at_drives(
        rng, roads, settled, tree
    )
    houses = _apart(houses, roads, waters)
    for house in houses:
        _address(rng, house, sites)
    return houses


def _along_streets(
    rng: np.random.Generator,
    roads: Sequence[Road],
    sites: Sequence[Site],
    settled: list[int],
    tree: cKDTree,
) -> list[Building]:
    houses = []
    for road in roads:
        if road.tags.get("highway") not in _BUILT_UP or road.apart or "junction" in road.tags:
            continue
        distance, near = tree.query(road.xy[len(road.xy) // 2])
        site = settled[int(near)]
        kind = sites[site].kind
        if distance < URBAN_RADIUS_M[kind] * 1.25:
            houses += _row(rng, road, site, kind)
    return houses


def _row(rng: np.random.Generator, road: Road, site: int, kind: str) -> list[Building]:
    """Build both sides of a street, even numbers on its left."""
    steps = np.diff(road.xy, axis=0)
    lengths = np.hypot(*steps.T)
    along = np.concatenate([[0], np.cumsum(lengths)])
    houses = []
    for side in (1, -1):
        at = np.arange(12, along[-1] - 8, _SPACING_M[kind])
        at = at[rng.random(len(at)) < _BUILT[kind]] + rng.uniform(-4, 4)
        piece = np.clip(np.searchsorted(along, at, side="right") - 1, 0, len(steps) - 1)
        heading = steps[piece] / lengths[piece, None]
        foot = road.xy[piece] + heading * (at - along[piece])[:, None]
        left = np.stack([-heading[:, 1], heading[:, 0]], axis=1) * side
        for index in range(len(at)):
            middle = foot[index] + left[index] * (_SETBACK_M + rng.uniform(0, 7))
            number = int(2 * (1 + at[index] // 11) + (side < 0))
            large = rng.random() < _LARGE[kind]
            middle = middle + left[index] * (6 if large else 0)
            corners = _corners(rng, middle, heading[index], large=large)
            houses.append(Building(corners, site, road.tags.get("name", ""), number, {}))
    return houses


def _at_drives(
    rng: np.random.Generator, roads: Sequence[Road], settled: list[int], tree: cKDTree
) -> list[Building]:
    named = [road for road in roads if road.through and "name" in road.tags and not road.apart]
    nearest = shapely.STRtree([shapely.LineString(road.xy) for road in named])
    houses = []
    for road in roads:
        if road.tags.get("service") != "driveway":
            continue
        heading = road.xy[-1] - road.xy[-2]
        heading = heading / np.hypot(*heading)
        corners = _corners(rng, road.xy[-1] + heading * 14, heading, large=False)
        site = settled[int(tree.query(road.xy[-1])[1])]
        street = named[int(nearest.nearest(shapely.Point(road.xy[0])))].tags["name"]
        number = int(rng.integers(20, 4_000))
        houses.append(Building(corners, site, street, number, {"building": "house"}))
        if rng.random() < 0.45:
            side = np.array([-heading[1], heading[0]]) * rng.choice([-1, 1])
            barn = _corners(rng, road.xy[-1] + heading * 24 + side * 38, side, large=True)
            houses.append(
                Building(
                    barn,
                    site,
                    "",
                    0,
                    {"building": str(rng.choice(["barn", "farm_auxiliary", "yes"]))},
                )
            )
    return houses


def _corners(
    rng: np.random.Generator, middle: Coordinates, heading: Coordinates, *, large: bool
) -> Coordinates:
    half = np.array([rng.uniform(4.5, 7.5), rng.uniform(4, 6)])
    if large:
        half = rng.uniform(7, 13, 2)
    side = np.array([-heading[1], heading[0]])
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return np.array([middle + a * half[0] * heading + b * half[1] * side for a, b in signs])


def _apart(houses: Sequence[Building], roads: Sequence[Road], waters: Waters) -> list[Building]:
    """Leave out houses that stand on a road, in the lake or in each other's way."""
    centers = np.array([house.center for house in houses])
    shapes = shapely.polygons([house.corners for house in houses])
    lines = shapely.STRtree([shapely.LineString(road.xy) for road in roads])
    on_road, _ = lines.query(shapes, predicate="dwithin", distance=_CLEAR_ROAD_M - 4)
    lake = shapely.Polygon(waters.lake.exterior).buffer(15)
    shapely.prepare(lake)
    free = ~np.asarray(shapely.intersects(lake, shapes))
    free[np.unique(on_road)] = False
    close = cKDTree(centers).query_pairs(_CLEAR_HOUSE_M, output_type="ndarray")
    for first, second in close[np.lexsort(close.T[::-1])].tolist():
        if free[first] and free[second]:
            free[second] = False
    return [house for house, ok in zip(houses, free.tolist(), strict=True) if ok]


def _address(rng: np.random.Generator, house: Building, sites: Sequence[Site]) -> None:
    kind = sites[house.site].kind
    if "building" not in house.tags:
        house.tags["building"] = str(rng.choice(["yes", "house", "house", "detached"]))
    if house.number and house.street and rng.random() < (0.85 if kind != "hamlet" else 0.6):
        house.tags |= address_tags(house, sites)


def address_tags(house: Building, sites: Sequence[Site]) -> dict[str, str]:
    """Return the address of a house."""
    return {
        "addr:housenumber": str(house.number),
        "addr:street": house.street,
        "addr:city": sites[house.site].name,
        "addr:postcode": postcode(house.site),
    }


def draw_buildings(draft: Draft, houses: Sequence[Building]) -> None:
    """Draw all houses as closed ways."""
    for house in houses:
        draft.ring(np.concatenate([house.corners, house.corners[:1]]), house.tags)


def draw_built_up(draft: Draft, houses: Sequence[Building], sites: Sequence[Site]) -> None:
    """Draw the built-up land of each settlement around its houses."""
    for index, site in enumerate(sites):
        if site.kind not in URBAN_RADIUS_M:
            continue
        mine = [house.center for house in houses if house.site == index]
        here = np.array([site.x_m, site.y_m])
        mine = [
            center
            for center in mine
            if np.hypot(*(center - here)) < URBAN_RADIUS_M[site.kind] * 1.3
        ]
        if len(mine) < 4:
            continue
        grown = shapely.union_all(shapely.buffer(shapely.points(np.array(mine)), 62, quad_segs=2))
        shape = shapely.simplify(grown.buffer(-26, quad_segs=2), 7)
        for part in shapely.get_parts(shape).tolist():
            if part.area > 12_000:
                draft.area(shapely.Polygon(part.exterior), {"landuse": "residential"})
