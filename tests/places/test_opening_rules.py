"""Opening hours as rules: what people write, what has two meanings, what has none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.places.opening_rules import parse_rules
from geo.places.opening_times import DAYS, UnreadableHours

WEEK = "Mo-Fr 09:00-17:00"


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("Mo-Fr 09:00-17:00;", WEEK),
        (";; Mo-Fr 09:00-17:00 ; ,", WEEK),
        ("Mo - Fr 09:00 - 17:00", WEEK),
        ("Mo-Fr: 09:00-17:00", WEEK),
        ("Mo–Fr 09:00—17:00", WEEK),
        ("mo-FR 09:00-17:00", WEEK),
        ("Mo-Fr 9-17", WEEK),
        ("Mo-Fr 9.00-17.00", WEEK),
        ("Mo-Fr 9h-17h00", WEEK),
        ("Mo-Fr 09:00-17:00 h", WEEK),
        ("Mon-Fri 9am-5pm", WEEK),
        ("Monday - Friday 9:00 a.m. - 5:00 P.M.", WEEK),
        ("Mon. to Fri. from 9 AM to 5 PM", WEEK),
        ("Montag bis Freitag von 9 bis 17 Uhr", WEEK),
        ("lundi à vendredi 9h à 17h", WEEK),
        ("Weekdays 09:00-17:00", WEEK),
        ("09:00-17:00 Mo-Fr", WEEK),
        ("Mo-Th, Su 12:00-23:00", "Mo-Th,Su 12:00-23:00"),
        ("Mo-Fr 08:00-12:00, 14:00-18:00", "Mo-Fr 08:00-12:00,14:00-18:00"),
        ("Mo-Fr 08:00-12:00 14:00-18:00", "Mo-Fr 08:00-12:00,14:00-18:00"),
        ("Mo and We 10-12 & 14-16", "Mo,We 10:00-12:00,14:00-16:00"),
        ("Di-So 11:30-22:00, Mo Ruhetag", "Tu-Su 11:30-22:00, Mo off"),
        ("24h", "24/7"),
        ("daily 10am-12am", "Mo-Su 10:00-00:00"),
        ("Sun noon-9pm", "Su 12:00-21:00"),
        ("Tu-Su 18:00-late", "Tu-Su 18:00+"),
        ("1 Apr - 31 Oct: 10-18", "Apr 1-Oct 31 10:00-18:00"),
        ("Dec 24,31 off", "Dec 24,Dec 31 off"),
        ("Fr by appointment", 'Fr "by appointment"'),
        ("Mo „ring the bell“", 'Mo "ring the bell"'),
    ],
)
def test_a_slip_means_what_the_specification_would_write(slip: str, meant: str) -> None:
    assert parse_rules(slip) == parse_rules(meant)
    assert len(parse_rules(slip)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        ";",
        "08:00",
        "Mo-Fr 17:30",
        "Mo-Fr 9am to 5pm, mostly",
        "summer 10:00-18:00",
        "Mo-Fr 08:00-17:00 Sa 08:00-12:00",
        "Fr 11-11",
        "Mo-Fr 10:00-16:00/90",
        "Mo-",
        "Mo 25:99-26:00",
        "Mo-Fr 10:00-12:00 ||",
        'Mo-Fr 10:00-12:00 "a" "b"',
        "Lu-Do 10:00-12:00",  # "Do" is Sunday in Spanish, Thursday in German
        "lun-mar 10:00-12:00",
        "[", "Mo[", "(sunrise", "||", ",", "Mo[1",
    ],
)  # fmt: skip
def test_what_is_not_certain_is_refused(text: str) -> None:
    with pytest.raises(UnreadableHours):
        parse_rules(text)


@pytest.mark.parametrize(
    "text",
    ["Mo-Fr 11-8", "Mo-Fr 9:00-5:00", "7-9pm", "9am-5", "Mo 10-12,2-6", "Mo 08:00-12:00; 13-17"],
)
def test_what_can_be_meant_in_two_ways_has_two_meanings(text: str) -> None:
    assert len(parse_rules(text)) == 2


@pytest.mark.parametrize(
    "text",
    ["Fr 18:00-2:00", "Fr 09:00-1:00", "Sa 10-22", "Mo 9-12,13-17", "9-5pm", "Mo 11:00-1:00 pm"],
)
def test_a_clock_that_shows_itself_leaves_one_meaning(text: str) -> None:
    assert len(parse_rules(text)) == 1


@given(st.text('MoFrSu PH0123456789:-,;+|[]()/"amp', max_size=30))
def test_every_text_is_read_or_refused(text: str) -> None:
    try:
        meanings = parse_rules(text)
    except UnreadableHours:
        return
    assert all(meanings)


@given(
    st.lists(st.sampled_from(DAYS), min_size=1, max_size=4, unique=True),
    st.integers(0, 22),
    st.sampled_from([(", ", " - ", ": "), (" ,", "-", "  "), (",", "–", " ")]),
)
def test_blanks_and_dashes_change_nothing(
    days: list[str], hour: int, style: tuple[str, str, str]
) -> None:
    comma, dash, colon = style
    plain = f"{','.join(days)} {hour:02d}:00-{hour + 1:02d}:30"
    written = f"{comma.join(days)}{colon}{hour:02d}:00{dash}{hour + 1:02d}:30"
    assert parse_rules(written) == parse_rules(plain)
