"""The table of kinds, and what it makes of tags."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import UnknownName
from geo.model import Place, Point
from geo.places import capacity, classify, get_kind, label, load_kinds, shown_kinds
from geo.places.kinds import TagRules

KEYS = ["amenity", "shop", "tourism", "office", "internet_access", "disused:amenity", "disused"]
VALUES = ["cafe", "library", "no", "yes", "bakery", "hotel", "coworking", "wlan", "", ";", "*"]


def kind_of(**tags: str) -> str | None:
    kinds = classify({key.replace("__", ":"): value for key, value in tags.items()})
    return kinds[0].key if kinds else None


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"amenity": "coworking_space"}, "coworking"),
        ({"office": "coworking"}, "coworking"),
        ({"amenity": "cafe"}, "cafe"),
        ({"shop": "coffee"}, "cafe"),
        ({"shop": "bakery"}, None),
        ({"shop": "bakery", "indoor_seating": "yes"}, "cafe"),
        ({"shop": "bakery", "indoor_seating": "no"}, None),
        ({"amenity": "library"}, "library"),
        ({"amenity": "community_centre", "community_centre": "village_hall"}, "community_centre"),
        ({"amenity": "social_centre"}, "community_centre"),
        ({"amenity": "village_hall"}, "community_centre"),
        ({"amenity": "townhall"}, "town_hall"),
        ({"amenity": "pub"}, "pub"),
        ({"amenity": "restaurant"}, "restaurant"),
        ({"amenity": "restaurant", "tourism": "hotel"}, "hotel"),
        ({"amenity": "bar;cafe"}, "cafe"),
        ({"amenity": "fast_food"}, "fast_food"),
        ({"amenity": "conference_centre"}, "conference_centre"),
        ({"tourism": "camp_site", "internet_access": "wlan"}, "internet"),
        ({"tourism": "camp_site", "internet_access": "no"}, None),
        ({"amenity": "cafe", "internet_access": "wlan"}, "cafe"),
        ({"amenity": "parking"}, None),
        ({}, None),
    ],
)
def test_a_thing_takes_the_first_kind_that_fits(tags: dict[str, str], kind: str | None) -> None:
    assert kind_of(**tags) == kind


@pytest.mark.parametrize(
    ("tags", "kinds"),
    [
        ({"tourism": "hotel", "amenity": "restaurant"}, ["hotel", "restaurant"]),
        ({"amenity": "bar;cafe"}, ["cafe", "bar"]),
        ({"amenity": "library", "internet_access": "wlan"}, ["library"]),
        ({"amenity": "pub", "tourism": "hotel", "was:amenity": "cafe"}, ["hotel", "pub"]),
        ({"tourism": "hotel", "disused": "yes", "amenity": "restaurant"}, []),
    ],
)
def test_a_thing_is_of_every_kind_that_fits(tags: dict[str, str], kinds: list[str]) -> None:
    assert [kind.key for kind in classify(tags)] == kinds


@pytest.mark.parametrize(
    "tags",
    [
        {"disused:amenity": "cafe"},
        {"was:amenity": "cafe"},
        {"amenity": "cafe", "disused": "yes"},
        {"amenity": "cafe", "disused:amenity": "cafe"},
        {"amenity": "cafe", "abandoned": "yes"},
        {"amenity": "cafe", "opening_hours": "closed"},
        {"amenity": "cafe", "opening_hours": "off"},
        {"amenity": "cafe", "opening_hours": 'closed "permanently closed"'},
        {"amenity": "cafe", "name": "The Bean (closed)"},
        {"amenity": "cafe", "name": "The Bean - CLOSED"},
        {"amenity": "restaurant", "name": "Ehemaliges Gasthaus Krone"},
        {"amenity": "cafe", "description": "Out of business since spring."},
        {"amenity": "cafe", "closed": "yes"},
        {"disused:amenity": "cafe", "internet_access": "wlan"},
        {"amenity": "cafe", "building": "construction"},
        {"amenity": "cafe", "demolished": "yes"},
    ],
)
def test_what_is_gone_or_not_built_is_no_place(tags: dict[str, str]) -> None:
    assert classify(tags) == ()


@pytest.mark.parametrize(
    "tags",
    [
        {"amenity": "cafe", "was:amenity": "bank"},
        {"amenity": "cafe", "disused": "no"},
        {"amenity": "cafe", "opening_hours": "Mo-Fr 09:00-17:00; Sa off"},
        {"amenity": "cafe", "building": "yes"},
        {"amenity": "cafe", "opening_hours": 'closed "for the winter, back in May"'},
        {"amenity": "cafe", "opening_hours": 'off "until further notice"'},
        {"amenity": "cafe", "name": "The Bean (closed on Mondays)"},
        {"amenity": "cafe", "name": "The Bean (formerly The Crown)"},
        {"amenity": "cafe", "name": "The Old Closet"},
        {"amenity": "cafe", "note": "permanently closed?"},
        {"amenity": "cafe", "closed": "winter"},
        {"tourism": "hotel", "disused:amenity": "pub"},
    ],
)
def test_a_place_with_a_history_is_a_place(tags: dict[str, str]) -> None:
    assert classify(tags) != ()


def test_unknown_kinds_are_refused_with_near_ones() -> None:
    with pytest.raises(UnknownName, match="did you mean") as caught:
        get_kind("caffe")
    assert "cafe" in caught.value.near


def test_every_kind_can_be_shown() -> None:
    kinds = load_kinds()
    assert {"coworking", "cafe", "library", "community_centre"} <= set(shown_kinds())
    letters = [kind.letter for kind in kinds.values()]
    assert len(set(letters)) == len(letters)
    for key, kind in kinds.items():
        assert kind.key == key
        assert 0 <= kind.work_score <= 100
        assert kind.source.startswith("https://wiki.openstreetmap.org/")
        assert kind.capacity is not None or not kind.hosts_groups
        assert _contrast_with_white(kind.color) >= 4.5, f"{key} is too pale for a white letter"


def _contrast_with_white(color: str) -> float:
    """Contrast as WCAG 2.2 defines it."""
    assert re.fullmatch(r"#[0-9a-f]{6}", color)
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def place(name: str | None, **tags: str) -> Place:
    return Place("n1", name, "cafe", Point(0, 0), tags)


def test_an_unnamed_place_is_called_by_its_kind() -> None:
    assert label(place(None)) == "unnamed café"
    assert label(place("Bean", **{"name:ca": "Mongeta"}), language="ca") == "Mongeta"
    assert label(place("Bean"), language="ca") == "Bean"


@pytest.mark.parametrize(
    ("tags", "people"),
    [
        ({"capacity": "24"}, 24),
        ({"seats": "8"}, 8),
        ({"capacity": "0"}, None),
        ({"capacity": "many"}, None),
        ({"capacity": "²"}, None),
        ({}, None),
    ],
)
def test_capacity_is_what_the_place_says(tags: dict[str, str], people: int | None) -> None:
    assert capacity(place(None, **tags)) == people


@given(st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES)))
def test_rules_found_by_key_equal_rules_tried_one_by_one(tags: dict[str, str]) -> None:
    table: dict[str, dict[str, Any]] = {
        "work": {"any_of": [{"office": "coworking"}]},
        "cafe": {"any_of": [{"amenity": "cafe"}, {"shop": "bakery", "internet_access": "*"}]},
        "hotel": {"any_of": [{"tourism": ["hotel", "cafe"]}]},
        "net": {"any_of": [{"internet_access": "*"}]},
    }
    slow = _slow_all(table, tags)
    assert TagRules(table).all(tags) == tuple(slow)
    assert TagRules(table).first(tags) == next(iter(slow), None)


def _slow_all(table: dict[str, dict[str, list[dict[str, str]]]], tags: dict[str, str]) -> list[str]:
    return [
        name
        for name, row in table.items()
        if any(
            all(_slow_has(tags.get(key), wanted) for key, wanted in rule.items())
            for rule in row["any_of"]
        )
    ]


def _slow_has(value: str | None, wanted: str | list[str]) -> bool:
    given = [part.strip() for part in (value or "").split(";")]
    if wanted == "*":
        return any(part not in ("", "no", "none", "0", "false") for part in given)
    return any(part in ([wanted] if isinstance(wanted, str) else wanted) for part in given)
