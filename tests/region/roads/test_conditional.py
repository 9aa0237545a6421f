"""Conditional restrictions at the moments that stand for the seasons."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.region.roads.conditional import season_moments, value_at

DRY, MUD, WINTER = MOMENTS = season_moments(date(2026, 5, 1), south=False)


def _shut(conditional: str) -> tuple[bool, ...]:
    return tuple(value_at(conditional, moment, "yes") == "no" for moment in MOMENTS)


def test_each_season_is_a_working_day_at_ten() -> None:
    assert [moment.at for moment in MOMENTS] == [
        datetime(2026, 7, 15, 10),
        datetime(2026, 4, 15, 10),
        datetime(2027, 1, 20, 10),
    ]
    south = season_moments(date(2026, 5, 1), south=True)
    assert [moment.at.month for moment in south] == [1, 10, 7]
    assert [moment.northern_month for moment in south] == [7, 4, 1]


def test_a_season_is_of_this_year_until_it_is_over() -> None:
    assert season_moments(date(2026, 8, 20), south=False)[0].at.year == 2026
    assert season_moments(date(2026, 10, 20), south=False)[0].at.year == 2027


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.booleans())
def test_every_day_has_its_seasons(on: date, south: bool) -> None:
    for moment in season_moments(on, south=south):
        assert moment.at.weekday() == 2
        assert -60 <= (moment.at.date() - on).days <= 366


@pytest.mark.parametrize(
    ("conditional", "shut"),
    [
        ("no @ (Jul-Aug Su 09:00-16:00)", (False, False, False)),
        ("no @ (Jul-Aug Mo-Fr 09:00-16:00)", (True, False, False)),
        ("no @ (Mo-Fr 07:00-09:00,16:00-18:00)", (False, False, False)),
        ("no @ (Sa,Su,PH)", (False, False, False)),
        ("no @ (08:00-18:00)", (True, True, True)),
        ("no @ (sunset-sunrise)", (False, False, False)),
        ("no @ (2019 Jul 01-2019 Aug 30)", (False, False, False)),
        ("no @ (2026 Jul 01-2026 Aug 30)", (True, False, False)),
        ("no @ (2019-06-01 - 2030-09-30)", (True, True, True)),
        ("no @ (Dec 2026-Mar 2027)", (False, False, True)),
        ("no @ (2026 Nov 1-2027 May 1)", (False, False, True)),
        ("no @ (Nov-May)", (False, True, True)),
        ("no @ (Nov 15 - Apr 30)", (False, True, True)),
        ("no @ (nov 15-apr 30)", (False, True, True)),
        ("no @ (15 November to 30 April)", (False, True, True)),
        ("no @ (Nov 1st – Apr 31)", (False, True, True)),
        ("no @ (Oct-May 15)", (False, True, True)),
        ("no @ (15. Nov-15. Mar)", (False, False, True)),
        ("no @ Nov-Mar", (False, False, True)),
        ("no@(Nov-Mar)", (False, False, True)),
        ("no @ winter", (False, False, True)),
        ("no @ (winter; Apr)", (False, True, True)),
        ("no @ (winter, Apr)", (False, True, True)),
        ("no @ (mud_season)", (False, True, False)),
        ("no @ (snow)", (False, False, True)),
        ("no @ (wet)", (False, False, False)),
        ("no @ (flooding)", (False, False, False)),
        ("no @ (winter AND Sa-Su)", (False, False, False)),
        ("no @ (Nov-Apr AND snow)", (False, False, True)),
        ("no @ (Nov-Apr AND weight>7.5)", (False, False, False)),
        ("no @ (weight>7.5)", (False, False, False)),
        ("no @ (weight < 7.5)", (True, True, True)),
        ("no @ (length>12 m)", (False, False, False)),
        ("no @ (weight>10000 lbs)", (False, False, False)),
        ("no @ (wheels=4)", (True, True, True)),
        ("no @ (occupants>=2)", (False, False, False)),
        ("no @ (hgv)", (False, False, False)),
        ("no @ (Mo-Fr 06:00-20:00 AND trailer)", (False, False, False)),
        ("no @ (when the beavers are out)", (False, False, False)),
        ("no @ (Nov-Apr); yes @ (Jan)", (False, True, False)),
        ("yes @ (Jan); no @ (Nov-Apr)", (False, True, True)),
        ("no @ Sa 08:00-12:00; Mo-Fr 09:00-12:00", (True, True, True)),
        ("no", (False, False, False)),
        ("@", (False, False, False)),
        ("no @", (False, False, False)),
        ("no @ ((Nov-Apr", (False, True, True)),
    ],
)
def test_what_shuts_a_road_on_a_working_day_of_the_season(
    conditional: str, shut: tuple[bool, ...]
) -> None:
    assert _shut(conditional) == shut


def test_conditions_open_what_is_shut() -> None:
    assert value_at("yes @ (Mo-Fr 08:00-18:00)", DRY, "no") == "yes"
    assert value_at("yes @ (Sa 08:00-18:00)", DRY, "no") == "no"
    assert value_at("yes @ (weight<3.5)", DRY, "no") == "yes"


def test_a_condition_about_residents_makes_guests_of_them() -> None:
    assert value_at("yes @ residents", DRY, "no") == "destination"
    assert value_at("yes @ (permit AND Mo-Fr)", DRY, "no") == "destination"
    assert value_at("yes @ (permit AND Su)", DRY, "no") == "no"
    assert value_at("no @ (residents)", DRY, "yes") == "yes"


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert value_at(f"no @ ({text})", DRY, "yes") in ("yes", "no") or "@" in text
    value_at(text, DRY, "yes")
