"""The questions that pages share, as a row of chips: how far, what, when, on which roads.

A chip says what is asked and opens to change it, so that a phone has room for all of them above
its map. The first answers come from the page's address; after that they are the visitor's own, on
every page. What they wish of places is one chip more, which switches their wishes off and on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from geo import texts
from geo.errors import CrossroadsError
from geo.export.listing import StartLabel
from geo.export.share import SharedSearch
from geo.network import CONDITIONS, Conditions
from geo.people.preferences import Preferences, my_preferences
from geo.places import get_kind, load_kinds, shown_kinds
from geo.region import Region
from geo.texts import profile as profile_texts
from geo.ui.auth import current_store, current_viewer
from geo.ui.navigation import page_path
from geo.ui.session_state import SessionValue

CONTROLS = ("min", "kinds", "when", "at", "roads", "ferries", "tolls", "rank", "exact")
"""What is asked, by its key in the visitor's session."""

_INITIALISED: SessionValue[bool] = SessionValue("controls-initialised", False)
_LEAST_MIN, _MOST_MIN, _USUAL_MIN, _STEP_MIN = 10, 90, 30, 5


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """What the controls say.

    Attributes
    ----------
    minutes
        The longest drive.
    kinds
        Kinds of place; empty for all that are usual.
    at
        When the places should be open; without a zone it is each place's own clock.
    open_at
        The same where closed places are to be left out, else None.
    now
        Whether that moment is the present, which a link must not fix.
    conditions
        The state of the roads.
    """

    minutes: int
    kinds: tuple[str, ...]
    at: datetime
    open_at: datetime | None
    now: bool
    conditions: Conditions

    @property
    def cutoff_s(self) -> float:
        """The longest drive in seconds."""
        return 60.0 * self.minutes

    @property
    def searched_kinds(self) -> tuple[str, ...]:
        """The kinds to look for."""
        return self.kinds or tuple(shown_kinds())

    def shared(
        self, page: str, region: Region, starts: Sequence[StartLabel], objective: str = ""
    ) -> SharedSearch:
        """Return the question as a link says it."""
        return SharedSearch(
            page=page,
            starts=tuple(starts),
            region=region.name,
            minutes=self.minutes,
            kinds=self.kinds,
            open_at=None if self.now else self.open_at,
            conditions=self.conditions.name,
            ferries=self.conditions.ferries,
            tolls=self.conditions.tolls,
            objective=objective,
        )


def read_options(asked: SharedSearch) -> SearchOptions:
    """Return what the chips say, which need not be shown yet: the answer goes before them.

    Parameters
    ----------
    asked
        What the page's address parts when it was opened.
    """
    initialise_options(asked)
    state = st.session_state
    when = state["when"]
    at = (state["at"] if when == texts.AT_TIME else None) or datetime.now().astimezone()
    return SearchOptions(
        minutes=state["min"],
        kinds=_sort_kinds(state["kinds"], _available_kinds()),
        at=at,
        open_at=None if when == texts.ANY_TIME else at,
        now=when == texts.NOW,
        conditions=_conditions(),
    )


def show_options() -> None:
    """Show the chips; the page lays them out in a row, after `read_options`."""
    _drive_chip()
    kinds_chip("kinds", "chip-kinds", _available_kinds(), texts.ALL_KINDS_HELP)
    _when_chip()
    roads_chip()


def reset_options() -> None:
    """Let the page's address fill the controls again."""
    _INITIALISED.pop()
    st.session_state.pop("rank", None)


def add_kind(kind: str) -> None:
    """Add a kind to those that are looked for."""
    kinds = st.session_state.get("kinds", [])
    st.session_state["kinds"] = [*(kinds or shown_kinds()), kind]


def initialise_options(asked: SharedSearch) -> None:
    """Fill the controls before they are shown to a visitor for the first time.

    What the address does not say is as the visitor likes it: their longest drive, their roads.
    """
    if _INITIALISED.get():
        return
    wanted = own_preferences()
    usual = _USUAL_MIN if wanted.longest_min is None else wanted.longest_min
    roads = (
        roads_for(wanted, Conditions(asked.conditions)).name if _has_known_conditions(asked) else ""
    )
    first = {
        "min": _slider_minutes(usual if asked.minutes is None else asked.minutes),
        "kinds": [kind for kind in asked.kinds if kind in load_kinds()],
        "when": texts.AT_TIME if asked.open_at else texts.ANY_TIME,
        "at": _local_time(asked.open_at),
        "roads": roads or CONDITIONS[0],
        "ferries": asked.ferries,
        "tolls": asked.tolls,
    }
    st.session_state.update(first)
    _INITIALISED.set(True)


def apply_preferences(wanted: Preferences) -> None:
    """Let the controls say what the visitor has just parts that they want."""
    if not _INITIALISED.get():
        return
    if wanted.longest_min is not None:
        st.session_state["min"] = _slider_minutes(wanted.longest_min)
    if wanted.avoids_unpaved:
        st.session_state["roads"] = roads_for(wanted, Conditions(st.session_state["roads"])).name


def _has_known_conditions(asked: SharedSearch) -> bool:
    return asked.conditions in CONDITIONS


def _slider_minutes(minutes: float) -> int:
    """Return the nearest minutes that the slider can say."""
    return round(min(max(minutes, _LEAST_MIN), _MOST_MIN) / _STEP_MIN) * _STEP_MIN


def _local_time(asked: datetime | None) -> datetime:
    """Return a moment as the places' own clocks show it; without one the hour that has begun."""
    if asked is None:
        return datetime.now().replace(minute=0, second=0, microsecond=0)
    return asked.replace(tzinfo=None)


def _drive_chip() -> None:
    within = texts.within_label(st.session_state["min"])
    with st.popover(within, icon=":material/directions_car:", key="chip-drive"):
        st.slider(
            texts.LONGEST_DRIVE, _LEAST_MIN, _MOST_MIN, step=_STEP_MIN, format="%d min", key="min",
            persist_state="session", width=280,
        )  # fmt: skip


def _available_kinds() -> list[str]:
    """Return the kinds that the visitor may choose from."""
    return [key for key, kind in load_kinds().items() if kind.label]


def _sort_kinds(chosen: Sequence[str] | None, offered: Sequence[str]) -> tuple[str, ...]:
    return tuple(kind for kind in offered if kind in (chosen or ()))


def kinds_chip(key: str, chip: str, offered: Sequence[str], help_text: str) -> tuple[str, ...]:
    """Show a chip of kinds of place and return those chosen, in the order in which they stand.

    Parameters
    ----------
    key
        Of the answer, which the visitor's session holds already.
    chip
        Key of the chip itself.
    offered
        The kinds.
    help_text
        What it means to choose none.
    """
    plurals = [get_kind(kind).plural for kind in st.session_state[key] or ()]
    with st.popover(texts.kinds_label(plurals), icon=":material/local_cafe:", key=chip):
        chosen = st.pills(
            texts.KINDS,
            offered,
            selection_mode="multi",
            format_func=lambda kind: texts.capitalise(get_kind(kind).plural),
            key=key,
            persist_state="session",
            width=340,
        )
        st.caption(help_text)
    return _sort_kinds(chosen, offered)


def _when_chip() -> None:
    chip = st.session_state["when"]
    if chip == texts.AT_TIME and st.session_state["at"]:
        chip = texts.OPEN_AT_LABEL.format(at=st.session_state["at"])
    with st.popover(chip, icon=":material/schedule:", key="chip-when"):
        when = st.radio(texts.WHEN, texts.WHEN_OPTIONS, key="when", persist_state="session")
        if when == texts.AT_TIME:
            st.datetime_input(texts.AT_TIME_LABEL, key="at", persist_state="session", width=240)


def roads_chip() -> Conditions:
    """Show the chip of the roads and return what it says; `initialise_options` comes before."""
    with st.popover(_roads_label(), icon=":material/add_road:", key="chip-roads"):
        st.radio(
            texts.ROADS,
            CONDITIONS,
            format_func=lambda name: texts.ROAD_STATES[name],
            key="roads",
            persist_state="session",
        )
        st.toggle(texts.FERRIES, key="ferries", persist_state="session")
        st.toggle(texts.TOLLS, key="tolls", persist_state="session")
    return _conditions()


def _conditions() -> Conditions:
    state = st.session_state
    return Conditions(state["roads"], ferries=state["ferries"], tolls=state["tolls"])


def _roads_label() -> str:
    parts = [texts.ROAD_STATES[st.session_state["roads"]]]
    parts += [texts.NO_FERRIES] if not st.session_state["ferries"] else []
    parts += [texts.NO_TOLLS] if not st.session_state["tolls"] else []
    return ", ".join(parts)


_ACTIVE_KEY = "preferences-active"


def own_preferences() -> Preferences:
    """Return what the visitor parts that they want; anything where that cannot be known."""
    try:
        return my_preferences(current_store(), current_viewer().id)
    except CrossroadsError:  # without a store whatever needs none goes on
        return Preferences()


def active_preferences(wanted: Preferences) -> Preferences:
    """Return the visitor's wishes as far as they are to count on this page."""
    return wanted if _preference_labels(wanted) and _is_on() else Preferences()


def preferences_chip(wanted: Preferences) -> None:
    """Show the switch to whoever has wishes for places."""
    labels = _preference_labels(wanted)
    if not labels:
        return
    on = _is_on()
    with st.popover(
        profile_texts.BY_PREFERENCES if on else profile_texts.PREFERENCES_OFF,
        icon=":material/favorite:" if on else ":material/heart_broken:",
        key="chip-preferences",
    ):
        st.session_state.setdefault(_ACTIVE_KEY, True)
        st.toggle(profile_texts.FOLLOW_PREFERENCES, key=_ACTIVE_KEY, persist_state="session")
        st.markdown("\n".join(f"- {one}" for one in labels))
        st.caption(profile_texts.FOLLOW_PREFERENCES_HELP)
        st.page_link(page_path("profile.py"), label=profile_texts.TO_PREFERENCES)


def _is_on() -> bool:
    return bool(st.session_state.get(_ACTIVE_KEY, True))


def roads_for(wanted: Preferences, roads: Conditions) -> Conditions:
    """Return the roads as whoever avoids unpaved ones takes them: as in the mud season."""
    if wanted.avoids_unpaved and roads.name == "dry":
        return Conditions("mud", ferries=roads.ferries, tolls=roads.tolls)
    return roads


def preferences_note(wanted: Preferences, left_out: int) -> str:
    """Return what is parts over a list that follows wishes; empty where there are none."""
    shown = _preference_texts(wanted)
    return profile_texts.preferences_note(shown, left_out) if shown else ""


def _preference_labels(wanted: Preferences) -> list[str]:
    """Return each wish for places, as the switch lists it."""
    return [texts.capitalise(one) for one in _preference_texts(wanted)]


def _preference_texts(wanted: Preferences) -> list[str]:
    kinds = [get_kind(kind).plural for kind in wanted.kinds]
    parts = [
        profile_texts.kinds_first(kinds) if kinds else "",
        profile_texts.MOODS_FIRST.get(wanted.mood, ""),
        profile_texts.STEP_FREE_LABEL if wanted.step_free else "",
    ]
    return [part for part in parts if part]
