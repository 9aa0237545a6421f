"""Importing a table of staff: read, looked through, and only then entered.

Reading and entering run beside the page, so that it answers meanwhile however long the table is.
The file, the addresses in it and what was corrected stay on this screen and in the memory of this
session until they are entered or dropped.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st

from geo.cancellation import Progress
from geo.errors import BadTable, InputError, UnmappedColumns, shorten
from geo.geocoding import ADDRESS
from geo.people.roster_import import (
    ImportPreview,
    ImportResult,
    StaffTable,
    commit_import,
    preview_import,
)
from geo.people.roster_table import AddressCheck
from geo.records import Upload
from geo.region import Region
from geo.texts import capitalise
from geo.texts import members as members_texts
from geo.texts import roster as roster_texts
from geo.ui import regions
from geo.ui.auth import current_store, current_viewer
from geo.ui.column_mapping import chosen_columns, show_mapping
from geo.ui.jobs import PLAN_JOBS, Job, session_check
from geo.ui.plan.roster_step import download_template
from geo.ui.session_state import IMPORT_JOB_KEY, IMPORT_PARAMETER, SessionValue, current_settings
from geo.ui.starting_points import queue_toast
from geo.ui.widgets import escape_markdown

_SHOWN = 200
_VERSION: SessionValue[int] = SessionValue("address-checks-version", 0)

Corrections = dict[int, dict[str, str]]
"""Cells in place of those of a file, by line and column."""


def show_checks(
    checks: Sequence[AddressCheck], corrections: Corrections, look_up: Callable[[], None]
) -> None:
    """Show addresses in the order in which they should be looked at.

    Parameters
    ----------
    checks
        The addresses.
    corrections
        Takes what the visitor corrects.
    look_up
        Called when the corrected addresses are to be looked up.
    """
    if not checks:
        return
    shown = checks[:_SHOWN]
    st.markdown(f"**{members_texts.CHECKS}**")
    st.caption(members_texts.CHECKS_HELP)
    used = [name for name in ADDRESS if any(name in one.typed for one in shown)]
    frame: Any = {  # of objects, so that every cell can take text
        title: np.array([cells[title] for cells in map(_cells, shown)], object)
        for title in (
            members_texts.LINE,
            members_texts.RESULT,
            *(members_texts.ADDRESS_COLUMNS[one] for one in used),
            members_texts.FOUND,
        )
    }
    key = f"address-checks-{_VERSION.get()}"
    config = st.column_config
    st.data_editor(
        frame,
        hide_index=True,
        num_rows="fixed",
        key=key,
        disabled=[members_texts.LINE, members_texts.RESULT, members_texts.FOUND],
        height=min(420, 38 + 35 * len(shown)),
        on_change=_add_edits,
        args=(key, shown, corrections),
        column_config={
            members_texts.LINE: config.NumberColumn(width="small"),
            members_texts.FOUND: config.TextColumn(width="large"),
            members_texts.ADDRESS_COLUMNS["address"]: config.TextColumn(
                width="medium", max_chars=300
            ),
        },
    )
    if len(checks) > len(shown):
        st.caption(members_texts.CHECKS_MORE.format(count=len(shown)))
    st.button(
        members_texts.LOOK_UP,
        icon=":material/search:",
        key="import-search",
        disabled=not _has_edits(key),
        on_click=_restart_editor,
        args=(look_up,),
    )


def _cells(check: AddressCheck) -> dict[str, object]:
    typed = {
        title: check.typed.get(name, "") for name, title in members_texts.ADDRESS_COLUMNS.items()
    }
    result = members_texts.lookup_result(check.state, check.source)
    return {
        members_texts.LINE: check.line,
        members_texts.RESULT: result,
        **typed,
        members_texts.FOUND: check.found,
    }


def add_corrections(
    edits: Mapping[int, Mapping[str, object]],
    checks: Sequence[AddressCheck],
    corrections: Corrections,
) -> None:
    """Take what was edited into the corrections.

    Parameters
    ----------
    edits
        Cells by the title of their column, by row.
    checks
        The addresses that the rows are of.
    corrections
        Takes them.
    """
    names = {title: name for name, title in members_texts.ADDRESS_COLUMNS.items()}
    for row, cells in edits.items():
        better = {names[title]: str(cell or "").strip() for title, cell in cells.items()
                  if title in names}  # fmt: skip
        if better:
            corrections.setdefault(checks[row].line, {}).update(better)


def _add_edits(key: str, checks: Sequence[AddressCheck], corrections: Corrections) -> None:
    add_corrections(st.session_state[key]["edited_rows"], checks, corrections)


def _has_edits(key: str) -> bool:
    state = st.session_state.get(key)
    return bool(state and state["edited_rows"])


def _restart_editor(then: Callable[[], None]) -> None:
    """Look up again, in an editor of its own: the rows are sorted anew."""
    _VERSION.set(_VERSION.get() + 1)
    then()


_FILE: SessionValue[_ImportFile | None] = SessionValue("roster-import-file", None)
_PREVIEW: SessionValue[ImportPreview | None] = SessionValue("roster-import", None)
_ROUND: SessionValue[int] = SessionValue("roster-import-round", 0)
_JOB: SessionValue[_ImportJob | None] = SessionValue(IMPORT_JOB_KEY, None)
_ERROR: SessionValue[UnmappedColumns | list[str] | None] = SessionValue("roster-import-error", None)
_STARTED_KEY = "roster-import-begun"
"""The works that this session has begun, by what the address of the page calls them."""

_INTERRUPTED: SessionValue[bool | str] = SessionValue("roster-import-interrupted", False)
_SAID_ON_A_PAGE = "elsewhere"
"""Stands for the interruption once another page than that of the import has said it."""

_MAX_SENTENCES = 20
_LONGEST_NAME = 60
_ENDINGS = ["csv", "txt", "tsv", "xlsx"]
_COLUMNS = (
    "id", "name", "first_name", "last_name", "email", "team", "address", "town", "state",
    "postcode", "country", "lat", "lon", "weight", "planning",
)  # fmt: skip
_QUICK_S = 1.5
"""What is done this soon shows its answer at once, without a bar that flashes by."""

_EVERY_S = 0.5
_YIELD_S = 0.004
"""After each portion of rows, so that everybody's pages get their turn."""


@dataclass(slots=True)
class _ImportFile:
    """The table that is imported, and what was corrected of it."""

    table: Upload
    corrections: Corrections = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _ImportJob:
    """The job that reads or enters a table, and what the address of the page calls it."""

    job: Job[Any]
    id: str


def show_interrupted(*, once: bool = False) -> None:
    """Say that an import ended with its session, where the address names one that was begun.

    For every page, since somebody may go on elsewhere while it runs: the address of any page that
    they open names it until it is over.

    Parameters
    ----------
    once
        Whether it is said in one run of a page alone; else until another table is chosen.
    """
    running = st.query_params.get(IMPORT_PARAMETER, "")
    work: _ImportJob | None = _JOB.get()
    if work is not None and running != work.id and not work.job.is_over:
        st.query_params[IMPORT_PARAMETER] = work.id
    if running and _JOB.get() is None:
        del st.query_params[IMPORT_PARAMETER]
        if running not in st.session_state.get(_STARTED_KEY, ()):
            _INTERRUPTED.set(True)  # else: a step back in the browser
    if _INTERRUPTED.get() and not (once and _INTERRUPTED.get() == _SAID_ON_A_PAGE):
        if once:
            _INTERRUPTED.set(_SAID_ON_A_PAGE)
        st.warning(members_texts.INTERRUPTED, icon=":material/warning:")


def show_import(region: Region) -> None:
    """Ask for a file, or show what is done with it, or what was read."""
    work: _ImportJob | None = _JOB.get()
    if work is not None:
        _show_job(work.job)
        return
    _region_row(region)
    preview = _PREVIEW.get()
    if isinstance(preview, ImportPreview):
        if preview.region == region.name:
            _preview(region, preview)
            return
        _PREVIEW.pop()
        if _FILE.get() is not None:  # another region was chosen: the same file for that one
            _read_file(region)
            st.rerun()
    st.markdown(members_texts.FILE_HELP)
    number = _ROUND.get()
    key = f"roster-table-{number}"
    st.file_uploader(
        members_texts.FILE, type=_ENDINGS, key=key, on_change=_receive_upload, args=(region, key)
    )
    _show_error(region)
    download_template()
    st.caption(f":material/lock: {members_texts.FILE_PRIVATE}")


def _region_row(region: Region) -> None:
    """Name the region that addresses are looked up in, and let the visitor choose another."""
    name = f"**{capitalise(escape_markdown(region.name))}**"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f":material/public: {members_texts.FILE_REGION.format(region=name)}", width="content"
        )
        regions.region_chip()


def _show_error(region: Region) -> None:
    trouble = _ERROR.get()
    if isinstance(trouble, UnmappedColumns):
        st.error(escape_markdown(str(trouble)), icon=":material/error:")
        st.markdown(roster_texts.COLUMN_MAPPING_HELP)
        show_mapping(
            trouble.headings, _COLUMNS, key="import-map", on_change=lambda: _read_file(region)
        )
    elif trouble:
        st.error("  \n".join(map(escape_markdown, trouble)), icon=":material/error:")


def _receive_upload(region: Region, key: str) -> None:
    """Begin to read the file that the visitor chose."""
    _ERROR.pop()
    uploaded = st.session_state.get(key)
    if uploaded is None:
        _FILE.pop()
        return
    table = Upload(shorten(uploaded.name, _LONGEST_NAME), uploaded.getvalue())
    _FILE.set(_ImportFile(table))
    _read_file(region)


def _read_file(region: Region) -> None:
    """Begin to read the file, with the columns and corrections of the visitor."""
    file: _ImportFile = _FILE.require()
    store, actor, k = current_store(), current_viewer().id, current_settings().homes_per_area
    try:
        columns = chosen_columns(file.table)
    except InputError:
        columns = {}  # reading tells why
    corrections = {line: dict(cells) for line, cells in file.corrections.items()}
    staff = StaffTable(file.table, columns, corrections)

    def read(progress: Progress) -> ImportPreview:
        return preview_import(store, actor, region, staff, k=k, progress=progress)

    _ERROR.pop()
    _start_job(members_texts.READING, read)


def _commit(preview: ImportPreview) -> None:
    """Begin to enter what was read."""
    vouched = bool(st.session_state.get("import-consent"))
    store, actor = current_store(), current_viewer().id

    def enter(progress: Progress) -> ImportResult:
        return commit_import(store, actor, preview, planning=vouched, progress=progress)

    _start_job(members_texts.ENTERING, enter)


def _start_job(title: str, work: Callable[[Progress], Any]) -> None:
    def run(job: Job[Any]) -> Any:
        try:
            return work(lambda _step, done: _report(job, done))
        except UnmappedColumns as error:
            return error
        except BadTable as error:
            return list(error.problems[:_MAX_SENTENCES])

    job = Job(run, title=title, is_wanted=session_check())
    PLAN_JOBS.submit(job)
    started = _ImportJob(job, secrets.token_hex(4))
    _INTERRUPTED.pop()
    st.session_state.setdefault(_STARTED_KEY, set()).add(started.id)
    _JOB.set(started)
    st.query_params[IMPORT_PARAMETER] = started.id
    if job.wait(_QUICK_S):
        _collect_result()


def _report(job: Job[Any], done: float) -> None:
    """Note how far it is, even where the visitor has gone: what is entered is entered whole."""
    job.done = min(done, 1.0)
    time.sleep(_YIELD_S)


@st.fragment(run_every=_EVERY_S)
def _show_job(job: Job[Any]) -> None:
    """Show how far it is, until it is over; the page then runs again with what came of it."""
    if job.is_over:
        _collect_result()
        st.rerun()
    st.progress(job.done, f"{job.title} {members_texts.percent(job.done)}")
    st.caption(members_texts.BACKGROUND_NOTE)


def _collect_result() -> None:
    """Take in what came of the work."""
    work: _ImportJob | None = _JOB.pop()
    if work is None:
        return
    st.query_params.pop(IMPORT_PARAMETER, None)
    match work.job.result:
        case ImportPreview() as preview:
            _PREVIEW.set(preview)
        case ImportResult() as result:
            _start_over()
            queue_toast(
                members_texts.import_result(result.new, result.changed, result.same, result.unseen)
            )
        case UnmappedColumns() as error:
            _PREVIEW.pop()
            _ERROR.set(error)
        case list() as problems:
            _PREVIEW.pop()
            _ERROR.set(problems)
        case _:
            _ERROR.set([capitalise(work.job.error or members_texts.FAILED)])


def _preview(region: Region, preview: ImportPreview) -> None:
    with st.container(key="import-preview", border=True):
        counts = (preview.new, preview.changed, preview.same, preview.unseen)
        st.subheader(members_texts.import_preview(*counts), anchor=False)
        _show_counts(preview)
        if preview.rows:
            st.toggle(
                members_texts.CONSENT_STATED,
                key="import-consent",
                help=members_texts.CONSENT_STATED_HELP,
            )
        with st.container(horizontal=True, gap="small"):
            st.button(
                members_texts.COMMIT,
                type="primary",
                icon=":material/check:",
                key="import-commit",
                disabled=not preview.rows,
                on_click=_commit,
                args=(preview,),
            )
            st.button(members_texts.CANCEL, key="import-cancel", on_click=_start_over)
        _show_sentences(members_texts.PROBLEMS, preview.problems)
        _show_sentences(members_texts.DUPLICATE_ROWS, preview.duplicates)
        _show_sentences(members_texts.NOTES, preview.notes)
        with st.expander(roster_texts.COLUMNS, icon=":material/view_column:"):
            st.markdown(roster_texts.COLUMN_MAPPING_HELP)
            show_mapping(
                preview.headings, _COLUMNS, key="import-map", on_change=lambda: _read_file(region)
            )
        if _FILE.get() is not None:
            corrections = _FILE.require().corrections
            show_checks(preview.checks, corrections, lambda: _read_file(region))
        _people_table(preview)


def _show_counts(preview: ImportPreview) -> None:
    """Say how many are elsewhere, to be checked, or stay as they are."""
    states = [one.state for one in preview.checks]
    if check := members_texts.addresses_to_check(
        states.count("uncertain"), states.count("not found")
    ):
        st.markdown(f":orange[:material/warning:] {check}")
    if preview.elsewhere:
        st.markdown(f":material/public: {roster_texts.other_region_people(preview.elsewhere)}")
    if preview.unseen:
        st.caption(members_texts.HIDDEN_AREAS.format(count=f"{preview.unseen:,}"))
    if preview.own:
        st.caption(members_texts.OWN_AREAS_KEPT.format(count=f"{preview.own:,}"))
    if preview.kept:
        st.caption(members_texts.BETTER_AREAS_KEPT.format(count=f"{preview.kept:,}"))


def _people_table(preview: ImportPreview) -> None:
    if not preview.rows:
        return
    st.markdown(f"**{members_texts.PEOPLE_READ}**")
    st.dataframe(
        [
            dict(zip(members_texts.PREVIEW_COLUMNS, _preview_row(preview, i), strict=True))
            for i in range(min(_SHOWN, len(preview.rows)))
        ],
        hide_index=True,
        key="import-rows",
    )
    if len(preview.rows) > _SHOWN:
        st.caption(members_texts.MORE.format(count=f"{len(preview.rows) - _SHOWN:,}"))


def _preview_row(preview: ImportPreview, position: int) -> tuple[object, ...]:
    row = preview.rows[position]
    return (
        row.line,
        row.reference,
        row.name or row.email,
        row.team,
        row.shown,
        members_texts.YES if row.planning else members_texts.NO,
    )


def _show_sentences(heading: str, sentences: tuple[str, ...]) -> None:
    if not sentences:
        return
    with st.expander(
        members_texts.COUNTED_HEADING.format(count=len(sentences), what=heading), expanded=True
    ):
        st.markdown("\n".join(f"- {escape_markdown(one)}" for one in sentences[:_MAX_SENTENCES]))
        if len(sentences) > _MAX_SENTENCES:
            st.caption(members_texts.MORE.format(count=len(sentences) - _MAX_SENTENCES))


def _start_over() -> None:
    """Forget what was read, and let the box that it came by be a new one."""
    _PREVIEW.pop()
    _FILE.pop()
    _ERROR.pop()
    _ROUND.set(_ROUND.get() + 1)
