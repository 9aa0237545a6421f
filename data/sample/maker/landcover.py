"""What covers the ground: woods, fields, meadows, wetland, rock, and the county's boundary.

Woods stand where it is steep, high or far from people; the open ground between them is a mosaic of
fields (Voronoi cells of scattered points, as old field boundaries often look).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely
from scipy import ndimage
from shapely.geometry import Polygon

from data.sample.maker.contours import polygons_above, refine, valid_parts
from data.sample.maker.draft import Draft
from data.sample.maker.names import Names
from data.sample.maker.noise import Field, fractal_noise, smooth_noise
from data.sample.maker.settlements import Site
from data.sample.maker.terrain import CELL_M, HEIGHT_M, SHAPE, WIDTH_M, Terrain
from data.sample.maker.waters import Waters

Coordinates = npt.NDArray[np.float64]

_FINE = 2
_FIELD_M = 330.0
_CLEARING_M = {"town": 2_300.0, "village": 1_500.0, "hamlet": 900.0, "corner": 420.0}
_TILE_M = 9_000.0
"""Woods are cut into pieces about so long, as mappers do."""


def draw_landcover(
    rng: np.random.Generator, draft: Draft, terrain: Terrain, sites: Sequence[Site], waters: Waters
) -> None:
    """Draw woods, fields, meadows, scrub, rock and wetland."""
    inside = refine(terrain.inside, _FINE)
    wood = np.minimum(_woodiness(rng, terrain, sites), inside * 40)
    height = refine(terrain.height_m, _FINE) + 25 * smooth_noise(rng, wood.shape, 6)
    bare = np.minimum((height - 880) / 50, inside * 40)
    woods = _pieces(
        polygons_above(terrain, np.minimum(wood, -bare), 0, tolerance_m=9, least_m2=14_000), waters
    )
    leaves = np.array(["needleleaved", "broadleaved", "mixed", ""])
    for piece in woods:
        leaf = str(rng.choice(leaves))
        tags = {"natural": "wood"} if rng.random() < 0.8 else {"landuse": "forest"}
        draft.area(piece, tags | ({"leaf_type": leaf} if leaf else {}))
    rock = np.minimum((height - 1_010) / 50, inside * 40)
    for piece in polygons_above(terrain, np.minimum(bare, -rock), 0, tolerance_m=9, least_m2=9_000):
        draft.area(piece, {"natural": "scrub"})
    for piece in polygons_above(terrain, rock, 0, tolerance_m=9, least_m2=9_000):
        draft.area(piece, {"natural": "bare_rock"})
    open_ground = np.minimum(np.minimum(-wood, inside * 40), -refine(terrain.lake, _FINE) * 4)
    _draw_fields(rng, draft, terrain, open_ground, waters)
    _draw_wetland(rng, draft, terrain, waters)


def _woodiness(rng: np.random.Generator, terrain: Terrain, sites: Sequence[Site]) -> Field:
    north, east = np.gradient(terrain.height_m, CELL_M)
    slope = ndimage.gaussian_filter(np.hypot(north, east), 1.5)
    valley = ndimage.gaussian_filter(np.log1p(terrain.drainage.flow), 3)
    coarse = 9 * slope + (terrain.height_m - 330) / 210 - 0.22 * (valley - valley.mean())
    coarse = coarse - 0.05 - _cleared(sites)
    shape = (SHAPE[0] * _FINE, SHAPE[1] * _FINE)
    return refine(coarse, _FINE) + 0.75 * fractal_noise(rng, shape, 26, gain=0.68)


def _cleared(sites: Sequence[Site]) -> Field:
    """How much people have cleared around where they live."""
    y, x = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]] * CELL_M + CELL_M / 2
    cleared = np.zeros(SHAPE)
    for site in sites:
        if site.kind in _CLEARING_M:
            reach = _CLEARING_M[site.kind]
            rows = slice(
                max(0, int((site.y_m - 3 * reach) / CELL_M)),
                int((site.y_m + 3 * reach) / CELL_M) + 1,
            )
            columns = slice(
                max(0, int((site.x_m - 3 * reach) / CELL_M)),
                int((site.x_m + 3 * reach) / CELL_M) + 1,
            )
            distance2 = (x[rows, columns] - site.x_m) ** 2 + (y[rows, columns] - site.y_m) ** 2
            weight = 1.1 if site.kind == "corner" else 2.4
            cleared[rows, columns] += weight * np.exp(-distance2 / reach**2)
    return np.minimum(cleared, 2.6)


def _pieces(polygons: Sequence[Polygon], waters: Waters) -> list[Polygon]:
    """Cut areas along a grid, and out of the lake."""
    boxes = [
        shapely.box(x, y, x + _TILE_M, y + _TILE_M)
        for x in np.arange(0, WIDTH_M, _TILE_M)
        for y in np.arange(0, HEIGHT_M, _TILE_M)
    ]
    lake = shapely.Polygon(waters.lake.exterior)
    shapely.prepare(lake)
    pieces = []
    tree = shapely.STRtree(list(polygons))
    for box in boxes:
        for index in tree.query(box, predicate="intersects").tolist():
            cut = shapely.intersection(polygons[index], box)
            if lake.intersects(cut):
                cut = shapely.difference(cut, lake)
            pieces += [part for part in valid_parts(cut) if part.area > 6_000]
    return pieces


def _draw_fields(
    rng: np.random.Generator, draft: Draft, terrain: Terrain, open_ground: Field, waters: Waters
) -> None:
    clear = polygons_above(terrain, open_ground, 0, tolerance_m=9, least_m2=14_000)
    cells = _field_cells(rng)
    middle = shapely.get_coordinates(shapely.centroid(cells))
    mood = terrain.at(smooth_noise(rng, SHAPE, 16), middle) + rng.normal(0, 0.7, len(cells))
    kinds = {"farmland": (0.1, 1.6), "meadow": (-1.3, 0.1), "orchard": (2.4, 9)}
    tree = shapely.STRtree(cells)
    for piece in _pieces(clear, waters):
        near = tree.query(piece, predicate="intersects")
        for landuse, (low, high) in kinds.items():
            chosen = cells[near[(mood[near] >= low) & (mood[near] < high)]]
            if len(chosen):
                shape = shapely.intersection(shapely.union_all(chosen), piece)
                for part in valid_parts(shape):
                    if part.area > 9_000:
                        draft.area(part, {"landuse": landuse})


def _field_cells(rng: np.random.Generator) -> npt.NDArray[np.object_]:
    rows, columns = int(HEIGHT_M / _FIELD_M), int(WIDTH_M / _FIELD_M)
    y, x = np.mgrid[0:rows, 0:columns] * _FIELD_M + _FIELD_M / 2
    points = (
        np.stack([x.ravel(), y.ravel()], axis=1) + rng.uniform(-0.42, 0.42, (x.size, 2)) * _FIELD_M
    )
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points)))
    return np.asarray(cells[np.lexsort(shapely.get_coordinates(shapely.centroid(cells)).T)])


def _draw_wetland(rng: np.random.Generator, draft: Draft, terrain: Terrain, waters: Waters) -> None:
    wet = np.where(terrain.marsh & (terrain.inside > 0.02), 1.0, -3.0)
    flat = 1.4 * smooth_noise(rng, SHAPE, 14) + 0.5 * smooth_noise(rng, SHAPE, 4)
    near_river = ndimage.gaussian_filter((terrain.drainage.flow > 350).astype(float), 1.2) * 6 - 3
    wet = np.maximum(ndimage.gaussian_filter(wet, 1.5), near_river) * 1.5
    high = np.maximum(terrain.height_m - 330, 0) / 60
    field = np.minimum(wet + flat - 1.1 - high, terrain.inside * 40)
    for piece in polygons_above(terrain, refine(field, 2), 0, tolerance_m=9, least_m2=20_000):
        for part in valid_parts(shapely.difference(piece, shapely.Polygon(waters.lake.exterior))):
            draft.area(
                part, {"natural": "wetland", "wetland": str(rng.choice(["marsh", "swamp", "bog"]))}
            )


def draw_boundary(draft: Draft, terrain: Terrain, names: Names) -> None:
    """Draw the county's boundary as a relation of several ways."""
    outline = max(
        polygons_above(terrain, refine(terrain.inside, 2), 0, tolerance_m=12),
        key=lambda area: area.area,
    )
    xy = shapely.get_coordinates(outline.exterior)[:-1]
    numbers = draft.nodes(xy)
    numbers = np.append(numbers, numbers[0])
    tags = {"boundary": "administrative", "admin_level": "6"}
    cuts = np.linspace(0, len(numbers) - 1, 6).astype(int).tolist()
    ways = [draft.way(numbers[a : b + 1], tags) for a, b in pairwise(cuts)]
    tags |= {"type": "boundary", "name": names.county_name, "border_type": "county"}
    tags |= {"description": "A fictional county, made by a computer; no place on Earth."}
    draft.relation([("w", way, "outer") for way in ways], tags)
