"""Names of which some are newer than the rest: a second file laid over the first.

Places change between two builds, and their names with them. The newer names are a file of their own
beside the old one, with the numbers of those old names that are hidden, for what they named is gone
or is called otherwise now. The old file is never touched.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from geo.errors import UnreadableRegion
from geo.gazetteer.entry import Entry, name_kinds
from geo.gazetteer.extent import Extent
from geo.gazetteer.plane import plane_distance_m
from geo.gazetteer.reading import HouseRow, NameRow, NamesFile
from geo.gazetteer.schema import key_of, write_entries

_ABOVE = 1 << 40
"""Newer names are numbered from here, so that no number stands for two."""


class RenewedNames:
    """Answers as the file of a gazetteer does, from two of them.

    Parameters
    ----------
    old
        The names of a build.
    newer
        The file that `write_renewal` wrote.

    Raises
    ------
    UnreadableRegion
        A file is missing, damaged or of another version; so does every question.
    """

    def __init__(self, old: Path, newer: Path) -> None:
        self._old, self._newer = NamesFile(old), NamesFile(newer)
        self._hidden = _hidden(newer)

    def close(self) -> None:
        """Close both files; a question after this opens them again."""
        self._old.close()
        self._newer.close()

    def named(self, key: str) -> list[NameRow]:
        """Return what is called exactly so."""
        return self._both(self._old.named(key), self._newer.named(key))

    def matching(self, expression: str) -> list[NameRow]:
        """Return what fits an expression of FTS5."""
        return self._both(self._old.matching(expression), self._newer.matching(expression))

    def numbered(self, expression: str, house: str) -> list[tuple[NameRow, HouseRow]]:
        """Return the streets that fit an expression and have a house of that number."""
        return self._old.numbered(expression, house)

    def houses_within(
        self, south: float, north: float, west: float, east: float
    ) -> list[tuple[NameRow, HouseRow]]:
        """Return the houses within a box, in degrees, with their streets."""
        return self._old.houses_within(south, north, west, east)

    def of_kinds(self, kinds: Sequence[str]) -> list[NameRow]:
        """Return all names of some kinds."""
        return self._both(self._old.of_kinds(kinds), self._newer.of_kinds(kinds))

    def words(self) -> list[str]:
        """Return every word, the most used first."""
        return list(dict.fromkeys((*self._old.words(), *self._newer.words())))

    def extent(self) -> Extent:
        """Return the countries, states and postcodes of the old names, which hold them all."""
        return self._old.extent()

    def _both(self, old: Iterable[NameRow], newer: Iterable[NameRow]) -> list[NameRow]:
        kept = [row for row in old if row.id not in self._hidden]
        return kept + [row._replace(id=row.id + _ABOVE) for row in newer]


def write_renewal(
    path: Path, old: Path, *, gone: Iterable[Entry], entries: Iterable[Entry]
) -> None:
    """Write newer names into a new file.

    Parameters
    ----------
    path
        The file.
    old
        The file of the names that it is laid over.
    gone
        What is not called so any more, or is not there: such names are hidden, where they stand.
    entries
        The newer names.

    Raises
    ------
    OSError
        The disk is full or may not be written.
    UnreadableRegion
        The old file is damaged.
    """
    file = NamesFile(old)
    hidden = {number for entry in gone for number in _rows_of(file, entry)}
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


def _rows_of(file: NamesFile, entry: Entry) -> list[int]:
    """Return the numbers of what stands for an entry: of it itself, or of its twin nearby."""
    within_m = name_kinds()[entry.kind].twin_m
    return [
        row.id
        for row in file.named(key_of(entry.name))
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
