"""The box in which a starting point is typed, with names as one types."""

from __future__ import annotations

from geo.ui.place_search.component import LabelledPoint, place_search_box

__all__ = [
    "LabelledPoint",
    "place_search_box",
]
