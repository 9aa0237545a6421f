"""Reading an OpenStreetMap extract as one stream, handed to collectors.

The loop over objects runs in C++ (pyosmium) and only tagged objects reach Python, so memory stays
bounded whatever the size of the file. Whatever wants something from an extract is a `Collector`:
roads, places, names, basemap and water each see the same single reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt


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
    """

    id: int
    tags: Mapping[str, str]
    timestamp: datetime | None
    refs: npt.NDArray[np.int64]
    lon_e7: npt.NDArray[np.int32]
    lat_e7: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class OsmArea:
    """A closed way or multipolygon relation.

    Attributes
    ----------
    osm_id
        ``"w12"`` or ``"r34"``.
    wkb
        The multipolygon as hexadecimal WKB, lon and lat in degrees.
    """

    osm_id: str
    tags: Mapping[str, str]
    timestamp: datetime | None
    wkb: str


class Collector(Protocol):
    """Takes what it wants from the stream; nodes come first, then ways, then areas."""

    def node(self, node: OsmNode) -> None:
        """Look at a tagged node."""

    def way(self, way: OsmWay) -> None:
        """Look at a tagged way; closed ways come here and, where they are areas, as areas too."""

    def area(self, area: OsmArea) -> None:
        """Look at an assembled area."""
