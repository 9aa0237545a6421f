"""Importing a table of staff: read, looked through, and only then entered.

Reading and entering run beside the page, so that it answers meanwhile however long the table is.
The file and what was corrected of it stay in the session until it is entered or dropped.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from geo.errors import BadTable, InputError, UnmappedColumns, shorten
from geo.people import (
    ImportPreview,
    ImportResult,
    StaffTable,
    commit_import,
    preview_import,
)
from geo.records import Upload
from geo.region import Region
from geo.settings import read_settings
from geo.ui import regions
from geo.ui.column_mapping import chosen_columns, show_mapping
from geo.ui.markdown import plain
from geo.ui.members.address_checks import Corrections, show_checks
from geo.ui.origin import tell
from geo.ui.plan.job import Job
from geo.ui.plan.roster import download_template
from geo.ui.presence import presence
from geo.ui.viewer import current_viewer, the_store
from geo.ui.words import capital
from geo.ui.words import members as said
from geo.ui.words import roster as roster_said

_FILE = "roster-import-file"
_KEY = "roster-import"
_ROUND = "roster-import-round"
_WORK = "roster-import-work"
_TROUBLE = "roster-import-trouble"
_BEGUN = "roster-import-begun"
"""The works that this session has begun, by what the address of the page calls them."""

_LOST = "roster-import-lost"
_ELSEWHERE = "elsewhere"
"""Stands for the interruption once another page than that of the import has said it."""

_RUNNING = "import"
"""The field of the address that names the work that runs: it outlives the process."""

_TOLD = 20
_SHOWN = 200
_LONGEST_NAME = 60
_ENDINGS = ["csv", "txt", "tsv", "xlsx"]
_COLUMNS = (
    "id", "name", "first_name", "last_name", "email", "team", "address", "town", "state",
    "postcode", "country", "lat", "lon", "weight", "planning",
)  # fmt: skip
_SOON_S = 1.5
"""What is done this soon shows its answer at once, without a bar that flashes by."""

_EVERY_S = 0.5
_GIVES_WAY_S = 0.004
"""After each portion of rows, so that everybody's pages get their turn."""


@dataclass(slots=True)
class _File:
    """The table that is imported, and what was corrected of it."""

    table: Upload
    corrections: Corrections = field(default_factory=dict)


@dataclass(slots=True)
class _Work:
    """What runs beside the page: a table that is read or entered, and how far it is."""

    job: Job[Any]
    doing: str
    id: str
    done: float = 0.0


def tell_interrupted(*, once: bool = False) -> None:
    """Say that an import ended with its session, where the address names one that was begun.

    For every page, since somebody may go on elsewhere while it runs: the address of any page that
    they open names it until it is over.

    Parameters
    ----------
    once
        Whether it is said in one run of a page alone; else until another table is chosen.
    """
    running = st.query_params.get(_RUNNING, "")
    work: _Work | None = st.session_state.get(_WORK)
    if work is not None and running != work.id and not work.job.over:
        st.query_params[_RUNNING] = work.id
    if running and _WORK not in st.session_state:
        del st.query_params[_RUNNING]
        if running not in st.session_state.get(_BEGUN, ()):  # else: a step back in the browser
            st.session_state[_LOST] = True
    if st.session_state.get(_LOST) and not (once and st.session_state.get(_LOST) == _ELSEWHERE):
        if once:
            st.session_state[_LOST] = _ELSEWHERE
        st.warning(said.INTERRUPTED, icon=":material/warning:")


def show_import(region: Region) -> None:
    """Ask for a file, or show what is done with it, or what was read."""
    work: _Work | None = st.session_state.get(_WORK)
    if work is not None:
        _show_work(work)
        return
    _region_row(region)
    preview = st.session_state.get(_KEY)
    if isinstance(preview, ImportPreview):
        if preview.region == region.name:
            _preview(region, preview)
            return
        st.session_state.pop(_KEY)
        if _FILE in st.session_state:  # another region was chosen: the same file for that one
            _read_file(region)
            st.rerun()
    st.markdown(said.FILE_HOW)
    number = st.session_state.get(_ROUND, 0)
    key = f"roster-table-{number}"
    st.file_uploader(said.FILE, type=_ENDINGS, key=key, on_change=_read, args=(region, key))
    _show_trouble(region)
    download_template()
    st.caption(f":material/lock: {said.FILE_PRIVATE}")


def _region_row(region: Region) -> None:
    """Name the region that addresses are looked up in, and let the visitor choose another."""
    name = f"**{capital(plain(region.name))}**"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":material/public: {said.FILE_REGION.format(region=name)}", width="content")
        regions.region_chip()


def _show_trouble(region: Region) -> None:
    trouble = st.session_state.get(_TROUBLE)
    if isinstance(trouble, UnmappedColumns):
        st.error(plain(str(trouble)), icon=":material/error:")
        st.markdown(roster_said.COLUMNS_CHOOSE)
        show_mapping(
            trouble.headings, _COLUMNS, key="import-map", on_change=lambda: _read_file(region)
        )
    elif trouble:
        st.error("  \n".join(map(plain, trouble)), icon=":material/error:")


def _read(region: Region, key: str) -> None:
    """Begin to read the file that the visitor chose."""
    st.session_state.pop(_TROUBLE, None)
    uploaded = st.session_state.get(key)
    if uploaded is None:
        st.session_state.pop(_FILE, None)
        return
    table = Upload(shorten(uploaded.name, _LONGEST_NAME), uploaded.getvalue())
    st.session_state[_FILE] = _File(table)
    _read_file(region)


def _read_file(region: Region) -> None:
    """Begin to read the file, with the columns and corrections of the visitor."""
    file: _File = st.session_state[_FILE]
    store, actor, k = the_store(), current_viewer().id, read_settings().homes_per_area
    try:
        columns = chosen_columns(file.table)
    except InputError:
        columns = {}  # reading tells why
    corrections = {line: dict(cells) for line, cells in file.corrections.items()}
    staff = StaffTable(file.table, columns, corrections)

    def read(progress: Callable[[str, float], None]) -> ImportPreview:
        return preview_import(store, actor, region, staff, k=k, progress=progress)

    st.session_state.pop(_TROUBLE, None)
    _begin(said.READING, read)


def _commit(preview: ImportPreview) -> None:
    """Begin to enter what was read."""
    vouched = bool(st.session_state.get("import-vouch"))
    store, actor = the_store(), current_viewer().id

    def enter(progress: Callable[[str, float], None]) -> ImportResult:
        return commit_import(store, actor, preview, planning=vouched, progress=progress)

    _begin(said.ENTERING, enter)


def _begin(doing: str, do: Callable[[Callable[[str, float], None]], Any]) -> None:
    def run(_job: Job[Any]) -> Any:
        try:
            return do(lambda _step, done: _advance(work, done))
        except UnmappedColumns as error:
            return error
        except BadTable as error:
            return list(error.problems[:_TOLD])

    work = _Work(Job(run, is_wanted=presence()), doing, secrets.token_hex(4))
    work.job.start()
    st.session_state.pop(_LOST, None)
    st.session_state.setdefault(_BEGUN, set()).add(work.id)
    st.session_state[_WORK] = work
    st.query_params[_RUNNING] = work.id
    if work.job.wait(_SOON_S):
        _take_in()


def _advance(work: _Work, done: float) -> None:
    work.done = min(done, 1.0)
    time.sleep(_GIVES_WAY_S)


@st.fragment(run_every=_EVERY_S)
def _show_work(work: _Work) -> None:
    """Show how far it is, until it is over; the page then runs again with what came of it."""
    if work.job.over:
        _take_in()
        st.rerun()
    st.progress(work.done, f"{work.doing} {said.percent(work.done)}")
    st.caption(said.MEANWHILE)


def _take_in() -> None:
    """Take in what came of the work."""
    work: _Work | None = st.session_state.pop(_WORK, None)
    if work is None:
        return
    st.query_params.pop(_RUNNING, None)
    match work.job.result:
        case ImportPreview() as preview:
            st.session_state[_KEY] = preview
        case ImportResult() as result:
            _start_over()
            tell(said.done(result.new, result.changed, result.same, result.unseen))
        case UnmappedColumns() as error:
            st.session_state.pop(_KEY, None)
            st.session_state[_TROUBLE] = error
        case list() as problems:
            st.session_state.pop(_KEY, None)
            st.session_state[_TROUBLE] = problems
        case _:
            st.session_state[_TROUBLE] = [capital(work.job.error or said.FAILED)]


def _preview(region: Region, preview: ImportPreview) -> None:
    with st.container(key="import-preview", border=True):
        counts = (preview.new, preview.changed, preview.same, preview.unseen)
        st.subheader(said.would(*counts), anchor=False)
        _tell_counts(preview)
        if preview.rows:
            st.toggle(said.VOUCH, key="import-vouch", help=said.VOUCH_HOW)
        with st.container(horizontal=True, gap="small"):
            st.button(
                said.COMMIT,
                type="primary",
                icon=":material/check:",
                key="import-commit",
                disabled=not preview.rows,
                on_click=_commit,
                args=(preview,),
            )
            st.button(said.CANCEL, key="import-cancel", on_click=_start_over)
        _sentences(said.PROBLEMS, preview.problems)
        _sentences(said.TWINS, preview.duplicates)
        _sentences(said.NOTES, preview.notes)
        with st.expander(roster_said.COLUMNS, icon=":material/view_column:"):
            st.markdown(roster_said.COLUMNS_CHOOSE)
            show_mapping(
                preview.headings, _COLUMNS, key="import-map", on_change=lambda: _read_file(region)
            )
        if _FILE in st.session_state:
            corrections = st.session_state[_FILE].corrections
            show_checks(preview.checks, corrections, lambda: _read_file(region))
        _people(preview)


def _tell_counts(preview: ImportPreview) -> None:
    """Say how many are elsewhere, to be checked, or stay as they are."""
    states = [one.state for one in preview.checks]
    if check := said.to_check(states.count("uncertain"), states.count("not found")):
        st.markdown(f":orange[:material/warning:] {check}")
    if preview.elsewhere:
        st.markdown(f":material/public: {roster_said.elsewhere(preview.elsewhere)}")
    if preview.unseen:
        st.caption(said.UNSEEN.format(count=f"{preview.unseen:,}"))
    if preview.own:
        st.caption(said.OWN.format(count=f"{preview.own:,}"))
    if preview.kept:
        st.caption(said.KEPT.format(count=f"{preview.kept:,}"))


def _people(preview: ImportPreview) -> None:
    if not preview.rows:
        return
    st.markdown(f"**{said.PEOPLE_READ}**")
    st.dataframe(
        [
            dict(zip(said.PREVIEW_COLUMNS, _row(preview, i), strict=True))
            for i in range(min(_SHOWN, len(preview.rows)))
        ],
        hide_index=True,
        key="import-rows",
    )
    if len(preview.rows) > _SHOWN:
        st.caption(said.MORE.format(count=f"{len(preview.rows) - _SHOWN:,}"))


def _row(preview: ImportPreview, position: int) -> tuple[object, ...]:
    row = preview.rows[position]
    return (
        row.line,
        row.reference,
        row.name or row.email,
        row.team,
        row.shown,
        said.YES if row.planning else said.NO,
    )


def _sentences(heading: str, sentences: tuple[str, ...]) -> None:
    if not sentences:
        return
    with st.expander(said.counted(len(sentences), heading), expanded=True):
        st.markdown("\n".join(f"- {plain(one)}" for one in sentences[:_TOLD]))
        if len(sentences) > _TOLD:
            st.caption(said.MORE.format(count=len(sentences) - _TOLD))


def _start_over() -> None:
    """Forget what was read, and let the box that it came by be a new one."""
    for key in (_KEY, _FILE, _TROUBLE):
        st.session_state.pop(key, None)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
