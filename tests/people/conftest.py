"""A small crew in the fictional county, on each database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from geo.model import Point
from geo.people.admission import new_person
from geo.people.authorised import now_utc
from geo.people.homes import CONSENT_VERSION, area_at
from geo.privacy import Audience, Role
from geo.region import Region
from geo.store import Store
from geo.store.audit import Consent, give_consent
from geo.store.people import add_people, set_areas

HOMES = {
    "ada": (47.012062, -86.752087),
    "pat": (47.016322, -86.750666),
    "wren": (47.012633, -86.746861),
    "kit": (47.164233, -86.795573),
    "sol": (47.161700, -86.723100),
    "moe": (46.948700, -86.227980),
}
"""Where everybody lives; nobody lives there, the county is invented."""

CREW = {
    "ada": (Role.ADMIN, "Atlas", Audience.EVERYONE, True),
    "pat": (Role.PLANNER, "Beacon", Audience.NOBODY, False),
    "wren": (Role.EMPLOYEE, "Atlas", Audience.EVERYONE, True),
    "kit": (Role.EMPLOYEE, "Atlas", Audience.TEAM, False),
    "sol": (Role.EMPLOYEE, "Beacon", Audience.EVERYONE, True),
    "moe": (Role.EMPLOYEE, "Atlas", Audience.NOBODY, False),
}

Enter = Callable[[Store], Store]


@pytest.fixture
def enter(county: Region) -> Enter:
    """Return a function that enters the crew into a store."""

    def call(store: Store) -> Store:
        now = now_utc()
        with store.atomic() as db:
            for name, (role, team, audience, planning) in CREW.items():
                email = f"{name}@example.org"
                person = new_person(name.title(), email=email, role=role, team=team,
                                    status="active")  # fmt: skip
                add_people(db, [replace(person, id=name, reference=f"r-{name}")])
                give_consent(
                    db,
                    Consent(name, now, CONSENT_VERSION, audience.value, planning, False, "person"),
                )
                lat, lon = HOMES[name]
                area = area_at(county, Point(lon, lat), k=20)
                set_areas(db, {name: area}, region="county", now=now)
        return store

    return call


@pytest.fixture
def crew(store: Store, enter: Enter) -> Store:
    """Return a store with the crew, on each database."""
    return enter(store)


@pytest.fixture
def local_crew(sqlite_store: Store, enter: Enter) -> Store:
    """Return a store with the crew on SQLite, for what has nothing to do with the database."""
    return enter(sqlite_store)


@pytest.fixture
def table(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes a table of staff."""

    def write(text: str) -> Path:
        path = tmp_path / "staff.csv"
        path.write_text(text, "utf-8")
        return path

    return write
