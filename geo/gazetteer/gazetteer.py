"""Names and addresses to points, and back.

The index answers while a person types: by words in any order, the last one unfinished, by old,
short and foreign names, with accents or without, and with one slip in a word. What was typed may be
"12 High Street, Oakham", "Carrer Major 12", "Oakham LE15" or a pasted ``lat,lon``. One gazetteer
serves all threads.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path

import numpy as np

from geo.coordinates import PlusCode, parse_coordinates
from geo.errors import BadCoordinates
from geo.gazetteer.address import Geocoding, PostalAddress
from geo.gazetteer.entry import Entry, Match, name_kinds
from geo.gazetteer.fold import printable
from geo.gazetteer.query import Query, read_queries
from geo.gazetteer.ranking import Candidate, rank
from geo.gazetteer.reading import HouseRow, NameRow, NamesFile
from geo.gazetteer.renewed import RenewedNames
from geo.gazetteer.schema import cell, cell_word, key_of, write_entries
from geo.gazetteer.settlements import Settlements
from geo.gazetteer.typos import Vocabulary
from geo.geometry import METRES_PER_DEGREE, distance_m
from geo.model import BBox, Point

_LONGEST_TEXT = 300
"""Characters of a search that are read."""

_ENOUGH_AROUND = 60
"""Where so many names around the person fit, nobody asks for one further away."""

Readings = Callable[[str, bool], list[str]]


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
        try:
            point = self.parse_position(text, near)
        except BadCoordinates:
            return []
        text = printable(text[:_LONGEST_TEXT])
        if point is not None:
            label = f"{point.lat:.5f}, {point.lon:.5f}"
            return [Match(label, "coordinates", point, label)]
        best: dict[tuple[str, str], Match] = {}
        for candidate in sorted(self._candidates(text, limit, near), key=lambda one: one.order):
            match = candidate.match()
            best.setdefault((match.label, match.kind), match)
        return list(best.values())[: max(0, limit)]

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

        Parameters
        ----------
        address
            A text, or an address by its parts.
        near
            Where the person is, if known: of two places of one name the nearer goes first.
        """
        if isinstance(address, PostalAddress):
            parts = (address.street, address.town, address.state, address.postcode)
            address = ", ".join(filter(None, (*parts, address.country)))
        matches = self.search(address, limit=1, near=near)
        return Geocoding(matches[0] if matches else None)

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

    def _point_of(self, name: str) -> Point | None:
        return next((match.point for match in self.search(name, limit=1)), None)

    @cached_property
    def _bbox(self) -> BBox | None:
        """What the settlements of the region cover."""
        _, rows = self._settlements
        return BBox.around(Candidate(row).point for row in rows)

    def _candidates(self, text: str, limit: int, near: Point | None) -> Iterator[Candidate]:
        """Yield names that fit: as typed, then with a slip mended, then with words given up."""
        key = key_of(text)
        found = 0
        for row in self._file.named(key) if key else []:
            found += 1
            yield rank(row, Query((key,)), house=None, mended=False, near=near)
        wanted = limit
        for queries in read_queries(text):
            for readings in (None, self._slips):
                if readings is None or found < wanted:
                    for query in queries:
                        for candidate in self._fitting(query, readings, near):
                            found += 1
                            yield candidate
            if found:
                return
            wanted = 1

    def _fitting(
        self, query: Query, readings: Readings | None, near: Point | None
    ) -> Iterator[Candidate]:
        mended = readings is not None
        every = query.expression(readings)
        expressions = [every] if query.house or mended else [query.beginning(), every]
        seen: set[tuple[int, HouseRow | None]] = set()
        for expression in expressions:
            for row, house in self._rows(expression, query.house, near):
                if (row.id, house) not in seen:
                    seen.add((row.id, house))
                    yield rank(row, query, house=house, mended=mended, near=near)

    def _rows(
        self, expression: str, house: str | None, near: Point | None
    ) -> list[tuple[NameRow, HouseRow | None]]:
        """Return what fits: first what is around the person, for there may be too many."""
        around = [f"({expression}) AND {_around(near)}"] if near else []
        found: list[tuple[NameRow, HouseRow | None]] = []
        for narrowed in (*around, expression):
            if len(found) < _ENOUGH_AROUND:
                if house is None:
                    found += [(row, None) for row in self._file.matching(narrowed)]
                else:
                    found += self._file.numbered(narrowed, house)
        return found

    def _slips(self, word: str, unfinished: bool) -> list[str]:
        return self._vocabulary.near(word, unfinished=unfinished)

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


def _around(point: Point) -> str:
    """Return a query for the nine cells around a position."""
    column, row = cell(point.lon, point.lat)
    cells = [(column + dx, row + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    return "{cell} : (" + " OR ".join(f'"{cell_word(*one)}"' for one in cells) + ")"
