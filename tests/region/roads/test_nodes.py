from __future__ import annotations

from datetime import date

import pytest

from geo.region.roads.access import Admission
from geo.region.roads.nodes import rule_of


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "bus_stop"},
        {"highway": "bus_stop", "access": "no"},
        {"natural": "tree"},
        {"amenity": "cafe"},
        {"barrier": "entrance"},
    ],
)
def test_most_nodes_do_nothing(tags: dict[str, str]) -> None:
    assert rule_of(tags) is None


@pytest.mark.parametrize("tags", [{"barrier": "bollard"}, {"vehicle": "no"}])
def test_some_nodes_shut_the_road(tags: dict[str, str]) -> None:
    rule = rule_of(tags)
    assert rule is not None
    assert rule.shut


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "traffic_signals"},
        {"highway": "crossing;traffic_signals"},
        {"highway": "stop"},
        {"highway": "give_way"},
        {"highway": "mini_roundabout"},
        {"highway": "crossing"},
        {"traffic_calming": "bump"},
        {"barrier": "gate"},
        {"barrier": "toll_booth"},
    ],
)
def test_some_nodes_cost_time(tags: dict[str, str]) -> None:
    rule = rule_of(tags)
    assert rule is not None
    assert not rule.shut
    assert rule.delay_s > 0


def test_signs_face_one_way() -> None:
    directions = [
        rule_of({"highway": "stop"}),
        rule_of({"highway": "stop", "direction": "forward"}),
        rule_of({"highway": "traffic_signals", "traffic_signals:direction": "backward"}),
        rule_of({"highway": "traffic_signals"}),
    ]
    assert [rule.direction for rule in directions if rule] == [3, 1, 2, 0]


def test_some_nodes_stop_some_cars_or_at_some_times() -> None:
    private = rule_of({"barrier": "gate", "access": "private"})
    assert private is not None
    assert (private.shut, private.limited) == (False, True)
    assert private.delay_s > 0
    winter = {"barrier": "gate", "motor_vehicle:conditional": "no @ (Nov-May)"}
    pass_gate = rule_of(winter, on=date(2026, 5, 1))
    assert pass_gate is not None
    assert pass_gate.admitted == (Admission.EVERYBODY, Admission.NOBODY, Admission.NOBODY)
    south = rule_of(winter, south=True, on=date(2026, 5, 1))
    assert south is not None
    assert south.admitted == (Admission.NOBODY, Admission.EVERYBODY, Admission.EVERYBODY)
    alone = rule_of({"access:conditional": "no @ winter"})
    assert alone is not None
    assert alone.limited
