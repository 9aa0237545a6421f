"""Many short byte strings as one array, so that numpy joins the messages of a block at once.

A tile is made of messages within messages, each with its length before it. A block has hundreds of
thousands of them, and joining each by itself took most of the time that tiles took.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.region.basemap.shapes import Bools, Ints, gather


@dataclass(frozen=True, slots=True)
class Packed:
    """Some n byte strings, one after the other.

    Attributes
    ----------
    data
        (b,) bytes.
    start
        (n + 1,) bytes ``data[start[k]:start[k + 1]]`` make string k.
    """

    data: npt.NDArray[np.uint8]
    start: Ints

    @property
    def lengths(self) -> Ints:
        """(n,) bytes of each string."""
        return np.diff(self.start)

    def joined(self, start: Ints) -> Packed:
        """Return longer strings, each made of ``start[k]`` to ``start[k + 1]`` of these."""
        return Packed(self.data, self.start[start])

    def take(self, rows: Ints) -> Packed:
        """Return some of the strings, in that order."""
        members, start = gather(self.start, rows)
        return Packed(self.data[members], start)

    def where(self, wanted: Bools) -> Packed:
        """Return the same strings, those that are not wanted empty."""
        lengths = np.where(wanted, self.lengths, 0)
        start = np.concatenate(([0], np.cumsum(lengths)))
        return Packed(self.data[np.repeat(wanted, self.lengths)], start)

    def to_list(self) -> list[bytes]:
        """Return each string by itself."""
        whole = self.data.tobytes()
        return [whole[a:b] for a, b in pairwise(self.start.tolist())]


def pack(strings: Sequence[bytes]) -> Packed:
    """Return byte strings as one array."""
    start = np.cumsum([0, *map(len, strings)], dtype=np.int64)
    return Packed(np.frombuffer(b"".join(strings), np.uint8), start)


def repeated(string: bytes, count: int) -> Packed:
    """Return a byte string many times."""
    return Packed(
        np.tile(np.frombuffer(string, np.uint8), count), np.arange(count + 1) * len(string)
    )


def varint(value: int) -> bytes:
    """Return a number as a base-128 varint.

    Examples
    --------
    >>> varint(300).hex()
    'ac02'
    """
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def varints(values: npt.NDArray[np.integer[Any]]) -> Packed:
    """Return numbers from 0 to 2^32 - 1 as base-128 varints.

    Examples
    --------
    >>> [one.hex() for one in varints(np.array([1, 300])).to_list()]
    ['01', 'ac02']
    """
    values = values.astype(np.uint32)
    lengths = np.ones(len(values), np.uint8)
    for bits in (7, 14, 21, 28):
        lengths += values >= 1 << bits
    start = np.zeros(len(values) + 1, np.int64)
    np.cumsum(lengths, out=start[1:])
    data = np.empty(start[-1], np.uint8)
    at = start[:-1]
    while len(values):
        longer = values >= 128
        data[at] = values & 127 | longer.astype(np.uint32) << 7
        at, values = at[longer] + 1, values[longer] >> 7
    return Packed(data, start)


def interleaved(columns: Sequence[Packed]) -> Packed:
    """Return for each row the strings of all columns, one after the other."""
    lengths = np.stack([column.lengths for column in columns], axis=1)
    ends = np.cumsum(lengths.ravel())
    first = (ends - lengths.ravel()).reshape(lengths.shape)
    total = int(ends[-1]) if len(ends) else 0
    data = np.empty(total, np.uint8)
    for place, column in zip(first.T, columns, strict=True):
        data[np.arange(len(column.data)) + np.repeat(place - column.start[:-1], column.lengths)] = (
            column.data
        )
    return Packed(data, np.append(first[:, 0], total))
