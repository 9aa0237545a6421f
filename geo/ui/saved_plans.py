"""Saved plans: their meetups, with place, time, who comes, changes and calendar files.

Whoever saves says which version they changed, so the version that was read stays in the session. A
save that comes second is refused with a sentence, and what the planner sees is not thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import streamlit as st

from geo.errors import ConflictError, CrossroadsError
from geo.export.calendar import CalendarInvitation, invitation_ics, stable_uid
from geo.export.listing import Attribution
from geo.model import Place, Point
from geo.people.saved_plans import (
    AlternativePlace,
    alternative_places,
    delete_saved_plan,
    enter_attendance,
    move_meetup,
    open_plan,
    save_meetup_plan,
)
from geo.places import get_kind, opening
from geo.region import Region
from geo.store.plans import MeetupStatus, Plan, PlannedMeetup, Seat
from geo.texts import capitalise
from geo.texts import plan as plan_texts
from geo.ui import page
from geo.ui.auth import current_store, current_viewer
from geo.ui.session_state import SessionValue
from geo.ui.starting_points import queue_toast
from geo.ui.widgets import escape_markdown, unique_labels
from geo.units import drive


def starts_at(meetup: PlannedMeetup) -> datetime | None:
    """Return when a meetup begins, by the clock there; None where that is open."""
    return datetime.fromisoformat(meetup.starts_at) if meetup.starts_at else None


def start_text(meetup: PlannedMeetup) -> str:
    """Return the same in words; empty where it is open."""
    at = starts_at(meetup)
    return page.measures().moment(at) if at else ""


_OPENED: SessionValue[Plan | None] = SessionValue("saved-plan", None)
_ERROR: SessionValue[str] = SessionValue("saved-plan-error", "")


def open_saved_plan(plan_id: str) -> Plan | None:
    """Return the plan that is open; read when another was open before. None where it is gone."""
    kept = _OPENED.get()
    if isinstance(kept, Plan) and kept.id == plan_id:
        return kept
    try:
        _OPENED.set(open_plan(current_store(), current_viewer().id, plan_id))
    except CrossroadsError as error:
        queue_toast(capitalise(str(error)))
        return None
    _ERROR.pop()
    opened: Plan = _OPENED.require()
    return opened


def save_error() -> str:
    """Return why the last change was not saved; empty where it was."""
    return _ERROR.get()


def save_meetup(meetup: PlannedMeetup) -> None:
    """Save the open plan with one meetup changed."""
    plan: Plan = _OPENED.require()
    meetups = tuple(meetup if one.id == meetup.id else one for one in plan.meetups)
    changed = replace(plan, meetups=meetups)
    _save(lambda: save_meetup_plan(current_store(), current_viewer().id, changed))


def save_attendance(meetup: PlannedMeetup, attended: Mapping[str, bool]) -> None:
    """Enter who came to a meetup of the open plan, by person."""
    plan: Plan = _OPENED.require()
    _save(lambda: enter_attendance(current_store(), current_viewer().id, plan, meetup.id, attended))


def _save(save: Callable[[], Plan]) -> None:
    """Save the open plan's next version; what cannot be saved is told and stays as it is shown."""
    try:
        saved = save()
    except ConflictError as error:
        _ERROR.set(capitalise(str(error)))
    except CrossroadsError as error:
        queue_toast(capitalise(str(error)))
    else:
        _OPENED.set(saved)
        _ERROR.pop()
        queue_toast(plan_texts.CHANGE_SAVED)


def reload_plan() -> None:
    """Let the plan be read again."""
    _OPENED.pop()
    _ERROR.pop()


def delete_plan() -> None:
    """Delete the open plan."""
    plan: Plan = _OPENED.require()
    try:
        delete_saved_plan(current_store(), current_viewer().id, plan)
    except ConflictError as error:
        _ERROR.set(capitalise(str(error)))
    except CrossroadsError as error:
        queue_toast(capitalise(str(error)))
    else:
        reload_plan()
        queue_toast(plan_texts.DELETED)


def change_place(region: Region, plan: Plan, meetup: PlannedMeetup, key: str) -> None:
    """Show the way to another place; which ones there are is asked when somebody wants to know."""
    found: list[AlternativePlace] | None = st.session_state.get(f"places-{key}")
    with st.popover(
        plan_texts.CHANGE_PLACE, icon=":material/edit_location_alt:", key=f"place-{key}"
    ):
        if found is None:
            st.caption(plan_texts.PLACES_HELP)
            st.button(
                plan_texts.FIND_PLACES,
                icon=":material/search:",
                key=f"find-{key}",
                on_click=_find_places,
                args=(region, plan, meetup, key),
            )
        elif not found:
            st.caption(plan_texts.NO_OTHER_PLACES)
        else:
            _choose_place(meetup, found, key)


def _choose_place(meetup: PlannedMeetup, found: list[AlternativePlace], key: str) -> None:
    named = unique_labels({one.place.osm_id: _describe_place(one) for one in found})
    st.selectbox(
        plan_texts.OTHER_PLACE,
        list(named),
        format_func=named.__getitem__,
        key=f"other-{key}",
        width=420,
    )
    st.button(
        plan_texts.MOVE_MEETUP,
        type="primary",
        key=f"move-there-{key}",
        on_click=_move_meetup,
        args=(meetup, found, key),
    )


def _describe_place(one: AlternativePlace) -> str:
    kind = get_kind(one.place.kind).label
    if not one.total_s:
        return f"{one.place.name} · {kind}"
    return plan_texts.OTHER_PLACE_OPTION.format(
        name=f"{one.place.name} · {kind}", worst=drive(one.worst_s), total=drive(one.total_s)
    )


def _find_places(region: Region, plan: Plan, meetup: PlannedMeetup, key: str) -> None:
    try:
        found = alternative_places(current_store(), current_viewer().id, region, plan, meetup)
    except CrossroadsError as error:
        queue_toast(capitalise(str(error)))
    else:
        st.session_state[f"places-{key}"] = found


def _move_meetup(meetup: PlannedMeetup, found: list[AlternativePlace], key: str) -> None:
    wanted = st.session_state[f"other-{key}"]
    chosen = next(one for one in found if one.place.osm_id == wanted)
    st.session_state.pop(f"places-{key}", None)
    save_meetup(move_meetup(meetup, chosen))


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
            st.subheader(
                f"{number} · {escape_markdown(_name(meetup))}", anchor=False, width="content"
            )
            st.badge(plan_texts.MEETUP_STATES[meetup.status], color=_COLORS[meetup.status])
        st.markdown(
            f":material/event: {escape_markdown(start_text(meetup) or plan_texts.OPEN_DATE)}"
        )
        _show_attendees(meetup, names)
        with st.container(horizontal=True, gap="small"):
            if meetup.status != "called off":
                _time_popover(meetup, key)
                change_place(region, plan, meetup, key)
                _cancel_popover(meetup, key)
            else:
                _reinstate_button(meetup, key)
            _calendar_button(region, plan, meetup, key)
            _attendance_popover(meetup, names, key)


def _show_attendees(meetup: PlannedMeetup, names: Mapping[str, str]) -> None:
    named = [names[one] for one in _named_seats(meetup, names)]
    nameless = len(meetup.seats) - len(named)
    st.markdown(f":material/group: {plan_texts.attendee_count(len(meetup.seats), nameless)}")
    if named:
        st.caption(escape_markdown(", ".join(sorted(named, key=str.casefold))))


def _time_popover(meetup: PlannedMeetup, key: str) -> None:
    label = plan_texts.CHANGE_TIME if meetup.starts_at else plan_texts.SET_TIME
    with st.popover(label, icon=":material/edit_calendar:", key=f"move-{key}"):
        st.datetime_input(
            plan_texts.MEETUP_TIME,
            starts_at(meetup) or _default_start(),
            key=f"when-{key}",
            width=240,
        )
        st.number_input(
            plan_texts.MEETUP_MINUTES, 15, 24 * 60, meetup.minutes, step=15, key=f"long-{key}"
        )
        st.button(
            plan_texts.SAVE_CHANGE,
            type="primary",
            key=f"save-{key}",
            on_click=_save_time,
            args=(meetup, key),
        )


def _save_time(meetup: PlannedMeetup, key: str) -> None:
    at: datetime | None = st.session_state[f"when-{key}"]
    if at is None:
        return
    begins = at.replace(tzinfo=None).isoformat(timespec="minutes")
    long = int(st.session_state[f"long-{key}"] or meetup.minutes)
    if (begins, long) != (meetup.starts_at, meetup.minutes):
        status = "changed" if meetup.starts_at else meetup.status
        save_meetup(replace(meetup, starts_at=begins, minutes=long, status=status))


def _reinstate_button(meetup: PlannedMeetup, key: str) -> None:
    st.button(
        plan_texts.REINSTATE,
        icon=":material/event_repeat:",
        key=f"reinstate-{key}",
        on_click=save_meetup,
        args=(replace(meetup, status="changed"),),
    )


def _cancel_popover(meetup: PlannedMeetup, key: str) -> None:
    """Show the way to cancel a meetup, which asks before it does."""
    with st.popover(plan_texts.CANCEL_MEETUP, icon=":material/event_busy:", key=f"off-{key}"):
        st.markdown(plan_texts.CANCEL_CONFIRM)
        st.button(
            plan_texts.CANCEL_YES,
            type="primary",
            key=f"cancel-{key}",
            on_click=save_meetup,
            args=(replace(meetup, status="called off"),),
        )


def _calendar_button(region: Region, plan: Plan, meetup: PlannedMeetup, key: str) -> None:
    at = starts_at(meetup)
    if at is None:
        return
    off = meetup.status == "called off"
    st.download_button(
        plan_texts.CANCELLATION_FILE if off else plan_texts.CALENDAR_FILE,
        _calendar(region, plan, meetup, at),
        file_name="crossroads.ics",
        mime="text/calendar",
        icon=":material/download:",
        on_click="ignore",
        help=plan_texts.CALENDAR_FILE_HELP,
        key=f"file-{key}",
    )


def _calendar(
    region: Region, plan: Plan, meetup: PlannedMeetup, at: datetime
) -> Callable[[], bytes]:
    """Return what makes the calendar file; each version of the plan is a newer one of it."""
    invitation = CalendarInvitation(
        uid=stable_uid("kept meetup", meetup.id),
        title=plan_texts.CALENDAR_TITLE.format(place=_name(meetup)),
        place=_place(meetup),
        starts_at=at,
        duration=timedelta(minutes=meetup.minutes),
        sequence=plan.version - 1,
        called_off=meetup.status == "called off",
    )
    source = Attribution.of(region.manifest)
    return lambda: invitation_ics(invitation, source, stamp=datetime.now(UTC))


def _named_seats(meetup: PlannedMeetup, names: Mapping[str, str]) -> dict[str, Seat]:
    """Return the seats of those who may be named, by person."""
    return {one.person_id: one for one in meetup.seats if one.person_id and one.person_id in names}


def _attendance_popover(meetup: PlannedMeetup, names: Mapping[str, str], key: str) -> None:
    """Show who came, or the way to enter it; nothing before the meetup has begun."""
    known = _named_seats(meetup, names)
    if not known or meetup.status == "called off" or not _has_begun(meetup):
        return
    entered = any(one.attended is not None for one in known.values())
    came = sum(one.attended is True for one in known.values())
    label = plan_texts.attendance(came, len(known)) if entered else plan_texts.ATTENDANCE
    with st.popover(label, icon=":material/how_to_reg:", key=f"came-{key}"):
        called = unique_labels({one: names[one] for one in known})
        st.multiselect(
            plan_texts.ATTENDANCE,
            list(known),
            default=[one for one, seat in known.items() if seat.attended or not entered],
            format_func=called.__getitem__,
            key=f"who-{key}",
        )
        st.caption(plan_texts.ATTENDANCE_HELP)
        st.button(
            plan_texts.SAVE_ATTENDANCE,
            type="primary",
            key=f"enter-{key}",
            on_click=_save_attendance,
            args=(meetup, frozenset(known), key),
        )


def _has_begun(meetup: PlannedMeetup) -> bool:
    at = starts_at(meetup)
    now = datetime.now(opening.timezone(_place(meetup).point)).replace(tzinfo=None)
    return at is not None and at <= now


def _save_attendance(meetup: PlannedMeetup, asked: frozenset[str], key: str) -> None:
    """Keep who came of those asked for."""
    came = set(st.session_state[f"who-{key}"])
    save_attendance(meetup, {one: one in came for one in asked})


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


def _default_start() -> datetime:
    day = datetime.now() + timedelta(days=7)
    return day.replace(hour=10, minute=0, second=0, microsecond=0)
