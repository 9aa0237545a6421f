"""A county while it is drawn: nodes, ways and relations in metres, before they become OSM objects.

Nodes are numbered from 0 in the order in which they are drawn; so are ways and relations. The
writer turns numbers into ids and metres into degrees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import MultiPolygon, Polygon

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
