"""How the rules of opening hours act together, by the specification; the peer's known answers."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.model import Place, Point
from geo.places import opening

ANDORRA = Point(1.5218, 42.5069)
RUTLAND = Point(-0.73, 52.67)
BAVARIA = Point(11.58, 49.98)
VERMONT = Point(-72.5754, 44.2601)


def state(hours: str, at: str, point: Point = ANDORRA) -> str:
    """Return the state in the week of Monday, 7 September 2026, at "We 13:00"; or at a date."""
    if at[:2].isalpha():
        day = 7 + ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"].index(at[:2])
        at = f"2026-09-{day:02d}T{at[3:]}"
    place = Place("n1", None, "cafe", point, {"opening_hours": hours})
    return opening.state(place, datetime.fromisoformat(at))


@pytest.mark.parametrize(
    ("hours", "at", "expected"),
    [
        # A blank behind a comma.
        ("Mo-Th, Su 12:00-23:00", "Mo 03:00", "closed"),
        ("Mo-Th, Su 12:00-23:00", "Su 13:00", "open"),
        ("Th 08:00-19:00; Mo-We, Fr-Su 08:00-18:00", "Tu 04:41", "closed"),
        # Nights belong to the day on which they begin, in whatever order the rules stand.
        ("Su-Th 11:30-23:00; Fr-Sa 11:30-04:00", "Su 02:22", "open"),
        ("Mo-We 17:00-02:00; Su 11:00-02:00", "Mo 01:02", "open"),
        ("Mo-We 17:00-02:00; Su 11:00-02:00", "Mo 02:02", "closed"),
        ("Fr-Sa 20:00-26:00", "Su 01:59", "open"),
        # A later rule replaces the day, a comma adds to it, "off" is laid over it.
        ("Mo-Fr 10:00-18:00; We 12:00-13:00", "We 10:30", "closed"),
        ("Mo-Fr 10:00-12:00, We 14:00-16:00", "We 10:30", "open"),
        ("Mo-Fr 10:00-18:00; We 12:00-13:00 off", "We 10:30", "open"),
        ("Mo-Fr 10:00-18:00; We 12:00-13:00 off", "We 12:30", "closed"),
        ("Fr 20:00-02:00; Sa 10:00-12:00", "Sa 01:00", "closed"),
        ("Fr 20:00-02:00, Sa 10:00-12:00", "Sa 01:00", "open"),
        ("Mo off; Mo-Su 10:00-18:00", "Mo 11:00", "open"),
        # A fallback fills what is closed, and a comma behind it joins the fallback.
        ('Mo 10:00-12:00 || "call"', "Mo 11:00", "open"),
        ('Mo 10:00-12:00 || "call"', "Mo 13:00", "unknown"),
        ("Mo 10:00-12:00 || Tu 10:00-12:00, We 10:00-12:00", "We 11:00", "open"),
        # Where every rule closes, the rest is not known.
        ("PH off", "Mo 10:00", "unknown"),
        ("Su off", "Su 10:00", "closed"),
        ("Su off", "Mo 10:00", "unknown"),
        ("Nov-Mar off", "Mo 10:00", "unknown"),
        ("Nov-Mar off", "2026-12-07T10:00", "closed"),
        ("Mo-Su off", "Mo 10:00", "closed"),
        ("Mo-Fr 10:00-18:00; Su off", "Sa 10:00", "closed"),
        # A break whose comma joins it to the hours closes neither for sure.
        ("Mo-Fr 09:00-17:00, 12:00-13:00 off", "Mo 10:00", "unknown"),
        ("Mo-Fr 09:00-17:00; 12:00-13:00,15:00-16:00 off", "Mo 10:00", "open"),
        # Days alone beside hours have hours too.
        ("Mo-Fr 08:00-17:00; Sa-Su", "Su 03:00", "unknown"),
        ("Mo-Fr 08:00-17:00; Sa-Su open", "Su 03:00", "open"),
        ("Mo-Fr 08:00-17:00; Sa-Su 24/7", "Su 03:00", "open"),
        # A day that two languages read differently, where no other day shows which.
        ("Sa-Do 10:00-18:00", "Mo 11:00", "unknown"),
        ("Sa,Di 10:00-18:00", "Tu 11:00", "unknown"),
        ("Do-Sa 10:00-18:00", "Th 11:00", "open"),
        ("Mo,Do 10:00-18:00", "Th 11:00", "open"),
        # Open ends.
        ("17:00-22:00+", "Mo 21:59", "open"),
        ("17:00-22:00+", "Mo 22:00", "unknown"),
        ("17:00-22:00+", "Tu 05:59", "unknown"),
        ("17:00-22:00+", "Tu 06:00", "closed"),
        ("Fr 17:00-02:00+", "Sa 01:59", "open"),
        ("Fr 17:00-02:00+", "Sa 02:30", "unknown"),
        ("18:00+", "Mo 18:00", "unknown"),
        ("18:00+", "Mo 17:59", "closed"),
        ("12:00+", "Tu 00:00", "closed"),
        # Comments and seasons.
        ('closed "for the winter"', "Mo 11:00", "closed"),
        ('Mo-Fr 10:00-18:00; Sep off "holiday"', "Mo 11:00", "closed"),
        ('Mo-Fr 10:00-18:00; Sep "ring first"', "Mo 11:00", "unknown"),
        ("Apr 1-Oct 31: 10:00-18:00", "Mo 11:00", "open"),
        ("Mar-Oct Su[2] 10:00-18:00", "Su 11:00", "open"),
        ("Mar-Oct Su[1] 10:00-18:00", "Su 11:00", "closed"),
        ("Oct Su[-1]-Mar Su[-1] 10:00-18:00", "Su 11:00", "closed"),
        ("2025 Dec 20-2026 Sep 8 off", "Mo 11:00", "closed"),
        ("10:00-18:00; Sep 1,7 off", "Mo 11:00", "closed"),
        ("week 37 Mo 10:00-18:00", "Mo 11:00", "open"),
        ("2027+ Mo 10:00-18:00", "Mo 11:00", "closed"),
        # Two meanings: what both say is sure.
        ("Mo-Fr 11-8", "Mo 12:00", "open"),
        ("Mo-Fr 11-8", "Mo 21:00", "unknown"),
        ("Mo-Fr 11-8", "Mo 10:00", "closed"),
        ("Mo-Fr 08:00-12:00; 13:30-18:00", "Mo 09:00", "open"),
        ("Mo-Fr 08:00-12:00; 13:30-18:00", "Sa 14:00", "unknown"),
    ],
)
def test_rules_act_together_as_specified(hours: str, at: str, expected: str) -> None:
    assert state(hours, at) == expected


@pytest.mark.parametrize(
    ("point", "at", "expected"),
    [
        (RUTLAND, "2026-01-01T11:00", "closed"),
        (RUTLAND, "2026-04-06T11:00", "unknown"),  # Easter Monday: not in Scotland
        (RUTLAND, "2026-08-31T11:00", "unknown"),
        (RUTLAND, "2026-08-24T11:00", "open"),
        (BAVARIA, "2026-01-06T11:00", "unknown"),
        (BAVARIA, "2026-10-03T11:00", "closed"),
        (VERMONT, "2026-07-03T11:00", "unknown"),  # the fourth is a Saturday
        (VERMONT, "2026-07-04T11:00", "unknown"),
        (VERMONT, "2025-07-04T11:00", "closed"),
        (VERMONT, "2025-07-03T11:00", "open"),
        (ANDORRA, "2026-09-08T11:00", "closed"),
    ],
)
def test_holidays_of_a_part_of_the_country_are_not_known(
    point: Point, at: str, expected: str
) -> None:
    assert state("Mo-Su 10:00-18:00; PH off", at, point) == expected
    assert state("Mo-Su 10:00-18:00; PH off", at[:11] + "09:00", point) == "closed"
    assert state("Mo-Su 10:00-18:00", at, point) == "open"


@given(
    st.sampled_from(
        ["18:00+", "Mo-Fr 17:00-01:00; Sa 11-8", "PH off; sunrise-20:00", "We[1] 09:00+"]
    ),
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)),
)
def test_a_change_is_the_first_moment_of_another_state(hours: str, at: datetime) -> None:
    place = Place("n1", None, "cafe", BAVARIA, {"opening_hours": hours})
    change = opening.next_change(place, at)
    assert change is not None
    assert opening.state(place, change) != opening.state(place, at)
    assert opening.state(place, change - timedelta(minutes=1)) == opening.state(
        place, max(at, change - timedelta(minutes=1))
    )


@pytest.mark.parametrize(
    ("hours", "at", "expected"),
    [
        ("18:00-sunset", "2026-12-07T03:00", "closed"),
        ("18:00-sunset", "2026-12-07T17:45", "unknown"),
        ("18:00-sunset", "2026-07-07T19:00", "open"),
        ("sunrise-07:00", "2026-12-07T12:00", "closed"),
        ("sunrise-07:00", "2026-07-07T06:45", "open"),
        ("06:00-(sunrise-00:30)", "2026-07-07T12:00", "closed"),
        ("sunset-02:00", "2026-07-07T01:00", "open"),
        ("22:00-sunrise", "2026-07-07T03:00", "open"),
    ],
)
def test_hours_that_the_season_turns_round_are_no_night(hours: str, at: str, expected: str) -> None:
    assert state(hours, at) == expected


# The peer was given the country but not the position, so its sun rises at 06:00 and sets at 18:00
# on every day of the year, with dusk at 18:30; ours is the sun of the place.
BY_THE_SUN = {"sunrise-sunset", "08:00-dusk"}


def test_real_hours_agree_with_the_reference_evaluator(shared: Callable[[str], Path]) -> None:
    with shared("golden/opening_hours.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    sure = [row for row in rows if row["opening_hours_js"] != "unknown"]
    ours = [
        state(row["opening_hours"], row["local_time"], Point(float(row["lon"]), float(row["lat"])))
        for row in sure
    ]
    agree = sum(mine == row["opening_hours_js"] for mine, row in zip(ours, sure, strict=True))
    opposite = {
        row["opening_hours"]
        for mine, row in zip(ours, sure, strict=True)
        if mine not in ("unknown", row["opening_hours_js"])
    }
    assert agree / len(sure) >= 0.995
    assert opposite <= BY_THE_SUN
