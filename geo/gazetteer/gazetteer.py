"""The gazetteer of a region: names and addresses to points, and back.

It answers while a person types: by words in any order, the last one unfinished, by old, short and
foreign names, with accents or without, and with one typo in a word. One gazetteer serves all
threads.

A position belongs to the settlement whose distance, divided by its influence (``data/kinds.toml``),
is least: a multiplicatively weighted Voronoi diagram (Aurenhammer and Edelsbrunner 1984, Pattern
Recognition 17: 251-257).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo.coordinates import PlusCode, parse_coordinates
from geo.errors import BadCoordinates
from geo.gazetteer.address import PostalAddress
from geo.gazetteer.extent import Extent
from geo.gazetteer.fallback import AddressFinder
from geo.gazetteer.index import NameIndex, NameRow, OverlayIndex, name_key, write_entries
from geo.gazetteer.lookup import Lookup
from geo.gazetteer.model import Entry, Geocoding, Match, fold, name_kinds, printable
from geo.gazetteer.query import parse_address, parse_text
from geo.gazetteer.ranking import Candidate, Vocabulary
from geo.geometry import METRES_PER_DEGREE, LocalPlane, distance_m
from geo.model import BBox, Point

Floats = npt.NDArray[np.float64]
_NEIGHBOURS = 12  # settlements looked at around a position; the strongest of them has it
_CHUNK = 65_536  # positions looked up at once, to keep memory bounded


class Settlements:
    """Settlements, and which of them a position belongs to.

    Parameters
    ----------
    lon, lat
        (n,) degrees.
    influence
        (n,) how far each name reaches, against a village's.
    """

    def __init__(self, lon: Floats, lat: Floats, influence: Floats) -> None:
        self._influence = influence
        self._plane = LocalPlane(
            Point(float(lon.mean()), float(lat.mean())) if len(lon) else Point(0, 0)
        )
        self._xy = np.column_stack(self._plane.to_xy(lon, lat))

    def __len__(self) -> int:
        return len(self._influence)

    def nearest(
        self, lon: npt.ArrayLike, lat: npt.ArrayLike
    ) -> tuple[npt.NDArray[np.int64], Floats]:
        """Return the settlement of each position, and how far away it is.

        Returns
        -------
        rows
            (k,) of the settlements; -1 where there are none.
        weighted_m
            (k,) metres to the settlement's middle, divided by its influence.
        """
        from scipy.spatial import cKDTree

        xy = np.column_stack(self._plane.to_xy(lon, lat))
        rows, weighted_m = np.full(len(xy), -1, np.int64), np.full(len(xy), np.inf)
        tree = cKDTree(self._xy)
        count = range(1, min(_NEIGHBOURS, len(self)) + 1)
        for start in range(0, len(xy) if len(self) else 0, _CHUNK):
            chunk = slice(start, start + _CHUNK)
            distance_m, near = tree.query(xy[chunk], k=count)
            near_m = distance_m / self._influence[near]
            strongest = np.argmin(near_m, axis=1)[:, None]
            rows[chunk] = np.take_along_axis(near, strongest, axis=1)[:, 0]
            weighted_m[chunk] = np.take_along_axis(near_m, strongest, axis=1)[:, 0]
        return rows, weighted_m

    def within(
        self, lon: npt.ArrayLike, lat: npt.ArrayLike, radius_m: float
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
        """Return the settlements whose reach positions lie in.

        Parameters
        ----------
        radius_m
            Of a village; that of others goes by their influence.

        Returns
        -------
        positions, rows
            (p,) pairs of a position and a settlement.
        weighted_m
            (p,) metres between the two, divided by the settlement's influence.
        """
        from scipy.spatial import cKDTree

        xy = np.column_stack(self._plane.to_xy(lon, lat))
        pairs: list[npt.NDArray[np.int64]] = [np.zeros((0, 2), np.int64)]
        for influence in np.unique(self._influence):
            chosen = np.flatnonzero(self._influence == influence)
            tree = cKDTree(self._xy[chosen])
            for start in range(0, len(xy), _CHUNK):
                near = tree.query_ball_point(xy[start : start + _CHUNK], radius_m * influence)
                at = np.repeat(np.arange(len(near)) + start, [len(one) for one in near])
                rows = chosen[[row for one in near for row in one]] if len(at) else at
                pairs.append(np.column_stack([at, rows]))
        positions, rows = np.concatenate(pairs).T
        weighted_m = np.hypot(*(xy[positions] - self._xy[rows]).T) / self._influence[rows]
        return positions, rows, weighted_m

    def nearest_to(self, point: Point) -> int | None:
        """Return the settlement of one position; None where there are no settlements."""
        if not len(self):
            return None
        x, y = self._plane.to_xy(point.lon, point.lat)
        distance_m = np.hypot(self._xy[:, 0] - x, self._xy[:, 1] - y)
        return int(np.argmin(distance_m / self._influence))


_MAX_TEXT_LENGTH = 300  # characters of a search that are read


class Gazetteer:
    """A searchable index of names and addresses."""

    def __init__(self, file: NameIndex | OverlayIndex) -> None:
        self._file = file

    @staticmethod
    def write(path: Path, entries: Iterable[Entry]) -> None:
        """Write a gazetteer into a new file; the same entries give the same bytes.

        Raises
        ------
        OSError
            The disk is full or may not be written.
        """
        write_entries(path, entries)

    @classmethod
    def open(cls, path: Path, *, overlay: Path | None = None) -> Gazetteer:
        """Open a gazetteer.

        Parameters
        ----------
        overlay
            A file of newer names that is laid over it; None for none.

        Raises
        ------
        UnreadableRegion
            The file is missing, damaged or of another version.
        """
        return cls(NameIndex(path) if overlay is None else OverlayIndex(path, overlay))

    def close(self) -> None:
        """Close the file; a search after this opens it again."""
        self._file.close()

    def search(self, text: str, limit: int = 8, near: Point | None = None) -> list[Match]:
        """Return what a text may mean, best first; no text is an error.

        Parameters
        ----------
        text
            A name, an address, a postcode or ``lat,lon``; it may be unfinished.
        near
            Where the person is, if known: of two places of one name the nearer goes first.
        """
        given = self._parse_position(text, near)
        if given is not None:
            return given
        text = printable(text[:_MAX_TEXT_LENGTH])
        found = self._finder(near, unfinished=True).find(parse_text(text), limit)
        return _best(found, limit) or self._symbol_names(text, limit)

    def parse_position(self, text: str, near: Point | None = None) -> Point | None:
        """Return the position that a text holds, as `parse_coordinates`; short plus codes as well.

        Raises
        ------
        BadCoordinates
            It is no position on Earth, a link that holds none, or a code that fits several spots.
        """
        code = PlusCode.parse(text)
        if code is None or code.is_full:
            return parse_coordinates(text)
        return code.resolve(locate=self._locate, box=self._bbox, near=near)

    def geocode(self, address: str | PostalAddress, *, near: Point | None = None) -> Geocoding:
        """Return where an address is; unlike `search`, for texts that nobody is still typing.

        A town, state, country or postcode that the region contradicts leaves no match.
        """
        if isinstance(address, PostalAddress):
            text, parses = "", parse_address(address)
        else:
            given = self._parse_position(address, near)
            if given is not None:
                return Geocoding(given[0] if given else None)
            text = printable(address[:_MAX_TEXT_LENGTH])
            parses = parse_text(text)
        found = _best(self._finder(near, unfinished=False).find(parses, 1), 1)
        found = found or self._symbol_names(text, 1)
        if found:
            return Geocoding(found[0])
        return Geocoding(None, self._extent.elsewhere(parses))

    def elsewhere(self, text: str) -> str:
        """Return where an address is, as "Ohio", if it is known to be outside; else empty."""
        return self._extent.elsewhere(parse_text(printable(text[:_MAX_TEXT_LENGTH])))

    def nearest_settlement(self, point: Point) -> Match | None:
        """Return the settlement that a position belongs to; None where the region has none."""
        index, rows = self._settlements
        row = index.nearest_to(point)
        return None if row is None else Candidate(rows[row]).match()

    def nearest_address(self, point: Point, *, within_m: float = 100.0) -> Match | None:
        """Return the nearest address; None where none is within ``within_m`` metres."""
        dlat = within_m / METRES_PER_DEGREE
        dlon = dlat / max(0.01, math.cos(math.radians(point.lat)))
        houses = self._file.houses_within(
            point.lat - dlat, point.lat + dlat, point.lon - dlon, point.lon + dlon
        )
        found = [Candidate(row, house=house) for row, house in houses]
        distances = [(distance_m(point, one.point), one.order, one) for one in found]
        best = min(distances, default=None, key=lambda one: one[:2])
        return best[2].match() if best is not None and best[0] <= within_m else None

    def reverse_label(self, point: Point) -> str | None:
        """Return roughly where a position is, as "near Oakham"; None where nothing is known."""
        settlement = self.nearest_settlement(point)
        return f"near {settlement.name}" if settlement else None

    def _parse_position(self, text: str, near: Point | None) -> list[Match] | None:
        """Return the position that a text is, [] for one that cannot be; None for no position."""
        try:
            point = self.parse_position(text, near)
        except BadCoordinates:
            return []
        if point is None:
            return None
        label = f"{point.lat:.5f}, {point.lon:.5f}"
        return [Match(label, "coordinates", point, label)]

    def _locate(self, name: str) -> Point | None:
        return next((match.point for match in self.search(name, limit=1)), None)

    @cached_property
    def _bbox(self) -> BBox | None:
        """What the settlements of the region cover."""
        _, rows = self._settlements
        return BBox.around(Candidate(row).point for row in rows)

    def _finder(self, near: Point | None, *, unfinished: bool) -> AddressFinder:
        return AddressFinder(
            Lookup(
                self._file,
                lambda: self._vocabulary,
                lambda: self._extent,
                near=near,
                unfinished=unfinished,
            )
        )

    def _symbol_names(self, text: str, limit: int) -> list[Match]:
        """Return what is called by signs alone, which are no words."""
        key = name_key(text)
        rows = self._file.named(key) if key and not fold(text) else []
        return _best([Candidate(row) for row in rows], limit)

    @cached_property
    def _extent(self) -> Extent:
        return self._file.extent()

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(self._file.words())

    @cached_property
    def _settlements(self) -> tuple[Settlements, list[NameRow]]:
        reach = {key: kind.influence for key, kind in name_kinds().items() if kind.influence}
        rows = self._file.of_kinds(list(reach))
        table = np.array([(row.lon, row.lat, reach[row.kind]) for row in rows], np.float64)
        lon, lat, influence = table.reshape(-1, 3).T
        return Settlements(lon, lat, influence), rows


def _best(candidates: list[Candidate], limit: int) -> list[Match]:
    best: dict[tuple[str, str], Match] = {}
    for candidate in sorted(candidates, key=lambda one: one.order):
        if len(best) >= limit:
            break
        match = candidate.match()
        best.setdefault((match.label, match.kind), match)
    return list(best.values())
