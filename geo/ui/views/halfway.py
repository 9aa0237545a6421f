"""Meet halfway: some starting points in, fair places to meet out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from geo.export.areas import listing_areas
from geo.export.halfway import halfway_listing, notes
from geo.export.listing import Listing, Start
from geo.export.share import SharedSearch
from geo.isochrone import Isochrone
from geo.meetup import Halfway, HalfwayRequest, common_area, meet_halfway
from geo.meetup.halfway import OBJECTIVES, Objective
from geo.model import BBox, Place, Point
from geo.region import Region
from geo.ui import elsewhere, page, regions, words
from geo.ui.address import read_address, write_address
from geo.ui.cards import halfway_cards
from geo.ui.controls import Question, ask
from geo.ui.finder import Found, find_start
from geo.ui.map import Band, MapEvent, Scene, Spider, bands_geojson, legend, region_map
from geo.ui.markdown import plain
from geo.ui.origin import Origin, told
from geo.ui.pages import page_of
from geo.ui.people import add_person, current_people, list_people, markers, names
from geo.ui.session import promise_areas
from geo.ui.share import share_chip

_SELECTED = "halfway-selected"
_ADDRESS = "halfway"
_SPIDER_COLOR = "#5b6470"
_IN_SIGHT = 10


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who meets, and how places are ranked for them."""

    region: Region
    people: list[Origin]
    question: Question
    objective: Objective


def _show() -> None:
    asked = read_address(_ADDRESS)
    region = regions.current_region(asked.region)
    page.begin(words.HALFWAY_INTRO, region)
    people = current_people(region, asked)
    box, chips = page.question_row()
    with box:
        sought = find_start(
            region,
            lambda found: _add(region, found),
            key="halfway-start",
            label=words.PERSON,
            near=people[-1].point if people else None,
        )
    with chips:
        if not people:
            _offer_starts(region)
        objective = _objective(asked)
        question = ask(asked)
        st.page_link(
            page_of("colleagues.py"), label=words.WITH_COLLEAGUES, icon=":material/diversity_3:"
        )
        regions.region_chip()
    elsewhere.offer(region, sought, _add)
    list_people(people)
    starts = [origin.start() for origin in people]
    search = question.shared(_ADDRESS, region, starts, objective)
    write_address(search)
    if len(people) < 2:
        hint = words.HALFWAY_ONE if people else words.HALFWAY_EMPTY
        _map(region, replace(page.empty_scene(region, hint), people=markers(people)))
    else:
        _show_answer(_Asked(region, people, question, objective), search, chips)
    page.end(region)
    told()


def _add(region: Region, found: Found) -> None:
    add_person(region, found.point, found.label)


def _objective(asked: SharedSearch) -> Objective:
    state = st.session_state
    if state.get("rank") not in OBJECTIVES:
        state["rank"] = asked.objective if asked.objective in OBJECTIVES else OBJECTIVES[0]
    with st.popover(
        words.OBJECTIVES[state["rank"]], icon=":material/balance:", key="chip-objective"
    ):
        return st.radio(
            words.RANK_BY,
            OBJECTIVES,
            format_func=lambda name: words.OBJECTIVES[name],
            captions=[words.OBJECTIVE_HELP[name] for name in OBJECTIVES],
            key="rank",
            persist_state="session",
        )


def _offer_starts(region: Region) -> None:
    """Offer a newcomer two starts by one click."""
    towns = regions.two_towns(region)
    if towns:
        (first, _), (second, _) = towns
        st.button(
            words.TRY_TWO.format(first=plain(first), second=plain(second)),
            type="primary",
            icon=":material/play_arrow:",
            on_click=_begin_with,
            args=(region, towns),
        )


def _begin_with(region: Region, towns: list[tuple[str, Point]]) -> None:
    for name, point in towns:
        add_person(region, point, name)


def _show_answer(asked: _Asked, search: SharedSearch, chips: DeltaGenerator) -> None:
    region, people = asked.region, asked.people
    halfway = _meet(asked, [origin.point for origin in people])
    selected = st.session_state.get(_SELECTED)
    places = [found.place for found in halfway.places]
    chosen = next((place for place in places if place.osm_id == selected), None)
    measures = page.measures()

    def listing() -> Listing:
        """Return what files say: seen from the starts that they may name."""
        starts = [origin.start() for origin in people]
        points = [start.point or one.point for start, one in zip(starts, people, strict=True)]
        shown = halfway if points == list(halfway.request.origins) else _meet(asked, points)
        return halfway_listing(
            shown,
            region.manifest,
            at=asked.question.at,
            starts=[
                Start(words.person_from(i + 1, start.label), start.point)
                for i, start in enumerate(starts)
            ],
            areas=listing_areas(_overlap(region, shown, asked.question)),
            measures=measures,
        )

    scene = _scene(asked, halfway)
    center = chosen or (places[0] if places else None)
    _map(
        region,
        replace(
            scene,
            selected=chosen.osm_id if chosen else None,
            spiders=_spiders(center, people),
        ),
    )
    with chips:
        share_chip(region, listing, search, chosen)


def _meet(asked: _Asked, points: list[Point]) -> Halfway:
    question = asked.question
    return meet_halfway(
        asked.region,
        HalfwayRequest(
            tuple(points),
            objective=asked.objective,
            cutoff_s=question.cutoff_s,
            kinds=question.searched_kinds,
            open_at=question.open_at,
            conditions=question.conditions,
        ),
    )


def _scene(asked: _Asked, halfway: Halfway) -> Scene:
    region, question = asked.region, asked.question
    bands = [Band(words.EVERYONE)] if halfway.within else []
    called = names(asked.people)
    points = [origin.point for origin in asked.people]
    near = [found.place.point for found in halfway.places[:_IN_SIGHT]]

    def areas() -> bytes:
        shown = _overlap(region, halfway, question)
        return bands_geojson([Band(words.EVERYONE, isochrone.area) for isochrone in shown])

    return replace(
        page.empty_scene(region, ""),
        fit_id=f"{region.name} {points} {question.minutes}",
        fit=BBox.around([*points, *near]),
        areas_url=promise_areas(
            areas,
            (region.manifest, halfway.request.origins, question.cutoff_s, question.conditions),
        )
        if bands
        else None,
        legend=legend(bands),
        cards=halfway_cards(halfway, called, at=question.at, measures=page.measures()),
        lists=True,
        people=markers(asked.people),
        heading=words.meeting_places(len(halfway.places)),
        hint=" ".join(notes(halfway, called)),
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


def _map(region: Region, scene: Scene) -> None:
    def react(event: MapEvent) -> None:
        if event.picked:
            add_person(region, event.picked)
        else:
            st.session_state[_SELECTED] = event.selected

    region_map(replace(scene, texts=words.HALFWAY_MAP), key="halfway", on_event=react)


# What is asked here changes this page alone: the frame around it is not run and sent again.
st.fragment(_show)()
