"""The kept plan that a planner has open: as they read it, until they save or open it again.

Whoever saves says which version they changed, so the version that was read stays in the session. A
save that comes second is refused with a sentence, and what the planner sees is not thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import streamlit as st

from geo.errors import ConflictError, CrossroadsError
from geo.people import drop_plan, enter_attendance, open_plan, save_meetup_plan
from geo.store import Plan, PlannedMeetup
from geo.ui.origin import tell
from geo.ui.viewer import current_viewer, the_store
from geo.ui.words import capital
from geo.ui.words import meetups as said

_KEY = "kept-plan"
_TROUBLE = "kept-trouble"


def open_kept(plan_id: str) -> Plan | None:
    """Return the plan that is open; read when another was open before. None where it is gone."""
    kept = st.session_state.get(_KEY)
    if isinstance(kept, Plan) and kept.id == plan_id:
        return kept
    try:
        st.session_state[_KEY] = open_plan(the_store(), current_viewer().id, plan_id)
    except CrossroadsError as error:
        tell(capital(str(error)))
        return None
    st.session_state.pop(_TROUBLE, None)
    opened: Plan = st.session_state[_KEY]
    return opened


def trouble() -> str:
    """Return why the last change was not saved; empty where it was."""
    told: str = st.session_state.get(_TROUBLE, "")
    return told


def change(meetup: PlannedMeetup) -> None:
    """Save the open plan with one meetup changed."""
    plan: Plan = st.session_state[_KEY]
    meetups = tuple(meetup if one.id == meetup.id else one for one in plan.meetups)
    changed = replace(plan, meetups=meetups)
    _save(lambda: save_meetup_plan(the_store(), current_viewer().id, changed))


def enter(meetup: PlannedMeetup, attended: Mapping[str, bool]) -> None:
    """Enter who came to a meetup of the open plan, by person."""
    plan: Plan = st.session_state[_KEY]
    _save(lambda: enter_attendance(the_store(), current_viewer().id, plan, meetup.id, attended))


def _save(save: Callable[[], Plan]) -> None:
    """Save the open plan's next version; what cannot be saved is told and stays as it is shown."""
    try:
        saved = save()
    except ConflictError as error:
        st.session_state[_TROUBLE] = capital(str(error))
    except CrossroadsError as error:
        tell(capital(str(error)))
    else:
        st.session_state[_KEY] = saved
        st.session_state.pop(_TROUBLE, None)
        tell(said.SAVED)


def reload() -> None:
    """Let the plan be read again."""
    st.session_state.pop(_KEY, None)
    st.session_state.pop(_TROUBLE, None)


def drop() -> None:
    """Delete the open plan."""
    plan: Plan = st.session_state[_KEY]
    try:
        drop_plan(the_store(), current_viewer().id, plan)
    except ConflictError as error:
        st.session_state[_TROUBLE] = capital(str(error))
    except CrossroadsError as error:
        tell(capital(str(error)))
    else:
        reload()
        tell(said.DELETED)
