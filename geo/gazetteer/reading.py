"""Reading the file of a gazetteer: every question that is put to it in SQL.

The file never changes once it is written, so it is opened read-only and without locks; each
question borrows a connection that no other thread has at that moment.
"""

from __future__ import annotations

import json
import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from geo.errors import UnreadableRegion
from geo.gazetteer.extent import Extent
from geo.gazetteer.schema import FORMAT

_AT_MOST = 120
"""Rows that one question brings back to be ranked."""

_NAMED = """
SELECT name.id, name, kind, name.lon, name.lat, settlement, importance, osm_id, keys, other_keys,
       name.context, territory, postal_towns
FROM alias JOIN name ON name.id = alias.id WHERE alias.key = ? LIMIT ?
"""
_MATCHING = """
SELECT name.id, name, kind, name.lon, name.lat, settlement, importance, osm_id, keys, other_keys,
       name.context, territory, postal_towns
FROM found JOIN name ON name.id = found.rowid WHERE found MATCH ? LIMIT ?
"""
_NUMBERED = """
SELECT name.id, name, kind, name.lon, name.lat, settlement, importance, osm_id, keys, other_keys,
       name.context, territory, postal_towns,
       house.number, house.lon, house.lat
FROM (SELECT rowid AS street FROM found WHERE found MATCH ? LIMIT 2000) AS fitting
JOIN house ON house.street = fitting.street JOIN name ON name.id = fitting.street
WHERE house.key = ? LIMIT ?
"""
_HOUSES_WITHIN = """
SELECT name.id, name, kind, name.lon, name.lat, settlement, importance, osm_id, keys, other_keys,
       name.context, territory, postal_towns,
       house.number, house.lon, house.lat
FROM house JOIN name ON name.id = house.street
WHERE house.lat BETWEEN ? AND ? AND house.lon BETWEEN ? AND ?
"""
_OF_KINDS = """
SELECT id, name, kind, lon, lat, settlement, importance, osm_id, keys, other_keys,
       context, territory, postal_towns
FROM name WHERE kind IN (SELECT value FROM json_each(?)) ORDER BY id
"""
_TERRITORIES = "SELECT DISTINCT territory FROM name WHERE territory <> ''"
_POSTCODES = "SELECT name FROM name WHERE kind = 'postcode'"
_BOUNDS = "SELECT min(lon), min(lat), max(lon), max(lat) FROM name"
_WORDS = "SELECT word FROM word ORDER BY uses DESC, word"


class NameRow(NamedTuple):
    """A name as it is kept.

    Attributes
    ----------
    keys, other_keys
        Its name and its other names, canonical, one in a line.
    context
        What makes it precise: the canonical words of its settlement, county, postcodes.
    territory
        As ``"US-VT"`` or ``"AD"``; empty where it is not known.
    postal_towns
        The canonical words of towns that the post may deliver to it by.
    """

    id: int
    name: str
    kind: str
    lon: float
    lat: float
    settlement: str | None
    importance: float
    osm_id: str | None
    keys: str
    other_keys: str
    context: str
    territory: str
    postal_towns: str


class HouseRow(NamedTuple):
    """A house number as it is kept."""

    number: str
    lon: float
    lat: float


class NamesFile:
    """A gazetteer's file, open for reading by any number of threads.

    Raises
    ------
    UnreadableRegion
        The file is missing, damaged or of another version; so does every question.
    """

    def __init__(self, path: Path) -> None:
        self._uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._idle: deque[sqlite3.Connection] = deque()
        version = self._ask("PRAGMA user_version")[0][0]
        if version != FORMAT:
            raise UnreadableRegion(
                f"{path.name} is of version {version}, not {FORMAT}; build the region again."
            )

    def close(self) -> None:
        """Close the file; a question after this opens it again."""
        while self._idle:
            self._idle.pop().close()

    def __del__(self) -> None:
        if hasattr(self, "_idle"):
            self.close()

    def named(self, key: str) -> list[NameRow]:
        """Return what is called exactly so, the most important first."""
        return [NameRow(*row) for row in self._ask(_NAMED, key, _AT_MOST)]

    def matching(self, expression: str) -> list[NameRow]:
        """Return what fits an expression of FTS5, the most important first."""
        return [NameRow(*row) for row in self._ask(_MATCHING, expression, _AT_MOST)]

    def numbered(self, expression: str, house: str) -> list[tuple[NameRow, HouseRow]]:
        """Return the streets that fit an expression and have a house of that number."""
        return _with_houses(self._ask(_NUMBERED, expression, house, _AT_MOST))

    def houses_within(
        self, south: float, north: float, west: float, east: float
    ) -> list[tuple[NameRow, HouseRow]]:
        """Return the houses within a box, in degrees, with their streets."""
        return _with_houses(self._ask(_HOUSES_WITHIN, south, north, west, east))

    def of_kinds(self, kinds: Sequence[str]) -> list[NameRow]:
        """Return all names of some kinds, the most important first."""
        return [NameRow(*row) for row in self._ask(_OF_KINDS, json.dumps(list(kinds)))]

    def words(self) -> list[str]:
        """Return every word, the most used first."""
        return [row[0] for row in self._ask(_WORDS)]

    def extent(self) -> Extent:
        """Return the countries, states and postcodes of the names."""
        bounds = self._ask(_BOUNDS)[0]
        return Extent(
            territories=frozenset(row[0] for row in self._ask(_TERRITORIES)),
            postcodes=tuple(row[0] for row in self._ask(_POSTCODES)),
            bounds=(0.0, 0.0, 0.0, 0.0) if bounds[0] is None else bounds,
        )

    def _ask(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            with self._connection() as connection:
                return connection.execute(question, values).fetchall()
        except sqlite3.Error as error:
            raise UnreadableRegion(
                f"the names of the region cannot be read ({error}); build the region again."
            ) from error

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = sqlite3.connect(self._uri, uri=True, check_same_thread=False)
        try:
            yield connection
        finally:
            self._idle.append(connection)


def _with_houses(rows: list[tuple[Any, ...]]) -> list[tuple[NameRow, HouseRow]]:
    width = len(NameRow._fields)
    return [(NameRow(*row[:width]), HouseRow(*row[width:])) for row in rows]
