"""`coarsen_home`: the one way from a home to what may be kept of it.

The answer depends on the area alone: whoever lives in it gets the same, to the last digit, however
often it is asked. So whatever is computed from a home area (drives from hundreds of origins, over
days, by colleagues who pool what they see) can place a home no better than the area itself; that
is the whole defence against trilateration, and no jitter could give it (fifty averaged jitters of a
kilometre come within ninety metres of a home).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from geo.errors import InputError, OutsideRegion
from geo.geometry import distances_m
from geo.model import HomeArea, Point
from geo.privacy.homes import Homes
from geo.privacy.partition import Partition, cell_columns
from geo.tables import read_table

Floats = npt.NDArray[np.float64]
Routable = Callable[[Point], Point | None]
"""Returns the position on a road that is nearest to a position; None where no road is near."""

_SPARE_M = 250.0
"""Added to the radius: a house that the map does not have yet stands so near to one that it has."""

_TRIES = 64
"""Homes whose road is tried as the position that stands for all."""


def coarsen_home(point: Point, *, homes: Homes, k: int, routable: Routable) -> HomeArea:
    """Return the area that stands for a home: its settlement, or a cell of a fixed grid.

    At least ``k`` homes of the map share it, unless the region has fewer in all. The position that
    stands for it belongs to it again, so coarsening is idempotent.

    Parameters
    ----------
    point
        The home. It is neither kept nor part of any message.
    homes
        Those of the region.
    k
        Among how many homes it hides at least.
    routable
        Joins a position to the roads.

    Raises
    ------
    OutsideRegion
        No road is near the home.
    InputError
        The map of the region has no homes at all.
    """
    if routable(point) is None:
        raise OutsideRegion("that home is not in the region; choose the region it is in.")
    partition = homes.partition(k)
    row = _row(point, homes, partition)
    if row is None:
        raise InputError(
            "the map of this region has no houses, so nobody can hide among them; build the"
            " region from a fuller extract."
        )
    return _area(row, homes, partition, routable)


def drive_margin_s(area: HomeArea) -> float:
    """Return how many seconds a drive may differ for those who live at the edge of an area.

    Examples
    --------
    >>> area = HomeArea("n1", "Oakham", "settlement", Point(-0.73, 52.67), 2000.0, 4000)
    >>> round(drive_margin_s(area) / 60)
    4
    """
    drive = read_table("homes")["drive"]
    return float(area.radius_m * drive["detour"] * 3.6 / drive["kmh"])


def _row(point: Point, homes: Homes, partition: Partition) -> int | None:
    """Return the row of the area of a position; None where the region has no homes."""
    settlement = int(homes.cores.of(np.array([point.lon]), np.array([point.lat]))[0])
    area = partition.of_settlement(settlement)
    if area is None:
        area = partition.of_open_country(point)
    if area is None and len(partition.area):  # no home lies outside settlements
        away_m = distances_m(point.lon, point.lat, partition.lon, partition.lat)
        area = int(partition.area[int(np.argmin(away_m))])
    return area


def _area(row: int, homes: Homes, partition: Partition, routable: Routable) -> HomeArea:
    known = partition.made
    if row not in known:
        known[row] = _make(row, homes, partition, routable)
    return known[row]


def _make(row: int, homes: Homes, partition: Partition, routable: Routable) -> HomeArea:
    kind, first, second = partition.keys[row]
    members = partition.members(row)
    lon, lat = partition.lon[members], partition.lat[members]
    middle = Point(float(lon.mean()), float(lat.mean()))
    if kind == "settlement":
        middle = Point(float(homes.cores.lon[first]), float(homes.cores.lat[first]))
    stand_in = next(
        one
        for one in _stand_ins(middle, lon, lat, routable)
        if one is not None and _row(one, homes, partition) == row
    )
    away_m = distances_m(stand_in.lon, stand_in.lat, lon, lat).max()
    identity, label = _identity(kind, first, second, homes, middle)
    return HomeArea(
        id=identity,
        label=label,
        kind="settlement" if kind == "settlement" else "cell",
        point=stand_in,
        radius_m=math.ceil((away_m + _SPARE_M) / 100.0) * 100.0,
        homes=len(members),
    )


def _stand_ins(
    middle: Point, lon: Floats, lat: Floats, routable: Routable
) -> Iterator[Point | None]:
    """Yield positions that may stand for an area: on a road at its middle, else at its homes."""
    yield _rounded(routable(middle))
    order = np.argsort(distances_m(middle.lon, middle.lat, lon, lat), kind="stable")
    for row in order[:: max(1, len(order) // _TRIES)].tolist():
        yield _rounded(routable(Point(float(lon[row]), float(lat[row]))))
    for row in order.tolist():  # no road is in the area: stand where the most homes are around
        yield Point(float(lon[row]), float(lat[row]))


def _rounded(point: Point | None) -> Point | None:
    return None if point is None else Point(round(point.lon, 5), round(point.lat, 5))


def _identity(kind: str, first: int, second: int, homes: Homes, middle: Point) -> tuple[str, str]:
    cores = homes.cores
    if kind == "settlement":
        return cores.ids[first], cores.names[first]
    column, row = cell_columns(second, first)
    nearest = cores.nearest(middle)
    label = f"near {cores.names[nearest]}" if nearest is not None else "somewhere in the region"
    return f"c{first}-{column}-{row}", label
