from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from typing import Any

import pytest

from geo.palette import BAND_COLORS, DAY, NIGHT, PEOPLE_COLORS, Palette
from geo.ui.map.assets import read_assets
from geo.ui.map.style import map_style

TILE_LAYERS = {
    "landcover", "water", "waterway", "building", "road", "boundary", "place", "peak", "water_name",
}  # fmt: skip


@pytest.fixture(params=[False, True], ids=["day", "night"])
def style(request: pytest.FixtureRequest) -> dict[str, Any]:
    return map_style(dark=request.param)


def luminance(color: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_layers_have_names_of_their_own_and_known_sources(style: dict[str, Any]) -> None:
    ids = [layer["id"] for layer in style["layers"]]
    assert len(ids) == len(set(ids))
    for layer in style["layers"]:
        if layer["type"] != "background":
            assert layer["source"] in style["sources"]
        if layer.get("source") == "region":
            assert layer["source-layer"] in TILE_LAYERS


def test_every_layer_of_the_tiles_is_drawn(style: dict[str, Any]) -> None:
    assert {layer.get("source-layer") for layer in style["layers"]} - {None} == TILE_LAYERS


def test_areas_lie_under_roads_and_names_over_everything(style: dict[str, Any]) -> None:
    order = [layer["id"] for layer in style["layers"]]
    for lower, upper in pairwise(
        ["land", "landcover", "water", "area-fill", "road-casing", "road-fill", "area-outline",
         "route-casing", "route", "road-name", "place-city"]
    ):  # fmt: skip
        assert order.index(lower) < order.index(upper)
    kinds = [layer["type"] for layer in style["layers"]]
    assert kinds == sorted(kinds, key="symbol".__eq__)


def test_nothing_is_fetched_from_elsewhere(style: dict[str, Any]) -> None:
    assert "http" not in json.dumps(style)
    assert "sprite" not in style


def test_both_styles_differ_in_paint_alone() -> None:
    """So that a change of theme is a change of paint, and no tile is read again."""

    def bones(style: dict[str, Any]) -> list[Any]:
        return [
            {key: layer.get(key) for key in ("id", "type", "source", "filter", "minzoom")}
            for layer in style["layers"]
        ]

    assert bones(map_style(dark=False)) == bones(map_style(dark=True))


def test_every_zoom_stop_grows(style: dict[str, Any]) -> None:
    for expression in interpolations(style["layers"]):
        stops = expression[3::2]
        assert stops == sorted(set(stops))


def interpolations(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        if value[:1] == ["interpolate"]:
            yield value
        for part in value:
            yield from interpolations(part)


def test_the_browser_can_draw_every_font_that_is_named(style: dict[str, Any]) -> None:
    script = read_assets()["glyphs.js"].content.decode()
    known = set(re.findall(r'^  (\w+): "', script, re.MULTILINE))
    layouts = [layer.get("layout", {}) for layer in style["layers"]]
    used = {font for layout in layouts for font in layout.get("text-font", [])}
    assert used <= known


@pytest.mark.parametrize("palette", [DAY, NIGHT], ids=["day", "night"])
def test_names_can_be_read_on_the_ground(palette: Palette) -> None:
    for color in (getattr(palette, field.name) for field in fields(palette)):
        assert re.fullmatch("#[0-9a-f]{6}", color)
    for ground in (palette.land, palette.wood, palette.residential, palette.halo):
        assert contrast(palette.ink, ground) >= 7
        assert contrast(palette.soft_ink, ground) >= 4.5
        assert contrast(palette.peak_ink, ground) >= 4.5
    assert contrast(palette.shield_ink, palette.shield_paper) >= 4.5


def test_white_initials_can_be_read_on_people() -> None:
    assert all(contrast(color, "#ffffff") >= 4.5 for color in PEOPLE_COLORS)


def test_neighbouring_bands_differ_in_more_than_hue() -> None:
    assert len(set(BAND_COLORS)) == len(BAND_COLORS)
    assert all(contrast(one, other) > 1.2 for one, other in pairwise(BAND_COLORS))


def test_the_browser_leaves_out_no_corner_of_an_area(style: dict[str, Any]) -> None:
    """Left out ring by ring, they let a hole cross its shell, and a part is tinted twice."""
    assert style["sources"]["areas"]["tolerance"] == 0
