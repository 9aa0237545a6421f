"""Names and addresses to points, and back.

The index answers while a person types: by words in any order, the last one unfinished, by old,
short and foreign names, with accents or without, and with one slip in a word. What was typed may be
"12 High Street, Oakham", "Carrer Major 12", "Oakham LE15" or a pasted ``lat,lon``. One gazetteer
serves all threads.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import numpy as np

from geo.coordinates import PlusCode, parse_coordinates
from geo.errors import BadCoordinates
from geo.gazetteer.address import Geocoding, PostalAddress
from geo.gazetteer.entry import Entry, Match, name_kinds
from geo.gazetteer.extent import Extent
from geo.gazetteer.fallback import Finder
from geo.gazetteer.fold import fold, printable
from geo.gazetteer.lookup import Lookup
from geo.gazetteer.query import read_parts, read_text
from geo.gazetteer.ranking import Candidate
from geo.gazetteer.reading import NameRow, NamesFile
from geo.gazetteer.renewed import RenewedNames
from geo.gazetteer.schema import key_of, write_entries
from geo.gazetteer.settlements import Settlements
from geo.gazetteer.typos import Vocabulary
from geo.geometry import METRES_PER_DEGREE, distance_m
from geo.model import BBox, Point

_LONGEST_TEXT = 300
"""Characters of a search that are read."""


class Gazetteer:
    """A searchable index of names and addresses.

    Parameters
    ----------
    file
        Where they are kept; `open` opens it.
    """

    def __init__(self, file: NamesFile | RenewedNames) -> None:
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
    def open(cls, path: Path, *, renewal: Path | None = None) -> Gazetteer:
        """Open a gazetteer.

        Parameters
        ----------
        path
            Its file.
        renewal
            A file of newer names that is laid over it; None for none.

        Raises
        ------
        UnreadableRegion
            The file is missing, damaged or of another version.
        """
        return cls(NamesFile(path) if renewal is None else RenewedNames(path, renewal))

    def close(self) -> None:
        """Close the file; a search after this opens it again."""
        self._file.close()

    def search(self, text: str, limit: int = 8, near: Point | None = None) -> list[Match]:
        """Return what a text may mean, best first; no text is an error.

        Parameters
        ----------
        text
            A name, an address, a postcode or ``lat,lon``; it may be unfinished.
        limit
            The most matches to return.
        near
            Where the person is, if known: of two places of one name the nearer goes first.
        """
        given = self._position(text, near)
        if given is not None:
            return given
        text = printable(text[:_LONGEST_TEXT])
        found = self._finder(near, unfinished=True).find(read_text(text), limit)
        return _best(found, limit) or self._signs(text, limit)

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
        return code.resolve(locate=self._point_of, box=self._bbox, near=near)

    def geocode(self, address: str | PostalAddress, *, near: Point | None = None) -> Geocoding:
        """Return where an address is; unlike `search`, for texts that nobody is still typing.

        A town, state, country or postcode that the region contradicts leaves no match.

        Parameters
        ----------
        address
            A text, or an address by its parts.
        near
            Where the person is, if known: of two places of one name the nearer goes first.
        """
        if isinstance(address, PostalAddress):
            text, readings = "", read_parts(address)
        else:
            given = self._position(address, near)
            if given is not None:
                return Geocoding(given[0] if given else None)
            text = printable(address[:_LONGEST_TEXT])
            readings = read_text(text)
        found = _best(self._finder(near, unfinished=False).find(readings, 1), 1)
        found = found or self._signs(text, 1)
        if found:
            return Geocoding(found[0])
        return Geocoding(None, self._extent.elsewhere(readings))

    def elsewhere(self, text: str) -> str:
        """Return where an address is, as "Ohio", if it is known to be outside; else empty."""
        return self._extent.elsewhere(read_text(printable(text[:_LONGEST_TEXT])))

    def nearest_settlement(self, point: Point) -> Match | None:
        """Return the settlement that a position belongs to; None where the region has none."""
        index, rows = self._settlements
        row = index.of_point(point)
        return None if row is None else Candidate(rows[row]).match()

    def nearest_address(self, point: Point, *, within_m: float = 100.0) -> Match | None:
        """Return the nearest address; None where none is within ``within_m`` metres."""
        tall = within_m / METRES_PER_DEGREE
        wide = tall / max(0.01, math.cos(math.radians(point.lat)))
        houses = self._file.houses_within(
            point.lat - tall, point.lat + tall, point.lon - wide, point.lon + wide
        )
        found = [Candidate(row, house=house) for row, house in houses]
        away = [(distance_m(point, one.point), one.order, one) for one in found]
        best = min(away, default=None, key=lambda one: one[:2])
        return best[2].match() if best is not None and best[0] <= within_m else None

    def reverse_label(self, point: Point) -> str | None:
        """Return roughly where a position is, as "near Oakham"; None where nothing is known."""
        settlement = self.nearest_settlement(point)
        return f"near {settlement.name}" if settlement else None

    def _position(self, text: str, near: Point | None) -> list[Match] | None:
        """Return the position that a text is, [] for one that cannot be; None for no position."""
        try:
            point = self.parse_position(text, near)
        except BadCoordinates:
            return []
        if point is None:
            return None
        label = f"{point.lat:.5f}, {point.lon:.5f}"
        return [Match(label, "coordinates", point, label)]

    def _point_of(self, name: str) -> Point | None:
        return next((match.point for match in self.search(name, limit=1)), None)

    @cached_property
    def _bbox(self) -> BBox | None:
        """What the settlements of the region cover."""
        _, rows = self._settlements
        return BBox.around(Candidate(row).point for row in rows)

    def _finder(self, near: Point | None, *, unfinished: bool) -> Finder:
        return Finder(
            Lookup(
                self._file,
                lambda: self._vocabulary,
                lambda: self._extent,
                near=near,
                unfinished=unfinished,
            )
        )

    def _signs(self, text: str, limit: int) -> list[Match]:
        """Return what is called by signs alone, which are no words."""
        key = key_of(text)
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
    """Return the best answers, each once."""
    best: dict[tuple[str, str], Match] = {}
    for candidate in sorted(candidates, key=lambda one: one.order):
        if len(best) >= limit:
            break
        match = candidate.match()
        best.setdefault((match.label, match.kind), match)
    return list(best.values())
