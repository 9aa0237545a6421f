"""The first step of a plan: people from a file, the sample or the stored roster, looked through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from geo import texts
from geo.errors import BadTable, CrossroadsError, InputError, UnmappedColumns, shorten
from geo.export.tables import template_xlsx
from geo.meetup.history import DrivingHistory
from geo.network import Conditions
from geo.privacy import count_label
from geo.records import Upload
from geo.region import Region
from geo.roster import Person, Roster
from geo.tabular import read_headings
from geo.texts import capitalise
from geo.texts import plan as plan_texts
from geo.texts import roster as roster_texts
from geo.ui.column_mapping import chosen_columns, show_mapping
from geo.ui.plan.options import apply_sizes
from geo.ui.plan.workspace import (
    INCLUDE_RECENT_KEY,
    PlanWorkspace,
    StoredRoster,
    clear_workspace,
    current_workspace,
    open_stored_workspace,
    open_workspace,
    read_people,
    sample_people,
    start_labels,
    stored_people,
)
from geo.ui.session_state import SessionValue
from geo.ui.starting_points import queue_toast
from geo.ui.widgets import escape_markdown


def show_stored_roster_offer(region: Region, whom: roster_texts.RosterPrompt) -> None:
    """Offer to work for the stored roster."""
    with st.container(key="roster-stored", border=True):
        st.subheader(whom.stored_title, anchor=False)
        st.caption(whom.stored_how)
        st.button(
            roster_texts.STORED,
            type="primary",
            icon=":material/contacts:",
            key="stored-roster",
            on_click=_use_stored_roster,
            args=(region,),
        )


def show_stored_roster_notes(stored: StoredRoster) -> None:
    """Say who of the stored roster counts without a name or not at all, and what most want."""
    for sentence in roster_texts.stored_roster_notes(stored.demand, stored.nameless):
        st.caption(sentence)
    if stored.resting:
        st.caption(roster_texts.recent_attendees(count_label(stored.resting), stored.with_resting))
        st.toggle(roster_texts.INCLUDE_RECENT, key=INCLUDE_RECENT_KEY, persist_state="session")
    if stored.agreed is not None:
        st.caption(roster_texts.agreed_sizes(*stored.agreed))
    elif stored.sizes is not None:
        st.caption(roster_texts.usual_sizes(*stored.sizes))
        st.button(
            roster_texts.SIZES_APPLY,
            icon=":material/groups:",
            key="apply-sizes",
            on_click=apply_sizes,
            args=stored.sizes,
        )


def _use_stored_roster(region: Region) -> None:
    try:
        stored = stored_people(region, None)
    except CrossroadsError as error:
        queue_toast(capitalise(str(error)))
        return
    if stored.people:
        open_stored_workspace(region, roster_texts.STORED_NAME, stored)
        if stored.agreed is not None:
            apply_sizes(*stored.agreed)
    else:
        queue_toast(roster_texts.no_stored_people(stored.elsewhere))


_PARSED: SessionValue[_ParsedRoster | None] = SessionValue("roster-parsed", None)
_ERROR: SessionValue[str] = SessionValue("roster-error", "")
_MAX_SENTENCES = 20
_LONGEST_NAME = 60
_COLUMNS = (
    "id", "team", "address", "town", "state", "postcode", "country", "lat", "lon",
    "weight", "conditions",
)  # fmt: skip
_ENDINGS = ["csv", "txt", "tsv", "xlsx"]


@dataclass(frozen=True, slots=True)
class _ParsedRoster:
    """A roster that was read and not yet used."""

    region: str
    source: str
    roster: Roster
    table: Upload | None = field(default=None, repr=False)


def workspace_or_roster(region: Region, whom: roster_texts.RosterPrompt) -> PlanWorkspace | None:
    """Return the visitor's workspace; where there is none, ask for a roster or show what was read.

    Parameters
    ----------
    region
        Where the people are.
    whom
        How the page asks for whom it works.
    """
    workspace = current_workspace(region)
    if workspace is not None:
        return workspace
    read = _PARSED.get()
    if isinstance(read, _ParsedRoster) and read.region == region.name:
        _preview(region, read)
    else:
        show_stored_roster_offer(region, whom)
        _ask_roster(region, whom)
    return None


def roster_chip(workspace: PlanWorkspace) -> None:
    """Show who is worked for, and let the visitor choose others."""
    count = len(workspace.people) - len(workspace.by_video)
    with (
        st.popover(plan_texts.people(count), icon=":material/group:", key="chip-people"),
        st.container(key="roster-body", width=360),
    ):
        st.markdown(
            roster_texts.ROSTER_SOURCE.format(name=f"**{escape_markdown(workspace.source)}**")
        )
        if workspace.by_video:
            st.caption(
                f"{roster_texts.VIDEO}: {escape_markdown(', '.join(sorted(workspace.by_video)))}"
            )
            st.button(
                roster_texts.VIDEO_BACK, key="video-back", on_click=_clear_video, args=(workspace,)
            )
        if workspace.stored is not None:
            show_stored_roster_notes(workspace.stored)
        _show_ledger(workspace)
        st.button(
            roster_texts.OTHER_FILE,
            icon=":material/upload_file:",
            key="other-roster",
            on_click=_start_over,
        )


def _ask_roster(region: Region, whom: roster_texts.RosterPrompt) -> None:
    with st.container(key="roster-filter", border=True):
        st.subheader(whom.title, anchor=False)
        uploaded = st.file_uploader(
            roster_texts.UPLOAD, type=_ENDINGS, help=roster_texts.UPLOAD_HELP, key="roster-file"
        )
        if uploaded is not None:
            _read_upload(region, shorten(uploaded.name, _LONGEST_NAME), uploaded.getvalue())
        with st.container(horizontal=True, gap="small"):
            st.button(
                roster_texts.SAMPLE if region.manifest.fictional else roster_texts.RANDOM_PEOPLE,
                icon=":material/play_arrow:",
                key="sample-roster",
                on_click=_read_sample,
                args=(region,),
            )
            download_template()
        st.markdown(roster_texts.COLUMNS_HELP)
        st.caption(f":material/lock: {roster_texts.PRIVATE}")


def download_template() -> None:
    """Offer an empty table to fill in."""
    st.download_button(
        roster_texts.TEMPLATE,
        template_xlsx,
        file_name="roster.xlsx",
        on_click="ignore",
        key="roster-template",
        icon=":material/download:",
    )


def _read_upload(region: Region, name: str, content: bytes) -> None:
    table = Upload(name, content)
    try:
        roster = read_people(table, region, chosen_columns(table))
    except UnmappedColumns as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        st.markdown(roster_texts.COLUMN_MAPPING_HELP)
        show_mapping(error.headings, _COLUMNS, key="roster-map")
    except BadTable as error:
        st.error(
            "  \n".join(map(escape_markdown, error.problems[:_MAX_SENTENCES])),
            icon=":material/error:",
        )
    except InputError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
    else:
        _PARSED.set(_ParsedRoster(region.name, name, roster, table))
        st.rerun()


def _read_again(region: Region, table: Upload) -> None:
    """Read a table with other columns; what is wrong with them is shown where it is asked for."""
    try:
        roster = read_people(table, region, chosen_columns(table))
    except InputError as error:
        _ERROR.set(str(error))
        return
    _PARSED.set(_ParsedRoster(region.name, table.name, roster, table))


def _read_sample(region: Region) -> None:
    roster = sample_people(region)
    _PARSED.set(_ParsedRoster(region.name, roster_texts.SAMPLE_NAME, roster))


def _preview(region: Region, read: _ParsedRoster) -> None:
    roster = read.roster
    count = len(roster.people)
    with st.container(key="roster-preview", border=True):
        heading = (
            roster_texts.preview_heading(plan_texts.people(count)) if count else roster_texts.NOBODY
        )
        st.subheader(escape_markdown(heading.format(name=read.source)), anchor=False)
        summary = roster_texts.problem_summary(len(roster.problems), len(roster.duplicates))
        if summary:
            st.markdown(f":orange[:material/warning:] {summary}")
        with st.container(horizontal=True, gap="small"):
            if count:
                st.button(
                    roster_texts.USE_PEOPLE.format(people=plan_texts.people(count)),
                    type="primary",
                    icon=":material/check:",
                    key="use-roster",
                    on_click=_use_roster,
                    args=(region, read),
                )
            st.button(
                roster_texts.OTHER_FILE,
                icon=":material/upload_file:",
                key="other-file",
                on_click=_start_over,
            )
        st.caption(roster_texts.PREVIEW)
        _show_column_mapping(region, read)
        if roster.elsewhere:
            st.markdown(f":material/public: {roster_texts.other_region_people(roster.elsewhere)}")
        if roster.uncertain:
            st.markdown(
                f":material/help: {roster_texts.uncertain_addresses(len(roster.uncertain))}"
            )
        _show_sentences(roster_texts.PROBLEMS, roster.problems)
        _show_sentences(roster_texts.DUPLICATES, roster.duplicates)
        _show_sentences(roster_texts.NOTES, roster.notes)
        if count:
            st.dataframe(
                list(_preview_rows(region, roster)),
                hide_index=True,
                height=min(420, 38 + 35 * count),
                key="roster-table",
            )


def _show_sentences(heading: str, sentences: tuple[str, ...]) -> None:
    if not sentences:
        return
    with st.expander(f"{heading} ({len(sentences)})", expanded=True):
        st.markdown(
            "\n".join(f"- {escape_markdown(sentence)}" for sentence in sentences[:_MAX_SENTENCES])
        )
        if len(sentences) > _MAX_SENTENCES:
            st.caption(roster_texts.MORE.format(count=len(sentences) - _MAX_SENTENCES))


def _show_column_mapping(region: Region, read: _ParsedRoster) -> None:
    """Let the visitor say which columns of the file are which."""
    if read.table is None:
        return
    table, trouble = read.table, _ERROR.pop()
    with st.expander(roster_texts.COLUMNS, expanded=bool(trouble), icon=":material/view_column:"):
        if trouble:
            st.error(escape_markdown(trouble), icon=":material/error:")
        st.markdown(roster_texts.COLUMN_MAPPING_HELP)
        show_mapping(
            read_headings(table),
            _COLUMNS,
            key="roster-map",
            on_change=lambda: _read_again(region, table),
        )


def _preview_rows(region: Region, roster: Roster) -> Iterator[dict[str, Any]]:
    """Return the table of the preview; people whose address is to be checked come first."""
    titles = plan_texts.COLUMNS
    doubtful = set(roster.uncertain)
    people = sorted(roster.people, key=lambda one: one.line not in doubtful)
    weighed = any(person.weight != 1 for person in people)
    starts = start_labels(people, region)
    for person in people:
        start = starts.get(person.id)
        check: dict[str, Any] = {}
        if doubtful:
            check[roster_texts.LINE] = person.line
            check[roster_texts.CHECK] = (
                roster_texts.CHECK_ADDRESS if person.line in doubtful else ""
            )
        row: dict[str, Any] = {
            **check,
            titles["id"]: person.id,
            titles["near"]: start.label if start else "",
            titles["team"]: person.team,
            titles["conditions"]: _conditions_text(person),
        }
        yield {**row, titles["weight"]: person.weight} if weighed else row


def _conditions_text(person: Person) -> str:
    own: Conditions | None = person.conditions
    said_of = [texts.ROAD_STATES[own.name]] if own else []
    said_of += [texts.NO_FERRIES] if own and not own.ferries else []
    said_of += [texts.NO_TOLLS] if own and not own.tolls else []
    return ", ".join([*said_of, *(["daylight"] if person.daylight else [])])


def _show_ledger(workspace: PlanWorkspace) -> None:
    st.markdown(f"**{roster_texts.DRIVING_HISTORY}**")
    if workspace.ledger.minutes:
        driven = [workspace.ledger.minutes.get(person.id, 0.0) for person in workspace.people]
        st.caption(
            roster_texts.DRIVING_HISTORY_USED.format(
                people=plan_texts.people(sum(one > 0 for one in driven)),
                minutes=f"{sum(driven):,.0f}",
            )
        )
        workspace.strength = st.select_slider(
            roster_texts.HISTORY_WEIGHT, list(roster_texts.HISTORY_WEIGHTS),
            value=workspace.strength,
            format_func=lambda one: roster_texts.HISTORY_WEIGHTS[one], key="ledger-strength",
        )  # fmt: skip
        if workspace.stored is None:
            st.button(
                roster_texts.DRIVING_HISTORY_CLEAR,
                key="ledger-forget",
                on_click=_forget_ledger,
                args=(workspace,),
            )
        return
    if workspace.stored is not None:
        st.caption(roster_texts.STORED_DRIVING_HISTORY)
        return
    uploaded = st.file_uploader(
        roster_texts.DRIVING_HISTORY,
        type=["csv"],
        key="ledger-file",
        help=roster_texts.DRIVING_HISTORY_HELP,
    )
    if uploaded is None:
        return
    try:
        name = shorten(uploaded.name, _LONGEST_NAME)
        workspace.ledger = DrivingHistory.read(Upload(name, uploaded.getvalue()))
    except InputError as error:
        st.error("  \n".join(map(escape_markdown, str(error).splitlines()[:_MAX_SENTENCES])))
    else:
        st.rerun()


def _forget_ledger(workspace: PlanWorkspace) -> None:
    workspace.ledger = DrivingHistory()


def _clear_video(workspace: PlanWorkspace) -> None:
    workspace.by_video = frozenset()


def _use_roster(region: Region, read: _ParsedRoster) -> None:
    _PARSED.pop()
    open_workspace(region, read.roster, read.source)


def _start_over() -> None:
    _PARSED.pop()
    clear_workspace()
