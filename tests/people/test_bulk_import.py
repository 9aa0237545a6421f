"""Entering many people: nobody waits for it, and nobody ever sees half of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from geo.errors import ConflictError
from geo.people.admission import new_person
from geo.people.profile import my_profile
from geo.people.roster import possible_duplicates
from geo.people.roster_import import ImportPreview, commit_import, preview_import
from geo.people.roster_table import ImportRow
from geo.people.saved_plans import my_plans
from geo.records import Upload
from geo.region import Region
from geo.store import Store
from geo.store.audit import increase_query_count, query_count
from geo.store.people import add_people, count_people, find_person_by

TODAY = date(2026, 5, 4)
ROOT = Path(__file__).resolve().parents[2]


def many(count: int) -> ImportPreview:
    """Return a table that was read: people of no area, one a row."""
    rows = tuple(
        ImportRow(line, f"m{line}", f"Member {line}", f"m{line}@example.org", "", 1.0, True, None)
        for line in range(count)
    )
    return ImportPreview("county", rows, (), (), new=count, changed=0)


def test_others_write_while_an_import_is_laid_ready(crew: Store) -> None:
    """A write within a write is refused at once, so no progress is told within one."""
    heard: list[float] = []

    def progress(step: str, done: float) -> None:
        with crew.atomic() as db:
            increase_query_count(db, "wren", step, TODAY)
        with crew.read() as db:
            heard.append(done)
            assert count_people(db) == (5006 if done == 1.0 else 6)

    result = commit_import(crew, "pat", many(5000), progress=progress)
    assert (result.new, result.changed) == (5000, 0)
    assert heard == sorted(heard)
    assert sum(0.4 < done < 1.0 for done in heard) > 3
    with crew.read() as db:
        assert query_count(db, "wren", "entering", TODAY) > 10
        assert count_people(db) == 5006


def test_looking_waits_for_nobody_who_writes(crew: Store, county: Region) -> None:
    with crew.atomic():  # a look that had to write would be refused here, as a write within a write
        assert my_profile(crew, "wren").person.id == "wren"
        assert my_plans(crew, "pat") == []
        assert possible_duplicates(crew, "pat") == []
        assert (
            preview_import(crew, "pat", county, Upload("s.csv", b"id,name\n1,N\n"), k=20).new == 1
        )


def test_who_came_meanwhile_is_not_entered_twice(crew: Store) -> None:
    def progress(_step: str, done: float) -> None:
        if done > 0.5 and not come:
            come.append(True)
            with crew.atomic() as db:
                add_people(db, [new_person("Early", email="m7@example.org")])

    come: list[bool] = []
    result = commit_import(crew, "pat", many(10), progress=progress)
    assert (result.new, result.changed) == (9, 1)
    with crew.read() as db:
        early = find_person_by(db, "email", "m7@example.org")
        assert count_people(db) == 6 + 10
    assert early is not None
    assert early.name == "Member 7"


def test_a_roster_that_never_rests_is_told_and_left_alone(local_crew: Store) -> None:
    def progress(_step: str, done: float) -> None:
        if done > 0.5:
            with local_crew.atomic() as db:
                add_people(db, [new_person("Another")])

    with pytest.raises(ConflictError, match="nothing was entered"):
        commit_import(local_crew, "pat", many(10), progress=progress)
    with local_crew.read() as db:
        assert find_person_by(db, "reference", "m7") is None


_IMPORTER = """
import sys
sys.path.insert(0, sys.argv[2])
from geo.people.roster_import import commit_import
from geo.store import Store
from tests.people.test_bulk_import import many
report = lambda _step, done: print(f"{done:.3f}", flush=True)
commit_import(Store.open(sys.argv[1]), "pat", many(4000), progress=report)
"""


@pytest.mark.parametrize("at", [0.2, 0.6, 0.8])
def test_killed_while_entering_no_half_of_a_roster_is_there(
    crew: Store, store_url: str, at: float
) -> None:
    importer = subprocess.Popen(
        [sys.executable, "-c", _IMPORTER, store_url, str(ROOT)], stdout=subprocess.PIPE, text=True
    )
    assert importer.stdout is not None
    next(line for line in importer.stdout if float(line) >= at)
    os.kill(importer.pid, signal.SIGKILL)
    importer.wait()
    importer.stdout.close()
    with crew.read() as db:
        assert count_people(db) in {6, 6 + 4000}
    assert commit_import(crew, "pat", many(3)).new in {0, 3}  # and nothing is in the way


def test_another_writer_waits_for_the_last_moment_alone(
    crew: Store, store_url: str, measured: Callable[[str], None], database: str
) -> None:
    other = Store.open(store_url)  # as another process would
    waits: list[float] = []
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            began = time.monotonic()
            with other.atomic() as db:
                increase_query_count(db, "wren", "colleagues", TODAY)
            waits.append(time.monotonic() - began)
            over.wait(0.005)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        began = time.monotonic()
        commit_import(crew, "pat", many(20_000), planning=True)
        whole_s = time.monotonic() - began
    finally:
        over.set()
        writer.join()
        other.close()
    measured(f"{database}: 20,000 people in {whole_s:.1f} s; another waited {max(waits):.2f} s")
    assert len(waits) > 10
