"""Importing a table of staff: read, looked through, and only then entered.

Reading and entering run beside the page, so that it answers meanwhile however long the table is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from geo.errors import BadTable, shorten
from geo.people import ImportPreview, ImportResult, commit_import, preview_import
from geo.records import Upload
from geo.region import Region
from geo.settings import read_settings
from geo.ui.markdown import plain
from geo.ui.origin import tell
from geo.ui.plan.job import Job
from geo.ui.presence import presence
from geo.ui.viewer import current_viewer, the_store
from geo.ui.words import capital
from geo.ui.words import members as said

_KEY = "roster-import"
_ROUND = "roster-import-round"
_WORK = "roster-import-work"
_TROUBLE = "roster-import-trouble"
_TOLD = 20
_SHOWN = 200
_LONGEST_NAME = 60
_ENDINGS = ["csv", "txt", "tsv", "xlsx"]
_SOON_S = 1.5
"""What is done this soon shows its answer at once, without a bar that flashes by."""

_EVERY_S = 0.5
_GIVES_WAY_S = 0.004
"""After each portion of rows, so that everybody's pages get their turn."""


@dataclass(slots=True)
class _Work:
    """What runs beside the page: a table that is read or entered, and how far it is."""

    job: Job[Any]
    doing: str
    done: float = 0.0


def show_import(region: Region) -> None:
    """Ask for a file, or show what is done with it, or what was read."""
    work: _Work | None = st.session_state.get(_WORK)
    if work is not None:
        _show_work(work)
        return
    preview = st.session_state.get(_KEY)
    if isinstance(preview, ImportPreview) and preview.region == region.name:
        _preview(preview)
        return
    st.markdown(said.FILE_HOW)
    st.caption(f":material/lock: {said.FILE_PRIVATE}")
    number = st.session_state.get(_ROUND, 0)
    key = f"roster-table-{number}"
    st.file_uploader(said.FILE, type=_ENDINGS, key=key, on_change=_read, args=(region, key))
    if trouble := st.session_state.get(_TROUBLE):
        st.error("  \n".join(map(plain, trouble)), icon=":material/error:")


def _read(region: Region, key: str) -> None:
    """Begin to read the file that the visitor chose."""
    st.session_state.pop(_TROUBLE, None)
    uploaded = st.session_state.get(key)
    if uploaded is None:
        return
    table = Upload(shorten(uploaded.name, _LONGEST_NAME), uploaded.getvalue())
    store, actor, k = the_store(), current_viewer().id, read_settings().homes_per_area

    def read(progress: Callable[[str, float], None]) -> ImportPreview:
        return preview_import(store, actor, region, table, k=k, progress=progress)

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
        except BadTable as error:
            return list(error.problems[:_TOLD])

    work = _Work(Job(run, is_wanted=presence()), doing)
    work.job.start()
    st.session_state[_WORK] = work
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
    match work.job.result:
        case ImportPreview() as preview:
            st.session_state[_KEY] = preview
        case ImportResult(new, changed):
            _start_over()
            tell(said.done(new, changed))
        case list() as problems:
            st.session_state[_TROUBLE] = problems
        case _:
            st.session_state[_TROUBLE] = [capital(work.job.error or said.FAILED)]


def _preview(preview: ImportPreview) -> None:
    with st.container(key="import-preview", border=True):
        st.subheader(said.would(preview.new, preview.changed), anchor=False)
        _sentences(said.PROBLEMS, preview.problems)
        _sentences(said.TWINS, preview.duplicates)
        if preview.own:
            st.caption(said.OWN.format(count=f"{preview.own:,}"))
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
        if preview.rows:
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
        row.area.label if row.area else "",
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
    st.session_state.pop(_KEY, None)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
