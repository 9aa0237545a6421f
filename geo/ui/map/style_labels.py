"""Layers of the map style that are text: places by rank, roads, shields, peaks, water.

A name in a script whose letters join or reorder (Arabic, Hebrew, Devanagari...) is beyond what
MapLibre sets letter by letter; the browser draws those whole, as an image named ``words|...``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from geo.palette import Palette

Layer = dict[str, Any]

_NAME = ["coalesce", ["get", "name"], ""]
_IS_SUPPORTED_SCRIPT = ["is-supported-script", _NAME]


class _PlaceRank(NamedTuple):
    """How one rank of places is named.

    Attributes
    ----------
    name, classes
        Of the layer, and of the tiles.
    first_zoom
        Not shown before.
    sizes
        Pixels at the first zoom and near.
    font
        A font stack of the browser's.
    pale
        Part of another place, so in a softer ink.
    """

    name: str
    classes: list[str]
    first_zoom: float
    sizes: tuple[float, float]
    font: str
    pale: bool = False


_RANKS = (
    _PlaceRank("hamlet", ["hamlet", "locality"], 11.5, (11.5, 13.5), "Regular"),
    _PlaceRank("suburb", ["suburb"], 11, (11.5, 15), "Medium", pale=True),
    _PlaceRank("village", ["village"], 8.5, (12, 16), "Medium"),
    _PlaceRank("town", ["town"], 6, (13.5, 20), "Bold"),
    _PlaceRank("city", ["city"], 3, (15, 24), "Bold"),
)
"""The least important first: MapLibre places the last one first."""

_PIN_LABEL_OFFSETS: list[Any] = [
    *("center", [0, 0], "left", [1.5, 0], "right", [-1.5, 0], "top", [0, 1.3], "bottom", [0, -1.3]),
    *("left", [2.6, 0], "right", [-2.6, 0], "top-left", [1.2, 1.2], "top-right", [-1.2, 1.2]),
    *("bottom-left", [1.2, -1.2], "bottom-right", [-1.2, -1.2]),
]
"""Where the name of a place may stand, in ems, the best first: beside it when a pin is on it."""


def name_layers(palette: Palette) -> list[Layer]:
    """Return the layers, the lowest first: MapLibre places the last one first."""
    return [
        _area_label(palette),
        _road_name(palette),
        _shield(palette),
        _peak(palette),
        _water_name(palette),
        *(_place(rank, palette) for rank in _RANKS),
        _obstacle(),
    ]


def _symbol(name: str, layer: str, layout: Layer, paint: Layer) -> Layer:
    return {
        "id": name,
        "type": "symbol",
        "source": "region",
        "source-layer": layer,
        "layout": layout,
        "paint": paint,
    }


def _name_image(css_weight: str, pixels: float, ink: str, halo: str) -> list[Any]:
    """Return the image name of a name that the browser must draw, or "" for the others."""
    image = ["concat", f"words|{css_weight}|{pixels:g}|{ink}|{halo}|", _NAME]
    return ["case", _IS_SUPPORTED_SCRIPT, "", image]


def _text(extra: list[Any] | None = None) -> list[Any]:
    """Return the text of a name that MapLibre can set, or "" for the others."""
    return ["case", _IS_SUPPORTED_SCRIPT, extra or _NAME, ""]


def _place(rank: _PlaceRank, palette: Palette) -> Layer:
    ink = palette.soft_ink if rank.pale else palette.ink
    small, large = rank.sizes
    weight = {"Regular": "400", "Medium": "600", "Bold": "700"}[rank.font]
    layout = {
        "text-field": _text(),
        "text-font": [rank.font],
        "text-size": ["interpolate", ["linear"], ["zoom"], rank.first_zoom, small, 15, large],
        "text-max-width": 7,
        "text-line-height": 1.1,
        "text-padding": 4,
        "text-variable-anchor-offset": _PIN_LABEL_OFFSETS,
        "text-justify": "auto",
        "symbol-sort-key": ["coalesce", ["get", "rank"], 99],
        "icon-image": _name_image(weight, (small + large) / 2, ink, palette.halo),
        "icon-padding": 4,
    }
    if rank.pale:
        layout["text-letter-spacing"] = 0.04
    layer = _symbol(f"place-{rank.name}", "place", layout, _ink(ink, palette.halo, 1.7))
    layer["filter"] = ["match", ["get", "class"], rank.classes, True, False]
    return {**layer, "minzoom": rank.first_zoom}


def _ink(ink: str, halo: str, width: float) -> Layer:
    return {
        "text-color": ink,
        "text-halo-color": halo,
        "text-halo-width": width,
        "text-halo-blur": 0.4,
    }


def _road_name(palette: Palette) -> Layer:
    layout = {
        "symbol-placement": "line",
        "symbol-spacing": 320,
        "text-field": _text(),
        "text-font": ["Regular"],
        "text-size": ["interpolate", ["linear"], ["zoom"], 13, 10.5, 17, 14],
        "text-max-angle": 32,
        "text-padding": 3,
        "icon-image": _name_image("400", 12, palette.ink, palette.halo),
        "icon-rotation-alignment": "map",
    }
    layer = _symbol("road-name", "road", layout, _ink(palette.ink, palette.halo, 1.5))
    classes = ["motorway", "trunk", "primary", "secondary", "tertiary", "minor"]
    main = ["match", ["get", "class"], classes[:-1], True, False]
    near = ["match", ["get", "class"], [*classes, "service", "path", "track"], True, False]
    layer["filter"] = ["all", ["has", "name"], ["step", ["zoom"], main, 14.5, near]]
    return {**layer, "minzoom": 13}


def _shield(palette: Palette) -> Layer:
    image = f"shield|{palette.shield_paper}|{palette.shield_ink}|{palette.shield_edge}"
    layout = {
        "symbol-placement": ["step", ["zoom"], "point", 11, "line"],
        "symbol-spacing": 380,
        "text-field": ["get", "ref"],
        "text-font": ["Medium"],
        "text-size": 10.5,
        "text-rotation-alignment": "viewport",
        "icon-rotation-alignment": "viewport",
        "icon-image": image,
        "icon-text-fit": "both",
        "icon-text-fit-padding": [0, 1, 0, 1],
        "text-padding": 12,
        "icon-padding": 12,
    }
    layer = _symbol("shield", "road", layout, {"text-color": palette.shield_ink})
    far = ["match", ["get", "class"], ["motorway", "trunk", "primary"], True, False]
    near = ["match", ["get", "class"], ["motorway", "trunk", "primary", "secondary"], True, False]
    short = ["<=", ["length", ["coalesce", ["get", "ref"], ""]], 9]
    where = ["step", ["zoom"], far, 11.5, near]
    layer["filter"] = ["all", ["has", "ref"], short, ["!=", ["get", "link"], 1], where]
    return {**layer, "minzoom": 8.5}


def _peak(palette: Palette) -> Layer:
    metres = ["concat", ["to-string", ["round", ["to-number", ["get", "ele"]]]], " m"]
    small = {"font-scale": 0.88}
    text = ["format", _NAME, {}, "\n", {}, ["case", ["has", "ele"], metres, ""], small]
    layout = {
        "text-field": _text(text),
        "text-font": ["Regular"],
        "text-size": ["interpolate", ["linear"], ["zoom"], 10, 10, 15, 12.5],
        "text-max-width": 8,
        "text-anchor": "top",
        "text-offset": [0, 0.45],
        "text-optional": False,
        "text-padding": 6,
        "icon-image": [
            "case",
            _IS_SUPPORTED_SCRIPT,
            f"peak|{palette.peak_ink}",
            ["concat", f"words|400|11|{palette.peak_ink}|{palette.halo}|", _NAME],
        ],
        "symbol-sort-key": ["-", 0, ["to-number", ["coalesce", ["get", "ele"], 0]]],
    }
    layer = _symbol("peak", "peak", layout, _ink(palette.peak_ink, palette.halo, 1.4))
    return {**layer, "minzoom": 10}


def _water_name(palette: Palette) -> Layer:
    layout = {
        "text-field": _text(),
        "text-font": ["Italic"],
        "text-size": ["interpolate", ["linear"], ["zoom"], 8, 11, 15, 15],
        "text-max-width": 6,
        "text-letter-spacing": 0.03,
        "text-padding": 5,
        "icon-image": _name_image("italic 400", 12.5, palette.water_ink, palette.water_halo),
    }
    ink = _ink(palette.water_ink, palette.water_halo, 1.3)
    return _symbol("water-name", "water_name", layout, ink)


def _obstacle() -> Layer:
    """Return the layer that keeps names from under the pins; it shows nothing itself."""
    return {
        "id": "obstacle",
        "type": "symbol",
        "source": "obstacles",
        "layout": {
            "icon-image": ["concat", "blank|", ["get", "width"], "|", ["get", "height"]],
            "icon-anchor": ["get", "anchor"],
            "icon-allow-overlap": True,
            "icon-padding": 0,
        },
    }


def _area_label(palette: Palette) -> Layer:
    """Return the words along an area's outline, as "30 min"."""
    return {
        "id": "area-label",
        "type": "symbol",
        "source": "areas",
        "filter": ["==", ["geometry-type"], "LineString"],
        "layout": {
            "symbol-placement": "line",
            "symbol-spacing": 420,
            "text-field": ["get", "label"],
            "text-font": ["Medium"],
            "text-size": 11.5,
            "text-max-angle": 40,
            "text-padding": 20,
        },
        "paint": {**_ink(palette.ink, palette.halo, 1.8)},
    }
