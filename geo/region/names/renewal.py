"""Names of refreshed places: what a build would have made of them, laid over those of the build."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from geo.gazetteer import Entry, Gazetteer
from geo.gazetteer.renewed import write_renewal
from geo.gazetteer.schema import key_of
from geo.model import Place
from geo.region.names.collector import place_entry


def renew_names(path: Path, old: Path, before: Sequence[Place], after: Sequence[Place]) -> None:
    """Write the names of places that are new, changed or gone since a build.

    Parameters
    ----------
    path
        The file to write.
    old
        The gazetteer of the build.
    before
        The places of the build.
    after
        The places as they are now.

    Raises
    ------
    OSError
        The disk is full or may not be written.
    UnreadableRegion
        The build's gazetteer is damaged.
    """
    gazetteer = Gazetteer.open(old)
    now = {place.osm_id: place for place in after}
    then = {place.osm_id: place for place in before}
    gone = [
        entry
        for place in before
        if _is_other(place, now.get(place.osm_id)) and (entry := place_entry(place, None))
    ]
    names = {(key_of(entry.name), entry.kind) for entry in gone}
    entries = []
    for place in after:
        entry = place_entry(place, None)
        # Of two with one name nearby, a build keeps one: if that is gone, the other must be told.
        if entry and (_is_other(place, then.get(place.osm_id)) or _key(entry) in names):
            entries.append(place_entry(place, _settlement(gazetteer, place)) or entry)
    gazetteer.close()
    write_renewal(path, old, gone=gone, entries=entries)


def _is_other(place: Place, other: Place | None) -> bool:
    return other is None or (place.tags, place.point) != (other.tags, other.point)


def _key(entry: Entry) -> tuple[str, str]:
    return key_of(entry.name), entry.kind


def _settlement(gazetteer: Gazetteer, place: Place) -> str | None:
    match = gazetteer.nearest_settlement(place.point)
    return match.name if match else None
