"""Everybody on the roster with what they agreed to, and changing one of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape

import streamlit as st

from geo.errors import CrossroadsError
from geo.export.tables import csv_text
from geo.people import Member, export_roster
from geo.privacy import Action, Viewer, may_see
from geo.region import Region
from geo.ui.members.changing import show_changes
from geo.ui.origin import tell
from geo.ui.sample_people import enter_people, offers_sample
from geo.ui.viewer import the_store
from geo.ui.words import capital
from geo.ui.words import members as said
from geo.ui.words.signin import ROLES

_TALL_PX = 460


def show_numbers(members: Sequence[Member]) -> None:
    """Show how many people there are, and what they agreed to."""
    numbers = {
        said.ON_ROSTER: len(members),
        said.WITH_AREA: sum(one.has_area for one in members),
        said.SHOWN: sum(
            one.person.audience != "nobody" and not one.person.paused for one in members
        ),
        said.PLANNED: sum(one.person.planning and not one.person.paused for one in members),
    }
    cells = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{count:,}</dd></div>" for name, count in numbers.items()
    )
    st.html(f'<dl class="numbers">{cells}</dl>')


def show_people(viewer: Viewer, region: Region, members: Sequence[Member]) -> None:
    """Show the table, and below it whoever is chosen in it."""
    with st.container(key="roster-bar", horizontal=True, vertical_alignment="bottom", gap="small"):
        wanted = st.text_input(
            said.FILTER, placeholder=said.FILTER_HINT, key="roster-find", width=280
        )
        _export(viewer)
        if offers_sample(region) and len(members) < 2:
            st.button(
                said.SAMPLE,
                icon=":material/play_arrow:",
                type="primary",
                key="enter-sample",
                on_click=_enter_sample,
                args=(region,),
            )
    found = [one for one in members if _matches(one, wanted)]
    if not found:
        st.info(said.NOBODY, icon=":material/group_off:")
        return
    chosen = st.dataframe(
        [dict(zip(said.COLUMNS, _row(one), strict=True)) for one in found],
        hide_index=True,
        height=_TALL_PX if len(found) > 12 else "content",
        on_select="rerun",
        selection_mode="single-row",
        key=f"roster-people-{wanted}",
    )
    rows = [row for row in chosen["selection"]["rows"] if row < len(found)]
    if rows:
        show_changes(viewer, found[rows[0]])
    else:
        st.caption(said.CHOOSE)


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


def _matches(one: Member, wanted: str) -> bool:
    person = one.person
    text = f"{person.name} {person.team} {person.email or ''} {person.reference or ''}"
    return wanted.strip().casefold() in text.casefold()


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
