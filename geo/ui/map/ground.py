"""Layers of the map style that lie under the roads: land cover, water, buildings."""

from __future__ import annotations

from typing import Any

from geo.ui.map.palette import Palette

_COVERS = (
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
    colors = [part for name in _COVERS for part in (name, getattr(palette, name))]
    order = [part for place, name in enumerate(_COVERS) for part in (name, place)]
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
