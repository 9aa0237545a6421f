"""What covers the ground: the lake, rivers, woods, fields, wetland, rock, and the boundary.

Areas are where a field is above a level, as smooth polygons. Woods stand where it is steep, high or
far from people; the open ground between them is a mosaic of fields (Voronoi cells of scattered
points, as old field boundaries often look).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import contourpy
import numpy as np
import numpy.typing as npt
import shapely
from scipy import ndimage
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from data.sample.maker.draft import Draft
from data.sample.maker.grid import Field, fractal_noise, smooth_noise, spline_surface
from data.sample.maker.lines import length_m, simplify
from data.sample.maker.names import Names
from data.sample.maker.routes import smooth
from data.sample.maker.settlements import Site
from data.sample.maker.terrain import CELL_M, HEIGHT_M, SHAPE, WIDTH_M, Terrain, cell_xy


def refine(field: Field, times: int) -> Field:
    """Return a field on a grid that is finer by a whole number, smoothly filled in."""
    rows, columns = field.shape
    y = (np.arange(rows * times) + 0.5) / times - 0.5
    x = (np.arange(columns * times) + 0.5) / times - 0.5
    return spline_surface(ndimage.spline_filter(field, order=3, mode="mirror"), y, x)


def polygons_above(
    terrain: Terrain, field: Field, level: float, *, tolerance_m: float, least_m2: float = 0
) -> list[Polygon]:
    """Return the valid polygons where a field over the whole county is above a level.

    Parameters
    ----------
    field
        On the terrain's grid or a finer one.
    tolerance_m
        Points within this distance of the line are left out.
    least_m2
        Smaller polygons and holes are left out.
    """
    size = CELL_M * terrain.height_m.shape[0] / field.shape[0]
    rows, columns = ((np.arange(n) + 0.5) * size for n in field.shape)
    edged = np.pad(field[1:-1, 1:-1], 1, constant_values=level - 1e-3)
    traced = contourpy.contour_generator(
        columns, rows, edged, fill_type=contourpy.FillType.OuterOffset
    ).filled(level, np.inf)
    polygons = []
    for points, offsets in zip(*traced, strict=True):
        xy = terrain.warp(points)
        rings = [xy[a:b] for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)]
        holes = [ring for ring in rings[1:] if Polygon(ring).area >= least_m2]
        shape = Polygon(rings[0], holes)
        if shape.area >= least_m2:
            polygons += valid_parts(shapely.simplify(shape, tolerance_m))
    return polygons


def valid_parts(shape: BaseGeometry) -> list[Polygon]:
    """Return the polygons of a shape, each of them valid."""
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    parts = shapely.get_parts(shape)
    return [part for part in parts.tolist() if isinstance(part, Polygon) and part.area > 1]


Coordinates = npt.NDArray[np.float64]

RIVER_FLOW, BROOK_FLOW = 700.0, 80.0
"""Cells (of 4 ha) that drain through where a river and a brook begin."""


@dataclass(frozen=True, slots=True)
class Waters:
    """What is wet.

    Attributes
    ----------
    lake
        With its islands as holes.
    rivers, brooks
        Lines that run downhill.
    """

    lake: Polygon
    rivers: list[Coordinates]
    brooks: list[Coordinates]


def find_waters(rng: np.random.Generator, terrain: Terrain) -> Waters:
    """Trace the lake's shore and all streams inside the county."""
    fine = refine(terrain.lake, 4)
    ragged = 0.09 * smooth_noise(rng, fine.shape, 9) + 0.05 * smooth_noise(rng, fine.shape, 4)
    fine = np.where(np.abs(fine) < 0.6, fine + ragged, fine)
    shores = polygons_above(terrain, fine, 0.0, tolerance_m=4)
    lake = max(shores, key=lambda polygon: polygon.area)
    rings = [ring for ring in lake.interiors if Polygon(ring).area > 9_000]
    lake = Polygon(lake.exterior, rings)
    streams = _streams(terrain)
    return Waters(lake, *streams)


def _streams(terrain: Terrain) -> tuple[list[Coordinates], list[Coordinates]]:
    flow = terrain.drainage.flow.ravel()
    downhill = terrain.drainage.downhill
    wet = (terrain.lake > 0.06).ravel()
    dry = (terrain.inside < 0.0).ravel()
    stream = (flow >= BROOK_FLOW) & ~wet & ~dry & (downhill >= 0)
    big = flow >= RIVER_FLOW
    inflows = np.bincount(downhill[stream], minlength=flow.size)
    begins = np.flatnonzero(stream & ((inflows != 1) | _changes(downhill, stream, big)))
    paths = []
    for start in begins.tolist():
        path = [start, int(downhill[start])]
        while stream[path[-1]] and inflows[path[-1]] == 1 and big[path[-1]] == big[start]:
            path.append(int(downhill[path[-1]]))
        paths.append(path)
    ends = np.cumsum([len(path) for path in paths])[:-1]
    lines = np.split(terrain.warp(cell_xy(np.concatenate(paths))), ends)
    lines = simplify([terrain.wiggle(smooth(line, 2)) for line in lines], 5)
    rivers = [line for path, line in zip(paths, lines, strict=True) if big[path[0]]]
    return rivers, [line for path, line in zip(paths, lines, strict=True) if not big[path[0]]]


def _changes(
    downhill: npt.NDArray[np.int64],
    stream: npt.NDArray[np.bool_],
    big: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
    """Return the cells where a brook becomes a river."""
    changes = np.zeros(len(big), bool)
    grows = stream & big[downhill] & ~big
    changes[downhill[grows]] = True
    return changes


def draw_waters(rng: np.random.Generator, draft: Draft, waters: Waters, names: Names) -> None:
    """Draw lake, islands and streams."""
    draft.area(waters.lake, {"natural": "water", "water": "lake", "name": names.lake_name})
    for hole in waters.lake.interiors:
        island = Polygon(hole)
        if island.area > 40_000:
            point = island.representative_point()
            draft.node(point.x, point.y, {"place": "islet", "name": f"{names.first()} Island"})
    for kind, lines in (("river", waters.rivers), ("stream", waters.brooks)):
        for line in lines:
            tags = {"waterway": kind}
            if kind == "river" or (length_m(line) > 1_500 and rng.random() < 0.6):
                tags["name"] = names.river() if kind == "river" else names.brook()
            draft.line(line, tags)


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
