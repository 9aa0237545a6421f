"""Layers of the map style for everything that people move on, and for borders.

Each road is drawn twice, a wider casing under a narrower fill, all casings before all fills, so
that crossings open into each other. Tunnels come first, paler and with a dashed casing; bridges
last.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from geo.palette import Palette

Layer = dict[str, Any]

_CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary", "minor", "service")
"""Classes of road for cars, the most important first."""

_WIDTHS: dict[int, tuple[float, ...]] = {
    5: (0.7, 0.5, 0.3, 0, 0, 0, 0),
    8: (1.7, 1.5, 1.0, 0.6, 0.3, 0, 0),
    11: (3.2, 2.9, 2.3, 1.8, 1.2, 0.5, 0),
    13: (5.0, 4.6, 3.9, 3.2, 2.5, 1.3, 0.6),
    15: (9.5, 9.0, 7.8, 6.8, 6.0, 4.2, 2.0),
    18: (30, 28, 26, 24, 22, 17, 8),
}
"""Pixels of the fill by zoom level, one for each class."""

_CAR = ["match", ["get", "class"], list(_CLASSES), True, False]
_TUNNEL = ["==", ["get", "tunnel"], 1]
_BRIDGE = ["==", ["get", "bridge"], 1]


def road_layers(palette: Palette) -> list[Layer]:
    """Return the layers, the lowest first."""
    open_air = ["all", _CAR, ["!", _TUNNEL], ["!", _BRIDGE]]
    return [
        _ferry(palette),
        *_boundaries(palette),
        *_casing_and_fill("tunnel", ["all", _CAR, _TUNNEL], palette),
        *_tracks(palette),
        *_casing_and_fill("road", open_air, palette),
        *_rail(palette),
        *_casing_and_fill("bridge", ["all", _CAR, _BRIDGE], palette),
    ]


def _casing_and_fill(name: str, where: list[Any], palette: Palette) -> list[Layer]:
    """Return casing and fill of one kind of road."""
    tunnel = name == "tunnel"
    casing: dict[str, Any] = {
        "line-color": _color(palette, casing=True),
        "line-width": _width(lambda pixels: pixels + 1.1 + pixels * 0.12 if pixels else 0),
        "line-opacity": ["interpolate", ["linear"], ["zoom"], 8, 0.4, 11, 1],
    }
    if tunnel:  # two thin dashed walls
        casing["line-gap-width"] = _width(lambda pixels: pixels)
        casing["line-width"] = ["interpolate", ["linear"], ["zoom"], 10, 0.6, 15, 1.4]
        casing["line-dasharray"] = [3, 2]
    fill = {
        "line-color": _color(palette, casing=False),
        "line-width": _width(lambda pixels: pixels),
        "line-opacity": 0.4 if tunnel else 1,
    }
    cap = "butt" if name != "road" else "round"
    return [
        _line(f"{name}-casing", where, casing, cap="butt" if tunnel else cap),
        _line(f"{name}-fill", where, fill, cap=cap),
    ]


def _line(name: str, where: list[Any], paint: dict[str, Any], *, cap: str = "round") -> Layer:
    order = [part for place, kind in enumerate(_CLASSES) for part in (kind, -place)]
    return {
        "id": name,
        "type": "line",
        "source": "region",
        "source-layer": "road",
        "filter": where,
        "layout": {
            "line-join": "round",
            "line-cap": cap,
            "line-sort-key": ["match", ["get", "class"], *order, -9],
        },
        "paint": paint,
    }


def _width(shape: Callable[[float], float]) -> list[Any]:
    """Return line widths by zoom and class; ramps (``link``) are narrower."""
    stops: list[Any] = []
    for zoom, widths in _WIDTHS.items():
        pairs = zip(_CLASSES, widths, strict=True)
        by_class = [part for kind, pixels in pairs for part in (kind, round(shape(pixels), 2))]
        match = ["match", ["get", "class"], *by_class, 0]
        stops += [zoom, ["*", match, ["case", ["==", ["get", "link"], 1], 0.65, 1]]]
    return ["interpolate", ["exponential", 1.5], ["zoom"], *stops]


def _color(palette: Palette, *, casing: bool) -> list[Any]:
    ending = "_casing" if casing else ""
    return [
        "match",
        ["get", "class"],
        ["motorway", "trunk"],
        getattr(palette, f"motorway{ending}"),
        ["primary", "secondary"],
        getattr(palette, f"primary{ending}"),
        getattr(palette, f"minor{ending}"),
    ]


def _ferry(palette: Palette) -> Layer:
    paint = {"line-color": palette.ferry, "line-width": 1.4, "line-dasharray": [4, 3]}
    return _line("ferry", ["==", ["get", "class"], "ferry"], paint, cap="butt")


def _tracks(palette: Palette) -> list[Layer]:
    def thin(kind: str, dashes: list[float], width: float) -> Layer:
        growing = ["interpolate", ["linear"], ["zoom"], 12, width * 0.6, 16, width * 1.6]
        paint = {
            "line-color": palette.path,
            "line-width": growing,
            "line-dasharray": dashes,
            "line-opacity": ["interpolate", ["linear"], ["zoom"], 11, 0.35, 14, 0.9],
        }
        layer = _line(kind, ["==", ["get", "class"], kind], paint, cap="butt")
        return {**layer, "minzoom": 12 if kind == "track" else 13.5}

    return [thin("path", [1.5, 1.5], 0.9), thin("track", [4, 1.5], 1.2)]


def _rail(palette: Palette) -> list[Layer]:
    where = ["==", ["get", "class"], "rail"]
    width = ["interpolate", ["linear"], ["zoom"], 9, 0.6, 14, 1.4, 17, 2.4]
    ties = ["interpolate", ["linear"], ["zoom"], 12, 2.4, 15, 4.5, 17, 7]
    hidden = ["*", ["coalesce", ["get", "tunnel"], 0], 0.7]
    faint = ["-", 1, hidden]
    return [
        _line("rail", where, {"line-color": palette.rail, "line-width": width,
                              "line-opacity": faint}),
        {
            **_line("rail-ties", ["all", where, ["!", _TUNNEL]],
                    {"line-color": palette.rail, "line-width": ties,
                     "line-dasharray": [0.25, 2.4]}, cap="butt"),
            "minzoom": 12,
        },
    ]  # fmt: skip


def _boundaries(palette: Palette) -> list[Layer]:
    def border(name: str, levels: list[int], width: float, dashes: list[float]) -> Layer:
        return {
            "id": name,
            "type": "line",
            "source": "region",
            "source-layer": "boundary",
            "filter": ["match", ["get", "level"], levels, True, False],
            "layout": {"line-join": "round"},
            "paint": {
                "line-color": palette.boundary,
                "line-width": ["interpolate", ["linear"], ["zoom"], 6, width * 0.6, 14, width],
                "line-dasharray": dashes,
                "line-opacity": 0.85 if name == "border-country" else 0.5,
            },
        }

    glow: Layer = {
        "id": "border-glow",
        "type": "line",
        "source": "region",
        "source-layer": "boundary",
        "filter": ["==", ["get", "level"], 2],
        "layout": {"line-join": "round"},
        "paint": {
            "line-color": palette.boundary_glow,
            "line-width": ["interpolate", ["linear"], ["zoom"], 6, 2, 14, 8],
            "line-opacity": 0.35,
        },
    }
    return [
        glow,
        {**border("border-parish", [8], 1.0, [2, 3]), "minzoom": 10.5},
        border("border-state", [4, 6], 1.3, [4, 2.5]),
        border("border-country", [2], 2.0, [5, 2, 1, 2]),
    ]
