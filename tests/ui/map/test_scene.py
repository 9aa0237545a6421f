""""""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import shapely
from shapely.geometry import shape

from geo.model import BBox, Point
from geo.palette import BAND_COLORS
from geo.ui.map import (
    AttendeeLines,
    Band,
    Card,
    Drive,
    MapEvent,
    MapLink,
    PersonMarker,
    Scene,
    bands_geojson,
    legend,
)

INNER, OUTER = shapely.box(1, 1, 2, 2), shapely.box(0, 0, 4, 4)


def polygons(bands: list[Band]) -> list[tuple[str, float]]:
    """Return the label and size of each tint, the smallest band first."""
    features = json.loads(bands_geojson(bands))["features"]
    return [
        (feature["properties"]["label"], shape(feature["geometry"]).area)
        for feature in reversed(features)
    ]


def test_each_band_tints_only_what_no_smaller_one_does() -> None:
    assert polygons([Band("10", INNER), Band("20", OUTER)]) == [
        ("10", pytest.approx(1)),
        ("20", pytest.approx(15)),
    ]


def test_smaller_bands_are_drawn_later_so_that_their_outline_shows() -> None:
    features = json.loads(bands_geojson([Band("10", INNER), Band("20", OUTER)]))["features"]
    assert [one["properties"]["label"] for one in features] == ["20", "10"]
    outer, inner = (shape(one["geometry"]) for one in features)
    assert outer.boundary.covers(inner.boundary)


def test_an_empty_band_draws_nothing_but_keeps_its_colour() -> None:
    bands = [Band("10", shapely.MultiPolygon()), Band("20", OUTER)]
    assert polygons(bands) == [("20", pytest.approx(16))]
    assert [entry.color for entry in legend(bands)] == list(BAND_COLORS[:2])
    assert json.loads(bands_geojson(bands))["features"][0]["properties"]["color"] == BAND_COLORS[1]


def test_bands_that_only_overlap_are_cut_too() -> None:
    other = shapely.box(1.5, 1, 2.5, 2)
    assert polygons([Band("a", INNER), Band("b", other)])[1] == ("b", pytest.approx(0.5))


def test_no_bands_are_an_empty_collection() -> None:
    assert json.loads(bands_geojson([])) == {"type": "FeatureCollection", "features": []}


def test_positions_are_no_finer_than_a_metre() -> None:
    area = shapely.Point(1.523456789, 42.5).buffer(0.0123456789)
    numbers = re.findall(rb"\d+\.(\d+)", bands_geojson([Band("10", area)]))
    assert max(map(len, numbers)) == 5


def test_corners_that_nobody_can_see_are_left_out() -> None:
    """A circle in a thousand corners; what is left lies within five metres of it."""
    area = shapely.Point(1.5, 42.5).buffer(0.05, quad_segs=250)
    ring = shape(json.loads(bands_geojson([Band("10", area)]))["features"][0]["geometry"])
    assert shapely.get_num_coordinates(ring) < 150
    assert shapely.hausdorff_distance(ring, area) < 7e-5


def test_an_area_with_fewer_corners_is_whole() -> None:
    """A hole reaches into a bump of four metres: without the bump its tip would stick out."""
    shell = [(0, 0), (0.005, -4e-5), (0.01, 0), (0.01, 0.01), (0, 0.01)]
    area = shapely.Polygon(shell, [[(0.005, -2e-5), (0.006, 0.002), (0.004, 0.002)]])
    tint = shape(json.loads(bands_geojson([Band("10", area)]))["features"][0]["geometry"])
    assert tint.is_valid
    assert tint.area == pytest.approx(area.area, rel=0.003)


HERE = Point(1.5, 42.5)


def test_a_scene_reads_as_json_with_positions_lon_first() -> None:
    card = Card(
        "n1", HERE, "1", "#1d4ed8", "Café",
        status="Open", tone="open",
        drives=[Drive("An", "#1971c2", "5 min")], links=[MapLink("Map", "https://example.org")],
    )  # fmt: skip
    scene = Scene(
        BBox(1, 42, 2, 43), origin=HERE, cards=[card], people=[PersonMarker(HERE, "An", "#1971c2")],
        attendee_lines=[AttendeeLines(HERE, [Point(1.6, 42.6)], "#1971c2")],
        route=[HERE, Point(1.6, 42.6)],
    )  # fmt: skip
    data = json.loads(json.dumps(scene.to_json()))
    assert data["origin"] == data["cards"][0]["point"] == data["people"][0]["point"] == [1.5, 42.5]
    assert data["region"] == [1, 42, 2, 43]
    assert data["cards"][0]["status"] == {"text": "Open", "tone": "open"}
    assert data["attendee_lines"] == [{"color": "#1971c2", "lines": [[[1.5, 42.5], [1.6, 42.6]]]}]
    assert data["route"] == [[1.5, 42.5], [1.6, 42.6]]


def test_a_bare_scene_has_nothing_on_it() -> None:
    data = Scene(BBox(1, 42, 2, 43)).to_json()
    assert data["origin"] is data["route"] is data["areas"]["url"] is None
    assert data["cards"] == data["people"] == data["attendee_lines"] == []


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
