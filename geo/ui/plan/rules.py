"""The rules of a plan that few need.

Places that must or must not be used, people who must or must not meet, and who goes not where.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import streamlit as st

from geo.model import Place
from geo.places import get_kind
from geo.region import Region
from geo.roster import Person
from geo.ui import words
from geo.ui.markdown import plain
from geo.ui.words import plan as said

_KEY = "plan-rules"
_OFFERED = 8


@dataclass(frozen=True, slots=True)
class Rules:
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
        return sum(len(getattr(self, field)) for field in _FIELDS)

    def without(self, osm_id: str) -> Rules:
        """Return the rules that say nothing of a place being forced or banned."""
        return replace(
            self,
            forced=tuple(one for one in self.forced if one[0] != osm_id),
            banned=tuple(one for one in self.banned if one[0] != osm_id),
        )

    def force(self, osm_id: str, name: str) -> Rules:
        """Return the rules under which a place must be used."""
        rest = self.without(osm_id)
        return replace(rest, forced=(*rest.forced, (osm_id, name)))

    def ban(self, osm_id: str, name: str) -> Rules:
        """Return the rules under which a place must not be used."""
        rest = self.without(osm_id)
        return replace(rest, banned=(*rest.banned, (osm_id, name)))


Field = Literal["forced", "banned", "together", "apart", "vetoes"]
_FIELDS: tuple[Field, ...] = ("forced", "banned", "together", "apart", "vetoes")


def current_rules() -> Rules:
    """Return the visitor's rules."""
    kept: Rules = st.session_state.get(_KEY, Rules())
    return kept


def set_rules(rules: Rules) -> None:
    """Change the visitor's rules."""
    st.session_state[_KEY] = rules


def rules_chip(region: Region, people: Sequence[Person]) -> None:
    """Show the chip that opens to all rules."""
    rules = current_rules()
    with (
        st.popover(said.rules(len(rules)), icon=":material/rule:", key="chip-rules"),
        st.container(key="rules", width=380),
    ):
        st.caption(said.RULES_HOW)
        _list(rules)
        place = _find(region)
        _about_people(people, place)
        st.slider(said.LIMIT, 1, 60, key="plan-limit", persist_state="session")
        st.slider(
            said.HISTORY_SHARE, 0, 50, key="plan-history-share", persist_state="session",
            format="%d %%", help=said.HISTORY_SHARE_HOW,
        )  # fmt: skip


def _list(rules: Rules) -> None:
    """Show every rule with a way to take it back."""
    for field, position, text in _described(rules):
        st.button(
            plain(text),
            icon=":material/close:",
            icon_position="right",
            help=words.REMOVE.format(name=plain(text)),
            key=f"rule-{field}-{position}",
            on_click=_drop,
            args=(field, position),
        )


def _described(rules: Rules) -> list[tuple[Field, int, str]]:
    texts: dict[Field, list[str]] = {
        "forced": [f"{said.MUST}: {name}" for _, name in rules.forced],
        "banned": [f"{said.NEVER}: {name}" for _, name in rules.banned],
        "together": [f"{said.TOGETHER}: {', '.join(ids)}" for ids in rules.together],
        "apart": [f"{said.APART}: {', '.join(ids)}" for ids in rules.apart],
        "vetoes": [f"{said.VETO}: {identity}, {name}" for identity, _, name in rules.vetoes],
    }
    return [(field, i, text) for field in _FIELDS for i, text in enumerate(texts[field])]


def _drop(field: Field, position: int) -> None:
    rules = current_rules()
    kept = getattr(rules, field)
    left = (*kept[:position], *kept[position + 1 :])
    set_rules(Rules(**{one: left if one == field else getattr(rules, one) for one in _FIELDS}))


def _find(region: Region) -> Place | None:
    """Let the visitor find a place by its name, to force or ban it."""
    text = st.text_input(said.FIND, key="plan-find", icon=":material/search:")
    if not text.strip():
        return None
    found = {place.osm_id: place for place in _named(region, text)}
    if not found:
        st.caption(said.FIND_NONE.format(text=plain(text)))
        return None
    chosen = st.selectbox(
        said.FOUND,
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
            (said.MUST, "rule-force", current_rules().force),
            (said.NEVER, "rule-ban", current_rules().ban),
        ):
            new = rule(place.osm_id, name)
            st.button(label, key=key, on_click=set_rules, args=(new,))
    return place


def _named(region: Region, text: str) -> list[Place]:
    wanted = text.strip().casefold()
    found = [
        place
        for place in region.places.take(region.places.rows().tolist())
        if place.name and wanted in place.name.casefold()
    ]
    found.sort(key=lambda place: (not (place.name or "").casefold().startswith(wanted), place.name))
    return found[:_OFFERED]


def _about_people(people: Sequence[Person], place: Place | None) -> None:
    """Let the visitor rule who meets whom, and who does not go to the place found."""
    chosen = st.multiselect(said.PEOPLE, [person.id for person in people], key="plan-who")
    ids, rules = tuple(chosen), current_rules()
    together = replace(rules, together=(*rules.together, ids))
    apart = replace(rules, apart=(*rules.apart, ids))
    few = len(ids) < 2
    with st.container(horizontal=True, gap="small"):
        for label, key, new in (
            (said.TOGETHER, "rule-together", together),
            (said.APART, "rule-apart", apart),
        ):
            st.button(
                label,
                key=key,
                disabled=few,
                help=said.TOGETHER_NEEDS if few else None,
                on_click=_set_and_clear,
                args=(new,),
            )
        vetoes = tuple((one, place.osm_id, place.name or "") for one in ids) if place else ()
        st.button(
            said.VETO,
            key="rule-veto",
            disabled=not vetoes,
            help=None if vetoes else said.VETO_NEEDS,
            on_click=_set_and_clear,
            args=(replace(rules, vetoes=(*rules.vetoes, *vetoes)),),
        )


def _set_and_clear(rules: Rules) -> None:
    set_rules(rules)
    st.session_state["plan-who"] = []
