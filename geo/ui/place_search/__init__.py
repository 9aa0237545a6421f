"""The box in which a starting point is typed, with names as one types."""

from __future__ import annotations

from geo.ui.place_search.component import Found, find_start

__all__ = [
    "Found",
    "find_start",
]
