"""The fictional staff of the fictional county, so that every page has something to show.

They all agreed to be seen and planned for, being nobody; whoever sits at the computer joins them
with an area of the county's town, which they can change or delete like any other.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from geo.people.admission import LOCAL_ID, local_viewer
from geo.people.authorised import now_utc
from geo.people.homes import CONSENT_VERSION, find_area_of
from geo.people.roster_import import commit_import, preview_import
from geo.privacy import Audience
from geo.region import Region
from geo.store import Store
from geo.store.audit import Consent, count_entries, give_consent, list_consents
from geo.store.people import count_people, find_area, list_people, set_areas

_FULL_CONSENT = Consent(
    "", now_utc(), CONSENT_VERSION, Audience.EVERYONE.value, planning=True, paused=False,
    source="sample",
)  # fmt: skip


def ensure_sample_people(store: Store, region: Region, roster: Path, *, k: int) -> bool:
    """Enter the sample staff if nobody is on the roster of the sample; return whether so.

    The sample is the fictional county; in other regions nobody is entered.

    Raises
    ------
    InputError
        The table is not that of this region.
    """
    if not region.manifest.fictional:
        return False
    local_viewer(store)
    with store.read() as db:
        if count_people(db) > 1 or count_entries(db):  # somebody has been here
            return False
    enter_sample_people(store, region, roster, k=k)
    return True


def enter_sample_people(store: Store, region: Region, roster: Path, *, k: int) -> int:
    """Enter the sample staff, and let the local user be one of them; return how many there are.

    Raises
    ------
    InputError
        The table is not that of this region.
    """
    viewer = local_viewer(store)
    with store.read() as db:
        before = {one.id for one in list_people(db)}  # somebody's own p01 agrees for themselves
    preview = preview_import(store, viewer.id, region, roster, k=k)
    commit_import(store, viewer.id, preview)
    area = find_area_of(region, roster_town(region), k=k)
    fictional = {row.reference for row in preview.rows}
    with store.atomic() as db:
        now = now_utc()
        if find_area(db, LOCAL_ID) is None:
            set_areas(db, {LOCAL_ID: area}, region=region.name, now=now, source="town")
        undecided = not list_consents(db, LOCAL_ID)  # what somebody has said themselves stays
        for person in list_people(db):
            entered = person.reference in fictional and person.id not in before
            if entered or (person.id == LOCAL_ID and undecided):
                give_consent(db, replace(_FULL_CONSENT, person_id=person.id, at=now))
    return len(fictional)


def roster_town(region: Region) -> str:
    """Return the largest settlement of a region."""
    cores = region.homes.cores
    return cores.names[int(cores.core_m.argmax())]
