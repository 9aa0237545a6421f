"""Where a visitor starts: kept exactly in their own session, coarsely wherever it may be shared.

The address of a page, files and QR codes name the settlement that stands for a start, unless the
visitor chose to share the exact spot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from geo.errors import AcrossWater, OutsideRegion
from geo.export.listing import Start
from geo.measures import Measures
from geo.model import Point
from geo.region import Region
from geo.ui import words

_KEY = "origin"
_EXACT = "exact"
_NOTICE = "notice"


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
    if isinstance(kept, Origin):
        return kept if kept.region == region.name else None
    if asked and asked[0].point:
        set_origin(region, asked[0].point, asked[0].label or None)
        return st.session_state.get(_KEY)
    return None


def set_origin(region: Region, point: Point, label: str | None = None) -> None:
    """Make a point the visitor's start; one far from every road changes nothing and is told."""
    origin = origin_at(region, point, label)
    if origin:
        st.session_state[_KEY] = origin


def origin_at(region: Region, point: Point, label: str | None = None) -> Origin | None:
    """Return a start with what may be shared of it; None, which is told, far from every road.

    Parameters
    ----------
    region
        Where it lies.
    point
        The exact point.
    label
        What to call it; found by its neighbourhood if None.
    """
    try:
        region.network.snap_point(point)
    except AcrossWater:
        st.session_state[_NOTICE] = words.ACROSS_WATER
        return None
    except OutsideRegion as error:
        distance = Measures.of_locale(st.context.locale).distance(error.snap_m)
        st.session_state[_NOTICE] = words.OUTSIDE.format(distance=words.unbroken(distance))
        return None
    gazetteer = region.gazetteer
    label = label or gazetteer.reverse_label(point) or f"{point.lat:.4f}, {point.lon:.4f}"
    return Origin(region.name, point, label, coarse_start(region, point))


def coarse_start(region: Region, point: Point) -> Start:
    """Return the settlement of a start, or a cell of about a kilometre, always the same one."""
    cell = Point(round(point.lon, 2), round(point.lat, 2))
    settlement = region.gazetteer.nearest_settlement(point)
    if settlement is None:
        return Start(words.START, cell)
    return Start(settlement.label, settlement.point)


def tell(notice: str) -> None:
    """Keep something to be said on the page at its end."""
    st.session_state[_NOTICE] = notice


def told() -> None:
    """Say what was kept to be said."""
    notice = st.session_state.pop(_NOTICE, None)
    if notice:
        st.toast(notice, icon=":material/info:", duration="long")
