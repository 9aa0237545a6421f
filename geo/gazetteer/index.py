"""The gazetteer on disk: an SQLite file with a full-text index, and a second one laid over it.

The file never changes once it is written, so it is opened read-only and without locks; each query
borrows a connection that no other thread has at that moment.

Names are numbered by falling importance. The full-text index answers in the order of these numbers,
so the first answers are the most important ones and no query sorts more than it shows; that keeps
the first letter as quick as the tenth. House numbers are not in it: they are looked up below the
streets that match.

Places change between two builds, and their names with them: an overlay holds the newer names and
the numbers of the old ones that they hide. The old file is never touched.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from geo.errors import UnreadableRegion
from geo.gazetteer.address import canonical, number_keys
from geo.gazetteer.extent import Extent
from geo.gazetteer.model import Entry, House, fold, name_kinds, printable
from geo.geometry import plane_distance_m

FORMAT = 2
"""Kept in ``PRAGMA user_version``; raised when the tables change."""

CELL_DEG = 0.2
"""Side of the cells by which a search is narrowed to its surroundings."""

_TABLES = """
PRAGMA page_size = 4096;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE name (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, lon REAL NOT NULL,
    lat REAL NOT NULL, settlement TEXT, importance REAL NOT NULL, osm_id TEXT, keys TEXT NOT NULL,
    other_keys TEXT NOT NULL, context TEXT NOT NULL, territory TEXT NOT NULL,
    postal_towns TEXT NOT NULL
);
CREATE VIRTUAL TABLE found USING fts5(
    words, context, cell, content = '', prefix = '1 2 3 4',
    tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* Co'"
);
CREATE TABLE alias (key TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (key, id)) WITHOUT ROWID;
CREATE TABLE house (
    street INTEGER NOT NULL, key TEXT NOT NULL, number TEXT NOT NULL, lon REAL NOT NULL,
    lat REAL NOT NULL, PRIMARY KEY (street, key)
) WITHOUT ROWID;
CREATE TABLE word (word TEXT PRIMARY KEY, uses INTEGER NOT NULL) WITHOUT ROWID;
"""


def write_entries(path: Path, entries: Iterable[Entry]) -> None:
    """Write entries into a new file.

    Raises
    ------
    OSError
        The disk is full or may not be written.
    """
    ordered = sorted(entries, key=_sort_key)
    uses: Counter[str] = Counter()
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.executescript(_TABLES)
            database.execute("BEGIN")
            for number, entry in enumerate(ordered, start=1):
                uses.update(_insert(database, number, entry))
            database.executemany(
                "INSERT OR IGNORE INTO house VALUES (?, ?, ?, ?, ?)", _houses(ordered)
            )
            database.execute("CREATE INDEX house_lat ON house (lat)")
            database.executemany("INSERT INTO word VALUES (?, ?)", sorted(uses.items()))
            database.execute("COMMIT")
            database.execute("INSERT INTO found(found) VALUES ('optimize')")
            database.execute(f"PRAGMA user_version = {FORMAT:d}")
    except sqlite3.Error as error:
        raise OSError(f"the gazetteer cannot be written: {error}") from error


def cell(lon: float, lat: float) -> tuple[int, int]:
    """Return the cell of a position, counted from the south-west corner of the map."""
    return int((lon + 180) / CELL_DEG), int((lat + 90) / CELL_DEG)


def cell_word(column: int, row: int) -> str:
    """Return the word that stands for a cell in the full-text index."""
    return f"x{column}y{row}"


def name_key(name: str) -> str:
    """Return what a name is looked up by; a name of signs alone is its own key."""
    return canonical(name) or " ".join(printable(name).casefold().split())


def _sort_key(entry: Entry) -> tuple[float, str, str, str, float, float]:
    key = name_key(entry.name)
    return -entry.importance, key, entry.settlement or "", entry.kind, entry.lon, entry.lat


def _insert(database: sqlite3.Connection, number: int, entry: Entry) -> set[str]:
    """Insert one entry; return its words."""
    keys = list(_keys((entry.name,)))
    others = [key for key in _keys(entry.other_names) if key not in keys]
    words = [word for name in (entry.name, *entry.other_names) for word in _search_forms(name)]
    context_names = (entry.settlement or "", *entry.words)
    context_texts = (*context_names, *entry.postal_towns)
    context = list(dict.fromkeys(word for text in context_texts for word in _search_forms(text)))
    database.execute(
        "INSERT INTO name VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (number, entry.name, entry.kind, entry.lon, entry.lat, entry.settlement,
         entry.importance, entry.osm_id, "\n".join(keys), "\n".join(others),
         "\n".join(dict.fromkeys(_keys(context_names))), entry.territory,
         "\n".join(_keys(entry.postal_towns))),
    )  # fmt: skip
    database.execute(
        "INSERT INTO found(rowid, words, context, cell) VALUES (?, ?, ?, ?)",
        (number, " ".join(words), " ".join(context), cell_word(*cell(entry.lon, entry.lat))),
    )
    database.executemany(
        "INSERT OR IGNORE INTO alias VALUES (?, ?)", [(key, number) for key in (*keys, *others)]
    )
    return {word for text in (*words, *context) for word in text.split()}


def _keys(names: Iterable[str]) -> Iterator[str]:
    """Yield what names are looked up by, joined and apart at apostrophes."""
    for name in names:
        if name:
            yield name_key(name)
            separated = name.translate(_APOSTROPHES)
            if separated != name:
                yield name_key(separated)


def _houses(ordered: Iterable[Entry]) -> Iterator[tuple[int, str, str, float, float]]:
    """Yield the rows of house numbers; what stands on the map goes before what lies between."""
    for number, entry in enumerate(ordered, start=1):
        houses = sorted(entry.houses)
        for house in houses:
            for key in number_keys(house.number)[:1]:
                yield number, key, house.number, house.lon, house.lat
        for house in houses:
            for key in number_keys(house.number)[1:]:
                yield number, key, house.number, house.lon, house.lat


def _search_forms(name: str) -> Iterator[str]:
    """Yield a name's words: joined and apart at apostrophes ("laldosa", "aldosa"), canonical."""
    joined, separated = fold(name), fold(name.translate(_APOSTROPHES))
    yield from dict.fromkeys(
        form for form in (joined, separated, canonical(name), canonical(separated)) if form
    )


_APOSTROPHES = str.maketrans(dict.fromkeys("'’‘ʼ`´", " "))

_MAX_ROWS = 120  # rows that one question brings back to be ranked
_NAME = """
SELECT name.id, name, kind, name.lon, name.lat, settlement, importance, osm_id, keys, other_keys,
       name.context, territory, postal_towns"""
_HOUSE = f"{_NAME}, house.number, house.lon, house.lat"
_NAMED = f"{_NAME} FROM alias JOIN name ON name.id = alias.id WHERE alias.key = ? LIMIT ?"
_MATCHING = f"{_NAME} FROM found JOIN name ON name.id = found.rowid WHERE found MATCH ? LIMIT ?"
_NUMBERED = f"""{_HOUSE}
FROM (SELECT rowid AS street FROM found WHERE found MATCH ? LIMIT 2000) AS fitting
JOIN house ON house.street = fitting.street JOIN name ON name.id = fitting.street
WHERE house.key = ? LIMIT ?
"""  # noqa: S608 - constants alone
_HOUSES_WITHIN = f"""{_HOUSE}
FROM house JOIN name ON name.id = house.street
WHERE house.lat BETWEEN ? AND ? AND house.lon BETWEEN ? AND ?
"""
_OF_KINDS = f"{_NAME} FROM name WHERE kind IN (SELECT value FROM json_each(?)) ORDER BY id"  # noqa: S608
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


class NameIndex:
    """A gazetteer's file, open for reading by any number of threads.

    Raises
    ------
    UnreadableRegion
        The file is missing, damaged or of another version; so does every question.
    """

    def __init__(self, path: Path) -> None:
        self._uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._idle: deque[sqlite3.Connection] = deque()
        version = self._query("PRAGMA user_version")[0][0]
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
        return [NameRow(*row) for row in self._query(_NAMED, key, _MAX_ROWS)]

    def matching(self, expression: str) -> list[NameRow]:
        """Return what fits an expression of FTS5, the most important first."""
        return [NameRow(*row) for row in self._query(_MATCHING, expression, _MAX_ROWS)]

    def numbered(self, expression: str, house: str) -> list[tuple[NameRow, House]]:
        """Return the streets that fit an expression and have a house of that number."""
        return _with_houses(self._query(_NUMBERED, expression, house, _MAX_ROWS))

    def houses_within(
        self, south: float, north: float, west: float, east: float
    ) -> list[tuple[NameRow, House]]:
        """Return the houses within a box, in degrees, with their streets."""
        return _with_houses(self._query(_HOUSES_WITHIN, south, north, west, east))

    def of_kinds(self, kinds: Sequence[str]) -> list[NameRow]:
        """Return all names of some kinds, the most important first."""
        return [NameRow(*row) for row in self._query(_OF_KINDS, json.dumps(list(kinds)))]

    def words(self) -> list[str]:
        """Return every word, the most used first."""
        return [row[0] for row in self._query(_WORDS)]

    def extent(self) -> Extent:
        """Return the countries, states and postcodes of the names."""
        bounds = self._query(_BOUNDS)[0]
        return Extent(
            territories=frozenset(row[0] for row in self._query(_TERRITORIES)),
            postcodes=tuple(row[0] for row in self._query(_POSTCODES)),
            bounds=(0.0, 0.0, 0.0, 0.0) if bounds[0] is None else bounds,
        )

    def _query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            with self._connection() as connection:
                return connection.execute(sql, values).fetchall()
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


def _with_houses(rows: list[tuple[Any, ...]]) -> list[tuple[NameRow, House]]:
    width = len(NameRow._fields)
    return [(NameRow(*row[:width]), House(*row[width:])) for row in rows]


_ID_OFFSET = 1 << 40  # newer names are numbered from here, so that no number stands for two


class OverlayIndex:
    """Answers as the file of a gazetteer does, from two of them.

    Raises
    ------
    UnreadableRegion
        A file is missing, damaged or of another version; so does every question.
    """

    def __init__(self, base: Path, overlay: Path) -> None:
        self._base, self._overlay = NameIndex(base), NameIndex(overlay)
        self._hidden = _hidden(overlay)

    def close(self) -> None:
        """Close both files; a question after this opens them again."""
        self._base.close()
        self._overlay.close()

    def named(self, key: str) -> list[NameRow]:
        """Return what is called exactly so."""
        return self._merge(self._base.named(key), self._overlay.named(key))

    def matching(self, expression: str) -> list[NameRow]:
        """Return what fits an expression of FTS5."""
        return self._merge(self._base.matching(expression), self._overlay.matching(expression))

    def numbered(self, expression: str, house: str) -> list[tuple[NameRow, House]]:
        """Return the streets that fit an expression and have a house of that number."""
        return self._base.numbered(expression, house)

    def houses_within(
        self, south: float, north: float, west: float, east: float
    ) -> list[tuple[NameRow, House]]:
        """Return the houses within a box, in degrees, with their streets."""
        return self._base.houses_within(south, north, west, east)

    def of_kinds(self, kinds: Sequence[str]) -> list[NameRow]:
        """Return all names of some kinds."""
        return self._merge(self._base.of_kinds(kinds), self._overlay.of_kinds(kinds))

    def words(self) -> list[str]:
        """Return every word, the most used first."""
        return list(dict.fromkeys((*self._base.words(), *self._overlay.words())))

    def extent(self) -> Extent:
        """Return the countries, states and postcodes of the old names, which hold them all."""
        return self._base.extent()

    def _merge(self, base: Iterable[NameRow], overlay: Iterable[NameRow]) -> list[NameRow]:
        kept = [row for row in base if row.id not in self._hidden]
        return kept + [row._replace(id=row.id + _ID_OFFSET) for row in overlay]


def write_overlay(
    path: Path, base: Path, *, removed: Iterable[Entry], entries: Iterable[Entry]
) -> None:
    """Write newer names into a new file; ``removed`` ones are hidden where they stand.

    Raises
    ------
    OSError
        The disk is full or may not be written.
    UnreadableRegion
        The old file is damaged.
    """
    file = NameIndex(base)
    hidden = {number for entry in removed for number in _rows_of(file, entry)}
    file.close()
    write_entries(path, entries)
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("CREATE TABLE hidden (id INTEGER PRIMARY KEY)")
            database.execute("BEGIN")
            database.executemany("INSERT INTO hidden VALUES (?)", [(one,) for one in hidden])
            database.execute("COMMIT")
    except sqlite3.Error as error:
        raise OSError(f"the newer names cannot be written: {error}") from error


def _rows_of(file: NameIndex, entry: Entry) -> list[int]:
    """Return the numbers of what stands for an entry: of it itself, or of its twin nearby."""
    within_m = name_kinds()[entry.kind].duplicate_m
    return [
        row.id
        for row in file.named(name_key(entry.name))
        if row.kind == entry.kind
        and (
            row.osm_id == entry.osm_id
            or plane_distance_m(row.lon, row.lat, entry.lon, entry.lat) <= within_m
        )
    ]


def _hidden(path: Path) -> frozenset[int]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            return frozenset(row[0] for row in database.execute("SELECT id FROM hidden"))
    except sqlite3.Error as error:
        raise UnreadableRegion(
            f"the newer names of the region cannot be read ({error}); refresh its places again."
        ) from error
