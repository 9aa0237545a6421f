"""One county from its seed: terrain first, then everything that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.region.sample.byways import lay_byways
from geo.region.sample.draft import Draft
from geo.region.sample.landcover import draw_boundary, draw_landcover
from geo.region.sample.names import Names
from geo.region.sample.network import (
    Network,
    draw_network,
    join_roads,
    make_one_way,
    make_roundabout,
    oddities,
)
from geo.region.sample.roads import Road, through_roads
from geo.region.sample.routes import plan_routes
from geo.region.sample.settlements import Site, choose_sites
from geo.region.sample.streets import lay_streets
from geo.region.sample.terrain import Terrain, make_terrain
from geo.region.sample.waters import Waters, draw_waters, find_waters


@dataclass(frozen=True, slots=True)
class County:
    """A drawn county."""

    draft: Draft
    names: Names
    terrain: Terrain
    sites: list[Site]
    network: Network
    waters: Waters


def make_county(seed: int) -> County:
    """Make the county of a seed: always the same one."""
    rng = np.random.default_rng(seed)
    terrain = make_terrain(rng)
    names = Names(rng)
    sites = choose_sites(rng, terrain, names)
    waters = find_waters(rng, terrain)
    network = _roads(rng, terrain, names, sites)
    draft = Draft()
    draw_network(rng, draft, network, waters.rivers)
    for road in oddities(terrain, _town(sites), names):
        draft.line(road.xy, road.tags)
    draw_landcover(rng, draft, terrain, sites, waters)
    draw_boundary(draft, terrain, names)
    draw_waters(rng, draft, waters, names)
    for site in sites:
        if site.name:
            draft.node(site.x_m, site.y_m, {"place": site.kind, "name": site.name})
    return County(draft, names, terrain, sites, network, waters)


def _town(sites: list[Site]) -> Site:
    return next(site for site in sites if site.kind == "town")


def _roads(
    rng: np.random.Generator, terrain: Terrain, names: Names, sites: list[Site]
) -> Network:
    routes = plan_routes(terrain, sites)
    through = through_roads(rng, terrain, names, routes, sites)
    town = _town(sites)
    through = make_roundabout(through, town.x_m, town.y_m, 21)
    mains = {site.name: "Main Street" for site in sites if site.name}
    others: list[Road] = []
    for site in sites:
        if site.kind in ("town", "village", "hamlet"):
            streets = lay_streets(rng, terrain, names, site, through)
            others += make_one_way(rng, streets, site) if site.kind == "town" else streets
    others += lay_byways(rng, terrain, through, sites)
    return join_roads(through, others, sites, mains)
