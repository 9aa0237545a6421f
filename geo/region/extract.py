"""Reading an OpenStreetMap extract as one stream, handed to collectors.

Only objects with a key that somebody wants become objects of Python, so memory stays bounded
whatever the size of the file. Whatever wants something from an extract is a `Collector`: roads,
places, names, basemap and water each see the same single reading (`geo.region.osm_reader`). A
closed way is an area as it stands; only the rings of relations are assembled by osmium.

Texts (XML, OPL) are scanned before, once, at the speed of a search for words. osmium ignores the
remark by which an Overpass server says that it gave up half-way, and JOSM's ``action="delete"``;
and it unpacks without end what a few hostile bytes hold.
"""

from __future__ import annotations

import bz2
import gzip
import html
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, cast
from xml.parsers import expat

import osmium

from geo.cancellation import Progress, no_progress
from geo.errors import UnreadableExtract, shorten
from geo.files import reports_failure
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

_CHUNK_BYTES = 1 << 20
_OVERLAP_BYTES = 1 << 10
"""How much of a chunk is gone through again with the next: what is looked for may lie across."""

_MAX_UNPACKED_BYTES, _MAX_UNPACKED_TIMES = 16 << 20, 100
"""How large a packed file may be unpacked: so many bytes, and so many times its size more. XML of
OpenStreetMap becomes 10 to 25 times smaller by gzip and bzip2."""

_PACKINGS = {
    b"\x1f\x8b": ("gzip", ".gz"),
    b"BZh": ("bzip2", ".bz2"),
    b"\x28\xb5\x2f\xfd": ("zstd", ""),
    b"\x04\x22\x4d\x18": ("lz4", ""),
    b"\xfd7zXZ\x00": ("xz", ""),
    b"7z\xbc\xaf": ("7-Zip", ""),
    b"PK\x03\x04": ("ZIP", ""),
}
"""First bytes of packed files (their formats' specifications), with the ending that osmium knows
them by."""

_LONGEST_REMARK = 200

_REMARK = re.compile(rb"<remark\b[^>]*>([^<]*)")
_DELETED = re.compile(rb"""\baction\s*=\s*["']delete|\bvisible\s*=\s*["']false""")
_DELETED_OPL = re.compile(rb"^[nwr]\d.* dD\b", re.MULTILINE)


def scan(path: Path) -> frozenset[str] | None:
    """Check the bytes of an extract that exists, and return which of its objects are deleted.

    Ids, as ``"w12"``, of objects that an editor deleted and has not uploaded; None where nothing in
    the file is marked as deleted in any way. The second time costs nothing.

    Raises
    ------
    UnreadableExtract
        It is packed in a way that is not read, unpacks to more than an extract can hold, or says
        of itself that it is not whole.
    """
    about = path.stat()
    return _scan(path, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=256)
def _scan(path: Path, _size: int, _time: int) -> frozenset[str] | None:
    _check_packing(path)
    if path.suffix.lower() in {".pbf", ".o5m"}:
        return None
    deleted = False
    for window in _windows(path):
        _check_remark(path, window)
        deleted = deleted or _marks_deletion(window)
    if not deleted:
        return None
    return frozenset() if ".opl" in path.suffixes else _deleted_ids(path)  # osmium knows OPL's


def incomplete_error(path: Path, remark: str) -> UnreadableExtract:
    """Return the error that says so."""
    return UnreadableExtract(
        f"{path} is incomplete; the server reported: {shorten(remark.strip(), _LONGEST_REMARK)!r}."
        " Ask again for a smaller area."
    )


def _check_packing(path: Path) -> None:
    """Refuse a file that is packed otherwise than its name says."""
    with path.open("rb") as file:
        start = file.read(8)
    for magic, (packing, ending) in _PACKINGS.items():
        if start.startswith(magic) and path.suffix.lower() != (ending or None):
            rename = f"add {ending} to its name" if ending else "unpack it first"
            raise UnreadableExtract(f"{path} is packed with {packing}; {rename}.")


def _windows(path: Path) -> Iterator[bytes]:
    """Yield the unpacked file in pieces that overlap.

    What cannot be unpacked ends it: osmium says what is wrong with it.
    """
    most = _MAX_UNPACKED_BYTES + _MAX_UNPACKED_TIMES * path.stat().st_size
    tail, total = b"", 0
    try:
        with _open(path) as file:
            while chunk := file.read(_CHUNK_BYTES):
                total += len(chunk)
                # No text of OpenStreetMap is longer than 255 characters.
                endless = len(chunk) == _CHUNK_BYTES and b"<" not in chunk and b"\n" not in chunk
                if total > most or endless:
                    raise UnreadableExtract(
                        f"{path} is damaged or malicious: it unpacks to far more than an extract"
                        " of its size can hold."
                    )
                yield tail + chunk
                tail = chunk[-_OVERLAP_BYTES:]
    except (EOFError, OSError, zlib.error):
        return


def _open(path: Path) -> BinaryIO:
    ending = path.suffix.lower()
    if ending == ".gz":
        return cast("BinaryIO", gzip.open(path))
    return cast("BinaryIO", bz2.open(path)) if ending == ".bz2" else path.open("rb")


def _check_remark(path: Path, window: bytes) -> None:
    if b"<remark" in window:
        for found in _REMARK.finditer(window):
            remark = html.unescape(found[1].decode("utf-8", "replace"))
            if reports_failure(remark):
                raise incomplete_error(path, remark)


def _marks_deletion(window: bytes) -> bool:
    """Return whether something may be deleted; a search for a word is far quicker than patterns."""
    if (b"delete" in window or b"false" in window) and _DELETED.search(window):
        return True
    return b" dD" in window and _DELETED_OPL.search(window) is not None


def _deleted_ids(path: Path) -> frozenset[str]:
    """Return what JOSM marked as deleted; what is no XML has none, and osmium says so."""
    ids: set[str] = set()

    def begin(name: str, attributes: dict[str, str]) -> None:
        if attributes.get("action") == "delete" and name in {"node", "way", "relation"}:
            ids.add(f"{name[0]}{attributes.get('id', '')}")

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        with _open(path) as file:
            parser.ParseFile(file)
    except (expat.ExpatError, EOFError, OSError, zlib.error):
        return frozenset()
    return frozenset(ids)


def _refuse_doctype(*_about: object) -> None:
    raise expat.ExpatError("no extract has a document type")


_HISTORY_SUFFIXES = frozenset({".osc", ".osh", ".o5c"})
"""Endings of lists of changes and of histories."""

_MAX_SHARE_UNPLACED = 0.8
"""The share of ways without two neighbouring nodes from which on a file lacks its nodes."""

_MAX_KEY_SETS = 20_000
"""Sets of keys of which it is kept who wants them; bounds memory."""


_PACKED = re.compile(r"(\w+) blobs not supported")
"""How osmium says that it lacks the library for a compression."""


@dataclass(frozen=True, slots=True)
class ExtractHeader:
    """What an extract says of itself; None, and an empty generator, where it does not say.

    The box that it was cut to, the time its data was true, and the program that wrote it.
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
    dispatcher = _Dispatcher(path, collectors)
    wanted = ObjectFilter(
        node=_union([one.wanted.node for one in collectors]),
        way=_union([one.wanted.way for one in collectors]),
        area=_union([one.wanted.area for one in collectors]),
    )
    progress(STEP, 0.0)
    reader = ObjectReader(path, wanted, scan(path))
    for obj in _objects(path, reader, progress):
        dispatcher.show(obj)
    if reader.unplaced_count > _MAX_SHARE_UNPLACED * reader.way_count:
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
        raise extract_error(path, str(error)) from error


class _Dispatcher:
    """Shows each object to each collector that wants it."""

    def __init__(self, path: Path, collectors: Sequence[Collector]) -> None:
        self._path = path
        self._nodes = _CallbacksByKeys([(one.node, one.wanted.node) for one in collectors])
        self._ways = _CallbacksByKeys([(one.way, one.wanted.way) for one in collectors])
        self._areas = _CallbacksByKeys([(one.area, one.wanted.area) for one in collectors])
        self._last_node, self._last_way = 0, -1

    def show(self, obj: OsmNode | OsmWay | OsmArea) -> None:
        """Show one object to all who want it.

        Raises
        ------
        UnreadableExtract
            It has the negative id of what an editor has not uploaded, or comes out of order.
        """
        if isinstance(obj, OsmWay):
            if obj.id <= self._last_way:
                self._check(obj.id)
                self._raise_disorder(f"way {obj.id}", again=obj.id == self._last_way)
            self._last_way = obj.id
            for callback in self._ways.of(obj.tags):
                callback(obj)
        elif isinstance(obj, OsmArea):
            for callback in self._areas.of(obj.tags):
                callback(obj)
        else:
            self._check(obj.id)
            again = obj.id == self._last_node
            if again or self._last_way >= 0:
                self._raise_disorder(f"node {obj.id}", again=again)
            self._last_node = obj.id
            for callback in self._nodes.of(obj.tags):
                callback(obj)

    def _raise_disorder(self, name: str, *, again: bool) -> None:
        """Say that an object appears twice, or after what it should come before."""
        raise extract_error(self._path, f"{name} {'appears twice' if again else 'is out of order'}")

    def _check(self, number: int) -> None:
        if number < 0:
            raise UnreadableExtract(
                f"{self._path} holds objects with negative ids, as an editor saves what is not "
                "uploaded yet; number them with 'osmium renumber', then sort with 'osmium sort'."
            )


_Callback = Callable[[Any], None]


class _CallbacksByKeys:
    """Knows who looks at a thing of some keys; things of the same keys are many."""

    def __init__(self, all_callbacks: Sequence[tuple[_Callback, frozenset[str] | None]]) -> None:
        self._all = all_callbacks
        self._known: dict[tuple[str, ...], list[_Callback]] = {}

    def of(self, tags: Mapping[str, str]) -> list[_Callback]:
        """Return how to show a thing to each who wants it."""
        keys = tuple(tags)
        callbacks = self._known.get(keys)
        if callbacks is None:
            if len(self._known) >= _MAX_KEY_SETS:
                self._known.clear()
            callbacks = [
                callback for callback, wanted in self._all if wanted is None or wanted & tags.keys()
            ]
            self._known[keys] = callbacks
        return callbacks


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
    if not _HISTORY_SUFFIXES.isdisjoint(path.suffixes):
        raise _history_error(path)
    scan(path)
    try:
        header = osmium.FileProcessor(path).header
        if header.has_multiple_object_versions:
            raise _history_error(path)
        box = header.box()
        written = header.get("osmosis_replication_timestamp") or header.get("timestamp")
    except (RuntimeError, ValueError) as error:
        raise extract_error(path, str(error)) from error
    return ExtractHeader(_bbox(box), _parse_timestamp(written), header.get("generator"))


def _history_error(path: Path) -> UnreadableExtract:
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


def extract_error(path: Path, detail: str) -> UnreadableExtract:
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
