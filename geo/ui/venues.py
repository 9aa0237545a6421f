"""The organisation's own venues, as pages read and change them; the store keeps them."""

from __future__ import annotations

import csv
import io
import logging
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from geo.errors import CrossroadsError
from geo.gazetteer import Gazetteer
from geo.model import BBox
from geo.people.venues import change_venues, import_venues, own_venues
from geo.records import Upload
from geo.region import Region
from geo.ui.auth import current_store, current_viewer
from geo.ui.session_state import current_settings
from geo.venues import COLUMNS, PREFIX, Venue, read_venues

_LOG = logging.getLogger(__name__)
_NON_WORD = re.compile(r"[\W_]+")
_LONGEST_ID = 40


def read_own_venues(gazetteer: Gazetteer) -> list[Venue]:
    """Return all venues; [] where there are none, or no store, so that the pages still work.

    Parameters
    ----------
    gazetteer
        For the rows of an earlier version's file that have an address instead of a position.
    """
    try:
        store = current_store()
        import_venues(store, _legacy_path(), gazetteer)
        return own_venues(store, gazetteer)
    except CrossroadsError as error:
        _LOG.error("%s", error)
        return []


def venues_in(region: Region) -> list[Venue]:
    """Return the venues that concern a region: those in its box, and its places never to use."""
    box = region.bbox
    return [one for one in read_own_venues(region.gazetteer) if _is_relevant(one, box)]


def update_venues(*, put: Iterable[Venue] = (), drop: Sequence[str] = ()) -> None:
    """Take venues out by their ids and enter others, as whoever looks.

    Raises
    ------
    NotAllowed
        They are no planner.
    SetupError
        The store cannot be written.
    InputError
        There would be more venues than the pages can hold.
    """
    change_venues(current_store(), current_viewer().id, put=put, drop=drop)


def parse_venues(
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
    stem = _NON_WORD.sub("-", name.casefold()).strip("-")[:_LONGEST_ID] or "venue"
    found, number = stem, 2
    while PREFIX + found in used:
        found, number = f"{stem}-{number}", number + 1
    return found


def _legacy_path() -> Path:
    return current_settings().data_dir / "venues.csv"


def _is_relevant(venue: Venue, box: BBox) -> bool:
    return not venue.place.osm_id.startswith(PREFIX) or venue.place.point in box
