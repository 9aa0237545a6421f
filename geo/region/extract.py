"""Reading an OpenStreetMap extract as one stream, handed to collectors.

Only objects with a key that somebody wants become objects of Python, so memory stays bounded
whatever the size of the file. Whatever wants something from an extract is a `Collector`: roads,
places, names, basemap and water each see the same single reading (`geo.region.osm_reader`).

A closed way is an area as it stands; only the rings of relations are assembled by osmium.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import osmium

from geo.cancellation import Progress, no_progress
from geo.errors import UnreadableExtract
from geo.model import BBox
from geo.region.osm_objects import (
    NEGATIVE_VALUES,
    Collector,
    ObjectFilter,
    OsmArea,
    OsmNode,
    OsmWay,
)
from geo.region.osm_reader import STEP, ObjectReader
from geo.region.scan import scan

_MANY_MOMENTS = frozenset({".osc", ".osh", ".o5c"})
"""Endings of lists of changes and of histories."""

_MOST_UNPLACED = 0.8
"""The share of ways without two neighbouring nodes from which on a file lacks its nodes."""

_KEPT_SETS = 20_000
"""Sets of keys of which it is kept who wants them; bounds memory."""


_PACKED = re.compile(r"(\w+) blobs not supported")
"""How osmium says that it lacks the library for a compression."""


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
    progress: Progress = no_progress,
) -> ExtractHeader:
    """Stream an extract through collectors.

    Parameters
    ----------
    path
        A file ending in ``.pbf``, ``.osm``, ``.osm.bz2``, ``.osm.gz``, ``.o5m`` or ``.opl``, its
        objects sorted by type and id as every published extract has them.

    Raises
    ------
    UnreadableExtract
        The file is missing, empty, cut off, unsorted, a history, or no OpenStreetMap data.
    """
    header = read_header(path)
    audience = _Dispatcher(path, collectors)
    wanted = ObjectFilter(
        node=_union([one.wanted.node for one in collectors]),
        way=_union([one.wanted.way for one in collectors]),
        area=_union([one.wanted.area for one in collectors]),
    )
    progress(STEP, 0.0)
    reader = ObjectReader(path, wanted, scan(path).deleted)
    for thing in _objects(path, reader, progress):
        audience.show(thing)
    if reader.missing.unplaced > _MOST_UNPLACED * reader.missing.ways:
        raise UnreadableExtract(
            f"the ways of {path} come without their nodes, or before them; take an extract with "
            "nodes and sort it by type and id, for example with 'osmium sort'."
        )
    progress(STEP, 1.0)
    return header


def _objects(
    path: Path, reader: ObjectReader, progress: Progress
) -> Iterator[OsmNode | OsmWay | OsmArea]:
    """Yield what somebody wants; errors of whoever consumes it pass untouched."""
    try:
        yield from reader.objects(progress)
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        raise unreadable(path, str(error)) from error


class _Dispatcher:
    """Shows each object to each collector that wants it."""

    def __init__(self, path: Path, collectors: Sequence[Collector]) -> None:
        self._path = path
        self._nodes = _ByKeys([(one.node, one.wanted.node) for one in collectors])
        self._ways = _ByKeys([(one.way, one.wanted.way) for one in collectors])
        self._areas = _ByKeys([(one.area, one.wanted.area) for one in collectors])
        self._last_node, self._last_way = 0, -1

    def show(self, thing: OsmNode | OsmWay | OsmArea) -> None:
        """Show one object to all who want it.

        Raises
        ------
        UnreadableExtract
            It has the negative id of what an editor has not uploaded, or comes out of order.
        """
        if isinstance(thing, OsmWay):
            if thing.id <= self._last_way:
                self._check(thing.id)
                self._complain(f"way {thing.id}", again=thing.id == self._last_way)
            self._last_way = thing.id
            for look in self._ways.of(thing.tags):
                look(thing)
        elif isinstance(thing, OsmArea):
            for look in self._areas.of(thing.tags):
                look(thing)
        else:
            self._check(thing.id)
            again = thing.id == self._last_node
            if again or self._last_way >= 0:
                self._complain(f"node {thing.id}", again=again)
            self._last_node = thing.id
            for look in self._nodes.of(thing.tags):
                look(thing)

    def _complain(self, name: str, *, again: bool) -> None:
        """Say that an object appears twice, or after what it should come before."""
        raise unreadable(self._path, f"{name} {'appears twice' if again else 'is out of order'}")

    def _check(self, number: int) -> None:
        if number < 0:
            raise UnreadableExtract(
                f"{self._path} holds objects with negative ids, as an editor saves what is not "
                "uploaded yet; number them with 'osmium renumber', then sort with 'osmium sort'."
            )


_Look = Callable[[Any], None]


class _ByKeys:
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


def _union(several: Sequence[frozenset[str] | None]) -> frozenset[str] | None:
    """Return the keys in any of several sets; None, for all keys, where one of them is that."""
    known = [keys for keys in several if keys is not None]
    return None if len(known) < len(several) else NEGATIVE_VALUES.union(*known)


def read_header(path: Path) -> ExtractHeader:
    """Read what the file says of itself, and refuse what cannot be an extract."""
    if path.is_dir():
        raise UnreadableExtract(f"{path} is a folder; give the .osm.pbf file itself.")
    if not path.is_file():
        raise UnreadableExtract(f"there is no file {path}; check the path.")
    if path.stat().st_size == 0:
        raise UnreadableExtract(f"{path} is empty; download it again.")
    if not _MANY_MOMENTS.isdisjoint(path.suffixes):
        raise _many_moments(path)
    scan(path)
    try:
        header = osmium.FileProcessor(path).header
        if header.has_multiple_object_versions:
            raise _many_moments(path)
        box = header.box()
        written = header.get("osmosis_replication_timestamp") or header.get("timestamp")
    except (RuntimeError, ValueError) as error:
        raise unreadable(path, str(error)) from error
    return ExtractHeader(_bbox(box), _parse_timestamp(written), header.get("generator"))


def _many_moments(path: Path) -> UnreadableExtract:
    return UnreadableExtract(
        f"{path} contains history or changes; use an ordinary extract, named .osm.pbf."
    )


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
    if "appears twice" in detail:
        return UnreadableExtract(
            f"{path} contains an object more than once ({detail}), as files with history do; "
            "use 'osmium time-filter' to extract one point in time, or 'osmium merge' to combine "
            "files."
        )
    if packing := _PACKED.search(detail):
        return UnreadableExtract(
            f"the blocks of {path} are compressed with {packing[1]}, which is not supported; "
            "write the file again with zlib compression, as published extracts have."
        )
    if "EOF" in detail or "truncated" in detail or "no element found" in detail:
        return UnreadableExtract(f"{path} is cut off ({detail}); download it again.")
    return UnreadableExtract(
        f"{path} is no OpenStreetMap extract or is damaged ({detail}); download it again."
    )
