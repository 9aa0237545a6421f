"""The organisation's own venues, in one table for everybody who uses this app.

It is a file ``venues.csv`` in the data folder, of the form that ``--venues`` takes on the command
line. A change is made under a lock and the file replaced in one step, so that two people who change
it at once lose nothing and a stop half-way leaves what was there.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from filelock import FileLock

from geo.errors import InputError, SetupError
from geo.gazetteer import Gazetteer
from geo.model import BBox
from geo.region import Region
from geo.rows import Upload
from geo.settings import read_settings
from geo.venues import COLUMNS, PREFIX, Venue, read_venues, venue_cells

_NO_WORD = re.compile(r"[\W_]+")
_LONGEST_ID = 40
_MOST = 5_000
"""Venues; no organisation has more, and each visitor's pages hold them all."""

Change = Callable[[list[Venue]], list[Venue]]


def book_path() -> Path:
    """Return where the table is, or will be."""
    return read_settings().data_dir / "venues.csv"


def stamp() -> tuple[int, int]:
    """Return what changes whenever the table does; zeros where there is none."""
    try:
        found = book_path().stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def read_book(gazetteer: Gazetteer) -> list[Venue]:
    """Return all venues; [] where there are none.

    A row that somebody damaged with an editor is passed over, so that the pages still work.

    Parameters
    ----------
    gazetteer
        For rows that somebody wrote by hand with an address instead of a position.
    """
    try:
        return read_venues(book_path(), gazetteer)[0] if book_path().exists() else []
    except InputError:
        return []


def venues_in(region: Region) -> list[Venue]:
    """Return the venues that concern a region: those in its box, and its places never to use."""
    box = region.bbox
    return [one for one in read_book(region.gazetteer) if _concerns(one, box)]


def change_book(gazetteer: Gazetteer, change: Change) -> None:
    """Make a change to the table as it is now.

    Parameters
    ----------
    gazetteer
        As for `read_book`.
    change
        Is given all venues and returns those to keep.

    Raises
    ------
    SetupError
        The table cannot be written.
    InputError
        There would be more venues than the pages can hold.
    """
    path = book_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(".venues.lock"), timeout=10):
            venues = change(read_book(gazetteer))
            if len(venues) > _MOST:
                raise InputError(f"that is more than {_MOST} venues; keep those in use.")
            part = path.with_name(".venues.part")
            part.write_text(book_csv(venues), "utf-8")
            part.replace(path)
    except OSError as error:
        raise SetupError(f"cannot write {path.name}: {error.strerror or 'it is in use'}.") from None


def put(gazetteer: Gazetteer, venues: Iterable[Venue]) -> None:
    """Add venues; one with the id of another takes its place.

    Raises
    ------
    SetupError, InputError
        As for `change_book`.
    """
    new = {one.place.osm_id: one for one in venues}

    def merge(old: list[Venue]) -> list[Venue]:
        kept = [new.pop(one.place.osm_id, one) for one in old]
        return [*kept, *new.values()]

    change_book(gazetteer, merge)


def remove(gazetteer: Gazetteer, ids: Iterable[str]) -> None:
    """Take venues out by their ids; those that are not there are passed over.

    Raises
    ------
    SetupError
        As for `change_book`.
    """
    gone = set(ids)
    change_book(gazetteer, lambda old: [one for one in old if one.place.osm_id not in gone])


def book_csv(venues: Sequence[Venue]) -> str:
    """Return venues as a CSV text that `geo.venues.read_venues` reads."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(venue_cells, venues))
    return out.getvalue()


def venues_of(
    rows: Sequence[dict[str, str]], gazetteer: Gazetteer
) -> tuple[list[Venue], list[str]]:
    """Return the venues of rows as a form or an editor has them, and what is wrong with others."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns or COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return read_venues(Upload("venues", out.getvalue().encode()), gazetteer)


def new_id(name: str, taken: Iterable[str]) -> str:
    """Return an id made of a name, without the prefix, that no other venue has.

    Examples
    --------
    >>> new_id("Head Office", []), new_id("Head Office", ["own:head-office"])
    ('head-office', 'head-office-2')
    """
    used = set(taken)
    stem = _NO_WORD.sub("-", name.casefold()).strip("-")[:_LONGEST_ID] or "venue"
    found, number = stem, 2
    while PREFIX + found in used:
        found, number = f"{stem}-{number}", number + 1
    return found


def _concerns(venue: Venue, box: BBox) -> bool:
    return not venue.place.osm_id.startswith(PREFIX) or venue.place.point in box
