"""Meet halfway: some starting points in, fair places to meet out."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from geo.errors import OutsideRegion
from geo.export.areas import listing_areas
from geo.export.halfway import halfway_listing, notes
from geo.export.listing import Listing, Start
from geo.export.share import SharedSearch
from geo.isochrone import Isochrone
from geo.meetup import Halfway, HalfwayRequest, common_area, meet_halfway
from geo.meetup.halfway import MAX_PEOPLE, OBJECTIVES
from geo.model import BBox, Place, Point
from geo.region import Region
from geo.ui import page, regions, words
from geo.ui.address import read_address, write_address
from geo.ui.cards import halfway_cards, initials, person_color
from geo.ui.controls import Question, ask
from geo.ui.map import Band, MapEvent, Person, Scene, Spider, bands_geojson, legend, region_map
from geo.ui.origin import Origin, origin_at
from geo.ui.session import publish_areas
from geo.ui.share import share_button
from geo.ui.start import start_box

_PEOPLE = "people"
_SELECTED = "halfway-selected"
_ADDRESS = "halfway"
_SPIDER_COLOR = "#5b6470"


def _show() -> None:
    page.begin(words.HALFWAY, words.HALFWAY_INTRO)
    asked = read_address(_ADDRESS)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        region = regions.choose_region(asked.region)
        found = start_box(region, key="halfway-start", label=words.PERSON)
        question = ask(asked)
    page.told_fictional(region)
    people = _people(region, asked)
    if found:
        people = _add(region, people, found.point, found.label)
    _list_people(people)
    objective = _objective(asked)
    starts = [origin.start() for origin in people]
    search = question.shared(_ADDRESS, region, starts, objective)
    write_address(search)
    if len(people) < 2:
        scene = replace(page.empty_scene(region, words.HALFWAY_EMPTY), people=_markers(people))
        _react(region, people, region_map(scene, key="halfway"))
        return
    _answer(region, people, question, search)


def _objective(asked: SharedSearch) -> str:
    st.session_state.setdefault("rank", asked.objective or OBJECTIVES[0])
    if st.session_state["rank"] not in OBJECTIVES:
        st.session_state["rank"] = OBJECTIVES[0]
    choice: str | None = st.segmented_control(
        words.RANK_BY,
        OBJECTIVES,
        format_func=lambda name: words.OBJECTIVES[name],
        required=True,
        key="rank",
    )
    return choice or OBJECTIVES[0]


def _answer(region: Region, people: list[Origin], question: Question, search: SharedSearch) -> None:
    objective = next(name for name in OBJECTIVES if name == search.objective)
    halfway = meet_halfway(
        region,
        HalfwayRequest(
            tuple(origin.point for origin in people),
            objective=objective,
            cutoff_s=question.cutoff_s,
            kinds=question.searched_kinds,
            open_at=question.open_at,
            conditions=question.conditions,
        ),
    )
    for sentence in notes(halfway, _names(people)):
        st.markdown(f":material/balance: {page.plain(sentence)}")
    selected = st.session_state.get(_SELECTED)
    places = [found.place for found in halfway.places]
    chosen = next((place for place in places if place.osm_id == selected), None)
    areas = _overlap(region, halfway, question)

    def listing() -> Listing:
        starts = [Start(name, origin.start().point) for name, origin in _named(people)]
        return halfway_listing(
            halfway,
            region.manifest,
            at=question.at,
            starts=starts,
            areas=listing_areas(areas),
            measures=measures,
        )

    measures = page.measures()
    share_button(region, listing, search, chosen)
    scene = _scene(region, people, question, halfway, areas)
    center = chosen or (places[0] if places else None)
    scene = replace(
        scene, selected=chosen.osm_id if chosen else None, spiders=_spiders(center, people)
    )
    _react(region, people, region_map(scene, key="halfway"))


def _scene(
    region: Region,
    people: list[Origin],
    question: Question,
    halfway: Halfway,
    areas: list[Isochrone],
) -> Scene:
    bands = [Band(words.EVERYONE, isochrone.area) for isochrone in areas]
    points = [origin.point for origin in people]
    near = [found.place.point for found in halfway.places[:10]]
    return replace(
        page.empty_scene(region, ""),
        fit_id=f"{region.name} {points} {question.minutes}",
        fit=BBox.around([*points, *near]),
        areas_url=publish_areas(bands_geojson(bands)) if bands else None,
        legend=legend(bands),
        cards=halfway_cards(halfway, _names(people), at=question.at, measures=page.measures()),
        lists=True,
        people=_markers(people),
        heading=words.meeting_places(len(halfway.places)),
    )


def _overlap(region: Region, halfway: Halfway, question: Question) -> list[Isochrone]:
    if not halfway.within:
        return []
    area = common_area(halfway, question.cutoff_s, water=region.water)
    return [Isochrone(question.cutoff_s, area)]


def _spiders(center: Place | None, people: list[Origin]) -> list[Spider]:
    if center is None:
        return []
    return [Spider(center.point, [origin.point for origin in people], _SPIDER_COLOR)]


def _markers(people: list[Origin]) -> list[Person]:
    return [
        Person(origin.point, initials(words.person(i + 1)), person_color(i), name)
        for i, (name, origin) in enumerate(_named(people))
    ]


def _names(people: list[Origin]) -> list[str]:
    return [words.person_from(i + 1, origin.label) for i, origin in enumerate(people)]


def _named(people: list[Origin]) -> list[tuple[str, Origin]]:
    return list(zip(_names(people), people, strict=True))


def _list_people(people: list[Origin]) -> None:
    if not people:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for i, name in enumerate(_names(people)):
            if st.button(
                page.plain(name),
                icon=":material/close:",
                help=words.REMOVE.format(name=words.person(i + 1)),
                key=f"remove-{i}",
            ):
                st.session_state[_PEOPLE] = [*people[:i], *people[i + 1 :]]
                st.rerun()
        if st.button(words.CLEAR, type="tertiary", key="clear"):
            st.session_state[_PEOPLE] = []
            st.rerun()


def _people(region: Region, asked: SharedSearch) -> list[Origin]:
    """Return the starts of this visitor's session; at first those that the address names."""
    kept: list[Origin] | None = st.session_state.get(_PEOPLE)
    if kept is None:
        kept = [
            origin_at(region, start.point, start.label or None)
            for start in asked.starts[:MAX_PEOPLE]
            if start.point and start.point in region.bbox
        ]
    kept = [origin for origin in kept if origin.region == region.name]
    st.session_state[_PEOPLE] = kept
    return kept


def _add(
    region: Region, people: list[Origin], point: Point, label: str | None = None
) -> list[Origin]:
    try:
        region.network.snap_point(point)
    except OutsideRegion as error:
        st.warning(words.OUTSIDE.format(km=error.snap_m / 1000))
        return people
    if len(people) >= MAX_PEOPLE:
        st.warning(words.TOO_MANY.format(most=MAX_PEOPLE))
        return people
    people = [*people, origin_at(region, point, label)]
    st.session_state[_PEOPLE] = people
    return people


def _react(region: Region, people: list[Origin], event: MapEvent | None) -> None:
    if event is None:
        return
    if event.picked:
        _add(region, people, event.picked)
    else:
        st.session_state[_SELECTED] = event.selected
    st.rerun()


_show()
