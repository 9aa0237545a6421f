"""Areas that nobody used are gone after their time, by the app itself."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from geo.people import Purged
from geo.store import Store
from geo.ui import upkeep
from geo.ui.upkeep import Upkeep


def test_it_is_seen_to_once_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def purge(_store: Store, *, area_days: int) -> Purged:
        asked.append(area_days)
        return Purged(0, 0, 0, 0)

    monkeypatch.setattr(upkeep, "purge", purge)
    with closing(Store.open(f"sqlite:///{tmp_path / 'store.sqlite'}")) as store:
        ours = Upkeep()
        for day in (1, 1, 2):
            ours.see_to(store, area_days=30, today=date(2026, 5, day))
    assert asked == [30, 30]
