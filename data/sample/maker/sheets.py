"""Counties side by side: the sample region, and a state of them for benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from data.sample.maker.county import County, make_county
from data.sample.maker.roster import write_roster
from data.sample.maker.settlements import Role
from data.sample.maker.terrain import HEIGHT_M, WIDTH_M
from data.sample.maker.writer import Sheet, write_extract
from geo.geometry import METRES_PER_DEGREE, LocalPlane
from geo.model import Point

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
    """Write the fictional staff of a seed's county as CSV (see `data.sample.maker.roster`).

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
