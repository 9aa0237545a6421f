"""Whom the visitor may see, asked once for each start and looked over again at every click.

Each start counts towards the visitor's daily limit, and a page runs again at every click. So an
answer is kept in the session for a while, and what is left of it is asked anew each time: whoever
paused, left or moved meanwhile is gone from the next picture.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import streamlit as st

from geo.errors import CrossroadsError, InputError, LimitReached, NotAllowed
from geo.model import Point
from geo.network import DRY, Conditions
from geo.people import Nearby, nearby_colleagues, still_seen
from geo.privacy import Viewer
from geo.region import Region
from geo.settings import read_settings
from geo.ui.viewer import current_viewer, the_store

_KEY = "colleagues-seen"
_KEPT_S = 600.0
_KEPT = 6


@dataclass(frozen=True, slots=True)
class Seen:
    """Who is near a start.

    Attributes
    ----------
    nearby
        The colleagues; None where they cannot be told.
    told
        Why not, as a whole sentence; empty where there is nothing to say.
    """

    nearby: Nearby | None
    told: str = ""


def colleagues_near(
    region: Region, origin: Point | None = None, *, conditions: Conditions = DRY
) -> Seen:
    """Return the colleagues whom the visitor may see, from a start or from their own area."""
    try:
        return Seen(_seen(current_viewer(), region, origin, conditions))
    except (LimitReached, NotAllowed, InputError) as error:
        return Seen(None, str(error))
    except CrossroadsError:  # without a store there are no colleagues, and places all the same
        return Seen(None)


def look_anew() -> None:
    """Forget what was seen: the visitor has changed what it hangs on."""
    st.session_state.pop(_KEY, None)


def _seen(viewer: Viewer, region: Region, origin: Point | None, conditions: Conditions) -> Nearby:
    store = the_store()
    key = (viewer, region.name, region.manifest.build, origin, conditions)
    now = time.monotonic()
    kept: dict[object, tuple[float, Nearby]] = st.session_state.setdefault(_KEY, {})
    if key in kept and now - kept[key][0] < _KEPT_S:
        return still_seen(store, viewer.id, region, kept[key][1])
    found = nearby_colleagues(
        store,
        viewer.id,
        region,
        origin=origin,
        conditions=conditions,
        most_origins=read_settings().origins_per_day,
    )
    kept[key] = (now, found)
    while len(kept) > _KEPT:
        kept.pop(next(iter(kept)))
    return found
