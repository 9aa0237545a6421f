"""Coverage: who has a place within a drive, who has none, and what would help them."""

from __future__ import annotations

import json
from collections.abc import Callable

import streamlit as st

from geo import texts
from geo.export.coverage import coverage_csv, coverage_geojson, coverage_values
from geo.export.share import SharedSearch
from geo.meetup.coverage import Coverage, measure_coverage
from geo.network import Conditions
from geo.places import load_kinds, shown_kinds
from geo.region import Region
from geo.texts import coverage as coverage_texts
from geo.texts import plan as plan_texts
from geo.ui import page, regions
from geo.ui.controls import initialise_options, kinds_chip, roads_chip
from geo.ui.map import MapEvent, region_map
from geo.ui.plan.plan_map import coverage_scene, kinds_html, numbers_html, person_rows
from geo.ui.plan.results import show_drives
from geo.ui.plan.roster_step import roster_chip, workspace_or_roster
from geo.ui.plan.workspace import PlanWorkspace, current_workspace
from geo.ui.session_state import SessionValue
from geo.ui.starting_points import show_toast

_CUTOFFS_MIN = (15, 30, 45, 60, 90)
_USUAL_MIN = (30, 45, 60)
_USUAL_NEW, _MOST_NEW = 2, 20
_SELECTED: SessionValue[str | None] = SessionValue("coverage-selected", None)


def _show() -> None:
    region = regions.current_region(st.query_params.get("region", ""))
    page.show_header(coverage_texts.INTRO, region)
    if current_workspace(region) is None:
        regions.region_chip()
    workspace = workspace_or_roster(region, coverage_texts.ROSTER_PROMPT)
    if workspace is not None:
        _show_coverage(region, workspace, *_show_options(workspace))
    page.show_footer(region)
    show_toast()


def _show_options(
    workspace: PlanWorkspace,
) -> tuple[tuple[float, ...], tuple[str, ...], int, Conditions]:
    """Show the chips, and return cutoffs in seconds, kinds, new memberships and conditions."""
    initialise_options(SharedSearch("coverage"))
    state = st.session_state
    state.setdefault("coverage-min", list(_USUAL_MIN))
    state.setdefault("coverage-kinds", [])
    state.setdefault("coverage-new", _USUAL_NEW)
    with st.container(key="chips", horizontal=True, vertical_alignment="center"):
        roster_chip(workspace)
        cutoffs = _cutoffs()
        kinds = _kinds()
        new = _memberships()
        roads = roads_chip()
        regions.region_chip()
    return tuple(60.0 * one for one in cutoffs), kinds, new, roads


def _cutoffs() -> tuple[int, ...]:
    chosen = sorted(st.session_state["coverage-min"] or _USUAL_MIN)
    with st.popover(
        coverage_texts.cutoffs_label(chosen),
        icon=":material/directions_car:",
        key="chip-coverage-min",
    ):
        st.pills(
            coverage_texts.CUTOFFS,
            _CUTOFFS_MIN,
            selection_mode="multi",
            format_func=texts.minutes,
            key="coverage-min",
            persist_state="session",
            width=320,
        )
        st.caption(coverage_texts.CUTOFFS_HELP)
    return tuple(chosen)


def _kinds() -> tuple[str, ...]:
    offered = [key for key, kind in load_kinds().items() if kind.label]
    chosen = kinds_chip("coverage-kinds", "chip-coverage-kinds", offered, texts.ALL_KINDS_HELP)
    return chosen or tuple(shown_kinds())


def _memberships() -> int:
    count = int(st.session_state["coverage-new"] or 0)
    with st.popover(
        coverage_texts.memberships_label(count), icon=":material/add_card:", key="chip-memberships"
    ):
        st.number_input(
            coverage_texts.MEMBERSHIPS, 0, _MOST_NEW, key="coverage-new", persist_state="session"
        )
        st.caption(coverage_texts.MEMBERSHIPS_HELP)
    return count


def _show_coverage(
    region: Region,
    workspace: PlanWorkspace,
    cutoffs_s: tuple[float, ...],
    kinds: tuple[str, ...],
    new: int,
    roads: Conditions,
) -> None:
    key = (region.manifest.build, regions.venues_counter(), cutoffs_s, kinds, new, roads)

    def measure() -> Coverage:
        return measure_coverage(
            region,
            workspace.people,
            cutoffs_s=cutoffs_s,
            kinds=kinds,
            conditions=roads,
            new_memberships=new,
        )

    found = _cached_coverage(workspace, key, measure)
    st.html(numbers_html(found))
    if new and not found.suggestions:
        st.caption(coverage_texts.SUGGESTED_NONE)

    def react(event: MapEvent) -> None:
        _SELECTED.set(event.selected)

    scene = coverage_scene(region, found, workspace.starts, _SELECTED.get())
    region_map(scene, key="coverage", on_event=react)
    _tables(region, workspace, found)


def _cached_coverage(
    workspace: PlanWorkspace, key: object, measure: Callable[[], Coverage]
) -> Coverage:
    """Return the answer to a question; measured once as long as the question stays."""
    if workspace.coverage is None or workspace.coverage[0] != key:
        with st.spinner(coverage_texts.MEASURING):
            workspace.coverage = (key, measure())
    return workspace.coverage[1]


def _tables(region: Region, workspace: PlanWorkspace, found: Coverage) -> None:
    kinds, people, save = st.tabs(
        [coverage_texts.BY_KIND, coverage_texts.BY_PERSON, coverage_texts.SAVE]
    )
    with kinds:
        st.caption(coverage_texts.KINDS_HELP.format(people=plan_texts.people(len(found.people))))
        st.html(kinds_html(found))
    with people:
        only = st.toggle(coverage_texts.ONLY_LACKING, key="coverage-lacking")
        rows = person_rows(found, workspace.starts, only_lacking=only)
        titles = coverage_texts.COLUMNS
        show_drives(rows, [titles["minutes"], titles["fallback_minutes"]], key="coverage-table")
        st.caption(coverage_texts.FALLBACK_HELP)
    with save:
        _save(region, found)


def _save(region: Region, found: Coverage) -> None:
    makers: dict[str, tuple[str, Callable[[], str]]] = {
        "csv": ("text/csv", lambda: "\ufeff" + coverage_csv(found, region)),
        "geojson": ("application/geo+json", lambda: _json(coverage_geojson(found, region))),
        "json": ("application/json", lambda: _json(coverage_values(found, region))),
    }
    st.caption(coverage_texts.FILES_HELP)
    with st.container(key="coverage-files", horizontal=True, gap="small"):
        for ending, (kind, make) in makers.items():
            st.download_button(
                coverage_texts.FILES[ending],
                make,
                file_name=f"crossroads-coverage.{ending}",
                mime=kind,
                on_click="ignore",
                key=f"save-coverage-{ending}",
            )


def _json(values: object) -> str:
    return json.dumps(values, ensure_ascii=False, indent=1)


_show()
