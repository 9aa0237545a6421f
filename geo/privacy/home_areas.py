"""`coarsen_home`: the one way from a home to what may be kept of it.

The answer depends on the area alone: whoever lives in it gets the same, to the last digit, however
often it is asked. So whatever is computed from a home area (drives from hundreds of origins, over
days, by colleagues who pool what they see) can place a home no better than the area itself; that
is the whole defence against trilateration, and no jitter could give it (fifty averaged jitters of a
kilometre come within ninety metres of a home).

The map itself changes, though, and areas with it: whoever sees somebody's area before and after an
update (of the extract, or of how many homes are asked for) could look for the home where both
overlap, which may be far fewer than k homes. So an area, once it stands for somebody, goes on to
stand for them as long as the home that is entered again lies within its circle (``previous``): of
one home no second area is ever made. A home outside of the circle is another home, or as good as:
the circle holds every house of the area that the map had, and `_MARGIN_M` more. An area of fewer
homes than are asked for now is replaced all the same, by one that holds it or is larger; that tells
nothing finer. Only who deletes their area and enters their home anew begins anew, by their own
choice. Which region the home is entered in makes no difference, for regions can overlap.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from geo.errors import InputError, OutsideRegion
from geo.files import read_table
from geo.geometry import distance_m, distances_m
from geo.model import HomeArea, Point
from geo.privacy.homes import Homes, Partition, cell_columns

Floats = npt.NDArray[np.float64]
Routable = Callable[[Sequence[Point]], list[Point | None]]
"""Returns the positions on roads that are nearest to positions; None where no road is near."""

_MARGIN_M = 250.0
"""Added to the radius: a house that the map does not have yet stands so near to one that it has."""

_MOST_CANDIDATES = 64
"""Homes whose road is tried as the position that stands for all."""


def coarsen_home(
    point: Point, *, homes: Homes, k: int, routable: Routable, previous: HomeArea | None = None
) -> HomeArea:
    """Return the area that stands for a home: its settlement, or a cell of a fixed grid.

    At least ``k`` homes of the map share it; a region that has fewer gives no area. The position
    that stands for it belongs to it again, so coarsening is idempotent. The home is neither kept
    nor part of any message; ``previous`` is the area that stands for it already.

    Raises
    ------
    OutsideRegion
        No road is near the home.
    InputError
        The map of the region has fewer than ``k`` homes.
    """
    area = coarsen_homes([point], homes=homes, k=k, routable=routable, previous=[previous])[0]
    if area is None:
        raise OutsideRegion("that home is not in the region; choose the region it is in.")
    return area


def coarsen_homes(
    points: Sequence[Point],
    *,
    homes: Homes,
    k: int,
    routable: Routable,
    previous: Sequence[HomeArea | None] = (),
) -> list[HomeArea | None]:
    """Return the areas of many homes at once, as `coarsen_home`; None where no road is near.

    ``previous`` are those that stand for them already, None for none; empty for all of them.

    Raises
    ------
    InputError
        The map of the region has fewer than ``k`` homes.
    """
    if len(homes) < k:
        raise InputError(
            f"the map of this region shows {len(homes)} of the {k} homes that a home area needs;"
            " build the region from a larger extract."
        )
    partition = homes.partition(k)
    rows = _area_rows(points, homes, partition).tolist()
    found = [
        None if road is None else _area(row, homes, partition, routable)
        for row, road in zip(rows, routable(points), strict=True)
    ]
    return _keep_previous(found, previous, points, k, routable) if any(previous) else found


def _keep_previous(
    found: Sequence[HomeArea | None],
    previous: Sequence[HomeArea | None],
    points: Sequence[Point],
    least: int,
    routable: Routable,
) -> list[HomeArea | None]:
    """Return the areas that go on to stand for homes where there are such, else those found."""
    old = {area for area in previous if area is not None and area.homes >= least}
    roads = routable([area.point for area in old])
    usable = {area for area, road in zip(old, roads, strict=True) if road is not None}
    return [
        kept if new and kept in usable and distance_m(kept.point, point) <= kept.radius_m else new
        for new, kept, point in zip(found, previous, points, strict=True)
    ]


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


def _area_rows(
    points: Sequence[Point], homes: Homes, partition: Partition
) -> npt.NDArray[np.int64]:
    """Return the rows of the areas of positions."""
    lon = np.array([point.lon for point in points])
    lat = np.array([point.lat for point in points])
    return partition.rows(lon, lat, homes.cores.of(lon, lat))


def _area(row: int, homes: Homes, partition: Partition, routable: Routable) -> HomeArea:
    if row not in partition.areas:
        partition.areas[row] = _make_area(row, homes, partition, routable)
    return partition.areas[row]


def _make_area(row: int, homes: Homes, partition: Partition, routable: Routable) -> HomeArea:
    kind, first, second = partition.keys[row]
    members = partition.members(row)
    lon, lat = partition.lon[members], partition.lat[members]
    center = Point(float(lon.mean()), float(lat.mean()))
    if kind == "settlement":
        center = Point(float(homes.cores.lon[first]), float(homes.cores.lat[first]))
    representative = next(
        one
        for one in _representatives(center, lon, lat, routable)
        if one is not None and _area_rows([one], homes, partition)[0] == row
    )
    away_m = distances_m(representative.lon, representative.lat, lon, lat).max()
    identity, label = _identity(kind, first, second, homes, center)
    return HomeArea(
        id=identity,
        label=label,
        kind="settlement" if kind == "settlement" else "cell",
        point=representative,
        radius_m=math.ceil((away_m + _MARGIN_M) / 100.0) * 100.0,
        homes=len(members),
    )


def _representatives(
    center: Point, lon: Floats, lat: Floats, routable: Routable
) -> Iterator[Point | None]:
    """Yield positions that may stand for an area: on a road at its middle, else at its homes."""
    yield _rounded(routable([center])[0])
    order = np.argsort(distances_m(center.lon, center.lat, lon, lat), kind="stable").tolist()
    by_distance = [Point(float(lon[row]), float(lat[row])) for row in order]
    yield from map(_rounded, routable(by_distance[:: max(1, len(by_distance) // _MOST_CANDIDATES)]))
    yield from by_distance  # no road is in the area: stand where the most homes are around


def _rounded(point: Point | None) -> Point | None:
    return None if point is None else Point(round(point.lon, 5), round(point.lat, 5))


def _identity(kind: str, first: int, second: int, homes: Homes, center: Point) -> tuple[str, str]:
    cores = homes.cores
    if kind == "settlement":
        return cores.ids[first], cores.names[first]
    column, row = cell_columns(second, first)
    nearest = cores.nearest(center)
    label = f"near {cores.names[nearest]}" if nearest is not None else "somewhere in the region"
    return f"c{first}-{column}-{row}", label
