"""Audit: who did what, and what was refused; it can be read and taken along, never changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import streamlit as st

from geo.export.tables import csv_text
from geo.people.admission import SIGN_IN, SIGN_OUT
from geo.people.audit import EXPORT_AUDIT, AuditPage, audit_rows, export_audit, read_audit
from geo.privacy import ACTIONS, Action
from geo.store import AuditFilter
from geo.ui.viewer import insist, the_store
from geo.ui.words import audit as words
from geo.ui.words import capital

_SHOWN = 500
_TALL_PX = 600
_DONE = sorted({SIGN_IN, SIGN_OUT, EXPORT_AUDIT, *(action.value for action in ACTIONS)})
_COLUMNS = (words.WHEN, words.WHO, words.WHAT, words.ABOUT, words.OUTCOME, words.DETAILS)


def _show() -> None:
    viewer = insist(Action.SEE_AUDIT)
    with st.container(key="intro", horizontal=True):
        st.title(words.INTRO, anchor=False, width="content")
    people = read_audit(the_store(), viewer.id, limit=0).names
    wanted = _ask(people)
    page = read_audit(the_store(), viewer.id, wanted, limit=_SHOWN)
    with st.container(key="audit-found", horizontal=True, vertical_alignment="center"):
        st.subheader(words.found(page.count, len(page.entries)), anchor=False, width="stretch")
        st.download_button(
            words.SAVE,
            _csv(viewer.id, wanted),
            file_name="crossroads-audit.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            disabled=not page.entries,
        )
    if page.entries:
        _table(page)
    else:
        st.info(words.NOTHING, icon=":material/search_off:")


def _ask(people: Any) -> AuditFilter:
    """Return what the visitor wants to see."""
    with st.container(key="audit-ask", horizontal=True):
        period = st.selectbox(words.PERIOD, [*words.PERIODS], index=1, key="audit-period")
        who = st.selectbox(
            words.WHO,
            [None, *people],
            format_func=lambda one: words.ANYBODY if one is None else people[one],
            key="audit-who",
        )
        what = st.selectbox(
            words.WHAT,
            [None, *_DONE],
            format_func=lambda one: words.ANYTHING if one is None else capital(one),
            key="audit-what",
        )
        outcome = st.selectbox(words.OUTCOME, [*words.OUTCOMES], key="audit-outcome")
    days = words.PERIODS[period]
    return AuditFilter(
        since=None if days is None else datetime.now(UTC) - timedelta(days=days),
        actor_id=who,
        action=what,
        allowed=words.OUTCOMES[outcome],
    )


def _table(page: AuditPage) -> None:
    rows = [
        (
            at,
            who or (words.NOBODY if allowed else words.STRANGER),
            capital(what),
            about,
            _outcome(allowed),
            detail,
        )
        for at, who, what, about, allowed, detail in audit_rows(page)
    ]
    columns = dict(zip(_COLUMNS, zip(*rows, strict=True), strict=True))
    st.dataframe(
        columns,
        hide_index=True,
        height=_TALL_PX if len(rows) > 16 else "content",
        column_config={
            words.WHEN: st.column_config.DatetimeColumn(
                format="D MMM YYYY, HH:mm:ss", timezone=st.context.timezone
            )
        },
    )


def _csv(viewer_id: str, wanted: AuditFilter) -> Callable[[], bytes]:
    def make() -> bytes:
        page = export_audit(the_store(), viewer_id, wanted)
        rows = [
            (at.isoformat(timespec="seconds"), who, what, about, _outcome(allowed), detail)
            for at, who, what, about, allowed, detail in audit_rows(page)
        ]
        return csv_text([column.casefold() for column in _COLUMNS], rows).encode()

    return make


def _outcome(allowed: bool) -> str:
    return words.ALLOWED if allowed else words.REFUSED


_show()
