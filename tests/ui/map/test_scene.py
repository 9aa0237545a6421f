from __future__ import annotations

import json
from typing import Any

import pytest

from geo.model import BBox, Point
from geo.ui.map import Card, Drive, MapEvent, MapLink, Person, Scene, Spider

HERE = Point(1.5, 42.5)


def test_a_scene_reads_as_json_with_positions_lon_first() -> None:
    card = Card(
        "n1", HERE, "1", "#1d4ed8", "Café",
        status="Open", tone="open",
        drives=[Drive("An", "#1971c2", "5 min")], links=[MapLink("Map", "https://example.org")],
    )  # fmt: skip
    scene = Scene(
        BBox(1, 42, 2, 43), origin=HERE, cards=[card], people=[Person(HERE, "An", "#1971c2")],
        spiders=[Spider(HERE, [Point(1.6, 42.6)], "#1971c2")], route=[HERE, Point(1.6, 42.6)],
    )  # fmt: skip
    data = json.loads(json.dumps(scene.to_json()))
    assert data["origin"] == data["cards"][0]["point"] == data["people"][0]["point"] == [1.5, 42.5]
    assert data["region"] == [1, 42, 2, 43]
    assert data["cards"][0]["status"] == {"text": "Open", "tone": "open"}
    assert data["spiders"] == [{"color": "#1971c2", "lines": [[[1.5, 42.5], [1.6, 42.6]]]}]
    assert data["route"] == [[1.5, 42.5], [1.6, 42.6]]


def test_a_bare_scene_has_nothing_on_it() -> None:
    data = Scene(BBox(1, 42, 2, 43)).to_json()
    assert data["origin"] is data["route"] is data["areas"]["url"] is None
    assert data["cards"] == data["people"] == data["spiders"] == []


@pytest.mark.parametrize(
    ("sent", "event"),
    [
        ({"type": "pick", "point": [1.5, 42]}, MapEvent(picked=Point(1.5, 42.0))),
        ({"type": "select", "id": "n1"}, MapEvent(selected="n1")),
        ({"type": "select", "id": None}, MapEvent()),
        (None, None),
        ({}, None),
        ({"type": "pick"}, None),
        ({"type": "pick", "point": [200, 42]}, None),
        ({"type": "pick", "point": [1, 2, 3]}, None),
        ({"type": "pick", "point": ["1", "2"]}, None),
        ({"type": "select", "id": 7}, None),
        ("pick", None),
    ],
)
def test_only_what_the_map_sends_is_an_event(sent: Any, event: MapEvent | None) -> None:
    assert MapEvent.from_json(sent) == event
