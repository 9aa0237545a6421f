"""What is asked of a plan: a row of chips, the rules that few need, and the request they make.

The answers live in the visitor's session under keys of their own, so that a button that applies a
repair changes them as a click would.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

import streamlit as st

from geo import texts
from geo import texts as geo_texts
from geo.export.share import SharedSearch
from geo.meetup import PLAN_OBJECTIVES, PlanRequest
from geo.meetup.repairs import Repair
from geo.meetup.request import MOST_MEETUPS
from geo.model import Place
from geo.network import Conditions
from geo.places import get_kind, load_kinds
from geo.region import Region
from geo.roster import Person
from geo.texts import plan as plan_texts
from geo.ui.controls import initialise_options, kinds_chip, roads_chip
from geo.ui.session_state import SessionValue
from geo.ui.widgets import escape_markdown

_MAX_MATCHES = 8


@dataclass(frozen=True, slots=True)
class PlanRules:
    """What a visitor has ruled.

    Attributes
    ----------
    forced, banned
        Names of places by their ids, as pairs.
    together, apart
        Ids of people.
    vetoes
        A person's id, a place's id and its name.
    """

    forced: tuple[tuple[str, str], ...] = ()
    banned: tuple[tuple[str, str], ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    apart: tuple[tuple[str, ...], ...] = ()
    vetoes: tuple[tuple[str, str, str], ...] = ()

    def __len__(self) -> int:
        return sum(len(getattr(self, field)) for field in _RULE_KINDS)

    def without(self, osm_id: str) -> PlanRules:
        """Return the rules that say nothing of a place being forced or banned."""
        return replace(
            self,
            forced=tuple(one for one in self.forced if one[0] != osm_id),
            banned=tuple(one for one in self.banned if one[0] != osm_id),
        )

    def force(self, osm_id: str, name: str) -> PlanRules:
        """Return the rules under which a place must be used."""
        rest = self.without(osm_id)
        return replace(rest, forced=(*rest.forced, (osm_id, name)))

    def ban(self, osm_id: str, name: str) -> PlanRules:
        """Return the rules under which a place must not be used."""
        rest = self.without(osm_id)
        return replace(rest, banned=(*rest.banned, (osm_id, name)))


RuleKind = Literal["forced", "banned", "together", "apart", "vetoes"]
_RULE_KINDS: tuple[RuleKind, ...] = ("forced", "banned", "together", "apart", "vetoes")


_RULES: SessionValue[PlanRules] = SessionValue("plan-rules", PlanRules())


def current_rules() -> PlanRules:
    """Return the visitor's rules."""
    kept: PlanRules = _RULES.get()
    return kept


def set_rules(rules: PlanRules) -> None:
    """Change the visitor's rules."""
    _RULES.set(rules)


def rules_chip(region: Region, people: Sequence[Person]) -> None:
    """Show the chip that opens to all rules."""
    rules = current_rules()
    with (
        st.popover(plan_texts.rules(len(rules)), icon=":material/rule:", key="chip-rules"),
        st.container(key="rules", width=380),
    ):
        st.caption(plan_texts.RULES_HELP)
        _list_rules(rules)
        place = _find_place(region)
        _show_people_rules(people, place)
        st.slider(plan_texts.LIMIT, 1, 60, key="plan-limit", persist_state="session")
        st.slider(
            plan_texts.HISTORY_SHARE, 0, 50, key="plan-history-share", persist_state="session",
            format="%d %%", help=plan_texts.HISTORY_SHARE_HELP,
        )  # fmt: skip


def _list_rules(rules: PlanRules) -> None:
    """Show every rule with a way to take it back."""
    for field, position, text in _describe_rules(rules):
        st.button(
            escape_markdown(text),
            icon=":material/close:",
            icon_position="right",
            help=geo_texts.REMOVE.format(name=escape_markdown(text)),
            key=f"rule-{field}-{position}",
            on_click=_remove_rule,
            args=(field, position),
        )


def _describe_rules(rules: PlanRules) -> list[tuple[RuleKind, int, str]]:
    texts: dict[RuleKind, list[str]] = {
        "forced": [f"{plan_texts.FORCE_PLACE}: {name}" for _, name in rules.forced],
        "banned": [f"{plan_texts.BAN_PLACE}: {name}" for _, name in rules.banned],
        "together": [f"{plan_texts.TOGETHER}: {', '.join(ids)}" for ids in rules.together],
        "apart": [f"{plan_texts.APART}: {', '.join(ids)}" for ids in rules.apart],
        "vetoes": [
            f"{plan_texts.EXCLUDE_PERSON}: {identity}, {name}" for identity, _, name in rules.vetoes
        ],
    }
    return [(field, i, text) for field in _RULE_KINDS for i, text in enumerate(texts[field])]


def _remove_rule(field: RuleKind, position: int) -> None:
    rules = current_rules()
    kept = getattr(rules, field)
    left = (*kept[:position], *kept[position + 1 :])
    set_rules(
        PlanRules(**{one: left if one == field else getattr(rules, one) for one in _RULE_KINDS})
    )


def _find_place(region: Region) -> Place | None:
    """Let the visitor find a place by its name, to force or ban it."""
    text = st.text_input(plan_texts.FIND_PLACE, key="plan-find", icon=":material/search:")
    if not text.strip():
        return None
    found = {place.osm_id: place for place in _places_named(region, text)}
    if not found:
        st.caption(plan_texts.PLACE_NOT_FOUND.format(text=escape_markdown(text)))
        return None
    chosen = st.selectbox(
        plan_texts.FOUND_PLACE,
        list(found),
        format_func=lambda osm_id: f"{found[osm_id].name} ({get_kind(found[osm_id].kind).label})",
        key="plan-found",
    )
    place = found.get(chosen)
    if place is None:
        return None
    with st.container(horizontal=True, gap="small"):
        name = place.name or ""
        for label, key, rule in (
            (plan_texts.FORCE_PLACE, "rule-force", current_rules().force),
            (plan_texts.BAN_PLACE, "rule-ban", current_rules().ban),
        ):
            new = rule(place.osm_id, name)
            st.button(label, key=key, on_click=set_rules, args=(new,))
    return place


def _places_named(region: Region, text: str) -> list[Place]:
    wanted = text.strip().casefold()
    found = [
        place
        for place in region.places.take(region.places.rows().tolist())
        if place.name and wanted in place.name.casefold()
    ]
    found.sort(key=lambda place: (not (place.name or "").casefold().startswith(wanted), place.name))
    return found[:_MAX_MATCHES]


def _show_people_rules(people: Sequence[Person], place: Place | None) -> None:
    """Let the visitor rule who meets whom, and who does not go to the place found."""
    chosen = st.multiselect(plan_texts.PEOPLE, [person.id for person in people], key="plan-who")
    ids, rules = tuple(chosen), current_rules()
    together = replace(rules, together=(*rules.together, ids))
    apart = replace(rules, apart=(*rules.apart, ids))
    few = len(ids) < 2
    with st.container(horizontal=True, gap="small"):
        for label, key, new in (
            (plan_texts.TOGETHER, "rule-together", together),
            (plan_texts.APART, "rule-apart", apart),
        ):
            st.button(
                label,
                key=key,
                disabled=few,
                help=plan_texts.TOGETHER_NEEDS if few else None,
                on_click=_set_and_clear,
                args=(new,),
            )
        vetoes = tuple((one, place.osm_id, place.name or "") for one in ids) if place else ()
        st.button(
            plan_texts.EXCLUDE_PERSON,
            key="rule-veto",
            disabled=not vetoes,
            help=None if vetoes else plan_texts.EXCLUDE_NEEDS,
            on_click=_set_and_clear,
            args=(replace(rules, vetoes=(*rules.vetoes, *vetoes)),),
        )


def _set_and_clear(rules: PlanRules) -> None:
    set_rules(rules)
    st.session_state["plan-who"] = []


_LONGEST_MIN = 24 * 60
_LARGEST_GROUP = 10_000
_DEFAULTS: dict[str, Any] = {
    "plan-how": plan_texts.BEST_NUMBER,
    "plan-number": 3,
    "plan-objective": PLAN_OBJECTIVES[0],
    "plan-minutes": 60,
    "plan-limited": True,
    "plan-least": 0,
    "plan-most": 0,
    "plan-kinds": (),
    "plan-when": plan_texts.ANY_DAY,
    "plan-hours": 2.0,
    "plan-limit": 6,
    "plan-history-share": 10,
}


def initialise_plan_options() -> None:
    """Fill the answers of a visitor who has not been asked before."""
    initialise_options(SharedSearch("plan"))
    for key, value in _DEFAULTS.items():
        st.session_state.setdefault(key, list(value) if isinstance(value, tuple) else value)
    st.session_state.setdefault("plan-at", _default_start())


def show_plan_options(region: Region, people: Sequence[Person]) -> None:
    """Show the chips, whose state `initialise_plan_options` has set and `read_request` reads."""
    _number_chip()
    _objective_chip()
    _longest_drive_chip()
    _sizes_chip()
    _kinds_chip()
    _when_chip()
    roads_chip()
    rules_chip(region, people)


def read_request() -> PlanRequest:
    """Return the request that the answers make.

    Raises
    ------
    InputError
        Two answers contradict each other.
    """
    state, rules = st.session_state, current_rules()
    most = int(state["plan-most"] or 0)
    return PlanRequest(
        meetups=None
        if state["plan-how"] == plan_texts.BEST_NUMBER
        else int(state["plan-number"] or 1),
        objective=state["plan-objective"],
        cutoff_s=60.0 * (state["plan-minutes"] or 60) if state["plan-limited"] else math.inf,
        min_size=int(state["plan-least"] or 0),
        max_size=most or None,
        starts_at=_starts_at(),
        duration=timedelta(hours=float(state["plan-hours"])),
        kinds=tuple(state["plan-kinds"] or ()) or None,
        conditions=Conditions(state["roads"], ferries=state["ferries"], tolls=state["tolls"]),
        forced=tuple(osm_id for osm_id, _ in rules.forced),
        banned=tuple(osm_id for osm_id, _ in rules.banned),
        together=rules.together,
        apart=rules.apart,
        vetoes=tuple((identity, osm_id) for identity, osm_id, _ in rules.vetoes),
        history_share=int(state["plan-history-share"]) / 100,
        time_limit_s=float(state["plan-limit"]),
    )


def set_meetup_count(number: int) -> None:
    """Ask for a number of meetups."""
    st.session_state["plan-how"] = plan_texts.CHOSEN_NUMBER
    st.session_state["plan-number"] = number


def apply_sizes(least: int, most: int) -> None:
    """Ask for groups of a size."""
    st.session_state["plan-least"], st.session_state["plan-most"] = least, most


def apply_repair(repair: Repair) -> None:
    """Change the answers as a repair says; one by video changes the people instead."""
    state, value = st.session_state, int(repair.value)
    match repair.kind:
        case "minutes":
            state["plan-minutes"] = value
        case "meetups":
            set_meetup_count(value)
        case "max_size":
            state["plan-most"] = value
        case "min_size":
            state["plan-least"] = value
        case _:
            return


def _number_chip() -> None:
    state = st.session_state
    number = None if state["plan-how"] == plan_texts.BEST_NUMBER else state["plan-number"]
    with st.popover(plan_texts.meetups(number), icon=":material/tag:", key="chip-number"):
        st.radio(
            plan_texts.NUMBER_LABEL,
            (plan_texts.BEST_NUMBER, plan_texts.CHOSEN_NUMBER),
            key="plan-how",
            persist_state="session",
        )
        st.number_input(
            plan_texts.NUMBER, 1, MOST_MEETUPS, key="plan-number", persist_state="session",
            disabled=state["plan-how"] == plan_texts.BEST_NUMBER,
        )  # fmt: skip


def _objective_chip() -> None:
    chosen = plan_texts.OBJECTIVES[st.session_state["plan-objective"]]
    with st.popover(chosen, icon=":material/balance:", key="chip-plan-objective"):
        st.radio(
            plan_texts.OBJECTIVE,
            PLAN_OBJECTIVES,
            format_func=lambda name: plan_texts.OBJECTIVES[name],
            captions=[plan_texts.OBJECTIVE_HELP[name] for name in PLAN_OBJECTIVES],
            key="plan-objective",
            persist_state="session",
        )


def _longest_drive_chip() -> None:
    state = st.session_state
    chip = (
        texts.within_label(state["plan-minutes"]) if state["plan-limited"] else plan_texts.NO_LIMIT
    )
    with st.popover(chip, icon=":material/directions_car:", key="chip-plan-minutes"):
        st.toggle(plan_texts.LONGEST, key="plan-limited", persist_state="session")
        st.number_input(
            texts.MINUTES, 1, _LONGEST_MIN, step=5, key="plan-minutes", persist_state="session",
            disabled=not state["plan-limited"],
        )  # fmt: skip


def _sizes_chip() -> None:
    state = st.session_state
    chip = plan_texts.sizes(int(state["plan-least"] or 0), int(state["plan-most"] or 0))
    with st.popover(chip, icon=":material/groups:", key="chip-sizes"):
        st.caption(plan_texts.GROUPS_HELP)
        for label, key in ((plan_texts.AT_LEAST, "plan-least"), (plan_texts.AT_MOST, "plan-most")):
            st.number_input(label, 0, _LARGEST_GROUP, key=key, persist_state="session")


def _kinds_chip() -> None:
    offered = [key for key, kind in load_kinds().items() if kind.label and kind.hosts_groups]
    kinds_chip("plan-kinds", "chip-plan-kinds", offered, plan_texts.KINDS_HELP)


def _when_chip() -> None:
    with st.popover(plan_texts.when(_starts_at()), icon=":material/event:", key="chip-plan-when"):
        dated = st.radio(
            texts.WHEN,
            (plan_texts.ANY_DAY, plan_texts.ON_A_DAY),
            key="plan-when",
            persist_state="session",
        )
        if dated == plan_texts.ON_A_DAY:
            st.datetime_input(
                texts.AT_TIME_LABEL, key="plan-at", persist_state="session", width=240
            )
            st.number_input(
                plan_texts.HOURS, 0.5, 24.0, step=0.5, key="plan-hours", persist_state="session"
            )
            at = _starts_at()
            if at is not None and at.date() < datetime.now().date():
                st.caption(f":material/warning: {plan_texts.DAY_IN_PAST}")
        st.caption(plan_texts.WHEN_HELP)


def _starts_at() -> datetime | None:
    if st.session_state["plan-when"] == plan_texts.ANY_DAY:
        return None
    at: datetime | None = st.session_state.get("plan-at")
    return at or _default_start()


def _default_start() -> datetime:
    """Return ten o'clock of the next Tuesday that is a week away: nobody meets tomorrow."""
    today = datetime.now().replace(hour=10, minute=0, second=0, microsecond=0)
    return today + timedelta(days=7 + (1 - today.weekday()) % 7)
