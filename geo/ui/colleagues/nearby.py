"""Colleagues near a start: whom the visitor may see, and what is shown where there is nobody.

Each start counts towards the visitor's daily limit, and a page runs again at every click. So an
answer is kept in the session for a while, and filtered anew each time: whoever paused, left or
moved meanwhile is gone from the next picture.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from geo import texts
from geo.errors import CrossroadsError, InputError, LimitReached, NotAllowed
from geo.model import Point
from geo.network import DRY, Conditions
from geo.palette import PEOPLE_COLORS
from geo.people.colleagues import (
    NearbyColleague,
    filter_visible,
    nearby_colleagues,
    within_minutes,
)
from geo.people.profile import Profile
from geo.privacy import Audience, Viewer
from geo.privacy.access import bands
from geo.region import Region
from geo.texts import capitalise
from geo.texts import colleagues as colleagues_texts
from geo.ui.auth import current_store, current_viewer
from geo.ui.colleagues.map import colleague_bands, markers
from geo.ui.map import Band, PersonMarker
from geo.ui.navigation import page_path
from geo.ui.session_state import current_settings


def show_ask_colleagues(profile: Profile, *, may_invite: bool) -> None:
    """Show a text to send, and the way to the invitations for those who may make them."""
    with st.container(key="first-step", border=True):
        st.subheader(colleagues_texts.NOBODY_TITLE, anchor=False)
        st.markdown(colleagues_texts.NOBODY)
        if profile.person.audience == Audience.TEAM:
            st.caption(colleagues_texts.NOBODY_TEAM)
        text = colleagues_texts.ASK_COLLEAGUES.format(
            url=current_settings().url or st.context.url or ""
        )
        st.code(text.strip(), language=None, wrap_lines=True)
        with st.container(horizontal=True, gap="small"):
            if may_invite:
                st.page_link(
                    page_path("roster.py"),
                    label=colleagues_texts.INVITE_BY_MAIL,
                    icon=":material/mail:",
                )
            st.page_link(page_path("profile.py"), label=colleagues_texts.TO_PROFILE)


_KEY = "colleagues-seen"
_CACHE_S = 600.0
_CACHE_ENTRIES = 6


@dataclass(frozen=True, slots=True)
class VisibleColleagues:
    """Who is near a start.

    Attributes
    ----------
    nearby
        The colleagues; None where they cannot be told.
    reason
        Why not, as a whole sentence; empty where there is nothing to say.
    """

    nearby: tuple[NearbyColleague, ...] | None
    reason: str = ""


def colleagues_near(
    region: Region, origin: Point | None = None, *, conditions: Conditions = DRY
) -> VisibleColleagues:
    """Return the colleagues whom the visitor may see, from a start or from their own area."""
    try:
        return VisibleColleagues(_cached_colleagues(current_viewer(), region, origin, conditions))
    except (LimitReached, NotAllowed, InputError) as error:
        return VisibleColleagues(None, str(error))
    except CrossroadsError:  # without a store there are no colleagues, and places all the same
        return VisibleColleagues(None)


def clear_colleagues_cache() -> None:
    """Forget what was seen: the visitor has changed what it hangs on."""
    st.session_state.pop(_KEY, None)


def _cached_colleagues(
    viewer: Viewer, region: Region, origin: Point | None, conditions: Conditions
) -> tuple[NearbyColleague, ...]:
    store = current_store()
    key = (viewer, region.name, region.manifest.build, origin, conditions)
    now = time.monotonic()
    kept: dict[object, tuple[float, tuple[NearbyColleague, ...]]] = st.session_state.setdefault(
        _KEY, {}
    )
    if key in kept and now - kept[key][0] < _CACHE_S:
        return filter_visible(store, viewer.id, region, kept[key][1])
    found = nearby_colleagues(
        store,
        viewer.id,
        region,
        origin=origin,
        conditions=conditions,
        most_origins=current_settings().origins_per_day,
    )
    kept[key] = (now, found)
    while len(kept) > _CACHE_ENTRIES:
        kept.pop(next(iter(kept)))
    return found


_COLOR = PEOPLE_COLORS[3]


@dataclass(frozen=True, slots=True)
class ColleagueOverlay:
    """The colleagues within a drive.

    Attributes
    ----------
    line
        What to say of them; empty where there is nothing to say.
    areas, markers
        Where they live, as others may see it.
    """

    line: str = ""
    areas: Sequence[Band] = ()
    markers: Sequence[PersonMarker] = ()


def colleagues_within(
    region: Region, origin: Point, minutes: float, conditions: Conditions
) -> ColleagueOverlay:
    """Return the colleagues within the widest band that a drive holds, seen from a start."""
    seen = colleagues_near(region, origin, conditions=conditions)
    if seen.nearby is None:
        return ColleagueOverlay(capitalise(seen.reason))
    band = max((one for one in bands() if one <= minutes), default=bands()[0])
    found = within_minutes(seen.nearby, band)
    line = colleagues_texts.colleagues_within(len(found), texts.minutes(band))
    if not found:
        return ColleagueOverlay(line)
    return ColleagueOverlay(
        line,
        colleague_bands(found, _COLOR),
        markers(found, color=_COLOR),
    )
