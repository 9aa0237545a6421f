"""Several extracts as one: what lies on both sides of a border appears once, roads join across it.

The extracts are read side by side, in their order of type and id, so that memory stays bounded
whatever their size; of what is in several the newest version is kept. Nodes without tags, nine in
ten objects, are passed on in C++ without a look: one that comes twice has the same place in both,
or, where one extract is older, one of its two places for every way that it is in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import osmium

from geo.errors import UnreadableExtract
from geo.model import BBox
from geo.region.extract import ExtractHeader, unreadable
from geo.region.osm_reader import has_locations_on_ways, is_deleted
from geo.region.scan import scan

_RANKS = {"n": 0, "w": 1, "r": 2}
"""In which order the types of objects come in an extract."""


def merge_extracts(
    extracts: Sequence[Path], headers: Sequence[ExtractHeader], target: Path
) -> None:
    """Write several extracts into one.

    Its box is the smallest around theirs, its time that of the oldest, its generator theirs; each
    is left out where one of them does not say, or says another.

    Parameters
    ----------
    extracts
        Two or more, of any format that pyosmium reads.
    headers
        What each says of itself.
    target
        The extract to write, ``.osm.pbf``.

    Raises
    ------
    UnreadableExtract
        One is damaged or unsorted.
    """
    carries = [_carries_locations(path) for path in extracts]
    file = osmium.io.File(target, f"pbf,locations_on_ways={str(any(carries)).lower()}")
    with osmium.SimpleWriter(file, header=_header(headers), overwrite=True) as writer:
        # Where one extract has the places of nodes on its ways alone, the others get them there.
        streams: list[Any] = [
            _things(path, writer, locate=any(carries) and not has)
            for path, has in zip(extracts, carries, strict=True)
        ]
        for things in osmium.zip_processors(*streams):
            newest: Any = max(filter(None, things), key=_version)
            writer.add(newest)


def _carries_locations(path: Path) -> bool:
    try:
        return has_locations_on_ways(path)
    except (RuntimeError, ValueError) as error:
        raise unreadable(path, str(error)) from error


def _things(path: Path, writer: osmium.SimpleWriter, *, locate: bool) -> Iterator[Any]:
    """Yield what has tags, and every way and relation; let the writer have the other nodes.

    Parameters
    ----------
    locate
        Whether to put the places of nodes on ways.
    """
    tagged = osmium.filter.EmptyTagFilter()
    tagged.enable_for(osmium.osm.NODE)
    processor = osmium.FileProcessor(path).with_filter(tagged).handler_for_filtered(writer)
    if locate:
        processor = processor.with_locations()
    deleted = scan(path).deleted
    last = (0, 0)
    try:
        for thing in processor:
            if deleted is not None and is_deleted(thing, deleted):
                continue
            key = (_RANKS[thing.type_str()], thing.id)
            if key <= last:
                raise unreadable(path, f"object {thing.id} is out of order")
            last = key
            yield thing
    except UnreadableExtract:
        raise
    except (RuntimeError, ValueError) as error:
        raise unreadable(path, str(error)) from error


def _version(thing: Any) -> int:
    return int(thing.version)


def _header(headers: Sequence[ExtractHeader]) -> osmium.io.Header:
    header = osmium.io.Header()
    boxes = [one.bbox for one in headers if one.bbox]
    moments = [one.timestamp for one in headers if one.timestamp]
    generators = {one.generator for one in headers}
    if len(boxes) == len(headers):
        box = union(boxes)
        header.add_box(osmium.osm.Box(box.west, box.south, box.east, box.north))
    if len(moments) == len(headers):
        header.set("osmosis_replication_timestamp", f"{min(moments):%Y-%m-%dT%H:%M:%SZ}")
    if len(generators) == 1:
        header.set("generator", generators.pop())
    return header


def union(boxes: Sequence[BBox]) -> BBox:
    """Return the smallest box that holds some boxes."""
    return BBox(
        min(box.west for box in boxes),
        min(box.south for box in boxes),
        max(box.east for box in boxes),
        max(box.north for box in boxes),
    )
