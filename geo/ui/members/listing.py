"""Everybody on the roster with what they agreed to, and changing one of them."""

from __future__ import annotations

from functools import partial
from html import escape

import streamlit as st

from geo.errors import CrossroadsError
from geo.export.tables import csv_text
from geo.people import Member, RosterPage, export_roster, read_roster_page
from geo.privacy import Action, Viewer, may_see
from geo.region import Region
from geo.store import EVERYBODY, RosterNumbers, RosterQuery
from geo.ui.members.changing import show_changes
from geo.ui.origin import tell
from geo.ui.sample_people import enter_people, offers_sample
from geo.ui.viewer import the_store
from geo.ui.words import capital
from geo.ui.words import members as said
from geo.ui.words.signin import ROLES

_PER_PAGE = 50
_TALL_PX = 460
_PAGE = "roster-page"


def show_people(viewer: Viewer, region: Region) -> None:
    """Show the numbers, the table page by page, and below it whoever is chosen in it."""
    numbers = st.container(key="roster-numbers")
    bar = st.container(key="roster-bar", horizontal=True, vertical_alignment="bottom", gap="small")
    wanted = _wanted()
    kept, number = st.session_state.get(_PAGE, (wanted, 0))
    if kept != wanted:  # another question is answered from its beginning
        st.session_state.pop(_PAGE)
        number = 0
    found = read_roster_page(
        the_store(), viewer.id, wanted, limit=_PER_PAGE, offset=number * _PER_PAGE
    )
    with numbers:
        _numbers(found.numbers)
    with bar:
        _ask(found)
        _export(viewer)
        if offers_sample(region) and found.numbers.people < 2:
            st.button(
                said.SAMPLE,
                icon=":material/play_arrow:",
                type="primary",
                key="enter-sample",
                on_click=_enter_sample,
                args=(region,),
            )
    if not found.members:
        nobody = said.NOBODY if wanted == EVERYBODY else said.NOBODY_FOUND
        st.info(nobody, icon=":material/group_off:")
        return
    _turn(wanted, number, found.total)
    _table(viewer, found, f"{wanted} {number}")


def _table(viewer: Viewer, found: RosterPage, key: str) -> None:
    members = found.members
    chosen = st.dataframe(
        [dict(zip(said.COLUMNS, _row(one), strict=True)) for one in members],
        hide_index=True,
        height=_TALL_PX if len(members) > 12 else "content",
        on_select="rerun",
        selection_mode="single-row",
        key=f"roster-people-{key}",
    )
    rows = [row for row in chosen["selection"]["rows"] if row < len(members)]
    if rows:
        show_changes(viewer, members[rows[0]])
    else:
        st.caption(said.CHOOSE)


def _wanted() -> RosterQuery:
    """Return whom the visitor asked for."""
    asked = st.session_state
    return RosterQuery(
        text=str(asked.get("roster-find") or "").strip(),
        status=asked.get("roster-status"),
        team=asked.get("roster-team"),
    )


def _ask(found: RosterPage) -> None:
    counts = found.numbers.by_status
    st.text_input(said.FILTER, placeholder=said.FILTER_HINT, key="roster-find", width=260)
    st.selectbox(
        said.STATUS,
        [None, *(one for one in said.STATUSES if counts.get(one))],
        format_func=lambda one: said.status(one, counts),
        key="roster-status",
        width=170,
    )
    if found.teams:
        st.selectbox(
            said.TEAM,
            [None, *found.teams],
            format_func=lambda one: said.ANY_TEAM if one is None else one,
            key="roster-team",
            width=170,
        )


def _turn(wanted: RosterQuery, number: int, total: int) -> None:
    """Show which of them are shown, and the ways to those before and after."""
    if total <= _PER_PAGE and wanted == EVERYBODY:
        return
    first = number * _PER_PAGE
    last = min(total, first + _PER_PAGE)
    with st.container(key="roster-turn", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(said.shown(first + 1, last, total), width="content")
        if total > _PER_PAGE:
            for label, icon, to, off in (
                (said.BEFORE, "chevron_left", number - 1, number == 0),
                (said.AFTER, "chevron_right", number + 1, last >= total),
            ):
                st.button(
                    label,
                    icon=f":material/{icon}:",
                    key=f"roster-{icon}",
                    disabled=off,
                    on_click=_go_to,
                    args=(wanted, to),
                )


def _go_to(wanted: RosterQuery, number: int) -> None:
    st.session_state[_PAGE] = wanted, number


def _numbers(numbers: RosterNumbers) -> None:
    """Show how many people there are, and what they agreed to."""
    told = {
        said.ON_ROSTER: numbers.people,
        said.WITH_AREA: numbers.with_area,
        said.SHOWN: numbers.shown,
        said.PLANNED: numbers.planned,
    }
    cells = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{count:,}</dd></div>" for name, count in told.items()
    )
    st.html(f'<dl class="numbers">{cells}</dl>')


def _export(viewer: Viewer) -> None:
    if not may_see(viewer, Action.EXPORT_ROSTER):
        return
    st.download_button(
        said.EXPORT,
        partial(roster_csv, viewer.id),
        file_name="crossroads-roster.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        help=said.EXPORT_HOW,
        key="roster-export",
    )


def roster_csv(viewer_id: str) -> bytes:
    """Return the roster as a table; made beside the pages, so it is told who asks."""
    rows = export_roster(the_store(), viewer_id)
    header = list(rows[0]) if rows else []
    return csv_text(header, [list(row.values()) for row in rows]).encode("utf-8-sig")


def _enter_sample(region: Region) -> None:
    try:
        tell(said.SAMPLE_DONE.format(count=enter_people(region)))
    except CrossroadsError as error:
        tell(capital(str(error)))


def _row(one: Member) -> tuple[str, ...]:
    person = one.person
    area = said.HIDDEN if one.has_area else said.NO_AREA
    return (
        person.name,
        person.team,
        person.email or "",
        said.STATUSES[person.status],
        said.PAUSED if person.paused else said.SEEN_BY[person.audience],
        said.YES if person.planning and not person.paused else said.NO,
        one.area.label if one.area else area,
        {role.value: name for role, name in ROLES.items()}[person.role],
    )
