"""Own venues in the store: one table for everybody and every replica, each change in the audit.

Earlier versions kept them in a file ``venues.csv`` in the data folder. It is imported once, by
whichever process is first, and renamed to ``venues.csv.taken-over``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from geo.errors import InputError
from geo.gazetteer import Gazetteer
from geo.people.authorised import AuthorisedWrite, authorised_write, now_utc
from geo.privacy import Action
from geo.store import Store
from geo.store.audit import AuditEntry, add_entry
from geo.store.database import Writer
from geo.store.people import find_change_counter, increase_change_counter
from geo.store.venues import (
    VenueRow,
    count_venues,
    delete_venues,
    list_venues,
    put_venues,
)
from geo.venues import Venue, read_venues, venue_cells, venue_from_cells

MOST_VENUES = 5_000
"""No organisation has more, and each visitor's pages hold them all."""

_LOG = logging.getLogger(__name__)
_TAKEN_OVER = "venues.csv"


def own_venues(store: Store, gazetteer: Gazetteer) -> list[Venue]:
    """Return all venues, in the order in which they came.

    The gazetteer finds those that were entered with an address instead of a position.
    """
    with store.read() as db:
        rows = list_venues(db)
    return [venue for row in rows if (venue := _venue(row, gazetteer))]


def change_venues(
    store: Store, actor_id: str, *, put: Iterable[Venue] = (), drop: Sequence[str] = ()
) -> None:
    """Take venues out by their ids and enter others, in one piece.

    One with the id of another takes its place; ids that are not there are passed over.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    InputError
        There would be more venues than the pages can hold.
    """
    rows = [_row(venue) for venue in put]
    with authorised_write(store, actor_id, Action.CHANGE_VENUES) as write:
        dropped = delete_venues(write.db, drop, now=write.now) if drop else 0
        _put_rows(write, rows)
        write.record(put=len(rows), dropped=dropped)


def import_venues(store: Store, path: Path, gazetteer: Gazetteer) -> int:
    """Enter the venues of an earlier version's file, once, and return how many.

    Venues that are in the store already stay as they are. Rows that cannot be read are counted in
    the log and stay in the file.
    """
    if not path.exists():
        return 0
    with store.read() as db:
        if find_change_counter(db, _TAKEN_OVER).number:
            return 0
    try:
        venues, problems = read_venues(path, gazetteer)
    except InputError:
        venues, problems = [], ["the file"]
    with store.atomic() as db:
        count = _import_rows(db, [_row(venue) for venue in venues])
    if problems:
        _LOG.warning("%d rows of %s could not be taken over.", len(problems), path.name)
    try:
        path.rename(path.with_name(f"{path.name}.taken-over"))
    except OSError as error:
        _LOG.warning("%s was taken over and cannot be renamed: %s.", path.name, error.strerror)
    return count


def _import_rows(db: Writer, rows: Sequence[VenueRow]) -> int:
    """Enter rows that are not there, unless another process was first."""
    now = now_utc()
    if find_change_counter(db, _TAKEN_OVER).number:
        return 0
    known = {one.id for one in list_venues(db)}
    fresh = [row for row in rows if row.id not in known][:MOST_VENUES]
    put_venues(db, fresh, by=None, now=now)
    increase_change_counter(db, _TAKEN_OVER, now)
    detail = {"put": len(fresh), "by": "settings"}
    add_entry(db, AuditEntry(now, None, Action.CHANGE_VENUES.value, detail=detail))
    return len(fresh)


def _put_rows(write: AuthorisedWrite, rows: Sequence[VenueRow]) -> None:
    if rows:
        put_venues(write.db, rows, by=write.viewer.id, now=write.now)
    if count_venues(write.db) > MOST_VENUES:
        raise InputError(f"that is more than {MOST_VENUES:,} venues; keep those in use.")


def _venue(row: VenueRow, gazetteer: Gazetteer) -> Venue | None:
    """Return a venue; None where this version knows no such kind any more."""
    try:
        return venue_from_cells(row.cells, gazetteer)
    except ValueError:
        return None


def _row(venue: Venue) -> VenueRow:
    return VenueRow(venue.place.osm_id, venue_cells(venue))
