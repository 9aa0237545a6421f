"""What the bytes of an extract show before osmium reads it: packing, remarks, marks of deletion.

Texts (XML, OPL) are searched once, at the speed of a search for words. osmium ignores the remark by
which an Overpass server says that it gave up half-way, and JOSM's ``action="delete"``; and it
unpacks without end what a few hostile bytes hold.
"""

from __future__ import annotations

import bz2
import gzip
import html
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, cast
from xml.parsers import expat

from geo.errors import UnreadableExtract, shorten

_CHUNK_BYTES = 1 << 20
_OVERLAP_BYTES = 1 << 10
"""How much of a chunk is gone through again with the next: what is looked for may lie across."""

_SPARE_BYTES, _MOST_TIMES = 16 << 20, 100
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

_GAVE_UP = ("error", "timed out", "timeout", "out of memory")
_LONGEST_REMARK = 200

_REMARK = re.compile(rb"<remark\b[^>]*>([^<]*)")
_DELETED = re.compile(rb"""\baction\s*=\s*["']delete|\bvisible\s*=\s*["']false""")
_DELETED_OPL = re.compile(rb"^[nwr]\d.* dD\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Scan:
    """What was found.

    Attributes
    ----------
    deleted
        Ids, as ``"w12"``, of objects that an editor deleted and has not uploaded; None where
        nothing in the file is marked as deleted in any way.
    """

    deleted: frozenset[str] | None = None


def scan(path: Path) -> Scan:
    """Go through the bytes of an extract that exists; the second time costs nothing.

    Raises
    ------
    UnreadableExtract
        It is packed in a way that is not read, unpacks to more than an extract can hold, or says
        of itself that it is not whole.
    """
    about = path.stat()
    return _scan(path, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=256)
def _scan(path: Path, _size: int, _time: int) -> Scan:
    _check_packing(path)
    if path.suffix.lower() in {".pbf", ".o5m"}:
        return Scan()
    deleted = False
    for window in _windows(path):
        _check_remark(path, window)
        deleted = deleted or _marks_deletion(window)
    is_xml = ".opl" not in path.suffixes
    return Scan(deleted=(_deleted_ids(path) if is_xml else frozenset()) if deleted else None)


def gave_up(remark: str) -> bool:
    """Return whether a remark of an Overpass server says that its answer is not whole."""
    return any(word in remark.casefold() for word in _GAVE_UP)


def is_incomplete(path: Path, remark: str) -> UnreadableExtract:
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
    most = _SPARE_BYTES + _MOST_TIMES * path.stat().st_size
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
            if gave_up(remark):
                raise is_incomplete(path, remark)


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
