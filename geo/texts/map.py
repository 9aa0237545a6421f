"""The words of the map itself, which pages replace where theirs are better."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MapTexts:
    """Every word of the component itself, in one place to be translated."""

    map: str = "Map. Arrow keys move it, plus and minus zoom, Enter starts at the crosshair."
    click: str = "Click the map to start there, or drag the star"
    press: str = "Press and hold to start there"
    origin: str = "The start"
    more: str = "{name}, and {count} more here"
    details: str = "Details"
    zoom_in: str = "Zoom in"
    zoom_out: str = "Zoom out"
    fit: str = "Show everything"
    locate: str = "Start at my position"
    no_position: str = "The browser gave no position."
    no_map: str = "The map cannot be drawn here: this browser has no WebGL. The list works."
    legend: str = "Drive"
