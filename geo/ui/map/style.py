"""The style of the map: a MapLibre style document for the region's vector tiles, by day or night.

The tiles hold the layers ``landcover``, ``water``, ``waterway``, ``building``, ``road``,
``boundary``, ``place``, ``peak`` and ``water_name``. Beside them the style has sources that start
empty and that the browser fills: ``areas``, ``route``, ``attendee-lines`` and ``obstacles``. Their
layers have a fixed place: areas under the roads, outlines and routes over them, names over all.

Areas come with no more corners than one can see (`geo.ui.map.scene`); the browser must leave out no
more, because it does so ring by ring: where rings come to cross, a part is tinted twice.

The document has no address in it: the browser adds that of the tiles, and glyphs and images are
drawn there. The format: https://maplibre.org/maplibre-style-spec/
"""

from __future__ import annotations

from typing import Any

from geo.palette import DAY, NIGHT, ROUTE_COLOR, Palette
from geo.ui.map.style_labels import name_layers
from geo.ui.map.style_roads import road_layers

_LANDCOVER_CLASSES = (
    "farmland", "residential", "industrial", "grass", "scrub", "rock", "sand", "wetland",
    "park", "wood", "glacier",
)  # fmt: skip
"""Classes of land cover, the lowest first."""


def ground_layers(palette: Palette) -> list[dict[str, Any]]:
    """Return the layers, the lowest first."""
    return [
        {"id": "land", "type": "background", "paint": {"background-color": palette.land}},
        _landcover(palette),
        _waterway(palette),
        {
            "id": "water",
            "type": "fill",
            "source": "region",
            "source-layer": "water",
            "paint": {"fill-color": palette.water},
        },
        _building(palette),
    ]


def _landcover(palette: Palette) -> dict[str, Any]:
    colors = [part for name in _LANDCOVER_CLASSES for part in (name, getattr(palette, name))]
    order = [part for place, name in enumerate(_LANDCOVER_CLASSES) for part in (name, place)]
    return {
        "id": "landcover",
        "type": "fill",
        "source": "region",
        "source-layer": "landcover",
        "layout": {"fill-sort-key": ["match", ["get", "class"], *order, -1]},
        "paint": {
            "fill-color": ["match", ["get", "class"], *colors, palette.land],
            "fill-antialias": False,
        },
    }


def _waterway(palette: Palette) -> dict[str, Any]:
    def width(river: float, stream: float) -> list[Any]:
        return ["match", ["get", "class"], ["river", "canal"], river, stream]

    return {
        "id": "waterway",
        "type": "line",
        "source": "region",
        "source-layer": "waterway",
        "layout": {"line-join": "round", "line-cap": "round"},
        "paint": {
            "line-color": palette.waterway,
            "line-width": [
                "interpolate",
                ["exponential", 1.4],
                ["zoom"],
                *(8, width(0.7, 0.2)),
                *(12, width(1.6, 0.6)),
                *(15, width(4, 1.6)),
                *(18, width(12, 4)),
            ],
        },
    }


def _building(palette: Palette) -> dict[str, Any]:
    return {
        "id": "building",
        "type": "fill",
        "source": "region",
        "source-layer": "building",
        "minzoom": 13,
        "paint": {
            "fill-color": palette.building,
            "fill-outline-color": palette.building_edge,
            "fill-opacity": ["interpolate", ["linear"], ["zoom"], 13, 0, 14.2, 1],
        },
    }


Layer = dict[str, Any]

_EMPTY = {"type": "geojson", "data": {"type": "FeatureCollection", "features": []}}


def map_style(*, dark: bool) -> dict[str, Any]:
    """Return the style document for a light or a dark theme."""
    palette = NIGHT if dark else DAY
    layers = [
        *ground_layers(palette),
        area_fill(dark=dark),
        *road_layers(palette),
        *line_layers(palette, dark=dark),
        *name_layers(palette),
    ]
    return {
        "version": 8,
        "name": "Crossroads by night" if dark else "Crossroads by day",
        "glyphs": "glyphs://{fontstack}/{range}",
        "sources": {
            "region": {"type": "vector", "tiles": [], "minzoom": 0, "maxzoom": 14},
            "areas": {**_EMPTY, "tolerance": 0},
            "route": {**_EMPTY, "tolerance": 0.2},
            "attendee-lines": _EMPTY,
            "obstacles": _EMPTY,
        },
        "layers": layers,
    }


def area_fill(*, dark: bool) -> Layer:
    """Return the layer that tints what can be reached."""
    return {
        "id": "area-fill",
        "type": "fill",
        "source": "areas",
        "paint": {
            "fill-color": ["get", "color"],
            "fill-opacity": 0.34 if dark else 0.28,
            "fill-antialias": False,
        },
    }


def line_layers(palette: Palette, *, dark: bool) -> list[Layer]:
    """Return outlines of areas, lines to attendees and the route, which lie over the roads."""
    joined = {"line-join": "round", "line-cap": "round"}
    wide = ["interpolate", ["linear"], ["zoom"], 8, 4, 14, 9, 18, 16]
    narrow = ["interpolate", ["linear"], ["zoom"], 8, 2.6, 14, 6, 18, 11]
    return [
        {
            "id": "area-outline",
            "type": "line",
            "source": "areas",
            "layout": joined,
            "paint": {
                "line-color": ["get", "color"],
                "line-width": ["interpolate", ["linear"], ["zoom"], 8, 1.2, 14, 2.2],
                "line-opacity": 0.8 if dark else 0.9,
            },
        },
        {
            "id": "attendee-line",
            "type": "line",
            "source": "attendee-lines",
            "layout": joined,
            "paint": {"line-color": ["get", "color"], "line-width": 1.8, "line-opacity": 0.75},
        },
        {
            "id": "route-casing",
            "type": "line",
            "source": "route",
            "layout": joined,
            "paint": {"line-color": palette.route_casing, "line-width": wide},
        },
        {
            "id": "route",
            "type": "line",
            "source": "route",
            "layout": joined,
            "paint": {
                "line-color": "#a68bff" if dark else ROUTE_COLOR,
                "line-width": narrow,
            },
        },
    ]
