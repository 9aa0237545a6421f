"""Making one extract of what a region is built from: extracts and Overpass responses.

Extracts are read side by side, in their order of type and id, so that memory stays bounded whatever
their size; of what is in several the newest version is kept, and roads join across borders. Nodes
without tags, nine in ten objects, are passed on in C++ unread: one that comes twice has the same
place in both, or, where one extract is older, one of its two places for every way that it is in.

Responses hold what lies on the edges of boxes twice, in any order. Each is written as it comes into
a file of OpenStreetMap's own format; pyosmium then sorts them together and keeps the newest version
of each object. A query should be ``[out:json]; (...); (._;>;); out meta;``. Responses by ``out
geom`` and ``out center`` are taken too: nodes are made of what they say of a way's course. A way of
which only the middle is known has that one point, which is enough for a place.
https://wiki.openstreetmap.org/wiki/OSM_JSON, https://wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import osmium
from osmium.osm import mutable

from geo.errors import InputError, UnreadableExtract
from geo.files import overpass_timestamp, parse_timestamp, reports_failure
from geo.geometry import boxes_holding
from geo.model import BBox
from geo.region.extract import (
    ExtractHeader,
    extract_error,
    incomplete_error,
    read_header,
    scan,
)
from geo.region.manifest import GENERATOR, PARTS, DownloadInfo, Manifest, SourceFile
from geo.region.osm_reader import has_locations_on_ways, is_deleted

OVERPASS_SUFFIX = ".json"
"""How the name of an answer ends."""

_FIRST_INVENTED = 1 << 62
"""Nodes that stand for the middle of a way are numbered from here, far above any real one."""

_MALFORMED = (ValueError, KeyError, TypeError, AttributeError, RuntimeError, OverflowError)
_Element = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OverpassResult:
    """What an Overpass server answered: elements, and when OpenStreetMap looked so, if it says."""

    elements: list[dict[str, Any]]
    timestamp: datetime | None


def read_overpass_result(path: Path) -> OverpassResult:
    """Read one answer.

    Raises
    ------
    UnreadableExtract
        It is no answer of an Overpass server, is cut off, or says that it is not whole.
    """
    try:
        values = json.loads(path.read_bytes())
        elements, remark = values["elements"], values.get("remark")
        stamp = values.get("osm3s", {}).get("timestamp_osm_base")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableExtract(
            f"{path} is no answer of an Overpass server in JSON, or is cut off; ask again."
        ) from error
    if reports_failure(str(remark)):
        raise incomplete_error(path, str(remark))
    if not (isinstance(elements, list) and all(isinstance(one, dict) for one in elements)):
        raise UnreadableExtract(f"{path} has no list of elements; ask again.")
    if any(one.get("visible") is False for one in elements):
        raise UnreadableExtract(
            f"{path} contains history, with deleted objects; ask for the map at one point in time."
        )
    return OverpassResult(elements, overpass_timestamp(stamp))


def write_overpass_extract(responses: Sequence[Path], target: Path) -> list[datetime | None]:
    """Write responses into one extract, each object once and in order.

    ``responses`` are files in JSON, each read alone, so that only the largest must fit into memory;
    files beside ``target``, an ``.osm.pbf``, are used for a while. Returns for each response when
    OpenStreetMap looked like it; None where it does not say.

    Raises
    ------
    UnreadableExtract
        An answer is none, is not whole, or has elements that cannot be.
    """
    merged = osmium.MergeInputReader()
    timestamps: list[datetime | None] = []
    raw = target.with_name(f"raw-{target.name}")
    for path in responses:
        response = read_overpass_result(path)
        timestamps.append(response.timestamp)
        _write_raw(response.elements, raw, path)
        merged.add_file(str(raw))
        raw.unlink()
    header = osmium.io.Header()
    known = [timestamp for timestamp in timestamps if timestamp]
    if known and len(known) == len(timestamps):
        header.set("osmosis_replication_timestamp", f"{min(known):%Y-%m-%dT%H:%M:%SZ}")
    with osmium.SimpleWriter(target, header=header, overwrite=True) as writer:
        merged.apply(writer, simplify=True)
    return timestamps


def _write_raw(elements: Sequence[_Element], raw: Path, path: Path) -> None:
    nodes = {one.get("id") for one in elements if one.get("type") == "node"}
    with osmium.SimpleWriter(raw, overwrite=True) as writer:
        for number, element in enumerate(elements):
            try:
                for obj in _iter_objects(element, nodes):
                    writer.add(obj)
            except _MALFORMED as error:
                raise UnreadableExtract(
                    f"element {number + 1} of {path} is none of OpenStreetMap; ask again."
                ) from error


def _iter_objects(element: _Element, nodes: set[Any]) -> Iterator[Any]:
    """Yield an element as pyosmium writes it, after the nodes that are made for it."""
    kind = element["type"]
    if kind not in {"node", "way", "relation"}:
        return  # counts and areas are no objects of the map
    attributes = _attributes(element)
    if kind == "node":
        yield mutable.Node(location=_position(element), **attributes)
    elif kind == "way":
        refs, created = _way_nodes(element, nodes)
        yield from created
        yield mutable.Way(nodes=refs, **attributes)
    else:
        members = [
            (one["type"][0], _number(one["ref"]), str(one.get("role", "")))
            for one in element.get("members", ())
        ]
        yield mutable.Relation(members=members, **attributes)


def _way_nodes(way: _Element, nodes: set[Any]) -> tuple[list[int], list[Any]]:
    """Return the numbers of a way's nodes, and nodes made for those that do not come themselves."""
    refs = [_number(ref) for ref in way.get("nodes", ())]
    geometry = way.get("geometry", ())
    if refs:
        created = [
            mutable.Node(id=ref, location=_position(point))
            for ref, point in zip(refs, geometry, strict=False)
            if point is not None and ref not in nodes
        ]
        return refs, created
    if "center" not in way:
        return [], []
    middle = _FIRST_INVENTED + _number(way["id"])
    return [middle], [mutable.Node(id=middle, location=_position(way["center"]))]


def _attributes(element: _Element) -> dict[str, Any]:
    """Return what every object has; one without a version counts as newer than what we make."""
    tags = element.get("tags", {})
    if not all(isinstance(value, str) for value in tags.values()):
        raise TypeError("tags are texts")
    attributes = {
        "id": _number(element["id"]),
        "tags": tags,
        "version": element.get("version") or 1,
    }
    timestamp = _parse_moment(element.get("timestamp"))
    return attributes | ({"timestamp": timestamp} if timestamp else {})


def _number(value: Any) -> int:
    if type(value) is not int or not 0 < value < _FIRST_INVENTED:
        raise ValueError("no number of an object")
    return value


def _position(value: _Element) -> tuple[float, float]:
    lon, lat = value["lon"], value["lat"]
    if not (abs(float(lon)) <= 180 and abs(float(lat)) <= 90):
        raise ValueError("no position")
    return float(lon), float(lat)


def _parse_moment(text: Any) -> datetime | None:
    try:
        return parse_timestamp(text)
    except (TypeError, ValueError):
        return None


_RANKS = {"n": 0, "w": 1, "r": 2}
"""In which order the types of objects come in an extract."""


def merge_extracts(
    extracts: Sequence[Path], headers: Sequence[ExtractHeader], target: Path
) -> None:
    """Write several extracts into one.

    Its box is the smallest around theirs, its time that of the oldest, its generator theirs; each
    is left out where one of them does not say, or says another.

    Raises
    ------
    UnreadableExtract
        One is damaged or unsorted.
    """
    located = [_has_locations(path) for path in extracts]
    file = osmium.io.File(target, f"pbf,locations_on_ways={str(any(located)).lower()}")
    with osmium.SimpleWriter(file, header=_header(headers), overwrite=True) as writer:
        # Where one extract has the places of nodes on its ways alone, the others get them there.
        streams: list[Any] = [
            _merged_objects(path, writer, locate=any(located) and not has)
            for path, has in zip(extracts, located, strict=True)
        ]
        for objects in osmium.zip_processors(*streams):
            newest: Any = max(filter(None, objects), key=_version)
            writer.add(newest)


def _has_locations(path: Path) -> bool:
    try:
        return has_locations_on_ways(path)
    except (RuntimeError, ValueError) as error:
        raise extract_error(path, str(error)) from error


def _merged_objects(path: Path, writer: osmium.SimpleWriter, *, locate: bool) -> Iterator[Any]:
    """Yield what has tags, and every way and relation; let the writer have the other nodes."""
    tagged = osmium.filter.EmptyTagFilter()
    tagged.enable_for(osmium.osm.NODE)
    processor = osmium.FileProcessor(path).with_filter(tagged).handler_for_filtered(writer)
    if locate:
        processor = processor.with_locations()
    deleted = scan(path)
    last = (0, 0)
    try:
        for obj in processor:
            if deleted is not None and is_deleted(obj, deleted):
                continue
            key = (_RANKS[obj.type_str()], obj.id)
            if key <= last:
                raise extract_error(path, f"object {obj.id} is out of order")
            last = key
            yield obj
    except UnreadableExtract:
        raise
    except (RuntimeError, ValueError) as error:
        raise extract_error(path, str(error)) from error


def _version(obj: Any) -> int:
    return int(obj.version)


def _header(headers: Sequence[ExtractHeader]) -> osmium.io.Header:
    header = osmium.io.Header()
    boxes = [one.bbox for one in headers if one.bbox]
    timestamps = [one.timestamp for one in headers if one.timestamp]
    generators = {one.generator for one in headers}
    if len(boxes) == len(headers):
        box = union(boxes)
        header.add_box(osmium.osm.Box(box.west, box.south, box.east, box.north))
    if len(timestamps) == len(headers):
        header.set("osmosis_replication_timestamp", f"{min(timestamps):%Y-%m-%dT%H:%M:%SZ}")
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


_MAX_GAP_DEG = 2.0
"""From which gap on extracts are no neighbours: all between them would be drawn as empty sea."""

_BATCH_SIZE = 64
"""Answers that are sorted together; as many as fit into memory whatever is in them."""

_MAX_NAMES_IN_TITLE = 3
"""How many sources a title names."""


@dataclass(frozen=True, slots=True)
class PreparedExtract:
    """One extract that stands for all sources, and files made on the way, to be deleted."""

    extract: Path
    sources: tuple[SourceFile, ...]
    created: tuple[Path, ...] = ()

    def discard(self) -> None:
        """Delete what was made of the sources; they themselves are not touched."""
        for path in self.created:
            path.unlink(missing_ok=True)

    @property
    def title(self) -> str:
        """What to call the sources together: short, however many they are."""
        names = [source.name for source in self.sources]
        if len(names) > 1 and all(name.endswith(OVERPASS_SUFFIX) for name in names):
            return f"{len(names)} Overpass answers"
        more = (
            [f"{len(names) - _MAX_NAMES_IN_TITLE} more"] if len(names) > _MAX_NAMES_IN_TITLE else []
        )
        return " + ".join(names[:_MAX_NAMES_IN_TITLE] + more)

    @property
    def bytes(self) -> int:
        """Their size together."""
        return sum(source.bytes for source in self.sources)


def prepare_extract(
    files: Sequence[Path], origins: Sequence[DownloadInfo], folder: Path
) -> PreparedExtract:
    """Return the one extract that stands for some files.

    ``files`` are extracts, and responses of an Overpass server whose names end in ``.json``.
    ``origins`` are where each can be had again; none, or one for each file.

    Raises
    ------
    InputError
        There are none, they lie far from each other, or one is of an invented place.
    UnreadableExtract
        One is missing, damaged, not whole, or unsorted.
    """
    extracts = [path for path in files if path.suffix.lower() != OVERPASS_SUFFIX]
    responses = [path for path in files if path.suffix.lower() == OVERPASS_SUFFIX]
    timestamps = {path: read_header(path).timestamp for path in extracts}
    created: list[Path] = []
    for start in range(0, len(responses), _BATCH_SIZE):
        group = responses[start : start + _BATCH_SIZE]
        created.append(folder / f"answers-{start}.osm.pbf")
        timestamps.update(zip(group, write_overpass_extract(group, created[-1]), strict=True))
        extracts.append(created[-1])
    if not extracts:
        raise InputError("a region is built from an extract; give one at least.")
    if len(extracts) > 1:
        created.append(folder / "merged.osm.pbf")
        _merge(extracts, created[-1])
    return PreparedExtract(
        created[-1] if created else extracts[0], _sources(files, origins, timestamps), (*created,)
    )


def _sources(
    files: Sequence[Path],
    origins: Sequence[DownloadInfo],
    timestamps: Mapping[Path, datetime | None],
) -> tuple[SourceFile, ...]:
    known = origins or [DownloadInfo()] * len(files)
    return tuple(
        SourceFile(
            path.name,
            path.stat().st_size,
            timestamps[path],
            url=origin.url,
            md5=origin.md5,
            etag=origin.etag,
            modified=origin.modified,
        )
        for path, origin in zip(files, known, strict=True)
    )


def _merge(extracts: Sequence[Path], target: Path) -> None:
    """Merge extracts that can be one region; refuse others."""
    headers = [read_header(path) for path in extracts]
    if len({one.generator == GENERATOR for one in headers}) > 1:
        raise InputError("the sample county is invented; build real extracts without it.")
    if not are_neighbours([one.bbox for one in headers if one.bbox]):
        raise InputError("the extracts lie far from each other; build a region from each.")
    merge_extracts(extracts, headers, target)


def are_neighbours(boxes: Sequence[BBox]) -> bool:
    """Return whether all boxes hang together, each near another, so that they can be one region."""
    reached, waiting = list(boxes[:1]), list(boxes[1:])
    for box in reached:  # grows meanwhile: a breadth-first search
        near = [one for one in waiting if _gap_deg(one, box) <= _MAX_GAP_DEG]
        reached += near
        waiting = [one for one in waiting if one not in near]
    return not waiting


def _gap_deg(a: BBox, b: BBox) -> float:
    """Return the wider of the two gaps between boxes, along a meridian and along a parallel."""
    return max(a.west - b.east, b.west - a.east, a.south - b.north, b.south - a.north)


_NETWORK = PARTS[0]


def box_of(url: str) -> BBox | None:
    """Return the box that a source was asked for by; None for an extract."""
    try:
        west, south, east, north = map(float, urlsplit(url).fragment.split(","))
    except ValueError:
        return None
    return BBox(west, south, east, north)


def own_squares(folder: Path, manifest: Manifest) -> tuple[BBox, ...]:
    """Return the squares of a region, from south-west to north-east.

    Raises
    ------
    OSError, ValueError
        Its files are damaged.
    """
    boxes = [box_of(source.url) for source in manifest.sources]
    asked = [box for box in boxes if box is not None]
    if asked and len(asked) == len(boxes):  # a square may have come by its quarters
        centers = [box.center for box in asked]
        return tuple(boxes_holding([one.lon for one in centers], [one.lat for one in centers]))
    return _squares_of_junctions(folder / manifest.build / _NETWORK)


@lru_cache(maxsize=16)
def _squares_of_junctions(files: Path) -> tuple[BBox, ...]:
    lon, lat = (
        np.load(files / f"junction_{name}.npy", mmap_mode="r", allow_pickle=False)
        for name in ("lon", "lat")
    )
    return tuple(boxes_holding(lon, lat))
