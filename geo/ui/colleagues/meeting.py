"""Suggesting a fair place to meet: choosing colleagues, and what is found from everybody's area.

Of each drive only its band is shown: exact minutes to colleagues are not for others.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import streamlit as st

from geo import texts
from geo.errors import CrossroadsError
from geo.export.links import map_links
from geo.meetup import Halfway, HalfwayRequest, meet_halfway
from geo.meetup.halfway import MeetingPlace
from geo.model import BBox, Colleague, HomeArea
from geo.network import DRY
from geo.people.colleagues import MOST_CHOSEN, NearbyColleague, colleagues_by_id
from geo.people.preferences import (
    GroupSize,
    Preferences,
    rank_by_preferences,
    suggest_company,
    suits_size,
)
from geo.people.profile import Profile
from geo.places import label, shown_kinds
from geo.privacy import band_label, band_of
from geo.privacy.access import bands
from geo.region import Region
from geo.texts import capitalise
from geo.texts import colleagues as colleagues_texts
from geo.ui import page
from geo.ui.auth import current_store, current_viewer
from geo.ui.cards import person_color, place_card
from geo.ui.colleagues.map import initials
from geo.ui.controls import roads_for
from geo.ui.map import AttendeeLines, Card, Drive, PersonMarker, Scene
from geo.ui.session_state import SessionValue
from geo.ui.share import show_invitation
from geo.ui.starting_points import queue_toast
from geo.ui.widgets import escape_markdown, unique_labels

_BOX = "colleagues-box"
_MAX_PILLS = 40


def choose_colleagues(found: Sequence[NearbyColleague]) -> list[NearbyColleague]:
    """Show who is near, and return whom the visitor chose of them, the nearest first."""
    if len(found) > _MAX_PILLS:
        ids = _search_box(found)
    else:
        by_band: dict[int, list[NearbyColleague]] = defaultdict(list)
        for one in found:
            by_band[one.band or bands()[-1]].append(one)
        with st.container(key="nearby-bands"):
            ids = [one for band in bands() if band in by_band for one in _band_pills(band, by_band)]
    return [one for one in found if one.colleague.id in ids][: MOST_CHOSEN - 1]


def show_group_suggestion(found: Sequence[NearbyColleague], size: GroupSize) -> None:
    """Offer by one click as many of those who are near as the visitor likes to meet."""
    company = suggest_company(found, size)
    if company:
        names = [escape_markdown(one.colleague.name) for one in company]
        with st.container(
            key="participants", horizontal=True, vertical_alignment="center", gap="small"
        ):
            st.button(
                colleagues_texts.suggestion_label(names),
                icon=":material/favorite:",
                key="choose-participants",
                help=colleagues_texts.GROUP_SIZE_HELP[size],
                on_click=_select_only,
                args=(company, len(found) > _MAX_PILLS),
            )


def clear_selection() -> None:
    """Choose nobody."""
    for key in (_BOX, *(_band_key(band) for band in bands())):
        if key in st.session_state:
            st.session_state[key] = []


def _select_only(company: Sequence[NearbyColleague], by_box: bool) -> None:
    """Choose these and nobody else."""
    clear_selection()
    by_key: dict[str, list[str]] = defaultdict(list)
    for one in company:
        by_key[_BOX if by_box else _band_key(one.band or bands()[-1])].append(one.colleague.id)
    for key, ids in by_key.items():
        st.session_state[key] = ids


def _band_pills(band: int, by_band: dict[int, list[NearbyColleague]]) -> list[str]:
    here = unique_labels({one.colleague.id: _colleague_label(one) for one in by_band[band]})
    _discard_unavailable(_band_key(band), here)
    chosen = st.pills(
        colleagues_texts.BAND_HEADING.format(minutes=texts.minutes(band), count=len(here)),
        list(here),
        selection_mode="multi",
        format_func=lambda key: escape_markdown(here[key]),
        key=_band_key(band),
        persist_state="session",
    )
    return list(chosen)


def _search_box(found: Sequence[NearbyColleague]) -> list[str]:
    known = unique_labels(
        {one.colleague.id: f"{_colleague_label(one)} · {band_label(one.band)}" for one in found}
    )
    _discard_unavailable(_BOX, known)
    chosen = st.multiselect(
        colleagues_texts.CHOOSE_COLLEAGUES,
        list(known),
        format_func=known.__getitem__,
        max_selections=MOST_CHOSEN - 1,
        key=_BOX,
        persist_state="session",
    )
    return list(chosen)


def _discard_unavailable(key: str, known: Mapping[str, str]) -> None:
    """Let go of whom the filters, or they themselves, have taken away."""
    kept = st.session_state.get(key)
    if kept:
        st.session_state[key] = [one for one in kept if one in known]


def _colleague_label(one: NearbyColleague) -> str:
    return f"{one.colleague.name} · {one.colleague.area.label}"


def _band_key(band: int) -> str:
    return f"colleagues-pick-{band}"


_INVITED: SessionValue[tuple[Colleague, ...]] = SessionValue("colleagues-meeting", ())
_SELECTED: SessionValue[str | None] = SessionValue("colleagues-selected", None)
_CUTOFF_S = 3600.0
_MAX_PLACES = 30
_LINE = _SEVERAL = "#5b6470"


@dataclass(frozen=True, slots=True)
class ColleagueMeeting:
    """Places for some people to meet.

    Attributes
    ----------
    own
        Where the visitor lives.
    colleagues
        Whom they chose.
    halfway
        The places; the first person is the visitor.
    """

    own: HomeArea
    colleagues: tuple[Colleague, ...]
    halfway: Halfway


@dataclass(frozen=True, slots=True)
class _Participant:
    """Somebody who meets: in full, on a marker, in a colour, and where they live."""

    name: str
    short: str
    color: str
    area: HomeArea


def show_suggest_button(region: Region, chosen: Sequence[NearbyColleague]) -> None:
    """Show the one button, and what it is for as long as nobody is chosen."""
    st.button(
        colleagues_texts.SUGGEST,
        type="primary",
        icon=":material/join_inner:",
        key="suggest-place",
        disabled=not chosen,
        on_click=_start_meeting,
        args=(region, [one.colleague.id for one in chosen]),
    )
    if chosen:
        st.button(
            colleagues_texts.CLEAR, type="tertiary", key="clear-choice", on_click=clear_selection
        )
    else:
        st.caption(colleagues_texts.SUGGEST_HELP, width="content")


def current_meeting(
    region: Region, profile: Profile, nearby: Sequence[NearbyColleague]
) -> ColleagueMeeting | None:
    """Return the places for those whom the visitor asked about; None where that is nobody.

    Who cannot be seen any more is no longer among them.
    """
    asked: tuple[Colleague, ...] = _INVITED.get()
    seen = {one.colleague.id: one.colleague for one in nearby}
    colleagues = tuple(seen[one.id] for one in asked if one.id in seen)
    if not colleagues or profile.area is None:
        return None
    own, wanted = profile.area.area, profile.preferences
    halfway = meet_halfway(
        region,
        HalfwayRequest(
            (own.point, *(one.area.point for one in colleagues)),
            cutoff_s=_CUTOFF_S,
            kinds=wanted.kinds or tuple(shown_kinds()),
            conditions=roads_for(wanted, DRY),
        ),
    )
    return ColleagueMeeting(
        own,
        colleagues,
        replace(halfway, places=tuple(_suitable_places(halfway, wanted)[:_MAX_PLACES])),
    )


def _suitable_places(halfway: Halfway, wanted: Preferences) -> list[MeetingPlace]:
    """Return the places that the visitor goes to, the fairest band first, in it what suits best."""
    longest_s = math.inf if wanted.longest_min is None else 60.0 * wanted.longest_min
    near = [one for one in halfway.places if one.travel_times_s[0] <= longest_s]
    liked, _ = rank_by_preferences(near, wanted, lambda found: found.place)
    ordered = sorted(liked, key=lambda one: band_of(one.worst_s) or math.inf)
    return [one for one in ordered if one.place.name] or ordered  # an invitation must say where


def show_participants(region: Region, met: ColleagueMeeting, wanted: Preferences) -> None:
    """Show who meets, the invitation, and the way back."""
    with st.container(key="suggest", horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            colleagues_texts.CHOOSE_OTHERS,
            icon=":material/arrow_back:",
            key="choose-others",
            on_click=_close_meeting,
        )
        invitation_popover(region, met)
        st.markdown(
            colleagues_texts.participants([escape_markdown(one.name) for one in met.colleagues]),
            width="content",
        )
    if not suits_size(len(met.colleagues) + 1, wanted.group_size):
        st.caption(f":material/favorite: {colleagues_texts.OTHER_GROUP_SIZE[wanted.group_size]}")


def selected_place(met: ColleagueMeeting) -> MeetingPlace | None:
    """Return the place that is open, else the first; None where there is none."""
    places, wanted = met.halfway.places, _SELECTED.get()
    return next(
        (one for one in places if one.place.osm_id == wanted), places[0] if places else None
    )


def select_place(osm_id: str | None) -> None:
    """Open a place, or none."""
    _SELECTED.set(osm_id)


def invitation_popover(region: Region, met: ColleagueMeeting) -> None:
    """Show the invitation to the place that is open: a text to send and a calendar file."""
    found = selected_place(met)
    if found is None:
        return
    with st.popover(colleagues_texts.INVITE, icon=":material/mail:", key="invite-colleagues"):
        at = show_invitation(region, found.place)
        if at is not None:
            st.caption(colleagues_texts.INVITE_TEXT)
            st.code(_invitation_text(met, found, at), language=None, wrap_lines=True)
        if _SELECTED.get() is None:
            st.caption(colleagues_texts.INVITE_HINT)


def meeting_scene(region: Region, met: ColleagueMeeting) -> Scene:
    """Return the map of the places, everybody at the middle of their area."""
    found = selected_place(met)
    areas = [met.own, *(one.area for one in met.colleagues)]
    ends = list(dict.fromkeys(area.point for area in areas))
    near = [one.place.point for one in met.halfway.places[:10]]
    chosen = _SELECTED.get()
    return replace(
        page.empty_scene(region, ""),
        fit_id=f"{region.name} {[area.id for area in areas]}",
        fit=BBox.around([*ends, *near]),
        cards=[_card(n, one, met) for n, one in enumerate(met.halfway.places, start=1)],
        people=list(_participant_markers(met)),
        attendee_lines=[AttendeeLines(found.place.point, ends, _LINE)] if found else [],
        selected=chosen,
        heading=texts.meeting_places(len(met.halfway.places)),
        hint="" if met.halfway.places else colleagues_texts.NO_PLACE,
        lists=True,
        picks=False,
        locates=False,
        texts=colleagues_texts.MAP,
    )


def _start_meeting(region: Region, ids: Sequence[str]) -> None:
    try:
        found = colleagues_by_id(current_store(), current_viewer().id, region, ids)
    except CrossroadsError as error:
        queue_toast(capitalise(str(error)))
    else:
        _INVITED.set(tuple(found))
        select_place(None)


def _close_meeting() -> None:
    _INVITED.pop()
    select_place(None)


def _participant_markers(met: ColleagueMeeting) -> list[PersonMarker]:
    """Return one marker for each area, with all who live there."""
    by_area: dict[str, list[_Participant]] = {}
    for one in _participants(met):
        by_area.setdefault(one.area.id, []).append(one)
    return [
        PersonMarker(
            here[0].area.point,
            here[0].short if len(here) == 1 else str(len(here)),
            here[0].color if len(here) == 1 else _SEVERAL,
            colleagues_texts.area_residents(here[0].area.label, [one.name for one in here], 0),
        )
        for here in by_area.values()
    ]


def _participants(met: ColleagueMeeting) -> list[_Participant]:
    """Return everybody who meets, the visitor first."""
    others = [
        _Participant(one.name, initials(one.name), person_color(i), one.area)
        for i, one in enumerate(met.colleagues, start=1)
    ]
    return [
        _Participant(colleagues_texts.YOU, colleagues_texts.YOU, person_color(0), met.own),
        *others,
    ]


def _card(number: int, found: MeetingPlace, met: ColleagueMeeting) -> Card:
    now = datetime.now().astimezone()
    labels = [band_label(band_of(seconds)) for seconds in found.travel_times_s]
    drives = [
        Drive(
            one.short,
            one.color,
            text,
            colleagues_texts.DRIVE_LABEL.format(name=one.name, band=text),
        )
        for one, text in zip(_participants(met), labels, strict=True)
    ]
    return replace(
        place_card(found.place, number, at=now, measures=page.measures()),
        headline=texts.non_breaking(band_label(band_of(found.worst_s))),
        drives=drives,
    )


def _invitation_text(met: ColleagueMeeting, found: MeetingPlace, at: datetime) -> str:
    names = [one.name for one in met.colleagues]
    when = f"{at:%A} {at.day} {at:%B}, {page.measures().clock(at)}"
    return colleagues_texts.invitation_text(
        names, label(found.place), when, map_links(found.place)["osm"]
    )
