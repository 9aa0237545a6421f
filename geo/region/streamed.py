"""Objects as pyosmium streams them, each read when it is first asked for.

It reads every format and assembles the rings of relations, in C++, where also all is left out that
nobody wants. Each object that is left costs a good deal: of nodes and ways, which are many, it
reads only what `geo.region.blocks` cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import osmium

from geo.region.objects import OsmArea, OsmNode, OsmWay, PackedWay, Wanted

_BYTES_PER_OBJECT = {".pbf": 110.0, ".bz2": 175.0, ".gz": 220.0, ".osm": 2050.0}
"""Bytes of file to a wanted object, measured on rural extracts; only progress depends on it."""

_PROGRESS_STEP = 2000
"""Objects between two calls of ``progress``."""

_ENTITIES = osmium.osm.NODE | osmium.osm.WAY | osmium.osm.AREA


def stream(
    path: Path, wanted: Wanted, progress: Callable[[float], None]
) -> Iterator[OsmNode | OsmWay | OsmArea]:
    """Yield what is wanted of a file of any format, each valid until the next.

    Parameters
    ----------
    wanted
        The keys of which a thing must have one.
    progress
        Told the share that is read. A reader in C++ does not tell its place in the file, so it is
        estimated from the objects seen.

    Raises
    ------
    RuntimeError, ValueError, osmium.InvalidLocationError
        The file is damaged.
    """
    expected = path.stat().st_size / _BYTES_PER_OBJECT.get(path.suffix.lower(), 100.0)
    processor = osmium.FileProcessor(path).with_locations("flex_mem")
    for entity, keys in ((osmium.osm.NODE, wanted.node), (osmium.osm.WAY, wanted.way)):
        if keys is not None:
            processor = processor.with_filter(_by_key(keys, entity))
    processor = processor.with_filter(osmium.filter.EntityFilter(_ENTITIES))
    processor = processor.with_filter(osmium.filter.EmptyTagFilter())
    areas = _areas_of(path, wanted.area)
    if areas is not None:
        processor = processor.with_areas().with_filter(areas)
    thing: Any
    for seen, thing in enumerate(processor):
        if seen % _PROGRESS_STEP == 0:
            progress(min(0.99, seen / expected))
        kind = type(thing)
        if kind is osmium.osm.Way:
            yield StreamedWay(thing, tags_of(thing))
        elif kind is osmium.osm.Area:
            yield RelationArea(thing, tags_of(thing))
        elif thing.location.valid():
            place = thing.location
            yield OsmNode(thing.id, tags_of(thing), timestamp_of(thing), place.lon, place.lat)


def stream_areas(path: Path, keys: frozenset[str] | None) -> Iterator[OsmArea]:
    """Yield the wanted relations alone; otherwise as `stream`."""
    areas = _areas_of(path, keys)
    if areas is None:
        return
    processor = osmium.FileProcessor(path).with_locations("flex_mem").with_areas()
    processor = processor.with_filter(osmium.filter.EntityFilter(osmium.osm.AREA))
    processor = processor.with_filter(osmium.filter.EmptyTagFilter()).with_filter(areas)
    for thing in processor:
        yield RelationArea(thing, tags_of(thing))


def _areas_of(path: Path, keys: frozenset[str] | None) -> Any:
    """Return a filter that leaves the areas of the wanted relations; None where there are none."""
    relations = osmium.FileProcessor(path, osmium.osm.RELATION)
    if keys is not None:
        relations = relations.with_filter(_by_key(keys, osmium.osm.RELATION))
    numbers = [2 * relation.id + 1 for relation in relations]  # as osmium numbers their areas
    if not numbers:
        return None
    areas = osmium.filter.IdFilter(numbers)
    areas.enable_for(osmium.osm.AREA)
    return areas


def _by_key(keys: frozenset[str], entity: Any) -> Any:
    # The filter wants a key at least; no OpenStreetMap key is empty.
    by_key = osmium.filter.KeyFilter("", *sorted(keys))
    by_key.enable_for(entity)
    return by_key


def tags_of(thing: Any) -> dict[str, str]:
    """Read all tags; never past the last, as pyosmium tells the end by a C++ exception."""
    tags = thing.tags
    return dict(islice(tags, len(tags)))


def timestamp_of(thing: Any) -> datetime | None:
    """Return when an object was last changed; None where the file does not say."""
    written: datetime = thing.timestamp
    return written if written.year > 1970 else None  # the format's zero stands for "not known"


class StreamedWay(PackedWay):
    """A way whose points are read from pyosmium when they are first asked for."""

    __slots__ = ("_points", "_thing")
    _thing: Any
    _points: tuple[npt.NDArray[np.int64] | None, bytes] | None

    def __init__(self, thing: Any, tags: dict[str, str]) -> None:
        object.__setattr__(self, "_thing", thing)
        object.__setattr__(self, "_points", None)
        object.__setattr__(self, "id", thing.id)
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
