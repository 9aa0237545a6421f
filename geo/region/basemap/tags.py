"""From OpenStreetMap's tags to the layers of the basemap, and what of them each zoom shows.

Which tags become what, and from which zoom, is in ``data/basemap.toml``; what the tags mean is in
OpenStreetMap's wiki (https://wiki.openstreetmap.org/wiki/Map_features). Names are passed on as
they are, in every script; whoever draws them treats them as text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from geo.files import read_table
from geo.model import BBox
from geo.region.basemap.collected import project
from geo.region.basemap.encode import Properties, Value
from geo.region.basemap.generalise import DEEPEST, Layer, Pyramid, point_layer, point_pyramid

Tags = Mapping[str, str]

ATTRIBUTION = "© OpenStreetMap contributors"
LICENCE = "ODbL 1.0, https://opendatacommons.org/licenses/odbl/1-0/"

LAYERS: Mapping[str, Mapping[str, str]] = {
    "landcover": {"class": "String"},
    "water": {},
    "waterway": {"class": "String", "name": "String"},
    "building": {},
    "road": {
        "class": "String",
        "tunnel": "Number",
        "bridge": "Number",
        "link": "Number",
        "unpaved": "Number",
        "name": "String",
        "ref": "String",
    },
    "boundary": {"level": "Number"},
    "water_name": {"name": "String"},
    "peak": {"name": "String", "ele": "Number"},
    "place": {"class": "String", "name": "String", "rank": "Number"},
}
"""The layers in the order in which they stand in a tile, and their attributes.

Those of a road that are numbers are 1 or absent; so is any other attribute that is not known.
"""

BUILDING_ZOOM = 13
"""The first zoom with buildings."""

NODE_KEYS = frozenset({"place", "natural"})
WAY_KEYS = frozenset({"highway", "railway", "route", "waterway", "natural", "boundary"})
"""Keys of which every point, and every line, of the basemap has one."""


def _table() -> dict[str, Any]:
    return read_table("basemap")


_NOT = frozenset({"no", "false", "0"})
_DECIMAL = re.compile(r"-?\d{1,5}(?:[.,]\d{1,3})?")
_LONGEST_TEXT = 200
"""Characters of a name or number that reach a tile; OpenStreetMap allows 255."""


def area_keys() -> frozenset[str]:
    """Return the keys of which every area of the basemap has one."""
    land = (key for key, _ in _landcover_classes())
    water = (key for key, _ in _water_tags())
    return frozenset({"building", "boundary", *land, *water})


def road(tags: Tags) -> Properties | None:
    """Return the attributes of a way that is a road, railway or ferry; None for others."""
    key = next((key for key in ("highway", "railway", "route") if key in tags), None)
    if key is None:
        return None
    value = tags[key]
    name = _road_classes().get((key, value))
    if name is None or (tags.get("area") == "yes"):
        return None
    found: dict[str, Value] = {"class": name}
    if value.endswith("_link"):
        found["link"] = 1
    if key == "railway" and tags.get("service") in {"siding", "yard", "spur", "crossover"}:
        found["siding"] = 1
    for detail in ("tunnel", "bridge"):
        if tags.get(detail, "no") not in _NOT:
            found[detail] = 1
    if _is_unpaved(value, tags):
        found["unpaved"] = 1
    return as_properties(found | _texts(tags, "name", "ref"))


def _is_unpaved(value: str, tags: Tags) -> bool:
    surface = tags.get("surface")
    if surface is None:
        return value == "track" and tags.get("tracktype") != "grade1"
    return surface.split(":")[0] in _table()["road_detail"]["unpaved"]


def waterway(tags: Tags) -> Properties | None:
    """Return the attributes of a way that is a river, canal or stream; None for others."""
    name = _classes_by_value("waterway").get(tags.get("waterway", ""))
    if name is None or tags.get("tunnel", "no") not in _NOT:
        return None
    return as_properties({"class": name} | _texts(tags, "name"))


def landcover(tags: Tags) -> Properties | None:
    """Return the attributes of an area that is a class of land; None for others."""
    for key in ("natural", "landuse", "leisure", "amenity", "tourism", "aeroway"):
        value = tags.get(key)
        if value is not None:
            name = _landcover_classes().get((key, value))
            if name is not None:
                return as_properties({"class": name})
    return None


def is_water(tags: Tags) -> bool:
    """Whether an area is water."""
    return not _water_tags().isdisjoint(tags.items())


def water_name(tags: Tags) -> Properties | None:
    """Return the label of an area of water; None for pools, fountains and what has no name."""
    found = _texts(tags, "name")
    small = tags.get("leisure") == "swimming_pool" or "fountain" in (
        tags.get("amenity"),
        tags.get("water"),
    )
    return as_properties(found) if found and not small else None


def boundary_level(tags: Tags) -> int | None:
    """Return the level of an administrative border that is drawn; None for others."""
    if tags.get("boundary") != "administrative" or tags.get("maritime") == "yes":
        return None
    level = tags.get("admin_level", "")
    return int(level) if level in _table()["boundary"] else None


def place(tags: Tags) -> tuple[Properties, float] | None:
    """Return the attributes of a settlement and how many people it counts for; None for others."""
    name = _classes_by_value("place").get(tags.get("place", ""))
    texts = _texts(tags, "name")
    if name is None or not texts:
        return None
    counted = tags.get("population", "").replace(" ", "").replace(",", "")
    people = float(_table()["place"][name]["people"])
    if counted.isascii() and counted.isdigit() and len(counted) < 10:
        people = float(counted)
    if tags.get("capital") == "yes":
        people *= 100
    return as_properties({"class": name} | texts), people


def peak(tags: Tags) -> tuple[Properties, float] | None:
    """Return the attributes of a mountain top and its height in metres; None for others.

    The height is -inf where the map does not say.
    """
    if tags.get("natural") not in {"peak", "volcano"}:
        return None
    found = _texts(tags, "name")
    match = _DECIMAL.fullmatch(tags.get("ele", "").removesuffix("m").strip())
    height = float(match[0].replace(",", ".")) if match else -math.inf
    if match:
        found["ele"] = round(height)
    return (as_properties(found), height) if found else None


def metadata(bounds: BBox) -> dict[str, Any]:
    """Return the archive's metadata as TileJSON 3.0 names it."""
    first = {"building": BUILDING_ZOOM}
    return {
        "name": "Crossroads basemap",
        "type": "baselayer",
        "format": "pbf",
        "attribution": ATTRIBUTION,
        "license": LICENCE,
        "bounds": [bounds.west, bounds.south, bounds.east, bounds.north],
        "minzoom": 0,
        "maxzoom": DEEPEST,
        "vector_layers": [
            {"id": name, "fields": dict(found), "minzoom": first.get(name, 0), "maxzoom": DEEPEST}
            for name, found in LAYERS.items()
        ],
    }


def as_properties(found: Mapping[str, Value]) -> Properties:
    """Return attributes in their one order."""
    return tuple(sorted(found.items()))


def _texts(tags: Tags, *keys: str) -> dict[str, Value]:
    found = ((key, tags.get(key, "").strip()[:_LONGEST_TEXT]) for key in keys)
    return {key: text for key, text in found if text}


@cache
def _road_classes() -> dict[tuple[str, str], str]:
    return _by_tag({name: row["tags"] for name, row in _table()["road"].items()})


@cache
def _landcover_classes() -> dict[tuple[str, str], str]:
    return _by_tag(_table()["landcover"])


def _by_tag(table: Mapping[str, list[str]]) -> dict[tuple[str, str], str]:
    classes: dict[tuple[str, str], str] = {}
    for name, tags in table.items():
        for tag in tags:
            key, _, value = tag.partition("=")
            classes.setdefault((key, value), name)
    return classes


@cache
def _water_tags() -> frozenset[tuple[str, str]]:
    pairs = (tag.partition("=") for tag in _table()["water"]["area"])
    return frozenset((key, value) for key, _, value in pairs)


@cache
def _classes_by_value(section: str) -> dict[str, str]:
    rows = _table()[section].items()
    return {value: name for name, row in rows for value in row["values"]}


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
    return as_properties(found)


def waterway_detail(properties: Properties, zoom: int) -> Properties | None:
    """Return what is kept of a river's attributes at a zoom; None where it is not shown."""
    found = dict(properties)
    if zoom < _table()["waterway"][found["class"]]["zoom"]:
        return None
    if zoom < 11:
        found.pop("name", None)
    return as_properties(found)


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

    Its area is in square units of the deepest zoom.
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

    If ``with_rank``, each gets an attribute ``rank``, 1 for the most important.
    """
    ordered = sorted(points, key=_comparable)
    kept = [
        as_properties({**dict(found), "rank": rank}) if with_rank else found
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
