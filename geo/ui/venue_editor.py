"""Ways to change own venues: a form for one, a table for all, a file for many.

Whatever is typed goes through the same reading as the files of the command line, so that a row is
good or bad by the same rules, and is told in the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from geo import texts
from geo.coordinates import parse_coordinates
from geo.errors import CrossroadsError, InputError, shorten
from geo.export.tables import csv_text
from geo.model import Point
from geo.places import get_kind, load_kinds
from geo.records import Upload
from geo.region import Region
from geo.texts import venues as venues_texts
from geo.ui import venues as ui_venues
from geo.ui.session_state import SessionValue
from geo.ui.starting_points import StartingPoint, queue_toast
from geo.ui.widgets import escape_markdown
from geo.venues import COLUMNS, PREFIX, STATUSES, Venue, read_venues, venue_cells

_MAX_PROBLEMS = 20
_LONGEST_NAME = 60
_EDITOR_COLUMNS = ("name", "kind", "status", "capacity", "cost", "hours", "staff")
_VERSION: SessionValue[int] = SessionValue("venue-table-version", 0)
_ERROR: SessionValue[list[str]] = SessionValue("venue-table-error", [])


def show_form(region: Region, draft: StartingPoint, done: Callable[[], None]) -> None:
    """Show the form for a new venue at a point; `done` is called when it was added or dropped."""
    with st.form("venue-form", border=True):
        st.markdown(f"**{venues_texts.NEW.format(where=escape_markdown(draft.label))}**")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(venues_texts.NAME, key="venue-name", max_chars=100, width=220)
            st.selectbox(
                venues_texts.STATUS,
                list(STATUSES),
                index=1,
                format_func=lambda one: venues_texts.STATUSES[one],
                key="venue-status",
                help=venues_texts.STATUS_HELP,
                width=160,
            )
            st.selectbox(
                venues_texts.KIND, _kinds(), format_func=_kind_name, key="venue-kind", width=180
            )
            st.number_input(
                venues_texts.CAPACITY,
                0,
                100_000,
                key="venue-capacity",
                help=venues_texts.CAPACITY_HELP,
                width=140,
            )
            st.text_input(venues_texts.COST, key="venue-cost", max_chars=40, width=110)
            st.text_input(
                venues_texts.HOURS,
                key="venue-hours",
                max_chars=200,
                help=venues_texts.HOURS_HELP,
                width=170,
            )
            st.number_input(
                venues_texts.STAFF,
                0,
                100_000,
                key="venue-staff",
                help=venues_texts.STAFF_HELP,
                width=120,
            )
        with st.container(horizontal=True, gap="small"):
            st.form_submit_button(
                venues_texts.SAVE,
                type="primary",
                key="venue-save",
                on_click=_add,
                args=(region, draft, done),
            )
            st.form_submit_button(venues_texts.CANCEL, key="venue-cancel", on_click=done)


def show_table(region: Region, venues: Sequence[Venue]) -> None:
    """Show the venues of a region as a table to change."""
    middle = region.bbox.center
    st.caption(venues_texts.TABLE_HELP.format(example=f"{middle.lat:.4f}, {middle.lon:.4f}"))
    key = f"venue-table-{_VERSION.get()}"
    titles = venues_texts.COLUMNS
    rows = [_editor_row(one) for one in venues]
    frame: Any = {  # of objects, so that an empty table can take text
        titles[name]: np.array([row[name] for row in rows], object) for name in titles
    }
    config = st.column_config
    st.data_editor(
        frame,
        num_rows="dynamic",
        hide_index=True,
        key=key,
        on_change=_save_edits,
        args=(key, region, tuple(venues)),
        column_config={
            titles["name"]: config.TextColumn(required=True, max_chars=100),
            titles["where"]: config.TextColumn(width="medium"),
            titles["kind"]: config.SelectboxColumn(
                options=_kinds(), format_func=lambda one: _kind_name(str(one))
            ),
            titles["status"]: config.SelectboxColumn(
                options=list(STATUSES), format_func=lambda one: venues_texts.STATUSES[str(one)]
            ),
            titles["hours"]: config.TextColumn(width="medium"),
        },
    )
    trouble = _ERROR.get()
    if trouble:
        st.warning(
            f"{venues_texts.NOT_SAVED} {escape_markdown(' '.join(trouble))}", icon=":material/edit:"
        )


def show_file(region: Region, venues: Sequence[Venue]) -> None:
    """Let the visitor add the venues of a file, and save those that are here."""
    st.markdown(venues_texts.FILE_HELP)
    uploaded = st.file_uploader(
        venues_texts.UPLOAD, type=["csv", "txt", "tsv", "xlsx"], key="venue-file"
    )
    if uploaded is not None:
        name = shorten(uploaded.name, _LONGEST_NAME)
        try:
            found, problems = read_venues(Upload(name, uploaded.getvalue()), region.gazetteer)
        except InputError as error:
            st.error("  \n".join(map(escape_markdown, str(error).splitlines()[:_MAX_PROBLEMS])))
        else:
            _show_import(found, problems)
    cells = [list(venue_cells(one).values()) for one in venues]
    st.download_button(
        venues_texts.DOWNLOAD,
        lambda: "\ufeff" + csv_text(COLUMNS, cells),
        file_name="venues.csv",
        mime="text/csv",
        on_click="ignore",
        key="venue-save-csv",
        icon=":material/download:",
    )


def _show_import(found: list[Venue], problems: list[str]) -> None:
    if problems:
        st.markdown(f"**{venues_texts.PROBLEMS} ({len(problems)})**")
        st.markdown("\n".join(f"- {escape_markdown(one)}" for one in problems[:_MAX_PROBLEMS]))
    if found:
        st.button(
            venues_texts.ADD_VENUES.format(count=len(found)),
            type="primary",
            icon=":material/add:",
            key="venue-import",
            on_click=save_venues,
            args=(lambda: ui_venues.update_venues(put=found),),
        )


def save_venues(change: Callable[[], None]) -> None:
    """Change the table and say how it went."""
    _try_save(change)


def _try_save(change: Callable[[], None]) -> bool:
    """Change the table, say how it went, and return whether it did."""
    try:
        change()
    except CrossroadsError as error:
        queue_toast(escape_markdown(str(error)))
        return False
    queue_toast(venues_texts.SAVED)
    _VERSION.set(_VERSION.get() + 1)
    _ERROR.pop()
    return True


def _add(region: Region, draft: StartingPoint, done: Callable[[], None]) -> None:
    state = st.session_state
    name = str(state["venue-name"]).strip()
    if not name:
        queue_toast(venues_texts.NEEDS_NAME)
        return
    taken = [one.place.osm_id for one in ui_venues.read_own_venues(region.gazetteer)]
    row = {
        "id": ui_venues.new_id(name, taken),
        "name": name,
        **_point_cells(draft.point),
        "kind": state["venue-kind"],
        "status": state["venue-status"],
        "capacity": str(int(state["venue-capacity"] or 0) or ""),
        "cost": str(state["venue-cost"]).strip(),
        "hours": str(state["venue-hours"]).strip(),
        "staff": str(int(state["venue-staff"] or 0) or ""),
    }
    found, problems = ui_venues.parse_venues([row], region.gazetteer)
    if problems:
        queue_toast(escape_markdown(" ".join(problems)))
    elif _try_save(lambda: ui_venues.update_venues(put=found)):
        done()


def _save_edits(key: str, region: Region, venues: tuple[Venue, ...]) -> None:
    """Save what was changed in the table; where a row is not good yet, keep it there and say so."""
    edits = st.session_state[key]
    taken = [one.place.osm_id for one in ui_venues.read_own_venues(region.gazetteer)]
    gone = {venues[row].place.osm_id for row in edits["deleted_rows"] if row < len(venues)}
    rows = [
        _file_row(
            {**_editor_row(one), **_cells_by_column(edits["edited_rows"].get(number, {}))}, one
        )
        for number, one in enumerate(venues)
        if number in edits["edited_rows"] and one.place.osm_id not in gone
    ]
    for cells in map(_cells_by_column, edits["added_rows"]):
        name = str(cells.get("name") or "")
        identity = ui_venues.new_id(name, taken)
        taken.append(PREFIX + identity)
        rows.append(
            {
                "id": identity,
                **_file_row({**dict.fromkeys(venues_texts.COLUMNS, ""), **cells}, None),
            }
        )
    found, problems = ui_venues.parse_venues(rows, region.gazetteer) if rows else ([], [])
    if problems:
        _ERROR.set(problems)
        return

    if found or gone:
        save_venues(lambda: ui_venues.update_venues(put=found, drop=sorted(gone)))


def _editor_row(venue: Venue) -> dict[str, str]:
    cells = venue_cells(venue)
    where = f"{cells['lat']}, {cells['lon']}" if cells["lat"] else cells["id"]
    return {"where": where, **{name: cells[name] for name in _EDITOR_COLUMNS}}


def _cells_by_column(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cells of the editor by our names of the columns."""
    names = {title: name for name, title in venues_texts.COLUMNS.items()}
    return {names[title]: value for title, value in cells.items() if title in names}


def _file_row(cells: Mapping[str, Any], venue: Venue | None) -> dict[str, str]:
    """Return a row as files have it; the id of a venue that exists stays."""
    row = {name: str(cells.get(name) or "").strip() for name in _EDITOR_COLUMNS}
    where = str(cells.get("where") or "").strip()
    try:
        point = parse_coordinates(where)
    except InputError:
        point = None
    row |= _point_cells(point) if point else {"lat": "", "lon": "", "address": where}
    return row if venue is None else {"id": venue_cells(venue)["id"], **row}


def _point_cells(point: Point) -> dict[str, str]:
    return {"lat": f"{point.lat:.6f}", "lon": f"{point.lon:.6f}"}


def _kinds() -> list[str]:
    return [key for key, kind in load_kinds().items() if kind.label]


def _kind_name(key: str) -> str:
    return texts.capitalise(get_kind(key).label)
