"""The roster as planners see and change it: people, invitations, and possible duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape

import streamlit as st

from geo.errors import CrossroadsError
from geo.export.tables import csv_text
from geo.people.admission import Invitation, check_emails, end_all_sign_ins, invite
from geo.people.profile import forget
from geo.people.roster import (
    Member,
    MemberField,
    RosterPage,
    change_member,
    export_roster,
    merge_people,
    possible_duplicates,
    read_roster_page,
    set_role,
)
from geo.privacy import Action, Role, Subject, Viewer, may_see
from geo.region import Region
from geo.store import Store
from geo.store.people import EVERYBODY, PersonRow, RosterFilter, RosterNumbers
from geo.texts import capitalise
from geo.texts import members as members_texts
from geo.texts.profile import ROLES
from geo.ui.auth import current_sign_in, current_store, current_viewer
from geo.ui.regions import can_enter_sample, enter_sample_roster
from geo.ui.session_state import SessionValue, current_settings
from geo.ui.starting_points import queue_toast
from geo.ui.widgets import escape_markdown, unique_labels

_REMOVAL: SessionValue[str | None] = SessionValue("roster-removal", None)


def show_member_form(viewer: Viewer, member: Member) -> None:
    """Show the form of somebody; its fields are theirs alone, so that no two people mix."""
    person = member.person
    with st.container(key="roster-change", border=True):
        st.subheader(
            escape_markdown(members_texts.CHANGE_TITLE.format(name=person.name)), anchor=False
        )
        subject = Subject(person.id, role=Role(person.role))
        if not may_see(viewer, Action.CHANGE_ROSTER, subject):
            st.caption(members_texts.ADMINS_ONLY)
            return
        with st.form(f"change-{person.id}", border=False):
            with st.container(horizontal=True, gap="small"):
                for field, label, value in (
                    ("name", members_texts.NAME, person.name),
                    ("team", members_texts.TEAM, person.team),
                    ("email", members_texts.EMAIL, person.email or ""),
                ):
                    st.text_input(
                        label, value, max_chars=254, key=f"{field}-{person.id}", width=250
                    )
                _status(member)
                if may_see(viewer, Action.SET_ROLE, subject):
                    st.selectbox(
                        members_texts.ROLE,
                        list(Role),
                        index=list(Role).index(Role(person.role)),
                        format_func=ROLES.__getitem__,
                        key=f"role-{person.id}",
                        width=150,
                    )
            st.form_submit_button(
                members_texts.SAVE,
                type="primary",
                icon=":material/check:",
                on_click=_save,
                args=(member,),
            )
        with st.container(horizontal=True, gap="small"):
            if current_sign_in() is not None and may_see(viewer, Action.END_SIGN_INS, subject):
                st.button(
                    members_texts.END_SIGN_INS,
                    icon=":material/logout:",
                    help=members_texts.END_SIGN_INS_HELP,
                    key="roster-end-sign-ins",
                    disabled=person.subject is None,
                    on_click=_end_sign_ins,
                    args=(person.id,),
                )
            _remove(member)


def _end_sign_ins(person_id: str) -> None:
    try:
        end_all_sign_ins(current_store(), current_viewer().id, person_id)
    except CrossroadsError as error:
        queue_toast(capitalise(str(error)))
    else:
        queue_toast(members_texts.SIGN_INS_ENDED)


def _status(member: Member) -> None:
    statuses = list(members_texts.STATUSES)
    st.selectbox(
        members_texts.STATUS,
        statuses,
        index=statuses.index(member.person.status),
        format_func=members_texts.STATUSES.__getitem__,
        key=f"status-{member.person.id}",
        width=150,
    )


def _save(member: Member) -> None:
    """Change what differs, so that what others changed meanwhile stays."""
    person, state = member.person, st.session_state
    before: dict[MemberField, str] = {
        "name": person.name,
        "team": person.team,
        "email": person.email or "",
        "status": person.status,
    }
    now = {field: state[f"{field}-{person.id}"] for field in before}
    changes = {field: now[field] for field, old in before.items() if now[field] != old}
    role = state.get(f"role-{person.id}", Role(person.role))
    try:
        store, viewer = current_store(), current_viewer()
        if changes:
            change_member(store, viewer.id, person.id, changes)
        if role != person.role:
            set_role(store, viewer.id, person.id, role)
    except CrossroadsError as error:
        queue_toast(capitalise(str(error)))
    else:
        queue_toast(members_texts.SAVED)


def _remove(member: Member) -> None:
    person = member.person
    if _REMOVAL.get() != person.id:
        st.button(
            members_texts.REMOVE,
            icon=":material/delete:",
            key="roster-remove",
            on_click=_ask_removal,
            args=(person.id,),
        )
        return
    st.warning(
        escape_markdown(members_texts.REMOVE_CONFIRM.format(name=person.name)),
        icon=":material/warning:",
    )
    with st.container(horizontal=True, gap="small"):
        st.button(
            members_texts.REMOVE_YES, key="remove-yes", on_click=_remove_person, args=(person.id,)
        )
        st.button(members_texts.REMOVE_NO, key="remove-no", on_click=_ask_removal, args=(None,))


def _ask_removal(person_id: str | None) -> None:
    _REMOVAL.set(person_id)


def _remove_person(person_id: str) -> None:
    _ask_removal(None)
    try:
        forget(current_store(), current_viewer().id, person_id)
    except CrossroadsError as error:
        queue_toast(capitalise(str(error)))
    else:
        queue_toast(members_texts.REMOVED)


_SHOWN = 20


def show_duplicates(viewer: Viewer) -> None:
    """Show each set of people with the same name, and a way to make one of them."""
    found = possible_duplicates(current_store(), viewer.id)
    if not found:
        st.caption(members_texts.NO_DUPLICATES)
        return
    st.caption(members_texts.MERGE_HELP)
    for same in found[:_SHOWN]:
        _show_duplicate_set(same)
    if len(found) > _SHOWN:
        st.caption(members_texts.MORE.format(count=len(found) - _SHOWN))


def _show_duplicate_set(same: Sequence[PersonRow]) -> None:
    named = unique_labels({one.id: _describe_person(one) for one in same})
    key = f"merge-{same[0].id}"
    with st.container(key=f"{key}-box", border=True):
        st.radio(
            members_texts.KEEP_PERSON,
            list(named),
            format_func=lambda one: escape_markdown(named[one]),
            key=key,
        )
        st.button(
            members_texts.MERGE,
            icon=":material/merge:",
            key=f"{key}-do",
            on_click=_merge,
            args=(key, same),
        )


def _describe_person(one: PersonRow) -> str:
    known = (one.name, one.email, one.team, one.reference, members_texts.STATUSES[one.status])
    return " · ".join(part for part in known if part)


def _merge(key: str, same: Sequence[PersonRow]) -> None:
    keep = st.session_state[key]
    drop = [one.id for one in same if one.id != keep]
    try:
        merge_people(current_store(), current_viewer().id, keep, drop)
    except CrossroadsError as error:
        queue_toast(capitalise(str(error)))
    else:
        queue_toast(members_texts.MERGE_DONE)


_INVITATIONS: SessionValue[list[Invitation]] = SessionValue("roster-invitations", [])
_TEXT = "invite-emails"


def show_invite() -> None:
    """Ask for addresses, or show the links that were made for them."""
    if current_sign_in() is None:
        st.info(members_texts.LINKS_LOCAL, icon=":material/info:")
    made: list[Invitation] = _INVITATIONS.get()
    if made:
        _links(made)
        return
    with st.form("invite-form", border=False):
        st.text_area(
            members_texts.ADDRESSES,
            placeholder=members_texts.ADDRESSES_HINT,
            max_chars=20_000,
            key=_TEXT,
        )
        st.form_submit_button(
            members_texts.MAKE_INVITATIONS,
            type="primary",
            icon=":material/mail:",
            on_click=_create_invitations,
        )


def _links(made: list[Invitation]) -> None:
    until = made[0].expires_at
    st.markdown(members_texts.LINKS_HELP.format(day=f"{until.day} {until:%B %Y}"))
    for one in made:
        st.markdown(f"**{escape_markdown(one.email)}**")
        st.code(_link(one), language=None, wrap_lines=True)
    st.button(members_texts.LINKS_DONE, key="hide-links", on_click=_hide_links)


def _link(one: Invitation) -> str:
    base = current_settings().url or (st.context.url or "").rsplit("/", 1)[0]
    return f"{base}/?invite={one.token}"


def _create_invitations() -> None:
    try:
        addresses = check_emails(st.session_state[_TEXT])
        days = current_settings().invitation_days
        made = invite(current_store(), current_viewer().id, addresses, days=days)
    except CrossroadsError as error:
        queue_toast(capitalise(str(error)))
    else:
        _INVITATIONS.set(made)


def _hide_links() -> None:
    _INVITATIONS.pop()


_PER_PAGE = 50
_TALL_PX = 460
_PAGE = "roster-page"


def show_people(viewer: Viewer, region: Region) -> None:
    """Show the numbers, the table page by page, and below it whoever is chosen in it."""
    numbers = st.container(key="roster-numbers")
    bar = st.container(key="roster-bar", horizontal=True, vertical_alignment="bottom", gap="small")
    wanted = _read_query()
    kept, number = st.session_state.get(_PAGE, (wanted, 0))
    if kept != wanted:  # another question is answered from its beginning
        st.session_state.pop(_PAGE)
        number = 0
    found = read_roster_page(
        current_store(), viewer.id, wanted, limit=_PER_PAGE, offset=number * _PER_PAGE
    )
    with numbers:
        _show_counts(found.numbers)
    with bar:
        _ask_filters(found)
        _export(viewer)
        if can_enter_sample(region) and found.numbers.people < 2:
            st.button(
                members_texts.SAMPLE,
                icon=":material/play_arrow:",
                type="primary",
                key="enter-sample",
                on_click=_enter_sample,
                args=(region,),
            )
    if not found.members:
        nobody = members_texts.NOBODY if wanted == EVERYBODY else members_texts.NOBODY_FOUND
        st.info(nobody, icon=":material/group_off:")
        return
    _show_pager(wanted, number, found.total)
    _table(viewer, found, f"{wanted} {number}")


def _table(viewer: Viewer, found: RosterPage, key: str) -> None:
    members = found.members
    chosen = st.dataframe(
        [dict(zip(members_texts.COLUMNS, _member_row(one), strict=True)) for one in members],
        hide_index=True,
        height=_TALL_PX if len(members) > 12 else "content",
        on_select="rerun",
        selection_mode="single-row",
        key=f"roster-people-{key}",
    )
    rows = [row for row in chosen["selection"]["rows"] if row < len(members)]
    if rows:
        show_member_form(viewer, members[rows[0]])
    else:
        st.caption(members_texts.CHOOSE_ROW)


def _read_query() -> RosterFilter:
    """Return whom the visitor asked for."""
    asked = st.session_state
    return RosterFilter(
        text=str(asked.get("roster-find") or "").strip(),
        status=asked.get("roster-status"),
        team=asked.get("roster-team"),
    )


def _ask_filters(found: RosterPage) -> None:
    counts = found.numbers.by_status
    st.text_input(
        members_texts.FILTER, placeholder=members_texts.FILTER_HINT, key="roster-find", width=260
    )
    st.selectbox(
        members_texts.STATUS,
        [None, *(one for one in members_texts.STATUSES if counts.get(one))],
        format_func=lambda one: members_texts.status(one, counts),
        key="roster-status",
        width=170,
    )
    if found.teams:
        st.selectbox(
            members_texts.TEAM,
            [None, *found.teams],
            format_func=lambda one: members_texts.ANY_TEAM if one is None else one,
            key="roster-team",
            width=170,
        )


def _show_pager(wanted: RosterFilter, number: int, total: int) -> None:
    """Show which of them are shown, and the ways to those before and after."""
    if total <= _PER_PAGE and wanted == EVERYBODY:
        return
    first = number * _PER_PAGE
    last = min(total, first + _PER_PAGE)
    with st.container(key="roster-turn", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            members_texts.SHOWN_RANGE.format(first=first + 1, last=last, total=total),
            width="content",
        )
        if total > _PER_PAGE:
            for label, icon, to, off in (
                (members_texts.PREVIOUS_PAGE, "chevron_left", number - 1, number == 0),
                (members_texts.NEXT_PAGE, "chevron_right", number + 1, last >= total),
            ):
                st.button(
                    label,
                    icon=f":material/{icon}:",
                    key=f"roster-{icon}",
                    disabled=off,
                    on_click=_go_to_page,
                    args=(wanted, to),
                )


def _go_to_page(wanted: RosterFilter, number: int) -> None:
    st.session_state[_PAGE] = wanted, number


def _show_counts(numbers: RosterNumbers) -> None:
    """Show how many people there are, and what they agreed to."""
    counts = {
        members_texts.ON_ROSTER: numbers.people,
        members_texts.WITH_AREA: numbers.with_area,
        members_texts.VISIBLE: numbers.shown,
        members_texts.PLANNED: numbers.planned,
    }
    cells = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{count:,}</dd></div>" for name, count in counts.items()
    )
    st.html(f'<dl class="numbers">{cells}</dl>')


def _export(viewer: Viewer) -> None:
    if not may_see(viewer, Action.EXPORT_ROSTER):
        return
    st.download_button(
        members_texts.EXPORT,
        partial(roster_csv, current_store(), viewer.id),
        file_name="crossroads-roster.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        help=members_texts.EXPORT_HELP,
        key="roster-export",
    )


def roster_csv(store: Store, viewer_id: str) -> bytes:
    """Return the roster as a table; made outside of a run, so it is told who asks."""
    rows = export_roster(store, viewer_id)
    header = list(rows[0]) if rows else []
    return csv_text(header, [list(row.values()) for row in rows]).encode("utf-8-sig")


def _enter_sample(region: Region) -> None:
    try:
        queue_toast(members_texts.SAMPLE_DONE.format(count=enter_sample_roster(region)))
    except CrossroadsError as error:
        queue_toast(capitalise(str(error)))


def _member_row(one: Member) -> tuple[str, ...]:
    person = one.person
    area = members_texts.HIDDEN if one.has_area else members_texts.NO_AREA
    return (
        person.name,
        person.team,
        person.email or "",
        members_texts.STATUSES[person.status],
        members_texts.PAUSED if person.paused else members_texts.SEEN_BY[person.audience],
        members_texts.YES if person.planning and not person.paused else members_texts.NO,
        one.area.label if one.area else area,
        {role.value: name for role, name in ROLES.items()}[person.role],
    )
