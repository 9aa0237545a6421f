"""Meet halfway: some starting points in, fair places to meet out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from weakref import ref

import streamlit as st

from geo import texts
from geo.export.listing import Listing, StartLabel
from geo.export.results import halfway_listing, halfway_notes, listing_areas
from geo.export.share import SharedSearch
from geo.isochrone import Isochrone
from geo.meetup import Halfway, HalfwayRequest, common_area, meet_halfway
from geo.meetup.halfway import OBJECTIVES, Objective
from geo.model import BBox, Place, Point
from geo.places import PlaceIndex
from geo.region import Region
from geo.ui import outside_region, page, regions
from geo.ui.cards import halfway_cards
from geo.ui.controls import SearchOptions, read_options, show_options
from geo.ui.map import AttendeeLines, Band, MapEvent, Scene, bands_geojson, legend, region_map
from geo.ui.navigation import page_path
from geo.ui.place_search import LabelledPoint, place_search_box
from geo.ui.session_state import SessionValue
from geo.ui.share import read_url, share_chip, write_url
from geo.ui.starting_points import (
    StartingPoint,
    add_person,
    current_people,
    show_people,
    show_toast,
    start_markers,
    start_names,
)
from geo.ui.web.tokens import promise_areas, reserve_areas
from geo.ui.widgets import escape_markdown

_SELECTED: SessionValue[str | None] = SessionValue("halfway-selected", None)
_ANSWER: SessionValue[_HalfwayAnswer | None] = SessionValue("halfway-answer", None)
_PAGE = "halfway"
_LINE_COLOR = "#5b6470"
_FIT_PLACES = 10


@dataclass(frozen=True, slots=True)
class _HalfwayQuery:
    """Who meets, and how places are ranked for them."""

    region: Region
    people: list[StartingPoint]
    question: SearchOptions
    objective: Objective

    @property
    def points(self) -> list[Point]:
        """Where everybody starts, exactly."""
        return [origin.point for origin in self.people]

    def shared(self) -> SharedSearch:
        """Return the same as a link says it."""
        starts = [origin.start() for origin in self.people]
        return self.question.shared(_PAGE, self.region, starts, self.objective)


@dataclass(frozen=True, slots=True)
class _HalfwayAnswer:
    """What the visitor's last question found, without its searches: they can be large.

    Attributes
    ----------
    places
        Of the region that was asked; one that was built or refreshed anew has others.
    halfway
        What was found.
    """

    places: ref[PlaceIndex]
    halfway: Halfway


def _show() -> None:
    asked = read_url(_PAGE)
    region = regions.current_region(asked.region)
    page.show_header(texts.HALFWAY_INTRO, region)
    layout = page.create_layout()
    people = current_people(region, asked)
    meeting = _HalfwayQuery(region, people, read_options(asked), _objective(asked))
    search = meeting.shared()
    halfway = _answer(meeting) if len(people) > 1 else None
    with layout.stage:
        _map(region, _scene(meeting, halfway) if halfway else _empty_scene(region, people))
    write_url(search)
    with layout.box:
        sought = place_search_box(
            region,
            lambda found: _add(region, found),
            key="halfway-start",
            label=texts.ADD_START,
            near=people[-1].point if people else None,
        )
    with layout.chips:
        if not people:
            _show_example_starts(region)
        if len(people) > 1:
            _objective_chip()
        show_options()
        st.page_link(
            page_path("colleagues.py"), label=texts.WITH_COLLEAGUES, icon=":material/diversity_3:"
        )
        regions.region_chip()
        if halfway:
            share_chip(region, _listing(meeting, halfway), search, _selected_place(halfway))
    with layout.between:
        outside_region.show_offers(region, sought, _add)
        show_people(people)
    page.show_footer(region)
    show_toast()


def _add(region: Region, found: LabelledPoint) -> None:
    add_person(region, found.point, found.label)


def _objective(asked: SharedSearch) -> Objective:
    state = st.session_state
    if state.get("rank") not in OBJECTIVES:
        state["rank"] = asked.objective if asked.objective in OBJECTIVES else OBJECTIVES[0]
    chosen: Objective = state["rank"]
    return chosen


def _objective_chip() -> None:
    chip = texts.OBJECTIVES[st.session_state["rank"]]
    with st.popover(chip, icon=":material/balance:", key="chip-objective"):
        st.radio(
            texts.RANK_BY,
            OBJECTIVES,
            format_func=lambda name: texts.OBJECTIVES[name],
            captions=[texts.OBJECTIVE_HELP[name] for name in OBJECTIVES],
            key="rank",
            persist_state="session",
        )


def _show_example_starts(region: Region) -> None:
    """Offer a newcomer two starts by one click."""
    towns = regions.two_towns(region)
    if towns:
        (first, _), (second, _) = towns
        st.button(
            texts.START_IN_EITHER.format(
                first=escape_markdown(first), second=escape_markdown(second)
            ),
            type="primary",
            icon=":material/play_arrow:",
            on_click=_add_towns,
            args=(region, towns),
        )


def _add_towns(region: Region, towns: list[tuple[str, Point]]) -> None:
    for name, point in towns:
        add_person(region, point, name)


def _listing(asked: _HalfwayQuery, halfway: Halfway) -> Callable[[], Listing]:
    """Return what makes the listing for files: seen from the starts that they may name."""
    measures = page.measures()

    def listing() -> Listing:
        starts = [origin.start() for origin in asked.people]
        points = [start.point or one.point for start, one in zip(starts, asked.people, strict=True)]
        shown = halfway
        if points != asked.points or not halfway.reaches:
            shown = meet_halfway(asked.region, _request(asked, points))
        return halfway_listing(
            shown,
            asked.region.manifest,
            at=asked.question.at,
            starts=[
                StartLabel(texts.PERSON_FROM.format(number=i + 1, label=start.label), start.point)
                for i, start in enumerate(starts)
            ],
            areas=listing_areas(_overlap(asked.region, shown)),
            measures=measures,
        )

    return listing


def _selected_place(halfway: Halfway) -> Place | None:
    """Return the place whose card is open."""
    selected = _SELECTED.get()
    return next((one.place for one in halfway.places if one.place.osm_id == selected), None)


def _answer(asked: _HalfwayQuery) -> Halfway:
    """Return what is found; without the searches where only another card is to be shown.

    It is kept for this visitor alone: how fast an answer comes must not tell what others asked.
    """
    request = _request(asked, asked.points)
    kept: _HalfwayAnswer | None = _ANSWER.get()  # by the class of an earlier run
    if kept and kept.halfway.request == request and kept.places() is asked.region.places:
        return kept.halfway
    halfway = meet_halfway(asked.region, request)
    _ANSWER.set(_HalfwayAnswer(ref(asked.region.places), replace(halfway, reaches=())))
    return halfway


def _request(asked: _HalfwayQuery, points: Sequence[Point]) -> HalfwayRequest:
    question = asked.question
    return HalfwayRequest(
        tuple(points),
        objective=asked.objective,
        cutoff_s=question.cutoff_s,
        kinds=question.searched_kinds,
        open_at=question.open_at,
        conditions=question.conditions,
    )


def _empty_scene(region: Region, people: list[StartingPoint]) -> Scene:
    hint = texts.HALFWAY_ONE_START if people else texts.HALFWAY_EMPTY
    expected = reserve_areas() if people else None
    empty = page.empty_scene(region, hint)
    return replace(empty, people=start_markers(people), next_areas_url=expected)


def _scene(asked: _HalfwayQuery, halfway: Halfway) -> Scene:
    region, question = asked.region, asked.question
    chosen = _selected_place(halfway)
    center = chosen or next((found.place for found in halfway.places), None)
    bands = [Band(texts.EVERYONE)] if halfway.within else []
    called = start_names(asked.people)
    points = asked.points
    near = [found.place.point for found in halfway.places[:_FIT_PLACES]]

    def areas() -> bytes:
        shown = _overlap(region, halfway)
        return bands_geojson([Band(texts.EVERYONE, isochrone.area) for isochrone in shown])

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
        next_areas_url=reserve_areas(),
        legend=legend(bands),
        cards=halfway_cards(halfway, called, at=question.at, measures=page.measures()),
        lists=True,
        selected=chosen.osm_id if chosen else None,
        attendee_lines=_attendee_lines(center, asked.people),
        people=start_markers(asked.people),
        heading=texts.meeting_places(len(halfway.places)),
        hint=" ".join(halfway_notes(halfway, called)),
    )


def _overlap(region: Region, halfway: Halfway) -> list[Isochrone]:
    if not halfway.within:
        return []
    searched = halfway if halfway.reaches else meet_halfway(region, halfway.request)
    cutoff_s = halfway.request.cutoff_s
    area = common_area(searched, cutoff_s, water=region.water, places=region.place_snaps)
    return [Isochrone(cutoff_s, area)]


def _attendee_lines(center: Place | None, people: list[StartingPoint]) -> list[AttendeeLines]:
    if center is None:
        return []
    return [AttendeeLines(center.point, [origin.point for origin in people], _LINE_COLOR)]


def _map(region: Region, scene: Scene) -> None:
    def react(event: MapEvent) -> None:
        if event.picked:
            add_person(region, event.picked)
        else:
            _SELECTED.set(event.selected)

    region_map(replace(scene, texts=texts.HALFWAY_MAP), key="halfway", on_event=react)


# What is asked here changes this page alone: the frame around it is not run and sent again.
st.fragment(_show)()
