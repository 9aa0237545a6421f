"""Fairness over time: who drove most counts more, and drives become more even."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from geo.errors import BadTable, InputError
from geo.meetup import PlanRequest, plan_meetups
from geo.meetup.fairness import Ledger
from geo.model import Point
from geo.region import Region
from geo.region.build import sample_path
from geo.roster import Person, read_roster

PEOPLE = [Person("a", Point(0, 0)), Person("b", Point(0, 0), weight=2.0)]


def test_priorities_are_shares_of_the_mean_beside_own_weights() -> None:
    far, near = Ledger({"a": 30.0, "b": 10.0}).weigh(PEOPLE)
    assert (far.priority, near.priority) == (1.5, 0.5)
    assert (far.weight, near.weight) == (1.0, 2.0)
    far, near = Ledger({"a": 40.0}).weigh(PEOPLE, strength=2)
    assert (far.priority, near.priority) == pytest.approx((4.0, 0.01))
    assert Ledger().weigh(PEOPLE) == PEOPLE
    assert Ledger({"a": 9.0}).weigh(PEOPLE, strength=0) == PEOPLE
    with pytest.raises(InputError, match="strength"):
        Ledger().weigh(PEOPLE, strength=math.nan)


def test_the_spread_is_the_standard_deviation() -> None:
    assert Ledger({"a": 30.0, "b": 10.0}).spread(PEOPLE) == 10.0
    assert Ledger().spread([]) == 0.0


def test_a_ledger_is_read(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text("id,minutes\na,12.5\nb,0\n", "utf-8")
    assert Ledger.read(path).minutes == {"a": 12.5, "b": 0.0}
    path.write_text("id,minutes\na,-1\na,x\nb,1,5\n", "utf-8")
    with pytest.raises(BadTable) as caught:
        Ledger.read(path)
    assert len(caught.value.problems) == 3


def test_ten_rounds_become_more_even(county: Region) -> None:
    roster = read_roster(sample_path().with_name("roster.csv"), county.gazetteer)
    request = PlanRequest(meetups=2, cutoff_s=math.inf, time_limit_s=2)
    spreads = []
    for strength in (0.0, 1.0):
        ledger = Ledger()
        for _ in range(10):
            people = ledger.weigh(roster.people, strength=strength)
            ledger = ledger.after(plan_meetups(request, region=county, people=people))
        spreads.append(ledger.spread(roster.people))
    assert spreads[1] < 0.9 * spreads[0]
