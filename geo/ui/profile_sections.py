"""The sections of My profile: the home area, who sees it, wishes, meetups, and one's own data."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import partial

import streamlit as st

from geo import texts
from geo.errors import CrossroadsError
from geo.model import HomeArea
from geo.people.preferences import (
    GROUP_SIZES,
    MOODS,
    OFTEN,
    REST_DAYS,
    Preferences,
    set_preferences,
)
from geo.people.preferences import my_preferences as preferences_of
from geo.people.profile import Profile, export_my_data, forget, rename
from geo.places import get_kind, shown_kinds
from geo.privacy import Audience, drive_margin_s
from geo.region import Region
from geo.store import Store
from geo.store.audit import Consent
from geo.store.plans import PlannedMeetup
from geo.texts import capitalise
from geo.texts import colleagues as colleagues_texts
from geo.texts import plan as plan_texts
from geo.texts import profile as profile_texts
from geo.ui import map as maps
from geo.ui import page, regions
from geo.ui.auth import (
    current_sign_in,
    current_store,
    current_viewer,
    sign_out,
    sign_out_everywhere,
)
from geo.ui.colleagues.map import nearby_scene
from geo.ui.colleagues.nearby import clear_colleagues_cache
from geo.ui.controls import apply_preferences
from geo.ui.home_area import delete_home, home_box, save_consent, save_home, show_consent_text
from geo.ui.map import MapEvent
from geo.ui.place_search import LabelledPoint
from geo.ui.saved_plans import start_text
from geo.ui.starting_points import queue_toast
from geo.ui.widgets import Confirmation, confirm, escape_markdown
from geo.units import drive

_HIGH_PX = 300


def show_area(region: Region, profile: Profile) -> None:
    """Show the area, what it means, and the ways to change and delete it."""
    kept = profile.area
    here = kept.area if kept is not None and kept.region == region.name else None
    with st.container(key="profile-area", border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(profile_texts.AREA_TITLE, anchor=False, width="stretch")
            regions.region_chip()
        if here is not None:
            _explain_area(here)
        elif kept is not None:
            st.markdown(
                escape_markdown(
                    profile_texts.OTHER_REGION.format(region=texts.capitalise(kept.region))
                )
            )
        else:
            st.markdown(profile_texts.NO_AREA)
        _map(region, here)
        home_box(region, key="profile-home")
        if kept is not None:
            st.button(
                profile_texts.DELETE_HOME,
                icon=":material/delete:",
                key="delete-home",
                on_click=delete_home,
            )


def _explain_area(area: HomeArea) -> None:
    st.markdown(profile_texts.AREA_SEEN.format(area=escape_markdown(area.label)))
    margin_s = drive_margin_s(area)
    st.caption(
        escape_markdown(
            profile_texts.area_size(page.measures(), area.radius_m, area.homes, margin_s)
        )
    )


def _map(region: Region, area: HomeArea | None) -> None:
    def react(event: MapEvent) -> None:
        if event.picked:
            save_home(region, LabelledPoint(event.picked))

    scene = page.empty_scene(region, "") if area is None else nearby_scene(region, area, ())
    scene = replace(
        scene, lists=False, picks=True, locates=True, height_px=_HIGH_PX, texts=profile_texts.MAP
    )
    maps.region_map(scene, key="profile-map", on_event=react)


def show_consent(profile: Profile) -> None:
    """Show what somebody agrees to, and let them change it."""
    person = profile.person
    with st.container(key="profile-consent", border=True):
        st.subheader(profile_texts.CONSENT_TITLE, anchor=False)
        with st.form("consent", border=False):
            st.radio(
                profile_texts.AUDIENCE,
                list(Audience),
                index=list(Audience).index(Audience(person.audience)),
                format_func=lambda one: profile_texts.AUDIENCES[one],
                captions=[profile_texts.AUDIENCE_HELP[one] for one in Audience],
                key="consent-audience",
            )
            if not person.team:
                st.caption(colleagues_texts.NO_TEAM)
            st.toggle(profile_texts.PLANNING, value=person.planning, key="consent-planning")
            st.toggle(profile_texts.PAUSED, value=person.paused, key="consent-paused")
            with st.expander(profile_texts.TEXT, expanded=True):
                show_consent_text()
            st.form_submit_button(
                profile_texts.SAVE_CONSENT,
                type="primary",
                icon=":material/check:",
                on_click=_save_consent,
            )
        _history(profile.consents)


def _save_consent() -> None:
    state = st.session_state
    save_consent(
        state["consent-audience"],
        planning=state["consent-planning"],
        paused=state["consent-paused"],
    )


def _history(consents: tuple[Consent, ...]) -> None:
    if not consents:
        return
    with st.expander(f"{profile_texts.HISTORY} ({len(consents)})"):
        st.dataframe(
            [
                dict(zip(profile_texts.HISTORY_COLUMNS, _consent_row(one), strict=True))
                for one in consents[::-1]
            ],
            hide_index=True,
            column_config={
                profile_texts.HISTORY_COLUMNS[0]: st.column_config.DatetimeColumn(
                    format="D MMM YYYY, HH:mm", timezone=st.context.timezone
                )
            },
            key="consent-history",
        )


def _consent_row(one: Consent) -> tuple[object, ...]:
    return (
        one.at,
        profile_texts.AUDIENCES[Audience(one.audience)],
        profile_texts.YES if one.planning else profile_texts.NO,
        profile_texts.YES if one.paused else profile_texts.NO,
        one.text_version,
        profile_texts.SOURCES.get(one.source, one.source),
    )


def show_data(profile: Profile) -> None:
    """Show them."""
    with st.container(key="profile-data", border=True):
        st.subheader(profile_texts.NAME_TITLE, anchor=False)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.text_input(profile_texts.NAME, profile.person.name, max_chars=120, key="my-name")
            st.button(profile_texts.SAVE, key="save-name", on_click=_rename)
        st.subheader(profile_texts.DATA_TITLE, anchor=False)
        st.caption(profile_texts.DATA_HELP)
        st.download_button(
            profile_texts.DATA_SAVE,
            partial(_data, current_store(), profile.person.id),
            file_name="crossroads-my-data.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
            key="my-data",
        )
        if current_sign_in() is not None:
            st.caption(profile_texts.SIGN_OUT_ALL_HELP)
            st.button(
                profile_texts.SIGN_OUT_ALL,
                icon=":material/logout:",
                key="sign-out-everywhere",
                on_click=sign_out_everywhere,
            )
        st.caption(profile_texts.DELETE_HELP)
        question = Confirmation(
            profile_texts.DELETE,
            profile_texts.DELETE_CONFIRM,
            profile_texts.DELETE_YES,
            profile_texts.DELETE_NO,
        )
        confirm(question, _delete, key="delete-me")


def _data(store: Store, person_id: str) -> bytes:
    """Return all that is kept of somebody; made outside of a run, so it is told who asks."""
    kept = export_my_data(store, person_id)
    return json.dumps(kept, ensure_ascii=False, indent=2).encode()


def _rename() -> None:
    try:
        rename(current_store(), current_viewer().id, st.session_state["my-name"])
    except CrossroadsError as error:
        queue_toast(capitalise(str(error)))
    else:
        queue_toast(profile_texts.SAVED)


def _delete() -> None:
    try:
        viewer = current_viewer()
        forget(current_store(), viewer.id, viewer.id)
    except CrossroadsError as error:
        queue_toast(capitalise(str(error)))
        return
    clear_colleagues_cache()
    queue_toast(profile_texts.DELETED)
    if current_sign_in() is not None:
        sign_out()


def show_meetups(profile: Profile) -> None:
    """Show them, where there are any."""
    if not profile.meetups:
        return
    with st.container(key="profile-meetups", border=True):
        st.subheader(profile_texts.MEETUPS_TITLE, anchor=False)
        st.dataframe(
            [
                dict(zip(profile_texts.MEETUPS_COLUMNS, _meetups_row(one), strict=True))
                for one in profile.meetups
            ],
            hide_index=True,
            key="my-meetups",
        )


def _meetups_row(one: PlannedMeetup) -> tuple[str, ...]:
    seconds = one.seats[0].travel_time_s
    return (
        start_text(one) or profile_texts.OPEN_DATE,
        str(one.place.get("name") or ""),
        plan_texts.MEETUP_STATES[one.status],
        "" if seconds is None else drive(seconds),
    )


_LONGEST_MIN = 240


def show_preferences(profile: Profile) -> None:
    """Show the questions as one form, and the days away below."""
    wanted = profile.preferences
    with st.container(key="profile-preferences", border=True):
        st.subheader(profile_texts.PREFERENCES_TITLE, anchor=False)
        st.caption(profile_texts.PREFERENCES_HELP)
        with st.form("wishes", border=False):
            _choice_inputs(wanted)
            _drive_inputs(wanted)
            st.form_submit_button(
                profile_texts.SAVE,
                type="primary",
                icon=":material/check:",
                on_click=_save_preferences,
            )
        _show_away(wanted)


def _choice_inputs(wanted: Preferences) -> None:
    rest = profile_texts.FREQUENCY_HELP.format(days=REST_DAYS[wanted.often])
    often_how = profile_texts.FREQUENCY_ANY_HELP if wanted.often == "any" else rest
    for label, options, names, value, key, how in (
        (
            profile_texts.GROUP,
            GROUP_SIZES,
            profile_texts.GROUPS,
            wanted.group_size,
            "preference-group",
            profile_texts.GROUP_HELP,
        ),
        (
            profile_texts.FREQUENCY,
            OFTEN,
            profile_texts.FREQUENCIES,
            wanted.often,
            "preference-often",
            often_how,
        ),
    ):
        st.selectbox(
            label, options, index=options.index(value), format_func=names.__getitem__, key=key
        )
        st.caption(how)
    st.segmented_control(
        profile_texts.MOOD,
        MOODS,
        default=wanted.mood,
        required=True,
        format_func=profile_texts.MOODS.__getitem__,
        key="preference-mood",
    )
    st.caption(profile_texts.MOOD_HELP)
    st.pills(
        profile_texts.KINDS,
        list(shown_kinds()),
        selection_mode="multi",
        default=[kind for kind in wanted.kinds if kind in shown_kinds()],
        format_func=lambda kind: capitalise(get_kind(kind).plural),
        key="preference-kinds",
    )
    st.caption(profile_texts.KINDS_HELP)
    st.toggle(profile_texts.STEP_FREE, value=wanted.step_free, key="preference-steps")
    st.caption(profile_texts.STEP_FREE_HELP)


def _drive_inputs(wanted: Preferences) -> None:
    for label, value, key in (
        (profile_texts.LONGEST_BY_DAY, wanted.longest_min, "preference-longest"),
        (profile_texts.LONGEST_AFTER_DARK, wanted.longest_dark_min, "preference-dark"),
    ):
        st.number_input(
            label, 0, _LONGEST_MIN, value, step=5, placeholder=profile_texts.ANY, key=key
        )
    st.caption(profile_texts.LONGEST_HELP)
    st.toggle(profile_texts.UNPAVED, value=wanted.avoids_unpaved, key="preference-unpaved")
    st.caption(profile_texts.UNPAVED_HELP)


def _show_away(wanted: Preferences) -> None:
    st.markdown(f"**{profile_texts.AWAY}**")
    st.caption(profile_texts.AWAY_HELP)
    with st.container(key="absence", horizontal=True, gap="small"):
        for position, (first, last) in enumerate(wanted.away):
            text = profile_texts.date_range(_date(first), _date(last))
            st.button(
                escape_markdown(text),
                icon=":material/close:",
                icon_position="right",
                help=profile_texts.AWAY_REMOVE.format(days=text),
                key=f"absence-{position}",
                on_click=_remove_away,
                args=((first, last),),
            )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.date_input(profile_texts.AWAY_DATES, value=[], key="absence-days", width=260)
        st.button(
            profile_texts.AWAY_ADD, icon=":material/add:", key="absence-add", on_click=_add_away
        )


def _save_preferences() -> None:
    state = st.session_state
    _update_preferences(
        group_size=state["preference-group"],
        often=state["preference-often"],
        mood=state["preference-mood"] or "any",
        kinds=tuple(state["preference-kinds"]),
        step_free=state["preference-steps"],
        longest_min=state["preference-longest"],
        longest_dark_min=state["preference-dark"],
        avoids_unpaved=state["preference-unpaved"],
    )


def _add_away() -> None:
    days = tuple(st.session_state["absence-days"])
    if days:
        kept = preferences_of(current_store(), current_viewer().id).away
        _update_preferences(away=tuple(sorted({*kept, (days[0], days[-1])})))
        st.session_state["absence-days"] = []


def _remove_away(days: tuple[date, date]) -> None:
    kept = preferences_of(current_store(), current_viewer().id).away
    _update_preferences(away=tuple(one for one in kept if one != days))


def _update_preferences(**values: object) -> None:
    """Change some wishes and leave the others as they are kept now."""
    try:
        store, viewer = current_store(), current_viewer()
        wanted = replace(preferences_of(store, viewer.id), **values)  # type: ignore[arg-type]
        set_preferences(store, viewer.id, wanted)
    except CrossroadsError as error:
        queue_toast(capitalise(str(error)))
    else:
        apply_preferences(wanted)
        queue_toast(profile_texts.SAVED)


def _date(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
