"""Importing a table of staff: read, looked through, and only then entered."""

from __future__ import annotations

import streamlit as st

from geo.errors import BadTable, CrossroadsError, shorten
from geo.people import ImportPreview, commit_import, preview_import
from geo.region import Region
from geo.rows import Upload
from geo.settings import read_settings
from geo.ui.markdown import plain
from geo.ui.origin import tell
from geo.ui.viewer import current_viewer, the_store
from geo.ui.words import capital
from geo.ui.words import members as said

_KEY = "roster-import"
_ROUND = "roster-import-round"
_TOLD = 20
_SHOWN = 200
_LONGEST_NAME = 60
_ENDINGS = ["csv", "txt", "tsv", "xlsx"]


def show_import(region: Region) -> None:
    """Ask for a file, or show what was read."""
    preview = st.session_state.get(_KEY)
    if isinstance(preview, ImportPreview) and preview.region == region.name:
        _preview(preview)
        return
    st.markdown(said.FILE_HOW)
    st.caption(f":material/lock: {said.FILE_PRIVATE}")
    number = st.session_state.get(_ROUND, 0)
    uploaded = st.file_uploader(said.FILE, type=_ENDINGS, key=f"roster-table-{number}")
    if uploaded is not None:
        _read(region, Upload(shorten(uploaded.name, _LONGEST_NAME), uploaded.getvalue()))


def _read(region: Region, table: Upload) -> None:
    bar = st.progress(0.0, said.READING)
    try:
        preview = preview_import(
            the_store(),
            current_viewer().id,
            region,
            table,
            k=read_settings().homes_per_area,
            progress=lambda _step, done: _advance(bar, done),
        )
    except BadTable as error:
        st.error("  \n".join(map(plain, error.problems[:_TOLD])), icon=":material/error:")
    except CrossroadsError as error:
        st.error(plain(capital(str(error))), icon=":material/error:")
    else:
        st.session_state[_KEY] = preview
        st.rerun()
    bar.empty()


def _advance(bar: st.delta_generator.DeltaGenerator, done: float) -> None:
    bar.progress(min(done, 1.0), said.READING)


def _preview(preview: ImportPreview) -> None:
    with st.container(key="import-preview", border=True):
        st.subheader(said.would(preview.new, preview.changed), anchor=False)
        _sentences(said.PROBLEMS, preview.problems)
        _sentences(said.TWINS, preview.duplicates)
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


def _commit(preview: ImportPreview) -> None:
    vouched = bool(st.session_state.get("import-vouch"))
    try:
        result = commit_import(the_store(), current_viewer().id, preview, planning=vouched)
    except CrossroadsError as error:
        tell(capital(str(error)))
    else:
        _start_over()
        tell(said.done(result.new, result.changed))


def _start_over() -> None:
    """Forget what was read, and let the box that it came by be a new one."""
    st.session_state.pop(_KEY, None)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
