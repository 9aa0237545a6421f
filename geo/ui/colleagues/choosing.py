"""Choosing whom to meet: names to press, band by band, or a box to search where they are many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import streamlit as st

from geo.people import MOST_CHOSEN, GroupSize, NearbyColleague, suggest_company
from geo.privacy import band_label
from geo.privacy.bands import bands
from geo.ui import words
from geo.ui.distinct import distinct
from geo.ui.markdown import plain
from geo.ui.words import colleagues as said

_BOX = "colleagues-box"
_MOST_PRESSED = 40


def choose(found: Sequence[NearbyColleague]) -> list[NearbyColleague]:
    """Show who is near, and return whom the visitor chose of them, the nearest first."""
    if len(found) > _MOST_PRESSED:
        ids = _search(found)
    else:
        by_band: dict[int, list[NearbyColleague]] = defaultdict(list)
        for one in found:
            by_band[one.band or bands()[-1]].append(one)
        with st.container(key="nearby-bands"):
            ids = [one for band in bands() if band in by_band for one in _press(band, by_band)]
    return [one for one in found if one.colleague.id in ids][: MOST_CHOSEN - 1]


def offer_company(found: Sequence[NearbyColleague], size: GroupSize) -> None:
    """Offer by one click as many of those who are near as the visitor likes to meet."""
    company = suggest_company(found, size)
    if company:
        names = [plain(one.colleague.name) for one in company]
        with st.container(key="company", horizontal=True, vertical_alignment="center", gap="small"):
            st.button(
                said.company(names),
                icon=":material/favorite:",
                key="choose-company",
                help=said.COMPANY_HOW[size],
                on_click=_choose,
                args=(company, len(found) > _MOST_PRESSED),
            )


def clear_choice() -> None:
    """Choose nobody."""
    for key in (_BOX, *(_key(band) for band in bands())):
        if key in st.session_state:
            st.session_state[key] = []


def _choose(company: Sequence[NearbyColleague], by_box: bool) -> None:
    """Choose these and nobody else."""
    clear_choice()
    by_key: dict[str, list[str]] = defaultdict(list)
    for one in company:
        by_key[_BOX if by_box else _key(one.band or bands()[-1])].append(one.colleague.id)
    for key, ids in by_key.items():
        st.session_state[key] = ids


def _press(band: int, by_band: dict[int, list[NearbyColleague]]) -> list[str]:
    here = distinct({one.colleague.id: _called(one) for one in by_band[band]})
    _drop_unknown(_key(band), here)
    chosen = st.pills(
        said.within(words.minutes(band), len(here)),
        list(here),
        selection_mode="multi",
        format_func=lambda key: plain(here[key]),
        key=_key(band),
        persist_state="session",
    )
    return list(chosen)


def _search(found: Sequence[NearbyColleague]) -> list[str]:
    known = distinct(
        {one.colleague.id: f"{_called(one)} · {band_label(one.band)}" for one in found}
    )
    _drop_unknown(_BOX, known)
    chosen = st.multiselect(
        said.WHO,
        list(known),
        format_func=known.__getitem__,
        max_selections=MOST_CHOSEN - 1,
        key=_BOX,
        persist_state="session",
    )
    return list(chosen)


def _drop_unknown(key: str, known: Mapping[str, str]) -> None:
    """Let go of whom the filters, or they themselves, have taken away."""
    kept = st.session_state.get(key)
    if kept:
        st.session_state[key] = [one for one in kept if one in known]


def _called(one: NearbyColleague) -> str:
    return f"{one.colleague.name} · {one.colleague.area.label}"


def _key(band: int) -> str:
    return f"colleagues-pick-{band}"
