"""Reading an OpenStreetMap extract as one stream, handed to collectors.

The loop over objects runs in C++ (pyosmium) and only objects with a key that somebody wants reach
Python, so memory stays bounded whatever the size of the file. Whatever wants something from an
extract is a `Collector`: roads, places, names, basemap and water each see the same single reading.
Another source, such as an Overpass answer, needs only another reader that calls the same methods.

Building a shape costs more than looking at tags, so what `OsmWay` and `OsmArea` draw is made
when it is first asked for. It can be asked for only during the call that handed it over. Of the
many ways that a collector keeps, it keeps `OsmWay.packed` and unpacks them together with `unpack`:
an array for each would cost three times the reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import osmium

from geo.errors import UnreadableExtract
from geo.model import BBox

_BYTES_PER_OBJECT = {".pbf": 75.0, ".bz2": 120.0, ".gz": 150.0, ".osm": 1400.0}
"""Bytes of file to a wanted object, measured on rural extracts; only progress depends on it."""

_MANY_MOMENTS = frozenset({".osc", ".osh"})
"""Endings of lists of changes and of histories."""

_PROGRESS_STEP = 2000
"""Objects between two calls of ``progress``."""

_KEPT_TAGS = 50_000
"""Closed ways whose tags are kept for their area; bounds memory where no areas come."""


_KINDS = ((osmium.osm.NODE, "node"), (osmium.osm.WAY, "way"), (osmium.osm.AREA, "area"))
_ENTITIES = osmium.osm.NODE | osmium.osm.WAY | osmium.osm.AREA


@dataclass(frozen=True, slots=True)
class ExtractHeader:
    """What an extract says of itself.

    Attributes
    ----------
    bbox
        The box that it was cut to; None where it does not say.
    timestamp
        The time its data was true; None where it does not say.
    generator
        The program that wrote it; empty where it does not say.
    """

    bbox: BBox | None
    timestamp: datetime | None
    generator: str = ""


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

    @property
    def packed(self) -> bytes:
        """Return lon and lat of each point in degrees, as float64, `POINT_BYTES` a point."""
        return (np.stack([self.lon_e7, self.lat_e7], axis=1) / 1e7).tobytes()


POINT_BYTES = 16
"""Bytes of a point of `OsmWay.packed`."""


def unpack(
    packed: bytes | bytearray,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return lon and lat of packed points, degrees times 1e7."""
    degrees = np.frombuffer(packed, np.float64)
    e7 = np.rint(degrees * 1e7).astype(np.int32)
    return e7[0::2], e7[1::2]


@dataclass(frozen=True, slots=True)
class OsmArea:
    """A closed way or multipolygon relation.

    Attributes
    ----------
    osm_id
        ``"w12"`` or ``"r34"``.
    wkb
        The multipolygon as hexadecimal WKB, lon and lat in degrees; empty where its rings cannot be
        assembled (``shapely.from_wkb`` refuses an empty text: skip such an area).
    """

    osm_id: str
    tags: Mapping[str, str]
    timestamp: datetime | None
    wkb: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """The keys that make a collector look at a thing; None for every tagged one.

    Most of a file is outlines of buildings and the like. What nobody wants is left out in C++,
    many times faster than a collector could decline it.
    """

    node: frozenset[str] | None = None
    way: frozenset[str] | None = None
    area: frozenset[str] | None = None


NOTHING: frozenset[str] = frozenset()
"""Keys of what a collector never looks at."""


class Collector(Protocol):
    """Takes what it wants from the stream; nodes come first, then ways, then areas.

    Each object is handed over once, during which it may be read; what shall last is to be copied
    out of it. Areas may come before the last way, once their own ways are complete.

    Attributes
    ----------
    wanted
        Keys of which a thing must have one to be handed over, with all of its tags.
    """

    @property
    def wanted(self) -> Wanted:
        """Return the keys that the collector looks for."""

    def node(self, node: OsmNode) -> None:
        """Look at a tagged node."""

    def way(self, way: OsmWay) -> None:
        """Look at a tagged way; closed ways come here and, where they are areas, as areas too."""

    def area(self, area: OsmArea) -> None:
        """Look at an assembled area."""


def read_extract(
    path: Path,
    collectors: Sequence[Collector],
    *,
    progress: Callable[[float], None] | None = None,
) -> ExtractHeader:
    """Stream an extract through collectors.

    Parameters
    ----------
    path
        A file ending in ``.pbf``, ``.osm``, ``.osm.bz2``, ``.osm.gz``, ``.o5m`` or ``.opl``, its
        objects sorted by type and id as every published extract has them.
    collectors
        Each sees every node, way and area that it wants.
    progress
        Called now and then with the share that is read, rising from 0 to 1. A reader in C++ does
        not tell its place in the file, so the share is estimated from the objects seen.

    Raises
    ------
    UnreadableExtract
        The file is missing, empty, cut off, unsorted, a history, or no OpenStreetMap data.
    """
    header = read_header(path)
    expected = path.stat().st_size / _BYTES_PER_OBJECT.get(path.suffix.lower(), 100.0)
    stream = _Stream(collectors)
    for seen, thing in enumerate(_wanted_things(path, [one.wanted for one in collectors])):
        stream.hand_over(thing, path)
        if progress is not None and seen % _PROGRESS_STEP == 0:
            progress(min(0.99, seen / expected))
    if stream.located is False:
        raise UnreadableExtract(
            f"the ways of {path} come without their nodes, or before them; take an extract with "
            "nodes and sort it by type and id, for example with 'osmium sort'."
        )
    if progress is not None:
        progress(1.0)
    return header


class _Stream:
    """Shows each pyosmium object to each collector.

    A closed way comes twice, as a way and soon after as an area. Reading tags is the slowest step,
    so its tags are kept until then.
    """

    def __init__(self, collectors: Sequence[Collector]) -> None:
        self._nodes = [(one.node, one.wanted.node) for one in collectors]
        self._ways = [(one.way, one.wanted.way) for one in collectors]
        self._areas = [(one.area, one.wanted.area) for one in collectors]
        self._closed: dict[int, dict[str, str]] = {}
        self.located: bool | None = None  # whether any way had a known node; None before the first

    def hand_over(self, thing: Any, path: Path) -> None:
        """Wrap one object and show it to all who want it.

        Raises
        ------
        UnreadableExtract
            It has the negative id of what an editor has not uploaded, or a node follows ways.
        """
        if thing.id < 0:
            raise UnreadableExtract(
                f"{path} holds objects with negative ids, as an editor saves what is not uploaded "
                "yet; number them with 'osmium renumber', then sort with 'osmium sort'."
            )
        if thing.is_way():
            self._way(thing)
        elif thing.is_area():
            self._area(thing)
        elif self.located is None:
            self._node(thing)
        else:
            raise unreadable(path, f"node {thing.id} is out of order: it comes after ways")

    def _node(self, thing: Any) -> None:
        place = thing.location
        if place.valid():
            tags = _tags(thing)
            node = OsmNode(thing.id, tags, _timestamp(thing), place.lon, place.lat)
            for look, keys in self._nodes:
                if keys is None or not keys.isdisjoint(tags):
                    look(node)

    def _way(self, thing: Any) -> None:
        tags = _tags(thing)
        way = _StreamedWay(thing, tags)
        if not self.located:
            self.located = any(node.location.valid() for node in thing.nodes)
        if thing.is_closed():
            if len(self._closed) >= _KEPT_TAGS:
                self._closed.clear()
            self._closed[thing.id] = tags
        for look, keys in self._ways:
            if keys is None or not keys.isdisjoint(tags):
                look(way)

    def _area(self, thing: Any) -> None:
        number = thing.orig_id()
        from_way = thing.from_way()
        tags = self._closed.pop(number, None) if from_way else None
        if tags is None:
            tags = _tags(thing)
        area = _StreamedArea(thing, f"{'w' if from_way else 'r'}{number}", tags)
        for look, keys in self._areas:
            if keys is None or not keys.isdisjoint(tags):
                look(area)


def _tags(thing: Any) -> dict[str, str]:
    """Read all tags; never past the last, as pyosmium tells the end by a C++ exception."""
    tags = thing.tags
    return dict(islice(tags, len(tags)))


def _timestamp(thing: Any) -> datetime | None:
    written: datetime = thing.timestamp
    return written if written.year > 1970 else None  # the format's zero stands for "not known"


class _StreamedWay(OsmWay):
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
        return _timestamp(self._thing)

    @property
    def refs(self) -> npt.NDArray[np.int64]:
        refs, _ = self._read()
        if refs is None:
            nodes = self._thing.nodes
            refs = np.array([nodes[k].ref for k in range(len(nodes))], np.int64)
        return refs

    @property
    def lon_e7(self) -> npt.NDArray[np.int32]:
        return unpack(self.packed)[0]

    @property
    def lat_e7(self) -> npt.NDArray[np.int32]:
        return unpack(self.packed)[1]

    @property
    def packed(self) -> bytes:
        return self._read()[1]

    def _read(self) -> tuple[npt.NDArray[np.int64] | None, bytes]:
        """Return refs, None where the extract has every node, and the packed points."""
        points = self._points
        if points is None:
            points = _read_points(self._thing.nodes)
            object.__setattr__(self, "_points", points)
        return points


class _StreamedArea(OsmArea):
    """An area whose multipolygon is assembled when it is first asked for."""

    __slots__ = ("_thing",)
    _thing: Any

    def __init__(self, thing: Any, osm_id: str, tags: dict[str, str]) -> None:
        object.__setattr__(self, "_thing", thing)
        object.__setattr__(self, "osm_id", osm_id)
        object.__setattr__(self, "tags", tags)

    @property
    def timestamp(self) -> datetime | None:
        return _timestamp(self._thing)

    @property
    def wkb(self) -> str:
        try:
            shape: str = _WKB.create_multipolygon(self._thing)
        except (RuntimeError, osmium.InvalidLocationError):
            return ""  # rings that cross or do not close: common at an extract's edge
        return shape


_WKB = osmium.geom.WKBFactory()
_WKB_START = 18
"""Digits of a line's WKB before its points: byte order, type and count."""


def _read_points(nodes: Any) -> tuple[npt.NDArray[np.int64] | None, bytes]:
    """Read a way's points; all at once through WKB, one by one where nodes are missing."""
    try:
        wkb = _WKB.create_linestring(nodes, osmium.geom.ALL)
    except (RuntimeError, osmium.InvalidLocationError):
        known = [node for node in nodes if node.location.valid()]
        degrees = [(node.lon, node.lat) for node in known]
        refs = np.array([node.ref for node in known], np.int64)
        return refs, np.array(degrees, np.float64).tobytes()
    return None, bytes.fromhex(wkb[_WKB_START:])


def _wanted_things(path: Path, wanted: Sequence[Wanted]) -> Iterator[Any]:
    """Yield pyosmium's nodes, ways and areas that somebody wants; each is valid until the next.

    Raises
    ------
    UnreadableExtract
        As `read_extract`; errors of whoever consumes the objects pass untouched.
    """
    processor = osmium.FileProcessor(path).with_locations("flex_mem").with_areas()
    processor = processor.with_filter(osmium.filter.EntityFilter(_ENTITIES))
    processor = processor.with_filter(osmium.filter.EmptyTagFilter())
    for entity, name in _KINDS:
        keys = [getattr(one, name) for one in wanted]
        if None not in keys:
            # The filter wants a key at least; no OpenStreetMap key is empty.
            by_key = osmium.filter.KeyFilter("", *sorted(frozenset().union(*keys)))
            by_key.enable_for(entity)
            processor = processor.with_filter(by_key)
    try:
        yield from processor
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        raise unreadable(path, str(error)) from error


def read_header(path: Path) -> ExtractHeader:
    """Read what the file says of itself, and refuse what cannot be an extract."""
    if path.is_dir():
        raise UnreadableExtract(f"{path} is a folder; give the .osm.pbf file itself.")
    if not path.is_file():
        raise UnreadableExtract(f"there is no file {path}; check the path.")
    if path.stat().st_size == 0:
        raise UnreadableExtract(f"{path} is empty; download it again.")
    try:
        header = osmium.FileProcessor(path).header
        if header.has_multiple_object_versions or not _MANY_MOMENTS.isdisjoint(path.suffixes):
            raise UnreadableExtract(
                f"{path} is a history or a list of changes; give an extract of one moment, "
                "named .osm.pbf."
            )
        box = header.box()
        written = header.get("osmosis_replication_timestamp") or header.get("timestamp")
    except UnreadableExtract:
        raise
    except (RuntimeError, ValueError) as error:
        raise unreadable(path, str(error)) from error
    return ExtractHeader(_bbox(box), _parse_timestamp(written), header.get("generator"))


def _bbox(box: Any) -> BBox | None:
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    return BBox(low.lon, low.lat, high.lon, high.lat)


def _parse_timestamp(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def unreadable(path: Path, detail: str) -> UnreadableExtract:
    """Say in one sentence what pyosmium found wrong."""
    if "detect file format" in detail:
        return UnreadableExtract(
            f"{path} is not named like an OpenStreetMap extract; its name must end in .osm.pbf, "
            ".osm, .osm.gz, .osm.bz2, .o5m or .opl."
        )
    if "out of order" in detail:
        return UnreadableExtract(
            f"the objects of {path} are not in order ({detail}); sort the file by type and id, "
            "for example with 'osmium sort'."
        )
    if "EOF" in detail or "truncated" in detail or "no element found" in detail:
        return UnreadableExtract(f"{path} is cut off ({detail}); download it again.")
    return UnreadableExtract(
        f"{path} is no OpenStreetMap extract or is damaged ({detail}); download it again."
    )
