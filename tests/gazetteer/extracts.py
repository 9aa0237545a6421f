"""What is truly in an extract: its names and house numbers, as osmium reads them."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

import osmium

from geo.gazetteer.model import fold
from geo.model import Point

Line = list[tuple[float, float]]
"""Lon and lat of a point, or of the points of a line."""

SETTLEMENTS = {"city", "town", "village", "hamlet"}
_PLACES = ("amenity", "shop", "tourism", "leisure", "office")
_IGNORED = {
    "information", "artwork", "bench", "waste_basket", "recycling", "parking_entrance", "grit_bin",
}  # fmt: skip
_NO_STREET = {"construction", "proposed", "planned", "platform", "rest_area", "services"}


@dataclass(frozen=True, slots=True)
class Truth:
    """The names of an extract, folded, with every thing that has them."""

    spelled: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    named: dict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))
    houses: list[tuple[dict[str, str], Line]] = field(default_factory=list)

    def away_m(self, name: str, point: Point) -> float:
        """Return metres from a point to the nearest thing of a name."""
        return min((away_m(point, line) for line in self.named[fold(name)]), default=math.inf)


@cache
def read_truth(path: Path) -> Truth:
    """Return what an extract holds."""
    truth = Truth()
    for thing in osmium.FileProcessor(path).with_locations():
        tags = dict(thing.tags)
        if isinstance(thing, osmium.osm.Node):
            line = [(thing.location.lon, thing.location.lat)]
        elif isinstance(thing, osmium.osm.Way):
            line = [(node.lon, node.lat) for node in thing.nodes if node.location.valid()]
        else:
            continue
        if line and "addr:housenumber" in tags:
            truth.houses.append((tags, line))
        name = tags.get("name", "").strip()
        if name and line and fold(name):
            truth.named[fold(name)].append(line)
            if kind := _kind(tags, is_node=isinstance(thing, osmium.osm.Node)):
                truth.spelled[kind].add(name)
    return truth


def _kind(tags: dict[str, str], *, is_node: bool) -> str:
    if is_node and tags.get("place") in SETTLEMENTS:
        return "settlement"
    if tags.get("highway", next(iter(_NO_STREET))) not in _NO_STREET and not is_node:
        return "street"
    is_place = is_node and any(tags.get(key, "bench") not in _IGNORED for key in _PLACES)
    return "place" if is_place and "highway" not in tags else ""


def away_m(point: Point, line: Line) -> float:
    """Return metres from a point to a point or line."""
    east = 111_320 * math.cos(math.radians(point.lat))
    xy = [((lon - point.lon) * east, (lat - point.lat) * 111_320) for lon, lat in line]
    best = min(math.hypot(*one) for one in xy)
    for (x1, y1), (x2, y2) in pairwise(xy):
        dx, dy = x2 - x1, y2 - y1
        length = dx * dx + dy * dy
        along = max(0.0, min(1.0, -(x1 * dx + y1 * dy) / length)) if length else 0.0
        best = min(best, math.hypot(x1 + along * dx, y1 + along * dy))
    return best
