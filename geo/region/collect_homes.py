"""Takes where people may live from the stream: buildings to live in or of no type, and addresses.

They are what a home hides among (`geo.privacy`), so too few is the safe side: an address inside a
building that counts is not counted again, and a block of flats is one. Most mappers write
``building=yes`` for a house and for each of its sheds too, so of the untyped buildings of one yard
one counts, and none beside a building that is known as a dwelling or has an address.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from functools import cache

import numpy as np
import numpy.typing as npt
import shapely

from geo.files import read_table
from geo.gazetteer import Entry
from geo.geometry import LocalPlane
from geo.model import Point
from geo.privacy import Homes, SettlementCores
from geo.region.osm_objects import POINT_BYTES, ObjectFilter, OsmArea, OsmNode, OsmWay, unpack

_BUILDING = frozenset({"building"})
_ADDRESS = frozenset({"addr:housenumber"})
_YARD_M = 50.0
"""Untyped buildings nearer to each other than this are of one yard. Too far rather than too near: a
street of untyped houses counts for a third of them, which makes areas larger, never smaller."""

_NEAR_M = 100.0
"""A building whose middle is further from an address does not hold it."""

_CHUNK = 4096
"""Outlines of which the boxes are made at a time."""

_AROUND = 4
"""Buildings near an address that are asked whether they hold it."""

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
_NO_PAIRS = np.empty((0, 2), np.int64)


class HomeCollector:
    """Takes homes from the stream of an extract."""

    wanted = ObjectFilter(node=_ADDRESS, way=_BUILDING, area=_BUILDING)

    def __init__(self) -> None:
        self._boxes = array("i")  # west, south, east, north of each building, degrees times 1e7
        self._dwelling = bytearray()  # of each box: whether it is known that people live there
        self._outlines, self._ends = bytearray(), array("q")  # of buildings that await their box
        self._addresses = array("i")  # lon, lat

    def node(self, node: OsmNode) -> None:
        """Take an address that is a point."""
        self._addresses.extend((round(node.lon * 1e7), round(node.lat * 1e7)))

    def way(self, way: OsmWay) -> None:
        """Take a building."""
        if is_home(way.tags) and (packed := way.packed):
            self._dwelling.append(is_dwelling(way.tags))
            self._outlines += packed
            self._ends.append(len(self._outlines) // POINT_BYTES)
            if len(self._ends) >= _CHUNK:
                self._box()

    def area(self, area: OsmArea) -> None:
        """Take a building that is a relation."""
        if is_home(area.tags) and (wkb := area.wkb):
            bounds = shapely.bounds(shapely.from_wkb(wkb))
            if np.isfinite(bounds).all():
                self._box()
                self._dwelling.append(is_dwelling(area.tags))
                self._boxes.extend(np.rint(bounds * 1e7).astype(int).tolist())

    def _box(self) -> None:
        """Put a box in the place of each outline."""
        if self._ends:
            starts = [0, *self._ends[:-1]]
            low_high = (
                bound.reduceat(side, starts)
                for bound in (np.minimum, np.maximum)
                for side in unpack(self._outlines)
            )
            self._boxes.frombytes(np.stack(list(low_high), axis=1).tobytes())
            self._outlines, self._ends = bytearray(), array("q")

    def finish(self, entries: Iterable[Entry]) -> Homes:
        """Return the homes."""
        self._box()
        boxes = np.frombuffer(self._boxes, np.int32).reshape(-1, 4)
        addresses = np.frombuffer(self._addresses, np.int32).reshape(-1, 2)
        middles = (boxes[:, :2].astype(np.int64) + boxes[:, 2:]) // 2
        held_by = _held_by(addresses, boxes, middles)
        dwelling = np.frombuffer(self._dwelling, np.uint8).astype(bool)
        dwelling[held_by[held_by >= 0]] = True
        loose = addresses[held_by < 0].astype(np.int64)
        known = np.concatenate([middles[dwelling], loose])
        e7 = np.concatenate([known, _yards(middles[~dwelling], known)])
        return Homes.of(e7[:, 0] / 1e7, e7[:, 1] / 1e7, _cores(entries))


def is_home(tags: Mapping[str, str]) -> bool:
    """Return whether a building may be somebody's home, by its tags.

    Examples
    --------
    >>> is_home({"building": "house"}), is_home({"building": "yes", "shop": "bakery"})
    (True, False)
    """
    homes, untyped, elsewise = _values()
    value = tags.get("building", "")
    return value in homes or (value in untyped and elsewise.isdisjoint(tags))


def is_dwelling(tags: Mapping[str, str]) -> bool:
    """Return whether a building that may be a home is known to be one: by its type or an address.

    Examples
    --------
    >>> is_dwelling({"building": "house"}), is_dwelling({"building": "yes"})
    (True, False)
    >>> is_dwelling({"building": "yes", "addr:housenumber": "4"})
    True
    """
    return tags.get("building", "") in _values()[0] or "addr:housenumber" in tags


@cache
def _values() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    table = read_table("homes")["buildings"]
    return frozenset(table["homes"]), frozenset(table["untyped"]), frozenset(table["elsewise"])


def _held_by(addresses: Ints, boxes: Ints, middles: Longs) -> Longs:
    """Return (n,) the building in whose box each address lies; -1 for none."""
    from scipy.spatial import cKDTree

    held_by = np.full(len(addresses), -1, np.int64)
    if not len(addresses) or not len(boxes):
        return held_by
    plane = LocalPlane(Point(*(middles.mean(axis=0) / 1e7).tolist()))
    tree = cKDTree(np.column_stack(plane.to_xy(*(middles.T / 1e7))))
    xy = np.column_stack(plane.to_xy(*(addresses.T / 1e7)))
    for rank in range(1, _AROUND + 1):
        _, nearest = tree.query(xy, k=[rank], distance_upper_bound=_NEAR_M)
        near = nearest[:, 0]
        known = near < len(boxes)
        west, south, east, north = boxes[np.where(known, near, 0)].T
        lon, lat = addresses.T
        inside = known & (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
        held_by = np.where((held_by < 0) & inside, near, held_by)
    return held_by


def _yards(untyped: Longs, known: Longs) -> Longs:
    """Return one building for each yard of untyped ones, and none beside a known dwelling.

    Both are (n, 2) lon and lat, degrees times 1e7.
    """
    from scipy.spatial import cKDTree

    untyped = np.unique(untyped, axis=0)  # the same whatever their order in the extract
    if not len(untyped):
        return untyped
    plane = LocalPlane(Point(*(untyped.mean(axis=0) / 1e7).tolist()))
    xy = np.column_stack(plane.to_xy(*(untyped.T / 1e7)))
    if len(known):
        tree = cKDTree(np.column_stack(plane.to_xy(*(known.T / 1e7))))
        alone = np.isinf(tree.query(xy, distance_upper_bound=_YARD_M)[0])
        untyped, xy = untyped[alone], xy[alone]
    pairs = cKDTree(xy).query_pairs(_YARD_M, output_type="ndarray") if len(xy) else _NO_PAIRS
    return untyped[_independent(_ranks(untyped), pairs)]


def _ranks(e7: Longs) -> Longs:
    """Return (n,) an order of positions that follows from each alone, and from no direction."""
    mixed = (e7[:, 0] * 0x9E3779B1 ^ e7[:, 1] * 0x85EBCA6B) & 0xFFFFFFFF
    return np.argsort(np.argsort(mixed, kind="stable"), kind="stable")


def _independent(rank: Longs, pairs: Longs) -> npt.NDArray[np.bool_]:
    """Return (n,) a maximal set without a pair: each is in it unless one of lower rank stops it.

    In rounds, as by Luby (1986, SIAM Journal on Computing 15: 1036-1053).
    """
    chosen, open_ = np.zeros(len(rank), bool), np.ones(len(rank), bool)
    while open_.any():  # each round decides at least the open one of the lowest rank
        pairs = pairs[open_[pairs].all(axis=1)]
        least = rank.copy()
        for one, other in (pairs.T, pairs.T[::-1]):
            np.minimum.at(least, one, rank[other])
        now = open_ & (least == rank)
        chosen |= now
        open_ &= ~now
        for one, other in (pairs.T, pairs.T[::-1]):
            open_[one[now[other]]] = False
    return chosen


def _cores(entries: Iterable[Entry]) -> SettlementCores:
    core_m = read_table("homes")["core_m"]
    found = [one for one in entries if one.kind in core_m and one.osm_id]
    return SettlementCores(
        ids=tuple(str(one.osm_id) for one in found),
        names=tuple(one.name for one in found),
        lon=np.array([one.lon for one in found], np.float64),
        lat=np.array([one.lat for one in found], np.float64),
        core_m=np.array([core_m[one.kind] for one in found], np.float64),
    )
