"""The box in which a starting point is typed, with names as one types."""

from geo.ui.finder.component import Found, find_start

__all__ = ["Found", "find_start"]
