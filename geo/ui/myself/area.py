"""One's own area, on a map exactly as others see it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from geo.model import HomeArea
from geo.people import Profile
from geo.privacy import drive_margin_s
from geo.region import Region
from geo.ui import map as maps
from geo.ui import page, regions, words
from geo.ui.colleagues.picture import nearby_scene
from geo.ui.finder import Found
from geo.ui.home import ask_home, drop_home, take_home
from geo.ui.map import MapEvent
from geo.ui.markdown import plain
from geo.ui.words import profile as said

_HIGH_PX = 300


def show_area(region: Region, profile: Profile) -> None:
    """Show the area, what it means, and the ways to change and delete it."""
    kept = profile.area
    here = kept.area if kept is not None and kept.region == region.name else None
    with st.container(key="profile-area", border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(said.AREA_TITLE, anchor=False, width="stretch")
            regions.region_chip()
        if here is not None:
            _explain(here)
        elif kept is not None:
            st.markdown(plain(said.OTHER_REGION.format(region=words.capital(kept.region))))
        else:
            st.markdown(said.NO_AREA)
        _map(region, here)
        ask_home(region, key="profile-home")
        if kept is not None:
            st.button(said.HOME_DROP, icon=":material/delete:", key="drop-home", on_click=drop_home)


def _explain(area: HomeArea) -> None:
    st.markdown(said.AREA_SEEN.format(area=plain(area.label)))
    margin_s = drive_margin_s(area)
    st.caption(plain(said.radius(page.measures(), area.radius_m, area.homes, margin_s)))


def _map(region: Region, area: HomeArea | None) -> None:
    def react(event: MapEvent) -> None:
        if event.picked:
            take_home(region, Found(event.picked))

    scene = page.empty_scene(region, "") if area is None else nearby_scene(region, area, ())
    scene = replace(
        scene, lists=False, picks=True, locates=True, height_px=_HIGH_PX, texts=said.MAP
    )
    maps.region_map(scene, key="profile-map", on_event=react)
