"""Areas that nobody used are gone after their time, by the app itself."""

from __future__ import annotations

import gc
import weakref
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from geo.people.roster import PurgeResult
from geo.store import Store
from geo.ui import maintenance
from geo.ui.maintenance import DailyMaintenance, freeze_garbage_collector


def test_it_is_seen_to_once_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def purge(_store: Store, *, area_days: int) -> PurgeResult:
        asked.append(area_days)
        return PurgeResult(0, 0, 0, 0)

    monkeypatch.setattr(maintenance, "purge", purge)
    with closing(Store.open(f"sqlite:///{tmp_path / 'store.sqlite'}")) as store:
        ours = DailyMaintenance()
        for day in (1, 1, 2):
            ours.see_to(store, area_days=30, today=date(2026, 5, day))
    assert asked == [30, 30]


class Ring:
    """Something that holds itself, so that only a search for garbage finds it."""

    def __init__(self) -> None:
        self.me = self


def test_what_is_there_is_not_looked_through_again_and_garbage_goes() -> None:
    stays, goes = Ring(), Ring()
    seen_last = weakref.ref(goes)
    del goes
    freeze_garbage_collector()
    assert seen_last() is None
    assert not any(one is stays for one in gc.get_objects())


def test_what_comes_later_is_still_looked_through() -> None:
    freeze_garbage_collector()
    late = Ring()
    seen_last = weakref.ref(late)
    del late
    gc.collect()
    assert seen_last() is None
