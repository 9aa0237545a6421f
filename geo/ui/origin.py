"""Where a visitor starts: kept exactly in their own session, coarsely wherever it may be shared.

The address of a page, files and QR codes name the settlement that stands for a start, unless the
visitor chose to share the exact spot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from geo.export.listing import Start
from geo.model import Point
from geo.region import Region
from geo.ui import words

_KEY = "origin"
_EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Origin:
    """A start.

    Attributes
    ----------
    region
        The name of the region that it lies in.
    point
        The exact point; it stays in the session.
    label
        What to call it on the page.
    coarse
        What links and files may say of it.
    """

    region: str
    point: Point
    label: str
    coarse: Start

    def start(self) -> Start:
        """Return what the visitor lets links and files say."""
        return Start(self.label, self.point) if st.session_state.get(_EXACT) else self.coarse


def current_origin(region: Region, asked: Sequence[Start]) -> Origin | None:
    """Return the visitor's start; at first the one that the address names; None where none is."""
    kept = st.session_state.get(_KEY)
    if isinstance(kept, Origin) and kept.region == region.name:
        return kept
    if asked and asked[0].point and asked[0].point in region.bbox:
        return set_origin(region, asked[0].point, asked[0].label or None)
    return None


def set_origin(region: Region, point: Point, label: str | None = None) -> Origin:
    """Make a point the visitor's start."""
    origin = origin_at(region, point, label)
    st.session_state[_KEY] = origin
    return origin


def origin_at(region: Region, point: Point, label: str | None = None) -> Origin:
    """Return a start with what may be shared of it.

    Parameters
    ----------
    region
        Where it lies.
    point
        The exact point.
    label
        What to call it; found by its neighbourhood if None.
    """
    gazetteer = region.gazetteer
    settlement = gazetteer.nearest_settlement(point)
    label = label or gazetteer.reverse_label(point) or f"{point.lat:.4f}, {point.lon:.4f}"
    if settlement:
        coarse = Start(settlement.label, settlement.point)
    else:  # no settlement can stand for it: a cell of about a kilometre, always the same one
        coarse = Start(words.START, Point(round(point.lon, 2), round(point.lat, 2)))
    return Origin(region.name, point, label, coarse)
