"""The objects of an extract of any format, as pyosmium streams them.

What nobody wants is left out in C++; what is left is read when it is first asked for. Relations
come last: a second reading takes the ways that they are made of, and osmium assembles their rings.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count, islice, takewhile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import osmium

from geo.cancellation import Progress
from geo.region.osm_objects import ObjectFilter, OsmArea, OsmNode, OsmWay, PackedWay

STEP = "reading the extract"
"""What is reported of a reading."""

_BYTES_PER_OBJECT = {".pbf": 110.0, ".bz2": 175.0, ".gz": 220.0, ".osm": 2050.0}
"""Bytes of file to a wanted object, measured on rural extracts; only progress depends on it."""

_PROGRESS_STEP = 2000
"""Objects between two calls of ``progress``."""

_BEFORE_AREAS = 0.95
"""The share of the work that is done when relations begin."""

_MAX_NODES = 50_000
"""Nodes of a way; the API of OpenStreetMap takes 2,000 (https://wiki.openstreetmap.org/wiki/Way)
and once took that many. A few bytes of a hostile file unpack to any number."""

_FIRST_WAYS, _FIRST_NODES = 100, 100
"""How many ways, and nodes of each, show whether a file has locations on its ways."""


class ObjectReader:
    """Reads one file; may be used once.

    ``deleted`` are ids, as ``"w12"``, of objects that are marked as deleted in a way that osmium
    does not know; None where the file marks none as deleted in any way.
    """

    def __init__(
        self, path: Path, wanted: ObjectFilter, deleted: frozenset[str] | None = None
    ) -> None:
        self.way_count = self.unplaced_count = 0
        self._path, self._wanted = path, wanted
        self._deleted = deleted
        self._nodes = osmium.index.create_map("flex_mem")
        self._locations = osmium.NodeLocationsForWays(self._nodes)
        self._locations.ignore_errors()

    def objects(self, progress: Progress) -> Iterator[OsmNode | OsmWay | OsmArea]:
        """Yield nodes, then ways, then relations, each valid until the next.

        A reader in C++ does not say where it is in the file, so how much of it is read is
        estimated from the objects seen.

        Raises
        ------
        RuntimeError, ValueError, osmium.InvalidLocationError
            The file is damaged, or cannot be an extract of OpenStreetMap.
        """
        # Files of 'osmium add-locations-to-ways' lack untagged nodes: what their ways carry is
        # not to be overwritten by what the nodes say.
        self._locations.apply_nodes_to_ways = not has_locations_on_ways(self._path)
        yield from self._nodes_and_ways(progress)
        progress(STEP, _BEFORE_AREAS)
        if self._wanted.area is None or self._wanted.area:
            yield from self._areas()

    def _first(self) -> list[Any]:
        """Return what every reading begins with."""
        return [] if self._deleted is None else [_DeletedFilter(self._deleted)]

    def location_of(self, ref: int) -> Any:
        """Return where a node is that a way has no location of; None where nobody knows."""
        if self._locations.apply_nodes_to_ways:
            return None  # it was looked for already
        try:
            location = self._nodes.get(ref)
        except KeyError:
            return None
        return location if location.valid() else None

    def _nodes_and_ways(self, progress: Progress) -> Iterator[OsmNode | OsmWay]:
        per_object = _BYTES_PER_OBJECT.get(self._path.suffix.lower(), 100.0)
        expected = self._path.stat().st_size / per_object
        # Handlers are held by names wherever they are used, as osmium does not hold them.
        filters: list[Any] = [
            _key_filter(keys, entity)
            for entity, keys in (
                (osmium.osm.NODE, self._wanted.node),
                (osmium.osm.WAY, self._wanted.way),
            )
            if keys is not None
        ]
        filters.append(osmium.filter.EmptyTagFilter())
        handlers = (*self._first(), self._locations, *filters)
        obj: Any
        with osmium.io.Reader(self._path, osmium.osm.NODE | osmium.osm.WAY) as reader:
            for seen, obj in enumerate(osmium.OsmFileIterator(reader, *handlers)):
                if seen % _PROGRESS_STEP == 0:
                    progress(STEP, _BEFORE_AREAS * min(1.0, seen / expected))
                if type(obj) is osmium.osm.Way:
                    if (size := len(obj.nodes)) > _MAX_NODES:
                        raise ValueError(
                            f"way {obj.id} has {size:,} nodes, OpenStreetMap allows 2,000"
                        )
                    self.way_count += 1
                    yield _Way(obj, self)
                elif (location := obj.location).valid():
                    tags, timestamp = tags_of(obj), timestamp_of(obj)
                    yield OsmNode(obj.id, tags, timestamp, location.lon, location.lat)

    def _areas(self) -> Iterator[OsmArea]:
        """Assemble the wanted relations, of ways whose nodes are known by now."""
        relations, ways = self._relations()
        if not relations:
            return
        manager = osmium.area.AreaManager()
        first = (*self._first(), *self._relation_filter(), manager.first_pass_handler())
        with osmium.io.Reader(self._path, osmium.osm.RELATION) as reader:
            osmium.apply(reader, *first)
        own = osmium.filter.IdFilter([2 * number + 1 for number in relations])  # as osmium numbers
        own.enable_for(osmium.osm.AREA)  # a member that is closed becomes an area too
        areas = osmium.BufferIterator(own)
        second = (
            *self._first(),
            _MemberFilter(ways),
            self._locations,
            manager.second_pass_to_buffer(areas),
            osmium.filter.EntityFilter(osmium.osm.AREA),
        )
        with osmium.io.Reader(self._path, osmium.osm.WAY) as reader:
            for _none in osmium.OsmFileIterator(reader, *second):
                pass
        yield from map(_Area, areas)

    def _relations(self) -> tuple[list[int], set[int]]:
        """Return the ids of the wanted relations, and those of their ways."""
        relations: list[int] = []
        ways: set[int] = set()
        handlers = (*self._first(), *self._relation_filter())
        relation: Any
        with osmium.io.Reader(self._path, osmium.osm.RELATION) as reader:
            for relation in osmium.OsmFileIterator(reader, *handlers):
                if relations and relations[-1] == relation.id:
                    raise ValueError(f"relation {relation.id} appears twice")
                relations.append(relation.id)
                ways.update(member.ref for member in relation.members if member.type == "w")
        return relations, ways

    def _relation_filter(self) -> list[Any]:
        keys = self._wanted.area
        return [] if keys is None else [_key_filter(keys, osmium.osm.RELATION)]


class _DeletedFilter:
    """Drops objects that are deleted: JOSM and histories keep them in their files."""

    def __init__(self, ids: frozenset[str]) -> None:
        self._ids = ids
        self._last = ""

    def node(self, node: Any) -> bool:
        """Return whether to drop it."""
        return self._drops(node)

    def way(self, way: Any) -> bool:
        """Return whether to drop it."""
        return self._drops(way)

    def relation(self, relation: Any) -> bool:
        """Return whether to drop it."""
        return self._drops(relation)

    def _drops(self, obj: Any) -> bool:
        name = f"{obj.type_str()}{obj.id}"
        deleted = is_deleted(obj, self._ids)
        if deleted and name == self._last:  # dropping it would bring back its older version
            raise ValueError(f"{name} appears twice")
        self._last = name
        return deleted


def is_deleted(obj: Any, ids: frozenset[str]) -> bool:
    """Return whether an object is marked as deleted, or is one of some by its id (``"w12"``)."""
    return obj.deleted or f"{obj.type_str()}{obj.id}" in ids


class _MemberFilter:
    """Drops ways that are no members of wanted relations: each closed one would be assembled."""

    def __init__(self, ids: set[int]) -> None:
        self._ids = ids

    def way(self, way: Any) -> bool:
        """Return whether to drop it."""
        return way.id not in self._ids


def _key_filter(keys: frozenset[str], entity: Any) -> Any:
    # The filter wants a key at least; no OpenStreetMap key is empty.
    by_key = osmium.filter.KeyFilter("", *sorted(keys))
    by_key.enable_for(entity)
    return by_key


def has_locations_on_ways(path: Path) -> bool:
    """Return whether a file carries the locations of nodes on its ways.

    A PBF says so (https://wiki.openstreetmap.org/wiki/PBF_Format, optional features); of other
    formats the first ways show it.
    """
    if path.suffix.lower() == ".pbf":
        header = osmium.FileProcessor(path).header
        names = (header.get(f"pbf_optional_feature_{number}") for number in count())
        return "LocationsOnWays" in takewhile(bool, names)
    found = False
    way: Any
    with osmium.io.Reader(path, osmium.osm.WAY) as reader:
        for way in islice(osmium.OsmFileIterator(reader), _FIRST_WAYS):
            for node in islice(way.nodes, _FIRST_NODES):
                if node.location.valid():
                    found = True
                    if not node.ref:
                        raise ValueError("its ways have places but no node ids")
    return found


def tags_of(obj: Any) -> dict[str, str]:
    """Read all tags; never past the last, as pyosmium tells the end by a C++ exception."""
    tags = obj.tags
    return dict(islice(tags, len(tags)))


def timestamp_of(obj: Any) -> datetime | None:
    """Return when an object was last changed; None where the file does not say."""
    written: datetime = obj.timestamp
    return written if written.year > 1970 else None  # the format's zero stands for "not known"


@dataclass(frozen=True, slots=True)
class _Points:
    """The points of a way, packed; ``refs`` and ``gaps`` of one that lacks nodes."""

    packed: bytes
    refs: npt.NDArray[np.int64] | None = None
    gaps: tuple[int, ...] = ()


_set = object.__setattr__


class _Way(PackedWay):
    """A way whose points are read from pyosmium when they are first asked for."""

    __slots__ = ("_obj", "_points", "_reader")
    _obj: Any
    _reader: ObjectReader
    _points: _Points | None

    def __init__(self, obj: Any, reader: ObjectReader) -> None:
        _set(self, "_obj", obj)
        _set(self, "_reader", reader)
        _set(self, "_points", None)
        _set(self, "id", obj.id)
        _set(self, "tags", tags_of(obj))

    @property
    def timestamp(self) -> datetime | None:
        """When it was last changed."""
        return timestamp_of(self._obj)

    @property
    def refs(self) -> npt.NDArray[np.int64]:
        """(k,) node ids."""
        refs = self._read().refs
        if refs is None:
            nodes = self._obj.nodes
            refs = np.array([nodes[k].ref for k in range(len(nodes))], np.int64)
        return refs

    @property
    def packed(self) -> bytes:
        """Lon and lat of each point in degrees, as float64."""
        return self._read().packed

    @property
    def is_whole(self) -> bool:
        """Whether the extract has every node of it."""
        return self._read().refs is None

    @property
    def gaps(self) -> tuple[int, ...]:
        """The points before which the extract lacks nodes."""
        return self._read().gaps

    def _read(self) -> _Points:
        points = self._points
        if points is None:
            points = self._read_points()
            _set(self, "_points", points)
        return points

    def _read_points(self) -> _Points:
        """Read all points at once through WKB, or one by one where nodes are missing."""
        nodes = self._obj.nodes
        try:
            return _Points(bytes.fromhex(_WKB.create_linestring(nodes, osmium.geom.ALL)[_START:]))
        except (RuntimeError, osmium.InvalidLocationError):
            return self._read_known(nodes)

    def _read_known(self, nodes: Any) -> _Points:
        positions, refs, degrees = array("q"), array("q"), array("d")
        for position, node in enumerate(nodes):
            location = node.location
            if location.valid() or (location := self._reader.location_of(node.ref)) is not None:
                positions.append(position)
                refs.append(node.ref)
                degrees.extend((location.lon, location.lat))
        if len(positions) == len(nodes):
            return _Points(degrees.tobytes())
        gaps = np.flatnonzero(np.diff(positions) > 1) + 1
        if len(positions) - len(gaps) < 2:  # no two points are neighbours
            self._reader.unplaced_count += 1
        return _Points(degrees.tobytes(), np.array(refs, np.int64), tuple(gaps.tolist()))


class _Area(OsmArea):
    """A relation, whose multipolygon is written when it is first asked for."""

    __slots__ = ("_obj",)
    _obj: Any

    def __init__(self, obj: Any) -> None:
        _set(self, "_obj", obj)
        _set(self, "osm_id", f"r{obj.orig_id()}")
        _set(self, "tags", tags_of(obj))

    @property
    def timestamp(self) -> datetime | None:
        """When it was last changed."""
        return timestamp_of(self._obj)

    @property
    def wkb(self) -> str:
        """The multipolygon as hexadecimal WKB; empty where its rings make none."""
        try:
            shape: str = _WKB.create_multipolygon(self._obj)
        except (RuntimeError, osmium.InvalidLocationError):
            return ""  # rings that cross or do not close: common at an extract's edge
        return shape


_WKB = osmium.geom.WKBFactory()
_START = 18
"""Digits of a line's WKB before its points: byte order, type and count."""
