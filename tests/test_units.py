"""Distances, drives and clocks as people of different places read them."""

from __future__ import annotations

import math
import re
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.units import Measures, day, drive


@pytest.mark.parametrize(
    ("locale", "miles", "twelve_hours"),
    [
        ("en-US", True, True),
        ("es_US.UTF-8", True, True),
        ("en-GB", True, False),
        ("cy_GB", True, False),
        ("en-CA", False, True),
        ("fr-CA", False, False),
        ("ca_AD", False, False),
        ("zh-Hant-TW", False, True),
        ("de_DE@euro", False, False),
        ("EN-us", True, True),
        ("de", False, False),
        ("", False, False),
        ("C.UTF-8", False, False),
        ("en-US-u-hc-h23", True, True),
        ("<script>", False, False),
        (None, False, False),
    ],
)
def test_locales(locale: str | None, miles: bool, twelve_hours: bool) -> None:
    assert Measures.of_locale(locale) == Measures(miles=miles, twelve_hours=twelve_hours)


@pytest.mark.parametrize(
    ("length_m", "km", "miles"),
    [
        (0, "0.0 km", "0.0 mi"),
        (1609.344, "1.6 km", "1.0 mi"),
        (9_949, "9.9 km", "6.2 mi"),
        (9_951, "10 km", "6.2 mi"),
        (160_934.4, "161 km", "100 mi"),
        (math.inf, "–", "–"),
        (math.nan, "–", "–"),
    ],
)
def test_distances(length_m: float, km: str, miles: str) -> None:
    assert Measures().distance(length_m) == km
    assert Measures(miles=True).distance(length_m) == miles


@pytest.mark.parametrize(
    ("hour", "twelve"),
    [(0, "12:05 am"), (1, "1:05 am"), (11, "11:05 am"), (12, "12:05 pm"), (23, "11:05 pm")],
)
def test_clocks(hour: int, twelve: str) -> None:
    at = datetime(2026, 5, 4, hour, 5)
    assert Measures(twelve_hours=True).clock(at) == twelve
    assert Measures().clock(at) == f"{hour:02}:05"


def test_a_moment_names_its_month() -> None:
    at = datetime(2026, 2, 1, 13, 0)
    assert day(at) == "Sun 1 Feb 2026"
    assert Measures(twelve_hours=True).moment(at) == "Sun 1 Feb 2026, 1:00 pm"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "under 1 min"),
        (29.9, "under 1 min"),
        (30, "1 min"),
        (89.9, "1 min"),
        (90, "2 min"),
        (3569, "59 min"),
        (3570, "1 h"),
        (7260, "2 h 1 min"),
        (math.inf, "–"),
    ],
)
def test_drives(seconds: float, text: str) -> None:
    assert drive(seconds) == text


@given(st.floats(30, 1e7))
def test_a_drive_is_told_to_half_a_minute(seconds: float) -> None:
    told = re.fullmatch(r"(?:(\d+) h)? ?(?:(\d+) min)?", drive(seconds))
    assert told
    minutes = int(told[1] or 0) * 60 + int(told[2] or 0)
    assert abs(minutes - seconds / 60) <= 0.5 + 1e-6
