"""The PBF format of OpenStreetMap, as far as nodes and ways are concerned.

A file is a row of blobs, each a block of some thousand objects with the texts of their tags
(https://wiki.openstreetmap.org/wiki/PBF_Format). The blocks are parsed in C by Google's protobuf,
to which the messages are described here; what is not described is passed over.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

_LARGEST_HEADER_BYTES, _LARGEST_BLOB_BYTES = 1 << 16, 1 << 25
"""What no writer may exceed, says the format."""

_LONGEST_VARINT = 10
_NO_SIGN = (1 << 63) - 1
"""All bits but the highest, which a shift to the right would double."""

Ints = npt.NDArray[np.int64]

_UNDERSTOOD = frozenset({"OsmSchema-V0.6", "DenseNodes"})

_MESSAGES = {
    "BlobHeader": "type=1:string datasize=3:int32",
    "Blob": "raw=1:bytes raw_size=2:int32 zlib_data=3:bytes",
    "HeaderBlock": "required_features=4:string* optional_features=5:string*",
    "PrimitiveBlock": (
        "stringtable=1:StringTable primitivegroup=2:PrimitiveGroup* granularity=17:int32"
        " date_granularity=18:int32 lat_offset=19:int64 lon_offset=20:int64"
    ),
    "StringTable": "s=1:bytes*",
    "PrimitiveGroup": "nodes=1:Node* dense=2:DenseNodes ways=3:Way*",
    "Node": "id=1:sint64 keys=2:uint32* vals=3:uint32* info=4:Info lat=8:sint64 lon=9:sint64",
    "DenseNodes": "id=1:bytes denseinfo=5:DenseInfo lat=8:bytes lon=9:bytes keys_vals=10:bytes",
    "Way": "id=1:int64 keys=2:uint32* vals=3:uint32* info=4:Info refs=8:bytes",
    "Info": "timestamp=2:int64",
    "DenseInfo": "timestamp=2:bytes",
}
"""Fields as name, number and type; ``*`` where there may be several.

Long lists of numbers are taken as the bytes that they are written as, for `numbers`.
"""


def is_understood(path: Path) -> bool:
    """Return whether a file is of this format and needs nothing that is not described here."""
    if path.suffix.lower() != ".pbf":
        return False
    try:
        with path.open("rb") as file:
            kind, content = next(_blobs(file))
        header = _parsed(_message("HeaderBlock"), content)
    except (OSError, ValueError, StopIteration):
        return False
    return (
        kind == "OSMHeader"
        and _UNDERSTOOD.issuperset(header.required_features)
        and "LocationsOnWays" not in header.optional_features
    )


def blocks(path: Path) -> Iterator[tuple[float, Any]]:
    """Yield the share of the file that is read, and the next block of it.

    Raises
    ------
    ValueError
        The file is cut off or damaged, or packed as no published extract is.
    """
    whole = path.stat().st_size
    block = _message("PrimitiveBlock")
    with path.open("rb") as file:
        for kind, content in _blobs(file):
            if kind == "OSMData":
                yield file.tell() / whole, _parsed(block, content)


def _blobs(file: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Yield the kind and the content of each blob."""
    while start := file.read(4):
        size = int.from_bytes(start, "big")
        header = _parsed(_message("BlobHeader"), _exactly(file, size, _LARGEST_HEADER_BYTES))
        blob = _parsed(_message("Blob"), _exactly(file, header.datasize, _LARGEST_BLOB_BYTES))
        yield header.type, _unpacked(blob)


def _exactly(file: BinaryIO, size: int, most: int) -> bytes:
    if not 0 <= size <= most:
        raise ValueError("a blob is larger than the format allows")
    content = file.read(size)
    if len(content) < size:
        raise ValueError("truncated: unexpected EOF")
    return content


def _unpacked(blob: Any) -> bytes:
    if not blob.zlib_data:
        if not blob.raw:
            raise ValueError("a blob is empty or packed in an unknown way")
        return bytes(blob.raw)
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(blob.zlib_data, _LARGEST_BLOB_BYTES)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if len(content) != blob.raw_size:
        raise ValueError("a blob is not as long as it says")
    return content


def _parsed(message: Any, content: bytes) -> Any:
    try:
        return message.FromString(content)
    except DecodeError as error:
        raise ValueError(str(error)) from error


def numbers(content: bytes) -> tuple[Ints, Ints]:
    """Read base-128 varints (https://protobuf.dev/programming-guides/encoding/).

    Returns
    -------
    numpy.ndarray, numpy.ndarray
        (n,) numbers, and (n,) where the bytes of each end.

    Raises
    ------
    ValueError
        They are cut off, or larger than 64 bits.

    Examples
    --------
    >>> [column.tolist() for column in numbers(bytes.fromhex("01ac02"))]
    [[1, 300], [1, 3]]
    """
    digits = np.frombuffer(content, np.uint8)
    ends = np.flatnonzero(digits < 128) + 1
    starts = np.append(0, ends[:-1])[: len(ends)]
    if len(digits) and (digits[-1] >= 128 or (ends - starts).max() > _LONGEST_VARINT):
        raise ValueError("a number is cut off")
    low = digits & np.uint8(127)
    found = low[starts].astype(np.int64)
    rows = np.arange(len(ends))
    for place in range(1, _LONGEST_VARINT):
        rows = rows[starts[rows] + place < ends[rows]]
        if not len(rows):
            break
        found[rows] |= low[starts[rows] + place].astype(np.int64) << (7 * place)
    return found, ends


def signed(found: Ints) -> Ints:
    """Return numbers of which the lowest bit is the sign ("zigzag").

    Examples
    --------
    >>> signed(np.array([0, 1, 2, 3])).tolist()
    [0, -1, 1, -2]
    """
    return np.asarray((found >> 1) & _NO_SIGN ^ -(found & 1))


@cache
def _message(name: str) -> Any:
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"crossroads.{name}"))


@cache
def _pool() -> descriptor_pool.DescriptorPool:
    """Describe the messages to protobuf."""
    described = descriptor_pb2.FileDescriptorProto(
        name="crossroads/osm.proto", package="crossroads", syntax="proto3"
    )
    for name, fields in _MESSAGES.items():
        message = described.message_type.add(name=name)
        for text in fields.split():
            key, kind = text.split(":")
            title, number = key.split("=")
            field = message.field.add(name=title, number=int(number))
            field.label = field.LABEL_REPEATED if kind.endswith("*") else field.LABEL_OPTIONAL
            kind = kind.rstrip("*")
            if kind in _MESSAGES:
                field.type, field.type_name = field.TYPE_MESSAGE, f".crossroads.{kind}"
            else:
                field.type = getattr(field, f"TYPE_{kind.upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(described)
    return pool
