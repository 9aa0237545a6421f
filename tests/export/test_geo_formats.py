"""JSON values and GeoJSON: the contract's fields, and what they must not tell."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pyogrio
from shapely import from_wkb
from shapely.geometry import shape

from geo.export.geo_formats import (
    listing_geojson,
    listing_geojson_text,
    listing_json,
    listing_values,
)
from geo.export.listing import Listing, StartLabel
from geo.export.results import halfway_listing
from geo.meetup import Halfway
from geo.model import Point
from geo.region import Manifest

MONDAY = datetime(2026, 5, 4, 10)
MakeListing = Callable[..., Listing]
PEOPLE = [StartLabel("Ana", Point(1.51, 42.5)), StartLabel("Ben"), StartLabel("Cleo")]


def test_near_keeps_the_contract(near: MakeListing) -> None:
    values = json.loads(listing_json(near("Bean", None)))
    assert values["region"] == "andorra"
    assert values["origin"] == {"lat": 42.5, "lon": 1.52, "label": "", "unmatched": []}
    assert values["attribution"] == "© OpenStreetMap contributors"
    assert values["osm_timestamp"] == "2025-09-01T00:00:00+00:00"
    first, second = values["places"]
    links = first.pop("links")
    assert set(links) == {"osm", "google", "apple", "waze", "geo"}
    assert first == {
        "osm_id": "n1", "name": "Bean", "kind": "cafe", "lat": 42.5, "lon": 1.521,
        "minutes": 1.0, "return_minutes": 1.1, "km": 1.0, "open": "open",
    }  # fmt: skip
    assert second["name"] == "unnamed café"
    assert second["return_minutes"] is None


def test_an_origin_that_is_not_shown_stands_nowhere(near: MakeListing) -> None:
    hidden = replace(near("Bean"), starts=(StartLabel("Andorra la Vella"),))
    assert "1.5," not in listing_json(near("Bean"))
    assert "42.51" not in listing_json(hidden)


def test_halfway_keeps_the_contract(halfway: Halfway, manifest: Manifest) -> None:
    listing = halfway_listing(halfway, manifest, at=MONDAY, starts=PEOPLE)
    values = json.loads(listing_json(listing))
    fair = values["places"][0]
    assert fair["minutes"] == [10.0, 11.0, None]
    assert fair["return_minutes"] == [10.5, 10.0, None]
    assert fair["km"] == [9.0, 9.5, None]
    assert (fair["worst_minutes"], fair["total_minutes"]) == (11.0, 21.0)
    assert set(fair) >= {"osm_id", "name", "kind", "lat", "lon", "open", "links"}
    assert "beyond_minutes" not in fair
    unknown = {"label": "", "unmatched": []}
    assert values["people"][0] == {"label": "Ana", "lat": 42.5, "lon": 1.51, "origin": unknown}
    assert values["people"][1] == {"label": "Ben", "lat": None, "lon": None, "origin": unknown}
    assert (values["objective"], values["cutoff_minutes"]) == ("fairest", 20.0)
    assert (values["everyone_within"], values["unreachable"]) == (True, [2])
    assert values["trade_off"] == {
        "fairest": "n1", "least_total": "n2", "person": 0, "extra_minutes": 6.0,
        "saved_minutes": 4.0,
    }  # fmt: skip


def test_beyond_the_limit_is_told_per_person(halfway: Halfway, manifest: Manifest) -> None:
    request = replace(halfway.request, cutoff_s=630.0)
    apart = replace(halfway, within=False, trade_off=None, request=request)
    listing = halfway_listing(apart, manifest, at=MONDAY, starts=PEOPLE)
    assert listing_values(listing)["places"][0]["beyond_minutes"] == [0.0, 0.5, None]
    assert "No place is within 10.5 min of everyone" in listing.notes[1]
    assert listing.notes[2] == "Fair: Ben drives 1 min beyond the limit."


def test_the_trade_off_is_a_sentence(halfway: Halfway, manifest: Manifest) -> None:
    listing = halfway_listing(halfway, manifest, at=MONDAY, starts=PEOPLE)
    assert listing.notes == (
        "No road of the region leads from Cleo to any of these places.",
        "Shortest total: 4 min less, but Ana drives 6 min more.",
    )


def test_people_without_names_are_numbered(halfway: Halfway, manifest: Manifest) -> None:
    listing = halfway_listing(halfway, manifest, at=MONDAY)
    assert listing.title == "Meeting places for person 1, person 2 and person 3"
    assert "42.6" not in listing_json(listing)


def read(text: str, tmp_path: Any) -> tuple[list[dict[str, Any]], list[Any]]:
    path = tmp_path / "x.geojson"
    path.write_text(text, "utf-8")
    meta, _, geometry, columns = pyogrio.raw.read(path)
    rows = [dict(zip(meta["fields"], row, strict=True)) for row in zip(*columns, strict=True)]
    return rows, [from_wkb(one) for one in geometry]


def test_gdal_reads_the_geojson(near: MakeListing, tmp_path: Any, hostile: str) -> None:
    text = listing_geojson_text(near(hostile.replace("\ud800", ""), "B", areas=True))
    rows, shapes = read(text, tmp_path)
    assert [one.geom_type for one in shapes] == ["MultiPolygon"] * 2 + ["Point"] * 2
    assert [row["minutes"] for row in rows] == [30, 15, 1, 2]
    assert (shapes[2].x, shapes[2].y) == (1.521, 42.5)
    assert all(one.is_valid for one in shapes)


def test_geojson_says_whose_data_it_is(near: MakeListing) -> None:
    values = listing_geojson(near("A", areas=True))
    assert values["attribution"] == "© OpenStreetMap contributors"
    assert shape(values["features"][0]["geometry"]).area > 0
    assert {"lat", "lon"}.isdisjoint(values["features"][-1]["properties"])
