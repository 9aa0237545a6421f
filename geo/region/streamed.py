"""Ways and areas as pyosmium streams them: read when they are first asked for."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
import osmium

from geo.region.objects import OsmArea, OsmWay, unpack


def tags_of(thing: Any) -> dict[str, str]:
    """Read all tags; never past the last, as pyosmium tells the end by a C++ exception."""
    tags = thing.tags
    return dict(islice(tags, len(tags)))


def timestamp_of(thing: Any) -> datetime | None:
    """Return when an object was last changed; None where the file does not say."""
    written: datetime = thing.timestamp
    return written if written.year > 1970 else None  # the format's zero stands for "not known"


class StreamedWay(OsmWay):
    """A way whose points are read from pyosmium when they are first asked for."""

    __slots__ = ("_points", "_thing")
    _thing: Any
    _points: tuple[npt.NDArray[np.int64] | None, bytes] | None

    def __init__(self, thing: Any, number: int, tags: dict[str, str]) -> None:
        object.__setattr__(self, "_thing", thing)
        object.__setattr__(self, "_points", None)
        object.__setattr__(self, "id", number)
        object.__setattr__(self, "tags", tags)

    @property
    def timestamp(self) -> datetime | None:
        """When it was last changed."""
        return timestamp_of(self._thing)

    @property
    def refs(self) -> npt.NDArray[np.int64]:
        """(k,) node ids."""
        refs, _ = self._read()
        if refs is None:
            nodes = self._thing.nodes
            refs = np.array([nodes[k].ref for k in range(len(nodes))], np.int64)
        return refs

    @property
    def lon_e7(self) -> npt.NDArray[np.int32]:
        """(k,) degrees times 1e7."""
        return unpack(self.packed)[0]

    @property
    def lat_e7(self) -> npt.NDArray[np.int32]:
        """(k,) degrees times 1e7."""
        return unpack(self.packed)[1]

    @property
    def packed(self) -> bytes:
        """Lon and lat of each point in degrees, as float64."""
        return self._read()[1]

    @property
    def is_whole(self) -> bool:
        """Whether the extract has every node of it."""
        return self._read()[0] is None

    def _read(self) -> tuple[npt.NDArray[np.int64] | None, bytes]:
        """Return refs, None where the extract has every node, and the packed points."""
        points = self._points
        if points is None:
            points = _read_points(self._thing)
            object.__setattr__(self, "_points", points)
        return points


class RelationArea(OsmArea):
    """A relation, whose multipolygon is written when it is first asked for."""

    __slots__ = ("_thing",)
    _thing: Any

    def __init__(self, thing: Any, tags: dict[str, str]) -> None:
        object.__setattr__(self, "_thing", thing)
        object.__setattr__(self, "osm_id", f"r{thing.orig_id()}")
        object.__setattr__(self, "tags", tags)

    @property
    def timestamp(self) -> datetime | None:
        """When it was last changed."""
        return timestamp_of(self._thing)

    @property
    def wkb(self) -> str:
        """The multipolygon as hexadecimal WKB; empty where its rings make none."""
        try:
            shape: str = _WKB.create_multipolygon(self._thing)
        except (RuntimeError, osmium.InvalidLocationError):
            return ""  # rings that cross or do not close: common at an extract's edge
        return shape


_WKB = osmium.geom.WKBFactory()
_WKB_START = 18
"""Digits of a line's WKB before its points: byte order, type and count."""


def _read_points(way: Any) -> tuple[npt.NDArray[np.int64] | None, bytes]:
    """Read a way's points; all at once through WKB, one by one where nodes are missing."""
    try:
        wkb = _WKB.create_linestring(way, osmium.geom.ALL)
    except (RuntimeError, osmium.InvalidLocationError):
        known = [node for node in way.nodes if node.location.valid()]
        degrees = [(node.lon, node.lat) for node in known]
        refs = np.array([node.ref for node in known], np.int64)
        return refs, np.array(degrees, np.float64).tobytes()
    return None, bytes.fromhex(wkb[_WKB_START:])
