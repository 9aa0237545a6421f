"""The objects of an extract, as they are shown to collectors, and what a collector is.

Building a shape costs more than reading tags, so what `OsmWay` and `OsmArea` draw is made when it
is first asked for. It can be asked for only during the call that handed it over. Of the many ways
that a collector keeps, it keeps `OsmWay.packed` and unpacks them together with `unpack`: an array
for each would cost three times the reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Protocol

import numpy as np
import numpy.typing as npt
import shapely


@dataclass(frozen=True, slots=True)
class OsmNode:
    """A tagged node; ``lon`` and ``lat`` in degrees."""

    id: int
    tags: Mapping[str, str]
    timestamp: datetime | None
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class OsmWay:
    """A tagged way; nodes that the extract lacks are left out of the three arrays.

    Attributes
    ----------
    refs
        (k,) node ids.
    lon_e7, lat_e7
        (k,) degrees times 1e7, int32.
    is_whole
        Whether the extract has every node of it.
    gaps
        The points before which the extract lacks nodes, as indices between 0 and k, not
        including these.
    """

    id: int
    tags: Mapping[str, str]
    timestamp: datetime | None
    refs: npt.NDArray[np.int64]
    lon_e7: npt.NDArray[np.int32]
    lat_e7: npt.NDArray[np.int32]
    is_whole: bool = True
    gaps: tuple[int, ...] = ()

    @property
    def osm_id(self) -> str:
        """Return its id as ``"w12"``."""
        return f"w{self.id}"

    @property
    def packed(self) -> bytes:
        """Return lon and lat of each point in degrees, as float64, `POINT_BYTES` a point."""
        return (np.stack([self.lon_e7, self.lat_e7], axis=1) / 1e7).tobytes()

    @property
    def runs(self) -> Sequence[OsmWay]:
        """Return the stretches of two points and more within which the extract lacks no node.

        Where a line goes between them nobody knows, so whoever draws or drives along ways takes
        these. Of a whole way it is the way itself.
        """
        if self.is_whole:
            return (self,)
        refs, lon_e7, lat_e7 = self.refs, self.lon_e7, self.lat_e7
        return tuple(
            OsmWay(self.id, self.tags, self.timestamp, refs[a:b], lon_e7[a:b], lat_e7[a:b])
            for a, b in pairwise((0, *self.gaps, len(refs)))
            if b - a > 1
        )

    @property
    def ring(self) -> bytes:
        """Return the outline of the area inside, as `packed`; empty where it has none.

        A closed way is an area unless it says ``area=no``. Its outline is as it is mapped, so it
        may cross itself.
        """
        packed = self.packed
        closed = (
            len(packed) >= _LEAST_OF_RING * POINT_BYTES
            and packed[:POINT_BYTES] == packed[-POINT_BYTES:]
            and self.tags.get("area") != "no"
            and self.is_whole
        )
        return packed if closed else b""

    @property
    def wkb(self) -> str:
        """Return the area inside as `OsmArea.wkb`; empty where there is none."""
        ring = self.ring
        if not ring:
            return ""
        outline = shapely.Polygon(np.frombuffer(ring, np.float64).reshape(-1, 2))
        parts = [outline] if outline.is_valid else shapely.get_parts(shapely.make_valid(outline))
        shape = shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon"])
        return "" if shape.is_empty else str(shapely.to_wkb(shape, hex=True))


POINT_BYTES = 16
"""Bytes of a point of `OsmWay.packed`."""

_LEAST_OF_RING = 4
"""Points of the shortest ring, the first and last being one."""


def unpack(
    packed: bytes | bytearray,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return lon and lat of packed points, degrees times 1e7."""
    degrees = np.frombuffer(packed, np.float64)
    e7 = np.rint(degrees * 1e7).astype(np.int32)
    return e7[0::2], e7[1::2]


class PackedWay(OsmWay):
    """A way whose points come packed."""

    __slots__ = ()

    @property
    def lon_e7(self) -> npt.NDArray[np.int32]:
        """(k,) degrees times 1e7."""
        return unpack(self.packed)[0]

    @property
    def lat_e7(self) -> npt.NDArray[np.int32]:
        """(k,) degrees times 1e7."""
        return unpack(self.packed)[1]


@dataclass(frozen=True, slots=True)
class OsmArea:
    """A multipolygon relation.

    Attributes
    ----------
    osm_id
        ``"r34"``.
    wkb
        The polygon or multipolygon as hexadecimal WKB, lon and lat in degrees; empty where its
        rings cannot be assembled (``shapely.from_wkb`` refuses an empty text: skip such an area).
    """

    osm_id: str
    tags: Mapping[str, str]
    timestamp: datetime | None
    wkb: str


NEGATIVE_VALUES: frozenset[str] = frozenset()
"""Keys of what a collector never looks at."""


@dataclass(frozen=True, slots=True)
class ObjectFilter:
    """The keys that make a collector look at a thing; None for every tagged one.

    Of nodes; of ways, closed or not; of multipolygon relations. What nobody wants is left out many
    times faster than a collector could decline it.
    """

    node: frozenset[str] | None = None
    way: frozenset[str] | None = None
    area: frozenset[str] | None = None


class Collector(Protocol):
    """Takes what it wants from the stream; nodes come first, then ways and areas.

    Each object is handed over once, during which it may be read; what shall last is to be copied
    out of it. A relation comes when the last of its ways was read. A thing must have one of the
    keys that are wanted to be handed over, with all of its tags.
    """

    @property
    def wanted(self) -> ObjectFilter:
        """Return the keys that the collector looks for."""

    def node(self, node: OsmNode) -> None:
        """Look at a tagged node."""

    def way(self, way: OsmWay) -> None:
        """Look at a tagged way, which is an area where it has a `OsmWay.ring`."""

    def area(self, area: OsmArea) -> None:
        """Look at an assembled relation."""
