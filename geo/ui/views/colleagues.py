"""Colleagues: who is near, as areas and bands, and a fair place to meet those chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from geo import texts
from geo.model import HomeArea
from geo.people.colleagues import NearbyColleague, within_minutes
from geo.people.profile import Profile, my_profile
from geo.privacy import Action, Audience
from geo.privacy.access import bands
from geo.region import Region
from geo.texts import capitalise
from geo.texts import colleagues as colleagues_texts
from geo.texts import profile as profile_texts
from geo.ui import page, regions
from geo.ui.auth import current_store, current_viewer, is_allowed
from geo.ui.colleagues import meeting
from geo.ui.colleagues.map import nearby_scene
from geo.ui.colleagues.meeting import choose_colleagues, show_group_suggestion
from geo.ui.colleagues.nearby import colleagues_near, show_ask_colleagues
from geo.ui.home_area import home_box, save_consent, save_home, show_consent_text
from geo.ui.map import MapEvent, Scene, region_map
from geo.ui.place_search import LabelledPoint
from geo.ui.starting_points import show_toast
from geo.ui.widgets import escape_markdown

_WIDEST = bands()[-1]


def _show() -> None:
    region = regions.current_region(st.query_params.get("region", ""))
    page.show_header(colleagues_texts.INTRO, region)
    profile = my_profile(current_store(), current_viewer().id)
    area = profile.area.area if profile.area and profile.area.region == region.name else None
    if area is None:
        _ask_for_home(region, profile)
    elif profile.person.paused or profile.person.audience == Audience.NOBODY:
        _ask_for_consent(profile)
        _map(nearby_scene(region, area, ()))
    else:
        _show_nearby(region, profile, area)
    page.show_footer(region)
    show_toast()


def _ask_for_home(region: Region, profile: Profile) -> None:
    with st.container(key="first-step", border=True):
        st.subheader(colleagues_texts.HOME_TITLE, anchor=False)
        if profile.area is not None:
            elsewhere = profile.area.region
            st.markdown(
                escape_markdown(
                    profile_texts.OTHER_REGION.format(region=texts.capitalise(elsewhere))
                )
            )
        st.markdown(colleagues_texts.HOME_HELP)
        home_box(region, key="colleagues-home")
        regions.region_chip()

    def react(event: MapEvent) -> None:
        if event.picked:
            save_home(region, LabelledPoint(event.picked))

    scene = replace(page.empty_scene(region, ""), texts=profile_texts.MAP)
    region_map(scene, key="colleagues-home-map", on_event=react)


def _ask_for_consent(profile: Profile) -> None:
    with st.container(key="first-step", border=True):
        st.subheader(colleagues_texts.CONSENT_TITLE, anchor=False)
        st.markdown(colleagues_texts.CONSENT_HELP)
        show_consent_text()
        in_team = bool(profile.person.team)
        with st.container(horizontal=True, gap="small"):
            st.button(
                colleagues_texts.SHOW_ALL,
                type="primary",
                icon=":material/visibility:",
                key="show-everyone",
                on_click=save_consent,
                args=(Audience.EVERYONE,),
            )
            st.button(
                colleagues_texts.SHOW_TEAM,
                icon=":material/group:",
                key="show-team",
                disabled=not in_team,
                help=None if in_team else colleagues_texts.NO_TEAM,
                on_click=save_consent,
                args=(Audience.TEAM,),
            )


def _show_nearby(region: Region, profile: Profile, area: HomeArea) -> None:
    seen = colleagues_near(region)
    if not seen.nearby:
        if seen.reason:
            st.info(escape_markdown(capitalise(seen.reason)), icon=":material/info:")
        else:
            show_ask_colleagues(profile, may_invite=is_allowed(Action.INVITE))
        _map(nearby_scene(region, area, ()))
        return
    met = meeting.current_meeting(region, profile, seen.nearby)
    if met is not None:
        meeting.show_participants(region, met, profile.preferences)
        _map(meeting.meeting_scene(region, met))
        return
    people, ground = st.columns([2, 3], gap="medium")
    with people, st.container(key="nearby"):
        found = _filter_colleagues(seen.nearby)
        show_group_suggestion(found, profile.preferences.group_size)
        button = st.container(key="suggest", horizontal=True, vertical_alignment="center")
        chosen = choose_colleagues(found)
        with button:
            regions.region_chip()
            meeting.show_suggest_button(region, chosen)
    with ground:
        _map(nearby_scene(region, area, found))


def _filter_colleagues(nearby: Sequence[NearbyColleague]) -> list[NearbyColleague]:
    """Let the visitor choose how far and which team, and return who is left."""
    teams = sorted({one.colleague.team for one in nearby if one.colleague.team})
    with st.container(
        key="nearby-question", horizontal=True, vertical_alignment="center", gap="small"
    ):
        minutes = st.segmented_control(
            colleagues_texts.WITHIN,
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
                colleagues_texts.TEAM,
                ["", *teams],
                format_func=lambda one: one or colleagues_texts.ANY_TEAM,
                key="colleagues-team",
                persist_state="session",
                width=150,
            )
    limit = int(minutes or _WIDEST)
    within = within_minutes(nearby, limit)
    found = [one for one in within if not team or one.colleague.team == team]
    if not found:
        st.caption(colleagues_texts.NOBODY_WITHIN.format(minutes=texts.minutes(limit)))
    return found


def _map(scene: Scene) -> None:
    region_map(scene, key="colleagues", on_event=lambda event: meeting.select_place(event.selected))


_show()
