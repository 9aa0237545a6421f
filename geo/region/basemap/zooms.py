"""What is shown at which zoom: the first zooms of classes and what names a zoom has room for."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from geo.region.basemap.layers import DEEPEST, Layer, Pyramid, point_layer, point_pyramid
from geo.region.basemap.mvt import Properties
from geo.region.basemap.stock import project
from geo.tables import read_table

_CELL_PIXELS = {"place": 40.0, "peak": 64.0, "water_name": 40.0}
"""Of the labels in a square of that side only the most important is kept."""
_LABEL_WIDTH_PIXELS = 28.0
"""Side of the square that is as large as a lake whose name is shown."""
_NUMBERED = frozenset({"motorway", "trunk", "primary", "secondary", "tertiary"})

RankedPoint = tuple[float, Properties, float, float]
"""Importance (the least first), attributes, lon and lat in degrees."""


def road_detail(properties: Properties, zoom: int) -> Properties | None:
    """Return what is kept of a road's attributes at a zoom; None where it is not shown."""
    found = dict(properties)
    name, limits = found["class"], _table()["road_detail"]
    first = _table()["road"][name]["zoom"]
    if found.pop("siding", None):
        first = limits["siding_zoom"]
    if "link" in found:
        first = max(first, limits["link_zoom"])
    if zoom < first:
        return None
    if zoom < (limits["name_zoom"] if name in _NUMBERED else limits["minor_name_zoom"]):
        found.pop("name", None)
        found.pop("unpaved", None)
    if zoom < limits["ref_zoom"] or name not in _NUMBERED:
        found.pop("ref", None)
    if zoom < 10:
        found.pop("bridge", None)
        found.pop("tunnel", None)
    return tuple(sorted(found.items()))


def waterway_detail(properties: Properties, zoom: int) -> Properties | None:
    """Return what is kept of a river's attributes at a zoom; None where it is not shown."""
    found = dict(properties)
    if zoom < _table()["waterway"][found["class"]]["zoom"]:
        return None
    if zoom < 11:
        found.pop("name", None)
    return tuple(sorted(found.items()))


def boundary_detail(properties: Properties, zoom: int) -> Properties | None:
    """Return a border's attributes; None at zooms where it is not shown."""
    level = dict(properties)["level"]
    first = _table()["boundary"].get(str(level))
    return properties if first is not None and zoom >= first else None


def place_zoom(properties: Properties) -> int:
    """Return the first zoom of a settlement's label."""
    return int(_table()["place"][dict(properties)["class"]]["zoom"])


def peak_zoom(properties: Properties) -> int:
    """Return the first zoom of a mountain top; those without a name wait."""
    return 10 if any(key == "name" for key, _ in properties) else 13


def lake_zoom(area_units: float) -> int:
    """Return the zoom from which a lake has room for its name.

    Parameters
    ----------
    area_units
        Its area in square units of the deepest zoom.
    """
    side_pixels = math.sqrt(max(area_units, 1.0)) / 8
    return max(0, DEEPEST - math.floor(math.log2(max(side_pixels / _LABEL_WIDTH_PIXELS, 1.0))))


def by_class(layer: Layer, section: str) -> Layer:
    """Sort the table of attributes by the order of the classes in ``data/basemap.toml``.

    Lines are drawn in the order of the table, tunnels below and bridges above their class.
    """
    position = {name: index for index, name in enumerate(_table()[section])}

    def key(row: int) -> tuple[Any, ...]:
        found = dict(layer.table[row])
        return (position[str(found["class"])], "bridge" in found, layer.table[row])

    order = sorted(range(len(layer.table)), key=lambda row: _comparable(key(row)))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return replace(layer, rows=rank[layer.rows], table=tuple(layer.table[row] for row in order))


def ranked_points(
    name: str,
    points: Sequence[RankedPoint],
    first_zoom: Callable[[Properties], int],
    *,
    with_rank: bool = False,
) -> Pyramid:
    """Return labelled points for each zoom, the most important first.

    Parameters
    ----------
    with_rank
        Whether each gets an attribute ``rank``, 1 for the most important.
    """
    ordered = sorted(points, key=_comparable)
    kept = [
        tuple(sorted({**dict(found), "rank": rank}.items())) if with_rank else found
        for rank, (_, found, _, _) in enumerate(ordered, 1)
    ]
    xy = project([lon for *_, lon, _ in ordered], [lat for *_, lat in ordered])
    firsts = np.array([first_zoom(found) for found in kept], np.int64)
    return point_pyramid(point_layer(name, xy, kept), firsts, cell_pixels=_CELL_PIXELS[name])


def _comparable(value: Any) -> Any:
    """Make nested tuples of texts and numbers comparable: numbers before texts."""
    if isinstance(value, tuple):
        return tuple(_comparable(item) for item in value)
    return (isinstance(value, str), value)


@cache
def _table() -> dict[str, Any]:
    return read_table("basemap")
