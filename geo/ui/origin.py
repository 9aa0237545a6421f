"""Where the visitor starts: kept exactly in their own session, coarsely in the address.

The address of the page can be shared, so it names the settlement that stands for the start unless
the visitor chose to share the exact spot.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from geo.errors import BadCoordinates
from geo.gazetteer import Gazetteer
from geo.model import Point
from geo.region import Region
from geo.ui import words

_PARAMETER = "from"
_KEY = "origin"


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
    shared, shared_label
        The point and the name that links and files may carry.
    """

    region: str
    point: Point
    label: str
    shared: Point
    shared_label: str


def current_origin(region: Region) -> Origin | None:
    """Return the visitor's start; at first the one that the address names; None where none is."""
    kept = st.session_state.get(_KEY)
    if isinstance(kept, Origin) and kept.region == region.name:
        return kept
    text = st.query_params.get(_PARAMETER, "")
    try:
        point = Point.from_text(text)
    except BadCoordinates:
        point = None
    return set_origin(region, point) if point else None


def set_origin(region: Region, point: Point, label: str | None = None) -> Origin:
    """Make a point the start, and write what may be shared of it into the address."""
    origin = coarse_origin(region, point, label, exact=bool(st.session_state.get("exact")))
    st.session_state[_KEY] = origin
    st.query_params[_PARAMETER] = f"{origin.shared.lat:.5f},{origin.shared.lon:.5f}"
    return origin


def coarse_origin(
    region: Region, point: Point, label: str | None = None, *, exact: bool = False
) -> Origin:
    """Return a start with what may be shared of it.

    Parameters
    ----------
    region
        Where it lies.
    point
        The exact point.
    label
        What to call it; found by its neighbourhood if None.
    exact
        Whether the visitor shares the exact point.
    """
    gazetteer: Gazetteer = region.gazetteer
    settlement = gazetteer.nearest_settlement(point)
    label = label or gazetteer.reverse_label(point) or f"{point.lat:.4f}, {point.lon:.4f}"
    if exact:
        return Origin(region.name, point, label, point, label)
    if settlement is None:  # no settlement to stand for it: about a kilometre, always the same one
        cell = Point(round(point.lon, 2), round(point.lat, 2))
        return Origin(region.name, point, label, cell, words.START)
    return Origin(region.name, point, label, settlement.point, settlement.label)
