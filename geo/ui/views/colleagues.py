"""Colleagues: who is near, as areas and bands, and a fair place to meet those chosen."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from geo import texts
from geo.model import HomeArea
from geo.people import Nearby, NearbyColleague, Profile, my_profile
from geo.privacy import Action, Audience
from geo.privacy.access import bands
from geo.region import Region
from geo.texts import capital
from geo.texts import colleagues as said
from geo.texts import profile as profile_said
from geo.ui import page, regions
from geo.ui.auth import current_viewer, may, the_store
from geo.ui.colleagues import meeting
from geo.ui.colleagues.map import nearby_scene
from geo.ui.colleagues.meeting import choose, offer_company
from geo.ui.colleagues.nearby import ask_others, colleagues_near
from geo.ui.home_area import agree, ask_home, consent_text, take_home
from geo.ui.map import MapEvent, Scene, region_map
from geo.ui.place_search import Found
from geo.ui.starting_points import told
from geo.ui.widgets import plain

_WIDEST = bands()[-1]


def _show() -> None:
    region = regions.current_region(st.query_params.get("region", ""))
    page.begin(said.INTRO, region)
    profile = my_profile(the_store(), current_viewer().id)
    area = profile.area.area if profile.area and profile.area.region == region.name else None
    if area is None:
        _ask_for_home(region, profile)
    elif profile.person.paused or profile.person.audience == Audience.NOBODY:
        _ask_for_consent(profile)
        _map(nearby_scene(region, area, ()))
    else:
        _show_nearby(region, profile, area)
    page.end(region)
    told()


def _ask_for_home(region: Region, profile: Profile) -> None:
    with st.container(key="first-step", border=True):
        st.subheader(said.HOME_TITLE, anchor=False)
        if profile.area is not None:
            elsewhere = profile.area.region
            st.markdown(plain(profile_said.OTHER_REGION.format(region=texts.capital(elsewhere))))
        st.markdown(said.HOME_HOW)
        ask_home(region, key="colleagues-home")
        regions.region_chip()

    def react(event: MapEvent) -> None:
        if event.picked:
            take_home(region, Found(event.picked))

    scene = replace(page.empty_scene(region, ""), texts=profile_said.MAP)
    region_map(scene, key="colleagues-home-map", on_event=react)


def _ask_for_consent(profile: Profile) -> None:
    with st.container(key="first-step", border=True):
        st.subheader(said.CONSENT_TITLE, anchor=False)
        st.markdown(said.CONSENT_HOW)
        consent_text()
        in_team = bool(profile.person.team)
        with st.container(horizontal=True, gap="small"):
            st.button(
                said.SHOW_ALL,
                type="primary",
                icon=":material/visibility:",
                key="show-everyone",
                on_click=agree,
                args=(Audience.EVERYONE,),
            )
            st.button(
                said.SHOW_TEAM,
                icon=":material/group:",
                key="show-team",
                disabled=not in_team,
                help=None if in_team else said.NO_TEAM,
                on_click=agree,
                args=(Audience.TEAM,),
            )


def _show_nearby(region: Region, profile: Profile, area: HomeArea) -> None:
    seen = colleagues_near(region)
    if seen.nearby is None or not seen.nearby.colleagues:
        if seen.told:
            st.info(plain(capital(seen.told)), icon=":material/info:")
        else:
            ask_others(profile, may_invite=may(Action.INVITE))
        _map(nearby_scene(region, area, ()))
        return
    met = meeting.current(region, profile, seen.nearby)
    if met is not None:
        meeting.show_who(region, met, profile.preferences)
        _map(meeting.scene(region, met))
        return
    people, ground = st.columns([2, 3], gap="medium")
    with people, st.container(key="nearby"):
        found = _filtered(seen.nearby)
        offer_company(found, profile.preferences.group_size)
        button = st.container(key="suggest", horizontal=True, vertical_alignment="center")
        chosen = choose(found)
        with button:
            regions.region_chip()
            meeting.offer(region, chosen)
    with ground:
        _map(nearby_scene(region, area, found))


def _filtered(nearby: Nearby) -> list[NearbyColleague]:
    """Let the visitor choose how far and which team, and return who is left."""
    teams = sorted({one.colleague.team for one in nearby.colleagues if one.colleague.team})
    with st.container(key="nearby-ask", horizontal=True, vertical_alignment="center", gap="small"):
        minutes = st.segmented_control(
            said.WITHIN,
            bands(),
            default=_WIDEST,
            required=True,
            format_func=texts.minutes,
            key="colleagues-minutes",
            persist_state="session",
            width="content",
        )
        team = ""
        if len(teams) > 1:
            team = st.selectbox(
                said.TEAM,
                ["", *teams],
                format_func=lambda one: one or said.ANY_TEAM,
                key="colleagues-team",
                persist_state="session",
                width=150,
            )
    limit = int(minutes or _WIDEST)
    within = nearby.within(limit)
    found = [one for one in within if not team or one.colleague.team == team]
    if not found:
        st.caption(said.NOBODY_WITHIN.format(minutes=texts.minutes(limit)))
    return found


def _map(scene: Scene) -> None:
    region_map(scene, key="colleagues", on_event=lambda event: meeting.select(event.selected))


_show()
