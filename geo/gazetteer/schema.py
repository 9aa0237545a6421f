"""How a gazetteer lies on disk, and the writing of it.

Names are numbered by falling importance. A full-text index answers in the order of these numbers,
so the first answers are the most important ones and no query sorts more than it shows; that is what
keeps the first letter as quick as the tenth.

House numbers are not in the full-text index: they are looked up below the streets that match. The
same entries give the same bytes.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from geo.gazetteer.canonical import canonical
from geo.gazetteer.entry import Entry
from geo.gazetteer.fold import fold, printable
from geo.gazetteer.housenumber import number_keys

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
    ordered = sorted(entries, key=_order)
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


def key_of(name: str) -> str:
    """Return what a name is looked up by; a name of signs alone is its own key."""
    return canonical(name) or " ".join(printable(name).casefold().split())


def _order(entry: Entry) -> tuple[float, str, str, str, float, float]:
    key = key_of(entry.name)
    return -entry.importance, key, entry.settlement or "", entry.kind, entry.lon, entry.lat


def _insert(database: sqlite3.Connection, number: int, entry: Entry) -> set[str]:
    """Insert one entry; return its words."""
    keys = list(_keys((entry.name,)))
    others = [key for key in _keys(entry.other_names) if key not in keys]
    words = [word for name in (entry.name, *entry.other_names) for word in _forms(name)]
    around = (entry.settlement or "", *entry.words)
    precise = (*around, *entry.postal_towns)
    context = list(dict.fromkeys(word for text in precise for word in _forms(text)))
    database.execute(
        "INSERT INTO name VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (number, entry.name, entry.kind, entry.lon, entry.lat, entry.settlement,
         entry.importance, entry.osm_id, "\n".join(keys), "\n".join(others),
         "\n".join(dict.fromkeys(_keys(around))), entry.territory,
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
            yield key_of(name)
            apart = name.translate(_APOSTROPHES)
            if apart != name:
                yield key_of(apart)


def _houses(ordered: Iterable[Entry]) -> Iterator[tuple[int, str, str, float, float]]:
    """Yield the rows of house numbers; what stands on the map goes before what lies between."""
    for number, entry in enumerate(ordered, start=1):
        houses = sorted(entry.houses, key=lambda one: (one.number, one.lon, one.lat))
        for house in houses:
            for key in number_keys(house.number)[:1]:
                yield number, key, house.number, house.lon, house.lat
        for house in houses:
            for key in number_keys(house.number)[1:]:
                yield number, key, house.number, house.lon, house.lat


def _forms(name: str) -> Iterator[str]:
    """Yield a name's words: joined and apart at apostrophes ("laldosa", "aldosa"), canonical."""
    joined, apart = fold(name), fold(name.translate(_APOSTROPHES))
    yield from dict.fromkeys(
        form for form in (joined, apart, canonical(name), canonical(apart)) if form
    )


_APOSTROPHES = str.maketrans(dict.fromkeys("'’‘ʼ`´", " "))
