"""One county from its seed: terrain first, then everything that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from data.sample.maker.buildings import (
    Building,
    build_houses,
    draw_buildings,
    draw_built_up,
)
from data.sample.maker.byways import lay_byways
from data.sample.maker.draft import Draft
from data.sample.maker.landcover import draw_boundary, draw_landcover
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
from data.sample.maker.settlements import Site, choose_sites
from data.sample.maker.sights import (
    draw_greens,
    draw_names,
    draw_passes,
    draw_peaks,
    draw_ponds,
    draw_railway,
    ferry_route,
)
from data.sample.maker.streets import REACH_M, lay_streets
from data.sample.maker.terrain import Terrain, make_terrain
from data.sample.maker.waters import draw_waters, find_waters


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
