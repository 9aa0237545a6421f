"""One kept meetup: where, when, who; its changes, its calendar file, and who came."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import streamlit as st

from geo.export.invite import Invitation, invitation_ics, stable_uid
from geo.export.listing import Source
from geo.model import Place, Point
from geo.region import Region
from geo.store import MeetupStatus, Plan, PlannedMeetup, Seat
from geo.ui.distinct import distinct
from geo.ui.markdown import plain
from geo.ui.meetups import opened
from geo.ui.meetups.dates import starts_at, when_of
from geo.ui.meetups.place import change_place
from geo.ui.words import meetups as said

_COLORS: Mapping[MeetupStatus, Literal["green", "blue", "red"]] = {
    "planned": "green",
    "changed": "blue",
    "called off": "red",
}


def show_meetup(
    region: Region, plan: Plan, meetup: PlannedMeetup, number: int, names: Mapping[str, str]
) -> None:
    """Show a meetup and what can be done with it."""
    key = f"{number}-{plan.version}"
    with st.container(key=f"meetup-{number}", border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.subheader(f"{number} · {plain(_name(meetup))}", anchor=False, width="content")
            st.badge(said.STATES[meetup.status], color=_COLORS[meetup.status])
        st.markdown(f":material/event: {plain(when_of(meetup) or said.OPEN_DATE)}")
        _who(meetup, names)
        with st.container(horizontal=True, gap="small"):
            if meetup.status != "called off":
                _moving(meetup, key)
                change_place(region, plan, meetup, key)
            _calling(meetup, key)
            _file(region, plan, meetup, key)
            _came(meetup, names, key)


def _who(meetup: PlannedMeetup, names: Mapping[str, str]) -> None:
    named = [names[one] for one in _known(meetup, names)]
    nameless = len(meetup.seats) - len(named)
    st.markdown(f":material/group: {said.attendees(len(meetup.seats), nameless)}")
    if named:
        st.caption(plain(", ".join(sorted(named, key=str.casefold))))


def _moving(meetup: PlannedMeetup, key: str) -> None:
    label = said.CHANGE_TIME if meetup.starts_at else said.SET_TIME
    with st.popover(label, icon=":material/edit_calendar:", key=f"move-{key}"):
        st.datetime_input(
            said.WHEN, starts_at(meetup) or _next_week(), key=f"when-{key}", width=240
        )
        st.number_input(said.MINUTES, 15, 24 * 60, meetup.minutes, step=15, key=f"long-{key}")
        st.button(
            said.CHANGE, type="primary", key=f"save-{key}", on_click=_move, args=(meetup, key)
        )


def _move(meetup: PlannedMeetup, key: str) -> None:
    at: datetime | None = st.session_state[f"when-{key}"]
    if at is None:
        return
    said_now = at.replace(tzinfo=None).isoformat(timespec="minutes")
    long = int(st.session_state[f"long-{key}"] or meetup.minutes)
    if (said_now, long) != (meetup.starts_at, meetup.minutes):
        status = "changed" if meetup.starts_at else meetup.status
        opened.change(replace(meetup, starts_at=said_now, minutes=long, status=status))


def _calling(meetup: PlannedMeetup, key: str) -> None:
    off = meetup.status == "called off"
    st.button(
        said.CALL_ON if off else said.CALL_OFF,
        icon=":material/event_repeat:" if off else ":material/event_busy:",
        key=f"call-{key}",
        on_click=opened.change,
        args=(replace(meetup, status="changed" if off else "called off"),),
    )


def _file(region: Region, plan: Plan, meetup: PlannedMeetup, key: str) -> None:
    at = starts_at(meetup)
    if at is None:
        return
    off = meetup.status == "called off"
    st.download_button(
        said.FILE_OFF if off else said.FILE,
        _calendar(region, plan, meetup, at),
        file_name="crossroads.ics",
        mime="text/calendar",
        icon=":material/download:",
        on_click="ignore",
        help=said.FILE_HOW,
        key=f"file-{key}",
    )


def _calendar(
    region: Region, plan: Plan, meetup: PlannedMeetup, at: datetime
) -> Callable[[], bytes]:
    """Return what makes the calendar file; each version of the plan is a newer one of it."""
    invitation = Invitation(
        uid=stable_uid("kept meetup", meetup.id),
        title=said.title(_name(meetup)),
        place=_place(meetup),
        starts_at=at,
        duration=timedelta(minutes=meetup.minutes),
        sequence=plan.version - 1,
        called_off=meetup.status == "called off",
    )
    source = Source.of(region.manifest)
    return lambda: invitation_ics(invitation, source, stamp=datetime.now(UTC))


def _known(meetup: PlannedMeetup, names: Mapping[str, str]) -> dict[str, Seat]:
    """Return the seats of those who may be named, by person."""
    return {one.person_id: one for one in meetup.seats if one.person_id and one.person_id in names}


def _came(meetup: PlannedMeetup, names: Mapping[str, str], key: str) -> None:
    known = _known(meetup, names)
    if not known or meetup.status == "called off":
        return
    with st.popover(said.CAME, icon=":material/how_to_reg:", key=f"came-{key}"):
        called = distinct({one: names[one] for one in known})
        entered = any(one.attended is not None for one in known.values())
        st.multiselect(
            said.CAME,
            list(known),
            default=[one for one, seat in known.items() if seat.attended or not entered],
            format_func=called.__getitem__,
            key=f"who-{key}",
        )
        st.caption(said.CAME_HOW)
        st.button(
            said.SAVE_CAME,
            type="primary",
            key=f"enter-{key}",
            on_click=_enter,
            args=(meetup, frozenset(known), key),
        )


def _enter(meetup: PlannedMeetup, asked: frozenset[str], key: str) -> None:
    """Keep who came of those asked for."""
    came = set(st.session_state[f"who-{key}"])
    opened.enter(meetup, {one: one in came for one in asked})


def _name(meetup: PlannedMeetup) -> str:
    return str(meetup.place.get("name") or "")


def _place(meetup: PlannedMeetup) -> Place:
    place = meetup.place
    return Place(
        osm_id=str(place["osm_id"]),
        name=_name(meetup),
        kind=str(place["kind"]),
        point=Point(float(place["lon"]), float(place["lat"])),
    )


def _next_week() -> datetime:
    day = datetime.now() + timedelta(days=7)
    return day.replace(hour=10, minute=0, second=0, microsecond=0)
