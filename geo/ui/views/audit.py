"""Audit: who did what, and what was refused; it can be read and taken along, never changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from geo.errors import CrossroadsError
from geo.export.tables import csv_text
from geo.people.admission import JOIN, SIGN_IN, SIGN_OUT
from geo.people.authorised import OPERATOR_ID, AuditPage, read_audit
from geo.people.roster import RETENTION, find_unused_areas, resolve_unused_areas
from geo.privacy import ACTIONS, Action
from geo.store.audit import AuditEntry, AuditFilter
from geo.texts import audit as audit_texts
from geo.texts import capitalise
from geo.ui.auth import current_store, current_viewer, require
from geo.ui.session_state import current_settings
from geo.ui.starting_points import queue_toast, show_toast

_SHOWN = 500
_EXPORTED = 100_000
_TALL_PX = 600
_ACTION_NAMES = sorted({SIGN_IN, SIGN_OUT, JOIN, RETENTION, *(action.value for action in ACTIONS)})
_COLUMNS = (
    audit_texts.WHEN,
    audit_texts.WHO,
    audit_texts.WHAT,
    audit_texts.ABOUT,
    audit_texts.OUTCOME,
    audit_texts.DETAILS,
)
_NAMES = "audit-names"


def _show() -> None:
    viewer = require(Action.SEE_AUDIT)
    with st.container(key="intro", horizontal=True):
        st.title(audit_texts.INTRO, anchor=False, width="content")
    _show_unused_areas(viewer.id)
    questions = st.container(key="audit-filter", horizontal=True)
    wanted = _read_filter()
    page = read_audit(current_store(), viewer.id, wanted, limit=_SHOWN)
    _show_filters(questions, page)
    with st.container(key="audit-found", horizontal=True, vertical_alignment="center"):
        st.subheader(
            audit_texts.entry_count(page.total, len(page.entries)), anchor=False, width="stretch"
        )
        st.download_button(
            audit_texts.SAVE,
            _csv(viewer.id, wanted),
            file_name="crossroads-audit.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            disabled=not page.entries,
        )
    if page.entries:
        with st.container(key="audit-table"):
            _table(page)
    else:
        st.info(audit_texts.NOTHING, icon=":material/search_off:")
    show_toast()


def _show_unused_areas(viewer_id: str) -> None:
    """Ask what becomes of the areas that are due to be deleted and are unusually many."""
    days = current_settings().area_days
    found = find_unused_areas(current_store(), viewer_id, area_days=days)
    if not found.waiting:
        return
    warning = audit_texts.UNUSED_AREAS.format(waiting=found.waiting, total=found.total, days=days)
    st.warning(warning, icon=":material/schedule:")
    with st.container(horizontal=True, gap="small"):
        for keep, label in ((False, audit_texts.DELETE_AREAS), (True, audit_texts.KEEP_AREAS)):
            st.button(
                label.format(days=days),
                key=f"unused-areas-{'keep' if keep else 'delete'}",
                on_click=_resolve_unused_areas,
                kwargs={"days": days, "keep": keep},
            )


def _resolve_unused_areas(*, days: int, keep: bool) -> None:
    try:
        resolve_unused_areas(current_store(), current_viewer().id, area_days=days, keep=keep)
    except CrossroadsError as error:
        queue_toast(capitalise(str(error)))
    else:
        queue_toast(audit_texts.AREAS_KEPT if keep else audit_texts.AREAS_DELETED)


def _read_filter() -> AuditFilter:
    """Return what the visitor chose to see."""
    chosen = st.session_state
    days = audit_texts.PERIODS[chosen.get("audit-period", audit_texts.USUAL_PERIOD)]
    return AuditFilter(
        since=None if days is None else datetime.now(UTC) - timedelta(days=days),
        actor_id=chosen.get("audit-who"),
        action=chosen.get("audit-what"),
        allowed=audit_texts.OUTCOMES[chosen.get("audit-outcome", audit_texts.ALL)],
    )


def _show_filters(questions: DeltaGenerator, page: AuditPage) -> None:
    """Let the visitor choose; people can be chosen once an entry told of them."""
    names = st.session_state.setdefault(_NAMES, {})
    names.update(page.names)
    people = sorted(names, key=lambda one: names[one].casefold())
    with questions:
        periods = [*audit_texts.PERIODS]
        usual = periods.index(audit_texts.USUAL_PERIOD)
        st.selectbox(audit_texts.PERIOD, periods, index=usual, key="audit-period")
        st.selectbox(
            audit_texts.WHO,
            [None, *people],
            format_func=lambda one: audit_texts.ANYBODY if one is None else names[one],
            key="audit-who",
        )
        st.selectbox(
            audit_texts.WHAT,
            [None, *_ACTION_NAMES],
            format_func=lambda one: audit_texts.ANYTHING if one is None else capitalise(one),
            key="audit-what",
        )
        st.selectbox(audit_texts.OUTCOME, [*audit_texts.OUTCOMES], key="audit-outcome")


def _table(page: AuditPage) -> None:
    rows = [(entry.at, *_cells(entry, page)) for entry in page.entries]
    columns = dict(zip(_COLUMNS, zip(*rows, strict=True), strict=True))
    st.dataframe(
        columns,
        hide_index=True,
        height=_TALL_PX if len(rows) > 16 else "content",
        column_config={
            audit_texts.WHEN: st.column_config.DatetimeColumn(
                format="D MMM YYYY, HH:mm:ss", timezone=st.context.timezone
            )
        },
    )


def _csv(viewer_id: str, wanted: AuditFilter) -> Callable[[], bytes]:
    store = current_store()

    def make() -> bytes:
        page = read_audit(store, viewer_id, wanted, limit=_EXPORTED)
        rows = [
            (entry.at.isoformat(timespec="seconds"), *_cells(entry, page)) for entry in page.entries
        ]
        return csv_text([column.casefold() for column in _COLUMNS], rows).encode()

    return make


def _cells(entry: AuditEntry, page: AuditPage) -> tuple[str, ...]:
    """Return who, what, about whom, whether it was allowed, and details."""
    nobody = audit_texts.SETTINGS_ACTOR if entry.allowed else audit_texts.UNKNOWN_PERSON
    return (
        nobody if entry.actor_id is None else _name(entry.actor_id, page),
        capitalise(entry.action),
        "" if entry.subject_id is None else _name(entry.subject_id, page),
        audit_texts.ALLOWED if entry.allowed else audit_texts.REFUSED,
        audit_texts.details(entry.detail),
    )


def _name(person_id: str, page: AuditPage) -> str:
    """Return how somebody is called; the beginning of the id where nobody knows any more."""
    if person_id == OPERATOR_ID:
        return audit_texts.OPERATOR
    return page.names.get(person_id) or audit_texts.FORMER_PERSON.format(beginning=person_id[:6])


_show()
