"""Open, closed or unknown: known weeks, time zones, clock changes, holidays, broken hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.model import Place, Point
from geo.places import opening

ANDORRA = Point(1.5218, 42.5069)
VERMONT = Point(-72.5754, 44.2601)
UTAH = Point(-111.8910, 40.7608)
TUESDAY = datetime(2025, 9, 9, 10)


def cafe(hours: str | None, point: Point = ANDORRA) -> Place:
    return Place("n1", None, "cafe", point, {} if hours is None else {"opening_hours": hours})


@pytest.mark.parametrize(
    ("hours", "at", "state"),
    [
        ("Mo-Fr 09:00-17:00", datetime(2025, 9, 9, 9), "open"),
        ("Mo-Fr 09:00-17:00", datetime(2025, 9, 9, 16, 59), "open"),
        ("Mo-Fr 09:00-17:00", datetime(2025, 9, 9, 17), "closed"),
        ("Mo-Fr 09:00-17:00", datetime(2025, 9, 13, 12), "closed"),
        ("Fr 20:00-02:00", datetime(2025, 9, 13, 1), "open"),
        ("24/7", TUESDAY, "open"),
        ("Apr-Oct 10:00-12:00", datetime(2025, 12, 9, 11), "closed"),
        ("We[1] 10:00-12:00", datetime(2025, 9, 3, 11), "open"),
        ("We[1] 10:00-12:00", datetime(2025, 9, 10, 11), "closed"),
        ("sunrise-sunset", datetime(2025, 6, 21, 21), "open"),
        ("sunrise-sunset", datetime(2025, 12, 21, 21), "closed"),
    ],
)
def test_known_weeks(hours: str, at: datetime, state: str) -> None:
    assert opening.state(cafe(hours), at) == state


@pytest.mark.parametrize(
    "hours",
    [
        None,
        "",
        "by appointment",
        '"by appointment"',
        'Mo-Fr 09:00-17:00 "by appointment"',
        "Mo-Fr 09:00-17:00 unknown",
        "Mo-Fr 9am to 5pm, mostly",
        "\0",
        "🍕",
        "x" * 300,
        "Mo-Fr " * 500,
    ],
)
def test_what_is_not_known_is_unknown_and_never_closed(hours: str | None) -> None:
    assert opening.state(cafe(hours), TUESDAY) == "unknown"
    assert opening.open_throughout(cafe(hours), TUESDAY, timedelta(hours=2)) == "unknown"


def test_a_comment_with_a_state_is_only_a_comment() -> None:
    assert opening.state(cafe('Mo-Fr 09:00-17:00 open "ring the bell"'), TUESDAY) == "open"
    assert opening.state(cafe('Mo-Fr 09:00-17:00; Sa off "market"'), TUESDAY) == "open"
    fallback = cafe('We 10:00-12:00 || "by appointment"')
    assert opening.state(fallback, datetime(2025, 9, 10, 11)) == "open"
    assert opening.state(fallback, TUESDAY) == "unknown"


def test_a_moment_without_a_zone_is_the_clock_on_the_wall() -> None:
    hours = "Mo-Fr 09:00-17:00"
    for point in (ANDORRA, VERMONT, UTAH):
        assert opening.state(cafe(hours, point), TUESDAY) == "open"


def test_one_instant_is_another_hour_elsewhere() -> None:
    instant = datetime(2025, 9, 9, 14, 30, tzinfo=UTC)  # 16:30, 10:30 and 08:30
    hours = "Mo-Fr 09:00-17:00"
    states = [opening.state(cafe(hours, point), instant) for point in (ANDORRA, VERMONT, UTAH)]
    assert states == ["open", "open", "closed"]


def test_time_zones_are_those_of_the_position() -> None:
    assert str(opening.timezone(ANDORRA)) == "Europe/Andorra"
    assert str(opening.timezone(VERMONT)) == "America/New_York"
    assert str(opening.timezone(UTAH)) == "America/Denver"


def test_the_clock_changes_with_the_season() -> None:
    hours = cafe("Mo-Su 09:00-17:00")
    in_summer = datetime(2025, 10, 25, 7, 30, tzinfo=UTC)  # 09:30, the day before the change
    in_winter = datetime(2025, 10, 26, 7, 30, tzinfo=UTC)  # 08:30, the day of the change
    assert opening.state(hours, in_summer) == "open"
    assert opening.state(hours, in_winter) == "closed"


@pytest.mark.parametrize("at", [datetime(2025, 3, 30, 2, 30), datetime(2025, 10, 26, 2, 30)])
@pytest.mark.parametrize("hours", ["Mo-Su 02:00-03:00", "Mo-Su 02:00-03:00; PH off"])
def test_hours_that_the_clock_skips_or_repeats(at: datetime, hours: str) -> None:
    assert opening.state(cafe(hours), at) == "open"
    assert opening.next_change(cafe(hours), at) == at.replace(hour=3, minute=0)


@pytest.mark.parametrize(
    ("point", "holiday"),
    [(ANDORRA, datetime(2025, 3, 14, 10)), (VERMONT, datetime(2025, 7, 4, 10))],
)
def test_public_holidays_are_those_of_the_country(point: Point, holiday: datetime) -> None:
    hours = "Mo-Su 09:00-17:00; PH off"
    other = VERMONT if point is ANDORRA else ANDORRA
    assert opening.state(cafe(hours, point), holiday) == "closed"
    assert opening.state(cafe(hours, other), holiday) == "open"


def test_school_holidays_are_not_known() -> None:
    library = cafe("Mo-Fr 09:00-17:00; SH off")
    assert opening.state(library, TUESDAY) == "unknown"
    assert opening.state(library, datetime(2025, 9, 9, 20)) == "closed"
    assert opening.state(cafe("SH Mo-Fr 09:00-17:00"), TUESDAY) == "unknown"
    assert opening.state(cafe("Mo-Su 09:00-17:00; SH 10:00-12:00"), TUESDAY) == "open"
    assert opening.next_change(library, datetime(2025, 9, 9, 8)) == datetime(2025, 9, 9, 9)


def test_the_next_change_is_told_on_the_same_clock() -> None:
    hours = cafe("Mo-Fr 09:00-13:00,14:00-17:00", UTAH)
    assert opening.next_change(hours, TUESDAY) == datetime(2025, 9, 9, 13)
    assert opening.next_change(hours, datetime(2025, 9, 12, 18)) == datetime(2025, 9, 15, 9)
    change = opening.next_change(hours, datetime(2025, 9, 9, 16, tzinfo=UTC))
    assert change == datetime(2025, 9, 9, 13, tzinfo=ZoneInfo("America/Denver"))
    assert opening.next_change(cafe("24/7"), TUESDAY) is None
    assert opening.next_change(cafe(None), TUESDAY) is None
    assert opening.next_change(cafe("2099 Mo 10:00-12:00"), TUESDAY) is None


@pytest.mark.parametrize(
    ("hours", "start", "hours_long", "state"),
    [
        ("Mo-Fr 09:00-17:00", datetime(2025, 9, 9, 15), 2, "open"),
        ("Mo-Fr 09:00-17:00", datetime(2025, 9, 9, 15), 2.5, "closed"),
        ("Mo-Fr 09:00-17:00", datetime(2025, 9, 9, 8), 2, "closed"),
        ("Mo-Fr 09:00-13:00,14:00-17:00", datetime(2025, 9, 9, 12), 3, "closed"),
        ("Mo-Fr 09:00-13:00, Mo-Fr 13:00-17:00", datetime(2025, 9, 9, 12), 3, "open"),
        ('Tu 09:00-12:00, Tu 12:00-15:00 "if sunny"', datetime(2025, 9, 9, 11), 2, "unknown"),
        ("Fr 20:00-02:00", datetime(2025, 9, 12, 22), 3, "open"),
        ("24/7", datetime(2025, 9, 12, 22), 300, "open"),
    ],
)
def test_a_visit_needs_a_place_that_stays_open(
    hours: str, start: datetime, hours_long: float, state: str
) -> None:
    visit = timedelta(hours=hours_long)
    assert opening.open_throughout(cafe(hours), start, visit) == state


@given(
    hours=st.text(max_size=40) | st.sampled_from(["24/7", "PH off", "SH off", "sunset-sunrise"]),
    at=st.datetimes(datetime(1950, 1, 1), datetime(2200, 1, 1)),
    point=st.builds(Point, st.floats(-180, 180), st.floats(-89, 89)),
)
def test_no_text_is_an_error(hours: str, at: datetime, point: Point) -> None:
    place = cafe(hours, point)
    assert opening.state(place, at) in {"open", "closed", "unknown"}
    change = opening.next_change(place, at)
    assert change is None or change > at


@given(st.datetimes(datetime(2025, 1, 1), datetime(2026, 1, 1)))
def test_the_state_holds_until_the_next_change(at: datetime) -> None:
    place = cafe("Mo-Fr 09:00-13:00,14:00-18:30; Sa 10:00-12:00; PH off; Su 22:00-02:00")
    change = opening.next_change(place, at)
    assert change is not None
    assert opening.state(place, change) != opening.state(place, at)
    assert opening.state(place, at + (change - at) * 0.999) == opening.state(place, at)
