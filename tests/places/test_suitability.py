"""How well one works at a place: known cases, and that not knowing is not negative."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.model import Place, Point
from geo.places import get_kind, load_kinds, work_score


def score(kind: str = "cafe", **tags: str) -> tuple[int, list[tuple[str, str]]]:
    renamed = {key.replace("__", ":"): value for key, value in tags.items()}
    found = work_score(Place("n1", None, kind, Point(0, 0), renamed))
    return found.score, [(reason.sign, reason.text) for reason in found.reasons]


@pytest.mark.parametrize("kind", sorted(load_kinds()))
def test_nothing_known_is_the_score_of_the_kind(kind: str) -> None:
    assert score(kind) == (get_kind(kind).work_score, [])


def test_what_is_known_moves_it_and_is_told() -> None:
    assert score(internet_access="wlan", internet_access__fee="no") == (65, [("+", "free wifi")])
    assert score(internet_access="no") == (30, [("-", "no internet")])
    assert score(wifi="free") == (65, [("+", "free wifi")])
    assert score(laptop="no") == (10, [("-", "no laptops")])
    assert score(takeaway="only") == (20, [("-", "takeaway only")])
    assert score(capacity="24") == (55, [("+", "24 seats")])
    assert score(wheelchair="yes") == (50, [("i", "step-free")])
    assert score(wheelchair="no") == (50, [("i", "has steps")])
    assert score("library", access="private") == (35, [("-", "not open to the public")])
    assert score(opening_hours="Mo-Su 08:00-18:00") == (55, [("+", "open 70 hours a week")])
    assert score(opening_hours="Tu 10:00-12:00") == (40, [("-", "open 2 hours a week")])
    assert score(opening_hours="by appointment") == (50, [])


def test_a_coworking_space_beats_a_cafe_that_knows_no_better() -> None:
    assert score("coworking")[0] > score("library")[0] > score("cafe")[0] > score("fast_food")[0]


TAGS = [
    "internet_access", "internet_access:fee", "wifi", "laptop", "socket", "power_supply", "fee",
    "capacity", "indoor_seating", "takeaway", "access", "wheelchair", "opening_hours", "coworking",
]  # fmt: skip


@given(
    st.sampled_from(sorted(load_kinds())),
    st.dictionaries(
        st.sampled_from(TAGS),
        st.sampled_from(["yes", "no", "wlan", "only", "12", "24/7", "members"])
        | st.text(max_size=8),
    ),
)
def test_any_tags_give_a_score_that_its_reasons_add_up_to(kind: str, tags: dict[str, str]) -> None:
    found = work_score(Place("n1", None, kind, Point(0, 0), tags))
    total = get_kind(kind).work_score + sum(reason.points for reason in found.reasons)
    assert found.score == min(100, max(0, total))
    signs = {"+": lambda p: p >= 0, "-": lambda p: p < 0, "i": lambda p: p == 0}
    assert all(signs[reason.sign](reason.points) for reason in found.reasons)
