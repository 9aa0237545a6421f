"""Places out of an extract: nodes, closed ways and multipolygons of the kinds that we know.

A building is often drawn as an outline and its café as a node within, with the same name: that is
one place, and it appears once, with the tags of both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import shapely

from geo.gazetteer.model import fold
from geo.model import Place, Point
from geo.places.kinds import classify, place_keys
from geo.region.osm_objects import ObjectFilter, OsmArea, OsmNode, OsmWay

_NAME_TAGS = ("name", "brand", "official_name", "alt_name")
"""What a place may be called by, best first. The operator is no name: it is often the council."""


@dataclass(frozen=True, slots=True)
class _CollectedPlace:
    """A place as it came from the stream; an area waits for its point in ``wkb``."""

    osm_id: str
    kinds: tuple[str, ...]
    tags: dict[str, str]
    timestamp: datetime | None
    lon: float = 0.0
    lat: float = 0.0
    wkb: str | None = None


class PlaceCollector:
    """Takes the places from the stream of an extract."""

    def __init__(self) -> None:
        keys = place_keys()
        self.wanted = ObjectFilter(node=keys, way=keys, area=keys)
        self._found: dict[str, _CollectedPlace] = {}

    def node(self, node: OsmNode) -> None:
        """Take a node that is a place."""
        kinds = _kinds(node.tags)
        if kinds:
            osm_id = f"n{node.id}"
            self._found[osm_id] = _CollectedPlace(
                osm_id, kinds, dict(node.tags), node.timestamp, node.lon, node.lat
            )

    def way(self, way: OsmWay) -> None:
        """Take a way that is a place.

        Where its outline is open, or cut by the edge of the extract, the middle of its box stands
        for it.
        """
        kinds = _kinds(way.tags)
        if not kinds:
            return
        lon = lat = 0.0
        wkb = way.wkb
        if not wkb:
            if not len(way.lon_e7):
                return
            lon = (int(way.lon_e7.min()) + int(way.lon_e7.max())) / 2e7
            lat = (int(way.lat_e7.min()) + int(way.lat_e7.max())) / 2e7
        self._found[way.osm_id] = _CollectedPlace(
            way.osm_id, kinds, dict(way.tags), way.timestamp, lon, lat, wkb or None
        )

    def area(self, area: OsmArea) -> None:
        """Take a relation that is a place."""
        kinds = _kinds(area.tags)
        if kinds and (wkb := area.wkb):
            self._found[area.osm_id] = _CollectedPlace(
                area.osm_id, kinds, dict(area.tags), area.timestamp, wkb=wkb
            )

    def finish(self) -> list[Place]:
        """Return the places, each once: nodes, then ways, then relations, by their numbers."""
        found = sorted(self._found.values(), key=lambda one: osm_id_order(one.osm_id))
        outlines = {
            row: shapely.from_wkb(one.wkb) for row, one in enumerate(found) if one.wkb is not None
        }
        places = [_place(one, outlines.get(row)) for row, one in enumerate(found)]
        return _merge_duplicates(places, outlines)


def osm_id_order(osm_id: str) -> tuple[int, int]:
    """Return where a place stands among others: nodes, then ways, then relations, by number."""
    return "nwr".index(osm_id[0]), int(osm_id[1:])


def _place(found: _CollectedPlace, outline: shapely.Geometry | None) -> Place:
    lon, lat = found.lon, found.lat
    if outline is not None:
        inside = shapely.point_on_surface(outline)
        lon, lat = inside.x, inside.y
    point = Point(lon, lat)
    return Place(
        found.osm_id, _name(found.tags), found.kinds[0], point, found.tags, found.timestamp,
        found.kinds[1:],
    )  # fmt: skip


def _kinds(tags: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(kind.key for kind in classify(tags))


def _name(tags: Mapping[str, str]) -> str | None:
    """Return the name with its white space put right; None where there is none."""
    names = (" ".join(tags.get(tag, "").split()) for tag in _NAME_TAGS)
    return next((name for name in names if name), None)


def _merge_duplicates(places: list[Place], outlines: Mapping[int, shapely.Geometry]) -> list[Place]:
    """Make one of every place that stands inside the outline of another of its name and kind."""
    if not outlines:
        return places
    rows = list(outlines)
    tree = shapely.STRtree([outlines[row] for row in rows])
    points = shapely.points([(place.point.lon, place.point.lat) for place in places])
    inner, outer = tree.query(points, predicate="intersects")
    kept: dict[int, Place] = dict(enumerate(places))
    for one, other in sorted(zip(inner.tolist(), (rows[k] for k in outer.tolist()), strict=True)):
        if one != other and one in kept and other in kept and _is_same(kept[one], kept[other]):
            rich, poor = sorted((one, other), key=lambda row: (-len(places[row].tags), row))
            kept[rich] = _merge(kept[rich], kept.pop(poor))
    return list(kept.values())


def _is_same(a: Place, b: Place) -> bool:
    """Say whether two places of which one holds the other are one: no name contradicts nothing."""
    if a.kind != b.kind:
        return False
    return a.name is None or b.name is None or fold(a.name) == fold(b.name)


def _merge(rich: Place, poor: Place) -> Place:
    others = dict.fromkeys((*rich.other_kinds, *poor.other_kinds))
    tags = {**poor.tags, **rich.tags}
    return replace(rich, name=rich.name or poor.name, tags=tags, other_kinds=tuple(others))
