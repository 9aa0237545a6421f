"""Meet halfway: some starting points in, fair places to meet out."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from geo.errors import OutsideRegion
from geo.export.halfway import notes
from geo.measures import Measures
from geo.meetup import Halfway, HalfwayRequest, common_area, meet_halfway
from geo.meetup.halfway import MAX_PEOPLE, OBJECTIVES
from geo.model import BBox, Point
from geo.region import Region
from geo.ui import regions, words
from geo.ui.cards import halfway_cards, initials, person_color
from geo.ui.controls import Question, ask
from geo.ui.map import (
    Band,
    MapEvent,
    Person,
    Scene,
    Spider,
    bands_geojson,
    legend,
    region_map,
)
from geo.ui.origin import Origin, coarse_origin
from geo.ui.session import publish_areas
from geo.ui.start import start_box
from geo.ui.tiles import tiles_url

_PEOPLE = "halfway-people"
_SELECTED = "halfway-selected"
_PARAMETER = "people"


@dataclass(frozen=True, slots=True)
class _Party:
    """Everybody who wants to meet, and what to call them."""

    origins: list[Origin]

    @property
    def names(self) -> list[str]:
        return [_name(i, origin) for i, origin in enumerate(self.origins)]


def _show() -> None:
    region = regions.choose_region()
    st.caption(words.HALFWAY_INTRO)
    if regions.is_fictional(region):
        st.caption(f":material/info: {words.FICTIONAL}")
    found = start_box(region, key="halfway-start", label=words.PERSON_HINT)
    if found:
        _add(region, found.point, found.label)
    party = _Party(_people(region))
    _list_people(party)
    question = ask()
    objective = st.segmented_control(
        words.RANK_BY,
        OBJECTIVES,
        format_func=lambda name: words.OBJECTIVES[name],
        default="fairest",
        required=True,
        key="rank",
        bind="query-params",
    )
    if len(party.origins) < 2:
        _react(region, region_map(_scene(region, party), key="halfway"))
        return
    halfway = meet_halfway(
        region,
        HalfwayRequest(
            tuple(origin.point for origin in party.origins),
            objective=objective,
            cutoff_s=question.cutoff_s,
            kinds=question.kinds,
            open_at=question.at if question.only_open else None,
            conditions=question.conditions,
        ),
    )
    for sentence in notes(halfway, party.names):
        st.markdown(f":material/balance: {_plain(sentence)}")
    _react(region, region_map(_answer(region, party, question, halfway), key="halfway"))


def _scene(region: Region, party: _Party) -> Scene:
    return Scene(
        region=region.bbox,
        tiles=tiles_url(region.name, region.manifest.build),
        fit_id=region.name,
        people=_markers(party),
        lists=False,
        hint=words.HALFWAY_EMPTY,
        miles=_measures().miles,
    )


def _answer(region: Region, party: _Party, question: Question, halfway: Halfway) -> Scene:
    measures = _measures()
    bands = _overlap(region, halfway, question)
    selected = st.session_state.get(_SELECTED)
    places = [found.place for found in halfway.places]
    chosen = next((place for place in places if place.osm_id == selected), None)
    center = chosen or (places[0] if places else None)
    starts = [origin.point for origin in party.origins]
    return Scene(
        region=region.bbox,
        tiles=tiles_url(region.name, region.manifest.build),
        fit_id=f"{region.name} {starts} {question.minutes}",
        fit=BBox.around([*starts, *(place.point for place in places[:10])]),
        areas_url=publish_areas(bands_geojson(bands)) if bands else None,
        legend=legend(bands),
        cards=halfway_cards(halfway, party.names, at=question.at, measures=measures),
        selected=selected,
        people=_markers(party),
        spiders=[Spider(center.point, starts, "#23262f")] if center else [],
        miles=measures.miles,
    )


def _overlap(region: Region, halfway: Halfway, question: Question) -> list[Band]:
    if not halfway.within:
        return []
    area = common_area(halfway, question.cutoff_s, water=region.water)
    return [Band(words.EVERYONE, area)]


def _markers(party: _Party) -> list[Person]:
    return [
        Person(origin.point, initials(name), person_color(i), name)
        for i, (origin, name) in enumerate(zip(party.origins, party.names, strict=True))
    ]


def _name(position: int, origin: Origin) -> str:
    return f"{words.person(position + 1)} ({origin.label})"


def _list_people(party: _Party) -> None:
    if not party.origins:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        for i, name in enumerate(party.names):
            if st.button(
                _plain(name),
                icon=":material/close:",
                help=words.REMOVE.format(name=words.person(i + 1)),
                key=f"remove-{i}",
            ):
                _keep([origin for j, origin in enumerate(party.origins) if j != i])
                st.rerun()
        if st.button(words.CLEAR, type="tertiary", key="clear"):
            _keep([])
            st.rerun()


def _people(region: Region) -> list[Origin]:
    """Return the starts of this visitor's session; at first those that the address names."""
    kept: list[Origin] | None = st.session_state.get(_PEOPLE)
    if kept is not None and all(origin.region == region.name for origin in kept):
        return kept
    people = []
    for text in st.query_params.get(_PARAMETER, "").split(";")[:MAX_PEOPLE]:
        try:
            point = Point.from_text(text)
        except ValueError:
            continue
        if point:
            people.append(coarse_origin(region, point))
    st.session_state[_PEOPLE] = people
    return people


def _add(region: Region, point: Point, label: str | None = None) -> None:
    people = _people(region)
    try:
        region.network.snap_point(point)
    except OutsideRegion as error:
        st.warning(words.OUTSIDE.format(km=error.snap_m / 1000))
        return
    if len(people) < MAX_PEOPLE:
        _keep([*people, coarse_origin(region, point, label)])


def _keep(people: list[Origin]) -> None:
    st.session_state[_PEOPLE] = people
    shared = [f"{origin.shared.lat:.5f},{origin.shared.lon:.5f}" for origin in people]
    st.query_params[_PARAMETER] = ";".join(shared)


def _react(region: Region, event: MapEvent | None) -> None:
    if event is None:
        return
    if event.picked:
        _add(region, event.picked)
    else:
        st.session_state[_SELECTED] = event.selected
    st.rerun()


def _plain(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()<>#+-.!|~:$" else c for c in text)


def _measures() -> Measures:
    return Measures.of_locale(st.context.locale)


_show()
