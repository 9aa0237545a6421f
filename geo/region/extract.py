"""Reading an OpenStreetMap extract as one stream, handed to collectors.

The loop over objects runs in C++ (pyosmium) and only objects with a key that somebody wants reach
Python, so memory stays bounded whatever the size of the file. Whatever wants something from an
extract is a `Collector`: roads, places, names, basemap and water each see the same single reading.
Another source, such as an Overpass answer, needs only another reader that calls the same methods.

A closed way is an area as it stands; only the rings of relations are assembled by osmium.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import osmium

from geo.errors import UnreadableExtract
from geo.model import BBox
from geo.region.objects import NOTHING, Collector, OsmNode, Wanted
from geo.region.streamed import RelationArea, StreamedWay, tags_of, timestamp_of

_BYTES_PER_OBJECT = {".pbf": 110.0, ".bz2": 175.0, ".gz": 220.0, ".osm": 2050.0}
"""Bytes of file to a wanted object, measured on rural extracts; only progress depends on it."""

_MANY_MOMENTS = frozenset({".osc", ".osh"})
"""Endings of lists of changes and of histories."""

_PROGRESS_STEP = 2000
"""Objects between two calls of ``progress``."""

_KEPT_SETS = 20_000
"""Sets of keys of which it is kept who wants them; bounds memory."""

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
    stream = _Stream(path, collectors)
    for seen, thing in enumerate(_wanted_things(path, [one.wanted for one in collectors])):
        stream.hand_over(thing)
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
    """Shows each pyosmium object to each collector."""

    def __init__(self, path: Path, collectors: Sequence[Collector]) -> None:
        self._path = path
        self._nodes = _Lookers([(one.node, one.wanted.node) for one in collectors])
        self._ways = _Lookers([(one.way, one.wanted.way) for one in collectors])
        self._areas = _Lookers([(one.area, one.wanted.area) for one in collectors])
        alone = [one.wanted.alone for one in collectors]
        self._alone = tuple(alone[0].intersection(*alone)) if alone else ()
        self._last_way = -1
        self.located: bool | None = None  # whether any way had a known node; None before the first

    def hand_over(self, thing: Any) -> None:
        """Wrap one object and show it to all who want it.

        Raises
        ------
        UnreadableExtract
            It has the negative id of what an editor has not uploaded, or comes out of order.
        """
        kind, number = type(thing), thing.id
        if number < 0:
            raise UnreadableExtract(
                f"{self._path} holds objects with negative ids, as an editor saves what is not "
                "uploaded yet; number them with 'osmium renumber', then sort with 'osmium sort'."
            )
        if kind is osmium.osm.Way:
            if number <= self._last_way:
                raise unreadable(self._path, f"way {number} is out of order")
            self._last_way = number
            self._way(thing, number)
        elif kind is osmium.osm.Area:
            self._area(thing)
        elif self.located is None:
            self._node(thing, number)
        else:
            raise unreadable(self._path, f"node {number} is out of order: it comes after ways")

    def _node(self, thing: Any, number: int) -> None:
        place = thing.location
        if place.valid():
            tags = tags_of(thing)
            node = OsmNode(number, tags, timestamp_of(thing), place.lon, place.lat)
            for look in self._nodes.of(tags):
                look(node)

    def _way(self, thing: Any, number: int) -> None:
        if not self.located:
            self.located = any(node.location.valid() for node in thing.nodes)
        tags = self._tag_alone(thing) or tags_of(thing)
        way = StreamedWay(thing, number, tags)
        for look in self._ways.of(tags):
            look(way)

    def _tag_alone(self, thing: Any) -> dict[str, str] | None:
        """Return the one tag of which nobody wants to know more; None where there is none."""
        for key in self._alone:
            value = thing.tags.get(key)
            if value is not None and value != "no":
                return {key: value, "area": thing.tags.get("area", "yes")}
        return None

    def _area(self, thing: Any) -> None:
        tags = tags_of(thing)
        area = RelationArea(thing, tags)
        for look in self._areas.of(tags):
            look(area)


_Look = Callable[[Any], None]


class _Lookers:
    """Knows who looks at a thing of some keys; things of the same keys are many."""

    def __init__(self, all_looks: Sequence[tuple[_Look, frozenset[str] | None]]) -> None:
        self._all = all_looks
        self._known: dict[tuple[str, ...], list[_Look]] = {}

    def of(self, tags: Mapping[str, str]) -> list[_Look]:
        """Return how to show a thing to each who wants it."""
        keys = tuple(tags)
        looks = self._known.get(keys)
        if looks is None:
            if len(self._known) >= _KEPT_SETS:
                self._known.clear()
            looks = [look for look, wanted in self._all if wanted is None or wanted & tags.keys()]
            self._known[keys] = looks
        return looks


def _wanted_things(path: Path, wanted: Sequence[Wanted]) -> Iterator[Any]:
    """Yield pyosmium's nodes, ways and areas of relations that somebody wants.

    Each is valid until the next.

    Raises
    ------
    UnreadableExtract
        As `read_extract`; errors of whoever consumes the objects pass untouched.
    """
    node = _union([one.node for one in wanted])
    way = _union([one.way for one in wanted])
    relation = _union([one.area for one in wanted])
    processor = osmium.FileProcessor(path).with_locations("flex_mem")
    for entity, keys in ((osmium.osm.NODE, node), (osmium.osm.WAY, way)):
        if keys is not None:
            processor = processor.with_filter(_by_key(keys, entity))
    processor = processor.with_filter(osmium.filter.EntityFilter(_ENTITIES))
    processor = processor.with_filter(osmium.filter.EmptyTagFilter())
    try:
        areas = _relation_areas(path, relation)
        if areas:
            of_relations = osmium.filter.IdFilter(areas)
            of_relations.enable_for(osmium.osm.AREA)
            processor = processor.with_areas().with_filter(of_relations)
        yield from processor
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        raise unreadable(path, str(error)) from error


def _relation_areas(path: Path, keys: frozenset[str] | None) -> list[int]:
    """Return the ids that osmium gives to the areas of the wanted relations."""
    relations = osmium.FileProcessor(path, osmium.osm.RELATION)
    if keys is not None:
        relations = relations.with_filter(_by_key(keys, osmium.osm.RELATION))
    return [2 * relation.id + 1 for relation in relations]


def _by_key(keys: frozenset[str], entity: Any) -> Any:
    # The filter wants a key at least; no OpenStreetMap key is empty.
    by_key = osmium.filter.KeyFilter("", *sorted(keys))
    by_key.enable_for(entity)
    return by_key


def _union(several: Sequence[frozenset[str] | None]) -> frozenset[str] | None:
    """Return the keys in any of several sets; None, for all keys, where one of them is that."""
    known = [keys for keys in several if keys is not None]
    return None if len(known) < len(several) else NOTHING.union(*known)


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
