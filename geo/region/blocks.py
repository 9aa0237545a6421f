"""Nodes and ways out of the blocks of an extract in PBF format, a block at a time.

pyosmium makes several Python objects for each that it hands over, and one for each tag and each
node of a way. Here the places of a block's nodes are found by numpy at once, and tags are looked up
in the block's own list of texts. That halves the reading of a synthetic state of 380,000 tagged
things, from 59 to 31 processor seconds in the two processes that build it. Other formats,
relations, and files of this format that are packed as few are, are left to pyosmium
(`geo.region.streamed`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.region.objects import POINT_BYTES, OsmNode, OsmWay, PackedWay, Wanted
from geo.region.pbf import blocks, numbers, signed

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Keys = frozenset[str] | None

_E9_TO_E7 = 100.0
"""A block tells places in billionths of a degree; what lies between two of ours is cut off."""

_FARTHEST_E7 = (180 * 10**7, 90 * 10**7)
_END_OF_TIME_S = 1 << 32
"""Times of change beyond it are not believed."""


def things_of(
    path: Path, wanted: Wanted, progress: Callable[[float], None]
) -> Iterator[OsmNode | OsmWay]:
    """Yield the wanted nodes and ways of a file that `geo.region.pbf.is_understood`.

    Each is valid until the next.

    Parameters
    ----------
    wanted
        The keys of which a thing must have one.
    progress
        Is told the share that is read.

    Raises
    ------
    ValueError
        The file is cut off, damaged, or not in order.
    """
    places = _Places()
    try:
        for share, message in blocks(path):
            block = _Block(message)
            for group in message.primitivegroup:
                yield from block.nodes(group, wanted.node, places)
                yield from block.ways(group, wanted.way, places)
            progress(share)
    except IndexError as error:
        raise ValueError("a tag is not in the list of texts") from error


class _Places:
    """Where nodes are: as many numbers as possible, and no object for any."""

    def __init__(self) -> None:
        self._packed_ids, self._packed_e7 = bytearray(), bytearray()
        self._ids = np.zeros(0, np.int64)
        self._e7 = np.zeros((0, 2), np.int32)
        self._complete = False

    def add(self, ids: Ints, e7: npt.NDArray[np.int32]) -> None:
        """Keep (n,) nodes with their (n, 2) lon and lat."""
        if self._complete and len(ids):
            raise ValueError(f"node {ids[0]} is out of order: it comes after ways")
        self._packed_ids += ids.tobytes()
        self._packed_e7 += e7.tobytes()

    def of(self, refs: Ints) -> tuple[npt.NDArray[np.int32], Bools]:
        """Return (k, 2) lon and lat of nodes, and (k,) whether the file has them."""
        if not self._complete:
            self._complete = True
            self._sort()
        if not len(self._ids):
            return np.zeros((len(refs), 2), np.int32), np.zeros(len(refs), np.bool_)
        at = np.searchsorted(self._ids, refs).clip(max=len(self._ids) - 1)
        return self._e7[at], self._ids[at] == refs

    def _sort(self) -> None:
        self._ids = np.frombuffer(self._packed_ids, np.int64)
        self._e7 = np.frombuffer(self._packed_e7, np.int32).reshape(-1, 2)
        if (self._ids[1:] < self._ids[:-1]).any():
            order = np.argsort(self._ids, kind="stable")
            self._ids, self._e7 = self._ids[order], self._e7[order]


class _Block:
    """A block's texts and units."""

    def __init__(self, message: Any) -> None:
        self._texts = [text.decode(errors="replace") for text in message.stringtable.s]
        self._scale = message.granularity or 100
        self._offset = np.array([message.lon_offset, message.lat_offset])
        self._unit_s = (message.date_granularity or 1000) / 1000

    def nodes(self, group: Any, keys: Keys, places: _Places) -> Iterator[OsmNode]:
        """Keep where the nodes of a group are, and yield the wanted ones."""
        if group.dense.id:
            ids, units, tags, times = _dense(group.dense)
        elif group.nodes:
            ids, units, tags, times = _plain(group.nodes)
        else:
            return
        e7 = (units * self._scale + self._offset) / _E9_TO_E7
        valid = (np.abs(e7) <= _FARTHEST_E7).all(axis=1)
        places.add(ids[valid], e7[valid].astype(np.int32))
        wanted = self._wanted(keys)
        for row, (own, values) in tags.items():
            if valid[row] and (wanted is None or not wanted.isdisjoint(own)):
                lon, lat = (e7[row].astype(np.int32) / 1e7).tolist()
                moment = self.moment(times[row])
                yield OsmNode(int(ids[row]), self._tags(own, values), moment, lon, lat)

    def ways(self, group: Any, keys: Keys, places: _Places) -> Iterator[OsmWay]:
        """Yield the wanted ways of a group."""
        wanted = self._wanted(keys)
        every = [(way, way.keys[:]) for way in group.ways]  # a slice is a list, quick to go through
        found = [
            (way, own)
            for way, own in every
            if own and (wanted is None or not wanted.isdisjoint(own))
        ]
        if found:
            ways = _Ways(self, [way for way, _ in found], places)
            for row, (way, own) in enumerate(found):
                yield _BlockWay(ways, row, way.id, self._tags(own, way.vals[:]))

    def moment(self, units: int) -> datetime | None:
        """Return a time; None where the file does not say."""
        seconds = units * self._unit_s
        return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _END_OF_TIME_S else None

    def _tags(self, keys: list[int], values: list[int]) -> dict[str, str]:
        texts = self._texts
        return {texts[key]: texts[value] for key, value in zip(keys, values, strict=True)}

    def _wanted(self, keys: Keys) -> frozenset[int] | None:
        """Return the places of some keys in the list of texts."""
        if keys is None:
            return None
        return frozenset(place for place, text in enumerate(self._texts) if text in keys)


_Nodes = tuple[Ints, Ints, dict[int, tuple[list[int], list[int]]], Sequence[int]]
"""Of some n nodes: (n,) ids, (n, 2) lon and lat in the block's units, the keys and values of those
that have any, by row, and n times."""


def _dense(dense: Any) -> _Nodes:
    """Read nodes whose every number is the step from that of the node before."""
    ids, lon, lat = (_summed(steps) for steps in (dense.id, dense.lon, dense.lat))
    tags = _dense_tags(dense.keys_vals, len(ids))
    times = _summed(dense.denseinfo.timestamp) if tags else np.zeros(0, np.int64)
    if not len(times):
        times = np.zeros(len(ids), np.int64)
    if not len(ids) == len(lon) == len(lat) == len(times):
        raise ValueError("some nodes lack a place")
    return ids, np.stack([lon, lat], axis=1), tags, times.tolist()


def _summed(steps: bytes) -> Ints:
    return np.cumsum(signed(numbers(steps)[0]))


def _dense_tags(content: bytes, count: int) -> dict[int, tuple[list[int], list[int]]]:
    """Read keys and values in turn, with a 0 after the last of each node."""
    texts, _ = numbers(content)
    if not len(texts):
        return {}
    ends = np.flatnonzero(texts == 0)
    if len(ends) != count:
        raise ValueError("the tags of nodes are not in order")
    starts = np.append(0, ends[:-1] + 1)
    tagged = np.flatnonzero(ends > starts)
    ranges = zip(tagged.tolist(), starts[tagged].tolist(), ends[tagged].tolist(), strict=True)
    whole = texts.tolist()
    return {row: (whole[a:b:2], whole[a + 1 : b : 2]) for row, a, b in ranges}


def _plain(nodes: Sequence[Any]) -> _Nodes:
    """Read nodes that stand each by itself, as few programs write them."""
    ids = np.array([node.id for node in nodes], np.int64)
    units = np.array([(node.lon, node.lat) for node in nodes], np.int64)
    tags = {row: (one.keys[:], one.vals[:]) for row, one in enumerate(nodes) if one.keys}
    return ids, units, tags, [node.info.timestamp for node in nodes]


class _Ways:
    """Some ways, with the points that the file has of them, one way after the other.

    Attributes
    ----------
    block, messages
        Where they come from.
    ends
        Where the points of each begin and end; one more than ways.
    refs, packed
        Node ids, and points packed as `OsmWay.packed`.
    whole
        Of each way, whether that is all of its points.
    """

    def __init__(self, block: _Block, messages: Sequence[Any], places: _Places) -> None:
        self.block, self.messages = block, messages
        lists = [way.refs for way in messages]
        steps, step_ends = numbers(b"".join(lists))
        bytes_before = np.cumsum([0, *map(len, lists)])
        ends = np.searchsorted(step_ends, bytes_before, side="right")
        sums = np.concatenate(([0], np.cumsum(signed(steps))))
        refs = sums[1:] - np.repeat(sums[ends[:-1]], np.diff(ends))
        e7, known = places.of(refs)
        kept = np.concatenate(([0], np.cumsum(known)))[ends]
        self.whole: list[bool] = (np.diff(kept) == np.diff(ends)).tolist()
        self.ends: list[int] = kept.tolist()
        self.refs: Ints = refs[known]
        self.packed = (e7[known] / 1e7).tobytes()


_set = object.__setattr__


class _BlockWay(PackedWay):
    """One of these ways."""

    __slots__ = ("_row", "_ways")
    _row: int
    _ways: _Ways

    def __init__(self, ways: _Ways, row: int, number: int, tags: dict[str, str]) -> None:
        _set(self, "_ways", ways)
        _set(self, "_row", row)
        _set(self, "id", number)
        _set(self, "tags", tags)

    @property
    def timestamp(self) -> datetime | None:
        """When it was last changed."""
        return self._ways.block.moment(self._ways.messages[self._row].info.timestamp)

    @property
    def refs(self) -> Ints:
        """(k,) node ids."""
        start, end = self._ways.ends[self._row : self._row + 2]
        return self._ways.refs[start:end]

    @property
    def packed(self) -> bytes:
        """Lon and lat of each point in degrees, as float64."""
        start, end = self._ways.ends[self._row : self._row + 2]
        return self._ways.packed[start * POINT_BYTES : end * POINT_BYTES]

    @property
    def is_whole(self) -> bool:
        """Whether the extract has every node of it."""
        return self._ways.whole[self._row]
