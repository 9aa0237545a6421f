"""Where the visitor lives: typed or pointed at, coarsened at once, and kept as an area alone."""

from __future__ import annotations

from functools import partial

import streamlit as st

from geo.errors import CrossroadsError
from geo.people import my_profile, remove_home, set_home
from geo.region import Region
from geo.settings import read_settings
from geo.ui import finder
from geo.ui.colleagues.seeing import look_anew
from geo.ui.finder import Found
from geo.ui.origin import tell
from geo.ui.viewer import current_viewer, the_store
from geo.ui.words import capital
from geo.ui.words import profile as said


def ask_home(region: Region, *, key: str) -> None:
    """Show the box in which somebody says where they live, and what becomes of it."""
    finder.find_start(region, partial(take_home, region), key=key, label=said.HOME)
    st.caption(f":material/lock: {said.HOME_PRIVATE}")


def take_home(region: Region, found: Found) -> None:
    """Keep the area of the home that the visitor chose; the home itself is gone with this call."""
    try:
        store, viewer = the_store(), current_viewer()
        before = my_profile(store, viewer.id).area
        k = read_settings().homes_per_area
        area = set_home(store, viewer.id, region, found.point, k=k)
    except CrossroadsError as error:
        tell(capital(str(error)))
    else:
        look_anew()
        same = before is not None and before.area == area
        tell((said.HOME_SAME if same else said.HOME_KEPT).format(area=area.label))


def drop_home() -> None:
    """Let the visitor take back where they live."""
    try:
        remove_home(the_store(), current_viewer().id)
    except CrossroadsError as error:
        tell(capital(str(error)))
    else:
        look_anew()
        tell(said.HOME_GONE)
