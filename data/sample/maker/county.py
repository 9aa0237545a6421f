"""One county from its seed, its staff, and counties side by side: the sample, a state."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely

from data.sample.maker.buildings import (
    Building,
    build_houses,
    draw_buildings,
    draw_built_up,
)
from data.sample.maker.draft import Draft, Sheet, write_extract
from data.sample.maker.landcover import draw_boundary, draw_landcover, draw_waters, find_waters
from data.sample.maker.names import Names
from data.sample.maker.network import (
    Network,
    draw_network,
    join_roads,
    make_one_way,
    make_roundabout,
    oddities,
)
from data.sample.maker.places import furnish
from data.sample.maker.roads import Road, through_roads
from data.sample.maker.routes import plan_routes
from data.sample.maker.settlements import Role, Site, choose_sites
from data.sample.maker.sights import (
    draw_greens,
    draw_names,
    draw_passes,
    draw_peaks,
    draw_ponds,
    draw_railway,
    ferry_route,
)
from data.sample.maker.streets import REACH_M, lay_byways, lay_streets
from data.sample.maker.terrain import HEIGHT_M, WIDTH_M, Terrain, make_terrain
from geo.geometry import METRES_PER_DEGREE, LocalPlane
from geo.model import Point


@dataclass(frozen=True, slots=True)
class County:
    """A drawn county."""

    draft: Draft
    names: Names
    terrain: Terrain
    sites: list[Site]
    network: Network
    houses: list[Building]


def make_county(seed: int) -> County:
    """Make the county of a seed: always the same one."""
    rng = np.random.default_rng(seed)
    terrain = make_terrain(rng)
    names = Names(rng)
    sites = choose_sites(rng, terrain, names)
    waters = find_waters(rng, terrain)
    network = _roads(rng, terrain, names, sites)
    houses = build_houses(rng, network.roads, sites, waters)
    draft = Draft()
    draw_network(rng, draft, network, waters.rivers)
    for road in oddities(_town(sites), names):
        draft.line(road.xy, road.tags)
    furnish(rng, draft, names, sites, houses)
    draw_names(rng, draft, sites)
    draw_peaks(draft, terrain, names)
    draw_passes(draft, terrain, network.roads)
    draw_waters(rng, draft, waters, names)
    draw_ponds(rng, draft, terrain, waters, names)
    draw_railway(draft, terrain, sites, names)
    draw_landcover(rng, draft, terrain, sites, waters)
    draw_built_up(draft, houses, sites)
    draw_greens(rng, draft, sites, houses, names)
    draw_buildings(draft, houses)
    draw_boundary(draft, terrain, names)
    return County(draft, names, terrain, sites, network, houses)


def _town(sites: list[Site]) -> Site:
    return next(site for site in sites if site.kind == "town")


def _roads(rng: np.random.Generator, terrain: Terrain, names: Names, sites: list[Site]) -> Network:
    routes = plan_routes(terrain, sites)
    through = through_roads(rng, terrain, names, routes)
    town = _town(sites)
    through = make_roundabout(through, town.x_m, town.y_m, 21)
    others: list[Road] = []
    tree = shapely.STRtree([shapely.LineString(road.xy) for road in through])
    for site in sites:
        if site.name:
            middle = shapely.Point(site.x_m, site.y_m)
            rows = np.sort(tree.query(middle, predicate="dwithin", distance=REACH_M))
            near = [through[row] for row in rows.tolist()]
            streets = lay_streets(rng, terrain, names, site, near)
            others += make_one_way(rng, streets, site) if site.kind == "town" else streets
    others += lay_byways(rng, terrain, through, sites)
    others.append(ferry_route(sites, names))
    return join_roads(through, others, sites)


SEED = 8
CORNER = Point(lon=-87.08, lat=46.868)
"""The county's south-west corner, in Lake Superior."""
_PER_ROW = 5
_DIFFERENT = 3
"""So many counties are made; a larger sheet repeats them, to be quick and small in memory."""


@dataclass(frozen=True, slots=True)
class SampleCounts:
    """What was written.

    Attributes
    ----------
    junctions
        Places where roads for cars meet or end.
    """

    counties: int
    junctions: int
    nodes: int
    ways: int
    relations: int


def write_sample(path: Path, *, junctions: int | None = None, seed: int = SEED) -> SampleCounts:
    """Write the sample region as an ``.osm.pbf``.

    Parameters
    ----------
    junctions
        None for the one county; else as many counties side by side as it takes to have so many.

    Raises
    ------
    OSError
        The file cannot be written.

    Examples
    --------
    >>> write_sample(Path("sample.osm.pbf"))  # doctest: +SKIP
    """
    made: list[_Placed] = []
    sheets: list[_Placed] = []
    while not sheets or (junctions and sum(sheet.junctions for sheet in sheets) < junctions):
        index = len(sheets)
        if len(made) < _DIFFERENT:
            made.append(_place(make_county(seed + 101 * index)))
        sheets.append(made[index % _DIFFERENT].at(index))
    _link(sheets)
    write_extract(Path(path), [sheet.sheet for sheet in sheets])
    drafts = [sheet.sheet.draft for sheet in sheets]
    return SampleCounts(
        counties=len(sheets),
        junctions=sum(sheet.junctions for sheet in sheets),
        nodes=sum(draft.node_count for draft in drafts),
        ways=sum(len(draft.ways) for draft in drafts),
        relations=sum(len(draft.relations) for draft in drafts),
    )


def write_sample_roster(path: Path, *, seed: int = SEED) -> None:
    """Write the fictional staff of a seed's county as CSV (see `data.sample.maker.county`).

    Raises
    ------
    OSError
        The file cannot be written.
    """
    write_roster(Path(path), make_county(seed), plane(0), seed=seed)


def plane(index: int) -> LocalPlane:
    """Return the plane of the county at a position in the sheet; its corner is at 0, 0."""
    row, column = divmod(index, _PER_ROW)
    lat = CORNER.lat + row * HEIGHT_M / METRES_PER_DEGREE
    lon = LocalPlane(Point(CORNER.lon, lat)).to_lon_lat(column * WIDTH_M, 0)[0]
    return LocalPlane(Point(float(lon), lat))


@dataclass(frozen=True, slots=True)
class _Placed:
    """A county on the sheet; of its terrain only the nodes at its gates are still known."""

    sheet: Sheet
    junctions: int
    gates: dict[Role, int]

    def at(self, index: int) -> _Placed:
        """Return the same county at another position, free to be linked to its neighbours."""
        return replace(self, sheet=Sheet(self.sheet.draft.copy(), plane(index)))


def _place(county: County) -> _Placed:
    xy = county.draft.xy
    gates = {
        site.role: int(np.hypot(xy[:, 0] - site.x_m, xy[:, 1] - site.y_m).argmin())
        for site in county.sites
        if site.kind == "gate"
    }
    return _Placed(Sheet(county.draft, plane(0)), len(county.network.junctions), gates)


def _link(sheets: Sequence[_Placed]) -> None:
    """Join the trunk and primary roads of neighbouring counties."""
    first = np.cumsum([0, *(placed.sheet.draft.node_count for placed in sheets)])
    pairs: tuple[tuple[int, Role, Role, str], ...] = (
        (1, "east", "west", "trunk"),
        (_PER_ROW, "north", "south", "primary"),
    )
    for index, placed in enumerate(sheets):
        for step, out, back, road_class in pairs:
            beside = step == 1 and index % _PER_ROW == _PER_ROW - 1
            if beside or index + step >= len(sheets):
                continue
            # A draft counts nodes from its own first one, so the neighbour's lie beyond its end.
            there = first[index + step] - first[index] + sheets[index + step].gates[back]
            ends = np.array([placed.gates[out], there])
            placed.sheet.draft.way(ends, {"highway": road_class, "maxspeed": "55 mph"})


PEOPLE = 24
COLUMNS = (
    "id",
    "name",
    "team",
    "town",
    "address",
    "postcode",
    "lat",
    "lon",
    "weight",
    "conditions",
)
_TEAMS = ("Atlas", "Beacon", "Compass")
_FIRST = (
    "Avis", "Bram", "Cleo", "Dov", "Enid", "Fen", "Greta", "Hal", "Ines", "Jory", "Kit", "Lune",
    "Milo", "Nell", "Orin", "Pia", "Quin", "Rhea", "Sol", "Tess", "Uma", "Vito", "Wren", "Zeno",
)  # fmt: skip
_LAST = "(fictional)"
_NEAREST = {"town": 900, "village": 150, "hamlet": 6}
"""Among how many houses around the middle a home is drawn."""


@dataclass(frozen=True, slots=True)
class _Home:
    house: Building
    site: Site


def write_roster(path: Path, county: County, plane: LocalPlane, *, seed: int) -> None:
    """Write the roster as CSV: UTF-8, one row a person.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    homes = _homes(np.random.default_rng(seed), county)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for index, home in enumerate(homes):
            lon, lat = plane.to_lon_lat(*home.house.center)
            table.writerow(
                [
                    f"p{index + 1:02d}",
                    f"{_FIRST[index]} {_LAST}",
                    _TEAMS[index % len(_TEAMS)],
                    home.site.name,
                    f"{home.house.number} {home.house.street}",
                    home.house.tags["addr:postcode"],
                    f"{lat:.6f}",
                    f"{lon:.6f}",
                    2 if index == 3 else 1,
                    "mud" if index == 7 else "",
                ]
            )


def _homes(rng: np.random.Generator, county: County) -> list[_Home]:
    """Choose where people live: the story's hamlets first, then villages, hamlets and the town."""
    by_role = [site for site in county.sites if site.role == "shore" for _ in range(2)]
    by_role += [site for site in county.sites if site.role == "beyond"]
    villages = [site for site in county.sites if site.kind == "village"]
    hamlets = [site for site in county.sites if site.kind == "hamlet" and not site.role]
    chosen = by_role + villages + [hamlets[row] for row in rng.permutation(len(hamlets)).tolist()]
    town = [site for site in county.sites if site.kind == "town"]
    homes: list[_Home] = []
    for site in [*town * 3, *chosen]:
        house = _vacant(rng, county, site, [home.house for home in homes])
        if house is not None and len(homes) < PEOPLE:
            homes.append(_Home(house, site))
    return homes


def _vacant(
    rng: np.random.Generator, county: County, site: Site, taken: Sequence[Building]
) -> Building | None:
    """Return a house of a settlement with an address and nothing but people in it."""
    row = county.sites.index(site)
    free = [
        house
        for house in county.houses
        if house.site == row
        and "addr:street" in house.tags
        and len(house.tags) == 5
        and not any(house is other for other in taken)
    ]
    here = np.array([site.x_m, site.y_m])
    free.sort(key=lambda house: float(np.hypot(*(house.center - here))))
    near = free[: _NEAREST[site.kind]]
    return near[int(rng.integers(len(near)))] if near else None
