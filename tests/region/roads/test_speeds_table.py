"""The table of speeds hangs together: every row has what the code reads."""

from __future__ import annotations

import pytest

from geo.files import read_table
from geo.network.graph import CONDITIONS

TABLE = read_table("speeds")


@pytest.mark.parametrize("name", list(TABLE["class"]))
def test_every_class_has_a_rank_and_paces(name: str) -> None:
    row = TABLE["class"][name]
    assert set(row) == {"rank", "open", "dense", "top"}
    assert 0 < row["dense"] <= row["open"] <= row["top"]


def test_classes_fit_into_a_byte_and_stay_where_bundles_expect_them() -> None:
    assert list(TABLE["class"])[:3] == ["motorway", "motorway_link", "trunk"]
    assert len(TABLE["class"]) < 256


@pytest.mark.parametrize("group", ["surface", "tracktype", "smoothness"])
def test_every_ground_has_a_pace_for_each_condition_and_none_beats_dry(group: str) -> None:
    for name, row in TABLE[group].items():
        assert set(row) == set(CONDITIONS), name
        assert max(row.values()) == row["dry"], name


def test_aliases_lead_to_surfaces_that_exist() -> None:
    assert set(TABLE["surface_alias"].values()) <= set(TABLE["surface"])


def test_every_limit_of_a_zone_is_plausible() -> None:
    for zones in TABLE["zone"].values():
        assert all(5 <= kmh <= 160 for kmh in zones.values())


def test_ways_that_are_opened_are_driven_as_a_class() -> None:
    assert set(TABLE["opened"].values()) <= set(TABLE["class"])
    assert not set(TABLE["opened"]) & {"residential", "service", "track"}


def test_no_access_value_means_two_things() -> None:
    assert not set(TABLE["access"]["destination"]) & set(TABLE["access"]["closed"])
    assert not set(TABLE["conditional"]["destination"]) & set(TABLE["conditional"]["cars"])


def test_seasons_are_made_of_months() -> None:
    for months in TABLE["conditional"]["season"].values():
        assert set(months) <= set(range(1, 13))
