"""Saving a plan: in the store, so that its meetups can be changed, or as files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import streamlit as st

from geo.errors import CrossroadsError
from geo.export.plan import ledger_csv
from geo.export.plan_pack import plan_calendar, plan_pack, zip_pack
from geo.meetup import Meetup, MeetupPlan
from geo.people.saved_plans import save_meetup_plan
from geo.places import label
from geo.region import Region
from geo.store.plans import Plan, PlannedMeetup, Seat
from geo.texts import MEETUPS, capitalise
from geo.texts import plan as plan_texts
from geo.ui import page
from geo.ui.auth import current_store, current_viewer
from geo.ui.navigation import page_path
from geo.ui.plan.workspace import MadePlan, PlanWorkspace
from geo.ui.starting_points import queue_toast

_NAME = "keep-name"
_LONGEST = 80


def show_save_plan(made: MadePlan, workspace: PlanWorkspace, region: Region) -> None:
    """Show how to keep a plan; only one for the stored roster can be kept."""
    with st.container(key="plan-save", border=True):
        st.markdown(f"**{plan_texts.SAVE_PLAN}**")
        if workspace.stored is None:
            st.caption(plan_texts.SAVE_NEEDS_STORED_ROSTER)
            return
        st.caption(plan_texts.SAVE_PLAN_HELP)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.text_input(
                plan_texts.PLAN_NAME,
                plan_texts.plan_name(made.number, made.plan.request),
                max_chars=_LONGEST,
                key=f"{_NAME}-{made.number}",
                width=320,
            )
            st.button(
                plan_texts.SAVE_PLAN,
                icon=":material/bookmark_add:",
                key="save-plan",
                on_click=_save_plan,
                args=(made, workspace, region),
            )
            st.page_link(page_path("meetups.py"), label=MEETUPS, icon=":material/event_available:")


def _save_plan(made: MadePlan, workspace: PlanWorkspace, region: Region) -> None:
    name = st.session_state[f"{_NAME}-{made.number}"].strip()
    stored = workspace.stored.ids if workspace.stored else {}
    plan = Plan(
        region=region.name,
        name=name or plan_texts.plan_name(made.number, made.plan.request),
        request=_request_values(made.plan),
        meetups=tuple(_planned_meetup(one, made.plan, stored) for one in made.plan.meetups),
    )
    try:
        save_meetup_plan(current_store(), current_viewer().id, plan)
    except CrossroadsError as error:
        queue_toast(capitalise(str(error)))
    else:
        queue_toast(plan_texts.PLAN_SAVED)


def _request_values(plan: MeetupPlan) -> dict[str, object]:
    """Return what was asked for, naming nobody."""
    request = plan.request
    limited = request.cutoff_s < float("inf")
    return {
        "objective": request.objective,
        "meetups": request.meetups,
        "longest_min": request.cutoff_s / 60 if limited else None,
        "least": request.min_size,
        "most": request.max_size,
        "kinds": list(request.kinds or ()),
        "roads": request.conditions.name,
    }


def _planned_meetup(meetup: Meetup, plan: MeetupPlan, ids: Mapping[str, str]) -> PlannedMeetup:
    place, at = meetup.place, plan.request.starts_at
    return PlannedMeetup(
        place={
            "osm_id": place.osm_id,
            "name": label(place),
            "kind": place.kind,
            "lat": place.point.lat,
            "lon": place.point.lon,
        },
        seats=tuple(Seat(ids.get(one.person.id), one.travel_time_s) for one in meetup.attendees),
        starts_at=at.replace(tzinfo=None).isoformat(timespec="minutes") if at else None,
        minutes=round(plan.request.duration.total_seconds() / 60),
    )


_TYPES = {
    "html": "text/html",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "geojson": "application/geo+json",
    "kml": "application/vnd.google-earth.kml+xml",
    "ics": "text/calendar",
    "json": "application/json",
}


def show_downloads(made: MadePlan, workspace: PlanWorkspace, region: Region) -> None:
    """Show the buttons."""
    measures, stamp = page.measures(), datetime.now(UTC)

    def pack() -> dict[str, bytes]:
        return plan_pack(made.plan, region, measures=measures, remedies=made.remedies)

    dated = made.plan.request.starts_at is not None
    st.caption(plan_texts.SAVE_HELP if dated else f"{plan_texts.SAVE_HELP} {plan_texts.NO_DATE}")
    with st.container(key="plan-files", horizontal=True, gap="small"):
        _download_button(
            plan_texts.PACK, lambda: zip_pack(pack()), "crossroads-plan.zip", "application/zip"
        )
        for ending, name in plan_texts.FILES.items():
            if ending != "ics":
                file = "summary.html" if ending == "html" else f"plan.{ending}"
                _download_button(
                    name, _pack_file(pack, file), f"crossroads-plan.{ending}", _TYPES[ending]
                )
            elif dated:
                _download_button(
                    name,
                    lambda: plan_calendar(made.plan, region.manifest, stamp=stamp),
                    "crossroads-plan.ics",
                    _TYPES["ics"],
                )
        _download_button(
            plan_texts.DRIVING_HISTORY_SAVE,
            lambda: ledger_csv(workspace.ledger.after(made.plan)).encode(),
            "crossroads-ledger.csv",
            "text/csv",
        )


def _pack_file(pack: Callable[[], dict[str, bytes]], file: str) -> Callable[[], bytes]:
    return lambda: pack()[file]


def _download_button(name: str, data: Callable[[], bytes], file: str, kind: str) -> None:
    st.download_button(
        name,
        data,
        file_name=file,
        mime=kind,
        on_click="ignore",
        key=f"save-{file}",
        icon=":material/download:" if file.endswith(".zip") else None,
        type="primary" if file.endswith(".zip") else "secondary",
    )
