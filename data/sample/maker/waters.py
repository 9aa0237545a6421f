"""The lake with its islands, and the rivers and brooks that feed it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from shapely.geometry import Polygon

from data.sample.maker.contours import polygons_above, refine
from data.sample.maker.draft import Draft
from data.sample.maker.lines import length_m, simplify
from data.sample.maker.names import Names
from data.sample.maker.noise import smooth_noise
from data.sample.maker.routes import smooth
from data.sample.maker.terrain import Terrain, cell_xy

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
