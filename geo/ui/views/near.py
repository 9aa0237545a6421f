"""Near me: a start in, places to work or meet at within a real drive out."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from geo.errors import OutsideRegion
from geo.export.areas import listing_areas
from geo.export.listing import Listing
from geo.export.near import near_listing
from geo.isochrone import Isochrone, isochrones
from geo.measures import drive
from geo.model import BBox, Place, Point
from geo.places import get_kind, work_score
from geo.proximity import Beyond, Nearby, NearbyPlace, look_beyond, near_me
from geo.region import Region
from geo.ui import page, regions, words
from geo.ui.address import read_address, write_address
from geo.ui.cards import nearby_cards
from geo.ui.controls import Question, ask
from geo.ui.map import Band, MapEvent, Scene, bands_geojson, legend, region_map
from geo.ui.origin import Origin, current_origin, set_origin
from geo.ui.session import publish_areas
from geo.ui.share import share_button
from geo.ui.start import start_box

_SELECTED = "near-selected"
_ADDRESS = ""


def _show() -> None:
    page.begin(words.NEAR, words.NEAR_INTRO)
    asked = read_address(_ADDRESS)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        region = regions.choose_region(asked.region)
        picked = start_box(region, key="near-start")
        question = ask(asked)
    page.told_fictional(region)
    if picked:
        set_origin(region, picked.point, picked.label)
    origin = current_origin(region, asked.starts)
    starts = [origin.start()] if origin else []
    write_address(question.shared(_ADDRESS, region, starts))
    if origin is None:
        _first_steps(region)
        return
    try:
        _answer(region, origin, question)
    except OutsideRegion as error:
        st.warning(words.OUTSIDE.format(km=error.snap_m / 1000))
        scene = replace(page.empty_scene(region, words.NEAR_EMPTY), origin=origin.point)
        _react(region, region_map(scene, key="near"))


def _first_steps(region: Region) -> None:
    town = regions.first_town(region)
    if town and st.button(
        words.TRY.format(name=town[0]), type="primary", icon=":material/play_arrow:"
    ):
        set_origin(region, town[1], town[0])
        st.rerun()
    _react(region, region_map(page.empty_scene(region, words.NEAR_EMPTY), key="near"))


def _answer(region: Region, origin: Origin, question: Question) -> None:
    nearby = near_me(
        region,
        origin.point,
        cutoff_s=question.cutoff_s,
        kinds=question.searched_kinds,
        conditions=question.conditions,
        with_return=True,
    )
    if question.open_at:
        nearby = nearby.without_closed(question.open_at)
    beyond = _look_beyond(region, origin, question) if not nearby.places else None
    places = _ordered(beyond.nearest if beyond else nearby.places)
    selected = st.session_state.get(_SELECTED)
    chosen = next((found.place for found in places if found.place.osm_id == selected), None)
    areas = _areas(region, nearby)
    _show_actions(region, origin, question, replace(nearby, places=places), areas, chosen)
    scene = _scene(region, origin, question, places, areas, chosen)
    if beyond:
        scene = replace(scene, heading=words.beyond(words.minutes(question.minutes)))
    _react(region, region_map(scene, key="near"))


def _look_beyond(region: Region, origin: Origin, question: Question) -> Beyond:
    beyond = look_beyond(
        region,
        origin.point,
        cutoff_s=question.cutoff_s,
        kinds=question.searched_kinds,
        conditions=question.conditions,
    )
    limit = words.minutes(question.minutes)
    kinds = [get_kind(kind).plural for kind in beyond.kinds[:4]]
    more = f" {words.other_kinds(kinds, limit)}" if kinds else ""
    st.info(words.nothing_within(limit) + more, icon=":material/explore:")
    return beyond


def _ordered(places: list[NearbyPlace]) -> list[NearbyPlace]:
    if st.session_state.get("order") != words.BEST:
        return places
    return sorted(places, key=lambda found: -work_score(found.place).score)


def _areas(region: Region, nearby: Nearby) -> list[Isochrone]:
    whole = nearby.reach.cutoff_s
    return isochrones(nearby.reach, [whole / 3, 2 * whole / 3, whole], water=region.water)


def _show_actions(
    region: Region,
    origin: Origin,
    question: Question,
    nearby: Nearby,
    areas: list[Isochrone],
    chosen: Place | None,
) -> None:
    def listing() -> Listing:
        return near_listing(
            nearby,
            region.manifest,
            at=question.at,
            start=origin.start(),
            areas=listing_areas(areas),
            measures=measures,
        )

    measures = page.measures()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.segmented_control(
            words.ORDER,
            [words.NEAREST, words.BEST],
            default=words.NEAREST,
            required=True,
            key="order",
            label_visibility="collapsed",
        )
        share_button(region, listing, question.shared(_ADDRESS, region, [origin.start()]), chosen)


def _scene(
    region: Region,
    origin: Origin,
    question: Question,
    places: list[NearbyPlace],
    areas: list[Isochrone],
    chosen: Place | None,
) -> Scene:
    limit = words.minutes(question.minutes)
    bands = [Band(drive(isochrone.cutoff_s), isochrone.area) for isochrone in areas]
    route = (
        region.network.route(origin.point, chosen.point, conditions=question.conditions)
        if chosen
        else None
    )
    return replace(
        page.empty_scene(region, ""),
        fit_id=f"{region.name} {origin.point} {question.minutes}",
        fit=_box(bands, [found.place.point for found in places], origin.point),
        origin=origin.point,
        areas_url=publish_areas(bands_geojson(bands)),
        legend=legend(bands),
        cards=nearby_cards(places, at=question.at, measures=page.measures()),
        lists=True,
        selected=chosen.osm_id if chosen else None,
        route=[Point(lon, lat) for lon, lat in route.points.tolist()] if route else None,
        heading=words.found(len(places), limit),
    )


def _box(bands: list[Band], points: list[Point], origin: Point) -> BBox | None:
    area = bands[-1].area
    corners = [origin, *points]
    if not area.is_empty:
        west, south, east, north = area.bounds
        corners += [Point(west, south), Point(east, north)]
    return BBox.around(corners)


def _react(region: Region, event: MapEvent | None) -> None:
    if event is None:
        return
    if event.picked:
        set_origin(region, event.picked)
        st.session_state.pop(_SELECTED, None)
    else:
        st.session_state[_SELECTED] = event.selected
    st.rerun()


_show()
