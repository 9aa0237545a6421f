"""Names and addresses to points, and back.

The index answers while a person types: by words in any order, the last one unfinished, by old,
short and foreign names, with accents or without, and with one slip in a word. What was typed may be
"12 High Street, Oakham", "Carrer Major 12", "Oakham LE15" or a pasted ``lat,lon``.

One file serves all threads: it is opened read-only and each search borrows a connection.
"""

from __future__ import annotations

import json
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from geo.errors import BadCoordinates, UnreadableRegion
from geo.gazetteer.entry import Entry, Match, name_kinds
from geo.gazetteer.query import Query, clean, read_queries
from geo.gazetteer.schema import FORMAT, cell, cell_word, key_of, number_keys, write_entries
from geo.gazetteer.settlements import Settlements
from geo.gazetteer.typos import Vocabulary
from geo.geometry import distance_m
from geo.model import Point

_NAMED = """
SELECT name.id, name, kind, name.lon, name.lat, settlement, importance, osm_id, keys
FROM alias JOIN name ON name.id = alias.id WHERE alias.key = ? LIMIT ?
"""
_MATCHING = """
SELECT name.id, name, kind, name.lon, name.lat, settlement, importance, osm_id, keys
FROM found JOIN name ON name.id = found.rowid WHERE found MATCH ? LIMIT ?
"""
_NUMBERED = """
SELECT name.id, name, kind, name.lon, name.lat, settlement, importance, osm_id, keys,
       house.number, house.lon, house.lat
FROM found JOIN house ON house.street = found.rowid JOIN name ON name.id = found.rowid
WHERE found MATCH ? AND house.key = ? LIMIT ?
"""
_SETTLEMENTS = """
SELECT id, name, kind, lon, lat, settlement, importance, osm_id, keys
FROM name WHERE kind IN (SELECT value FROM json_each(?)) ORDER BY id
"""
_WORDS = "SELECT word FROM word ORDER BY uses DESC, word"

_CANDIDATES = 120
"""Rows that one query may bring back to be ranked."""

_FALL_OFF_M = 15_000.0
"""Distance over which nearness to the person loses two thirds of its weight."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A row that fits, and how well."""

    row: tuple[Any, ...]
    house: tuple[str, float, float] | None
    score: float

    @property
    def point(self) -> Point:
        return Point(*self.house[1:]) if self.house else Point(self.row[3], self.row[4])


class Gazetteer:
    """A searchable index of names and addresses; make it with `open`."""

    def __init__(self, path: Path) -> None:
        self._uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._idle: deque[sqlite3.Connection] = deque()

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
    def open(cls, path: Path) -> Gazetteer:
        """Open a gazetteer.

        Raises
        ------
        UnreadableRegion
            The file is missing, damaged or of another version.
        """
        gazetteer = cls(path)
        version = gazetteer._ask("PRAGMA user_version")[0][0]
        if version != FORMAT:
            raise UnreadableRegion(
                f"the names of {path.name} are of version {version}, not {FORMAT}; "
                "build the region again."
            )
        return gazetteer

    def close(self) -> None:
        """Close the file; searches after this open it again."""
        while self._idle:
            self._idle.pop().close()

    def __del__(self) -> None:
        self.close()

    def search(self, text: str, limit: int = 8, near: Point | None = None) -> list[Match]:
        """Return what a text may mean, best first; never raises on any text.

        Parameters
        ----------
        text
            A name, an address, a postcode or ``lat,lon``; it may be unfinished.
        limit
            The most matches to return.
        near
            Where the person is, if known: of two places of one name the nearer goes first.
        """
        text = clean(text)
        try:
            point = Point.from_text(text)
        except BadCoordinates:
            return []
        if point is not None:
            label = f"{point.lat:.5f}, {point.lon:.5f}"
            return [Match(label, "coordinates", point, label)]
        found: dict[tuple[int, str], _Candidate] = {}
        for candidate in self._candidates(text, limit, near):
            identity = (candidate.row[0], candidate.house[0] if candidate.house else "")
            known = found.get(identity)
            if known is None or known.score < candidate.score:
                found[identity] = candidate
        best = sorted(found.values(), key=lambda one: (-one.score, one.row[0], one.point))
        return list({(m.label, m.kind): m for m in map(_match, reversed(best))}.values())[::-1][
            :limit
        ]

    def nearest_settlement(self, point: Point) -> Match | None:
        """Return the settlement that a position belongs to; None where the region has none."""
        index, rows = self._settlements
        row = index.of_point(point)
        return None if row is None else _match(_Candidate(rows[row], None, 0.0))

    def reverse_label(self, point: Point) -> str | None:
        """Return roughly where a position is, as "near Oakham"; None where nothing is known."""
        settlement = self.nearest_settlement(point)
        return f"near {settlement.name}" if settlement else None

    # How candidates are found

    def _candidates(self, text: str, limit: int, near: Point | None) -> Iterator[_Candidate]:
        """Yield rows that fit: as typed, then with a slip mended, then with words given up."""
        count = 0
        for row in self._ask(_NAMED, key_of(text), _CANDIDATES):
            count += 1
            yield _rank(row, None, Query((key_of(text),)), near, 0.0)
        for queries in read_queries(text):
            for readings, penalty in ((None, 0.0), (self._slips, 0.6)):
                if count >= limit and (readings is not None or queries[0].dropped):
                    return
                for query in queries:
                    for candidate in self._fitting(query, readings, near, penalty):
                        count += 1
                        yield candidate
            if count:
                return

    def _fitting(
        self,
        query: Query,
        readings: Callable[[str, bool], list[str]] | None,
        near: Point | None,
        penalty: float,
    ) -> Iterator[_Candidate]:
        expression = query.expression(readings)
        expressions = [expression] if query.house or readings else [query.beginning(), expression]
        for wanted in expressions:
            narrowed = [f"({wanted}) AND cell : ({_around(near)})"] if near else []
            for match in (*narrowed, wanted):
                for row in self._rows(match, query.house):
                    house = row[9:] if query.house else None
                    yield _rank(row[:9], house, query, near, penalty)

    def _rows(self, match: str, house: str | None) -> list[tuple[Any, ...]]:
        if house is None:
            return self._ask(_MATCHING, match, _CANDIDATES)
        return self._ask(_NUMBERED, match, number_keys(house)[0], _CANDIDATES)

    def _slips(self, word: str, unfinished: bool) -> list[str]:
        return self._vocabulary.near(word, unfinished=unfinished)

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary([row[0] for row in self._ask(_WORDS)])

    @cached_property
    def _settlements(self) -> tuple[Settlements, list[tuple[Any, ...]]]:
        reach = {key: kind.influence for key, kind in name_kinds().items() if kind.influence}
        rows = self._ask(_SETTLEMENTS, json.dumps(list(reach)))
        table = np.array([(row[3], row[4], reach[row[2]]) for row in rows], np.float64)
        lon, lat, influence = table.reshape(-1, 3).T
        return Settlements(lon, lat, influence), rows

    def _ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._connection() as connection:
            try:
                return connection.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise UnreadableRegion(
                    f"the names of the region cannot be read ({error}); build it again."
                ) from error

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = _connect(self._uri)
        try:
            yield connection
        finally:
            self._idle.append(connection)


def _connect(uri: str) -> sqlite3.Connection:
    try:
        return sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None)
    except sqlite3.Error as error:
        raise UnreadableRegion(
            f"the names of the region cannot be opened ({error}); build it again."
        ) from error


def _around(point: Point) -> str:
    """Return a query for the nine cells around a position."""
    column, row = cell(point.lon, point.lat)
    cells = [(column + dx, row + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    return " OR ".join(f'"{cell_word(*one)}"' for one in cells)


def _rank(
    row: tuple[Any, ...],
    house: tuple[str, float, float] | None,
    query: Query,
    near: Point | None,
    penalty: float,
) -> _Candidate:
    """Weigh a row: how much of its name was typed, how important and how near it is."""
    key = " ".join(query.words)
    fit = max(_fit(name, query.words, key) for name in row[8].split("\n"))
    score = row[6] + fit - penalty - 0.2 * query.dropped + (1.0 if house else 0.0)
    if near is not None:
        away_m = distance_m(near, Point(row[3], row[4]))
        score += 0.6 * float(np.exp(-away_m / _FALL_OFF_M))
    return _Candidate(row, house, score)


def _fit(name: str, words: tuple[str, ...], key: str) -> float:
    """Return how well a folded name fits the words: 1 and more for all of it, less for a part."""
    if name == key:
        return 1.5
    own = name.split()
    typed = sum(word in words for word in own)
    begun = 0.5 if words and any(word.startswith(words[-1]) for word in own) else 0.0
    share = min(1.0, (typed + begun) / len(own)) if own else 0.0
    return share + (0.3 if name.startswith(key) or own[:1] == [words[0]] else 0.0)


def _match(candidate: _Candidate) -> Match:
    _, name, kind, _, _, settlement, _, osm_id, _ = candidate.row
    if candidate.house:
        kind, osm_id = "address", None
        name = f"{candidate.house[0]} {name}"
    where = f", {settlement}" if settlement and settlement != name else ""
    return Match(f"{name}{where}", kind, candidate.point, name, settlement, osm_id)
