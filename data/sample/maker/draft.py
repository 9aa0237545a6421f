"""A county while it is drawn, in metres, and how drafts become an OpenStreetMap extract.

Nodes are numbered from 0 in the order in which they are drawn; so are ways and relations. Ids lie
far above those that OpenStreetMap has given out by 2025 (some 13 billion nodes, 1.5 billion ways,
20 million relations), so that an object of the sample never passes for a real one; they stay below
2^34, 2^32 and 2^31, the most that some routing engines take. Every object has version 1 and one
fixed timestamp, and no user.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import osmium
import shapely
from osmium.osm.mutable import Node as OsmNode
from osmium.osm.mutable import Relation as OsmRelation
from osmium.osm.mutable import Way as OsmWay
from shapely.geometry import MultiPolygon, Polygon

from geo.geometry import LocalPlane
from geo.model import BBox

Coordinates = npt.NDArray[np.float64]
Tags = Mapping[str, str]
Member = tuple[Literal["n", "w", "r"], int, str]
"""Type, number and role of a relation's member."""

_MOST_NODES = 1_900
"""OpenStreetMap allows 2,000 nodes to a way; longer rings are cut into several."""
_GRID_M = 0.05


@dataclass(frozen=True, slots=True)
class Way:
    """A line through nodes, by their numbers."""

    nodes: npt.NDArray[np.int64]
    tags: Tags


@dataclass(frozen=True, slots=True)
class Relation:
    """Members in order."""

    members: Sequence[Member]
    tags: Tags


class Draft:
    """Collects what is drawn.

    Attributes
    ----------
    node_tags
        Tags of the nodes that have any.
    ways, relations
        In the order in which they were drawn.
    """

    def __init__(self) -> None:
        self._parts: list[Coordinates] = []
        self._count = 0
        self.node_tags: dict[int, dict[str, str]] = {}
        self.ways: list[Way] = []
        self.relations: list[Relation] = []

    def copy(self) -> Draft:
        """Return a draft with the same content that can be drawn on alone."""
        other = Draft()
        other._parts, other._count = list(self._parts), self._count
        other.node_tags = dict(self.node_tags)
        other.ways, other.relations = list(self.ways), list(self.relations)
        return other

    @property
    def node_count(self) -> int:
        """How many nodes are drawn."""
        return self._count

    @property
    def xy(self) -> Coordinates:
        """The (nodes, 2) positions in metres east and north of the south-west corner."""
        return np.concatenate(self._parts) if self._parts else np.empty((0, 2))

    def nodes(self, xy: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Draw (k, 2) nodes and return their numbers."""
        points = np.asarray(xy, np.float64).reshape(-1, 2)
        self._parts.append(points)
        self._count += len(points)
        return np.arange(self._count - len(points), self._count)

    def node(self, x_m: float, y_m: float, tags: Tags) -> int:
        """Draw one tagged node and return its number."""
        number = int(self.nodes([(x_m, y_m)])[0])
        self.node_tags[number] = dict(tags)
        return number

    def way(self, nodes: npt.NDArray[np.int64], tags: Tags) -> int:
        """Draw a way through nodes and return its number."""
        self.ways.append(Way(nodes, tags))
        return len(self.ways) - 1

    def line(self, xy: npt.ArrayLike, tags: Tags) -> int:
        """Draw a way with nodes of its own."""
        return self.way(self.nodes(xy), tags)

    def relation(self, members: Sequence[Member], tags: Tags) -> int:
        """Draw a relation and return its number."""
        self.relations.append(Relation(members, tags))
        return len(self.relations) - 1

    def area(self, polygon: Polygon | MultiPolygon, tags: Tags) -> None:
        """Draw an area: a closed way, or a multipolygon relation where it has holes.

        It is fitted to a grid coarser than OSM's 1e-7 degrees first, so that it stays valid there.
        """
        for part in shapely.get_parts(shapely.set_precision(polygon, _GRID_M)).tolist():
            self._part(part, tags)

    def _part(self, polygon: Polygon, tags: Tags) -> None:
        if not polygon.interiors and len(polygon.exterior.coords) <= _MOST_NODES:
            self.ring(shapely.get_coordinates(polygon.exterior), tags)
        else:
            members = self._ring_members(polygon.exterior, "outer")
            for hole in polygon.interiors:
                members += self._ring_members(hole, "inner")
            self.relation(members, {"type": "multipolygon", **tags})

    def ring(self, xy: Coordinates, tags: Tags) -> int:
        """Draw a closed way; the last of the (k, 2) points repeats the first."""
        numbers = self.nodes(xy[:-1])
        return self.way(np.append(numbers, numbers[0]), tags)

    def _ring_members(self, ring: shapely.LinearRing, role: str) -> list[Member]:
        numbers = self.nodes(shapely.get_coordinates(ring)[:-1])
        numbers = np.append(numbers, numbers[0])
        cuts = range(0, len(numbers) - 1, _MOST_NODES)
        return [("w", self.way(numbers[cut : cut + _MOST_NODES + 1], {}), role) for cut in cuts]


TIMESTAMP = "2025-06-01T00:00:00Z"
GENERATOR = "crossroads sample (fictional)"
FIRST_NODE, FIRST_WAY, FIRST_RELATION = 16_000_000_001, 4_000_000_001, 2_000_000_001


@dataclass(frozen=True, slots=True)
class Sheet:
    """A draft and where its south-west corner lies on Earth."""

    draft: Draft
    plane: LocalPlane

    def lon_lat(self) -> npt.NDArray[np.float64]:
        """Return the (nodes, 2) positions, rounded to the 1e-7 degrees that OSM stores."""
        lon, lat = self.plane.to_lon_lat(*self.draft.xy.T)
        return np.asarray(np.round(np.stack([lon, lat], axis=1), 7), np.float64)


def write_extract(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write drafts into one ``.osm.pbf``; the file appears whole or not at all.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    positions = [sheet.lon_lat() for sheet in sheets]
    part = path.with_name(f".{path.name}.part.osm.pbf")
    try:
        with osmium.SimpleWriter(str(part), overwrite=True, header=_header(positions)) as writer:
            for node in _nodes(sheets, positions):
                writer.add_node(node)
            for way in _ways(sheets):
                writer.add_way(way)
            for relation in _relations(sheets):
                writer.add_relation(relation)
        part.replace(path)
    except RuntimeError as error:
        raise OSError(f"{path} cannot be written: {error}.") from error
    finally:
        part.unlink(missing_ok=True)


def bounds(positions: Sequence[npt.NDArray[np.float64]]) -> BBox:
    """Return the box around all positions."""
    low = np.min([part.min(axis=0) for part in positions], axis=0)
    high = np.max([part.max(axis=0) for part in positions], axis=0)
    return BBox(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _header(positions: Sequence[npt.NDArray[np.float64]]) -> osmium.io.Header:
    box = bounds(positions)
    header = osmium.io.Header()
    header.set("generator", GENERATOR)
    header.set("osmosis_replication_timestamp", TIMESTAMP)
    header.set("sorting", "Type_then_ID")
    header.add_box(osmium.osm.Box(box.west, box.south, box.east, box.north))
    return header


def _nodes(
    sheets: Sequence[Sheet], positions: Sequence[npt.NDArray[np.float64]]
) -> Iterator[OsmNode]:
    number = FIRST_NODE
    for sheet, lon_lat in zip(sheets, positions, strict=True):
        tags = sheet.draft.node_tags
        for index, location in enumerate(lon_lat.tolist()):
            yield OsmNode(
                id=number + index,
                version=1,
                timestamp=TIMESTAMP,
                location=location,
                tags=tags.get(index),
            )
        number += len(lon_lat)


def _ways(sheets: Sequence[Sheet]) -> Iterator[OsmWay]:
    number, first_node = FIRST_WAY, FIRST_NODE
    for sheet in sheets:
        for way in sheet.draft.ways:
            refs = (way.nodes + first_node).tolist()
            yield OsmWay(id=number, version=1, timestamp=TIMESTAMP, nodes=refs, tags=way.tags)
            number += 1
        first_node += len(sheet.draft.xy)


def _relations(sheets: Sequence[Sheet]) -> Iterator[OsmRelation]:
    number = FIRST_RELATION
    firsts = {"n": FIRST_NODE, "w": FIRST_WAY, "r": FIRST_RELATION}
    for sheet in sheets:
        for relation in sheet.draft.relations:
            members = [(kind, firsts[kind] + index, role) for kind, index, role in relation.members]
            yield OsmRelation(
                id=number, version=1, timestamp=TIMESTAMP, members=members, tags=relation.tags
            )
            number += 1
        firsts["n"] += len(sheet.draft.xy)
        firsts["w"] += len(sheet.draft.ways)
        firsts["r"] += len(sheet.draft.relations)
