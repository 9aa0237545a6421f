"""Near me: a start in, places to work or meet at within a real drive out."""

from __future__ import annotations

import streamlit as st

from geo.errors import OutsideRegion
from geo.isochrone import isochrones
from geo.measures import Measures, drive
from geo.model import BBox, Point
from geo.places import get_kind, work_score
from geo.proximity import Beyond, Nearby, look_beyond, near_me
from geo.region import Region
from geo.ui import regions, words
from geo.ui.cards import nearby_cards
from geo.ui.controls import Question, ask
from geo.ui.map import Band, MapEvent, Scene, bands_geojson, legend, region_map
from geo.ui.origin import Origin, current_origin, set_origin
from geo.ui.session import publish_areas
from geo.ui.start import start_box
from geo.ui.tiles import tiles_url

_SELECTED = "near-selected"


def _show() -> None:
    region = regions.choose_region()
    st.caption(words.NEAR_INTRO)
    if regions.is_fictional(region):
        st.caption(f":material/info: {words.FICTIONAL}")
    picked = start_box(region, key="near-start")
    if picked:
        set_origin(region, picked.point, picked.label)
    question = ask()
    origin = current_origin(region)
    if origin is None:
        _first_steps(region)
        return
    try:
        _answer(region, origin, question)
    except OutsideRegion as error:
        st.warning(words.OUTSIDE.format(km=error.snap_m / 1000))
        _react(region, region_map(_empty_scene(region, origin.point), key="near"))


def _first_steps(region: Region) -> None:
    town = regions.first_town(region)
    if town and st.button(
        words.TRY.format(name=town[0]), type="primary", icon=":material/play_arrow:"
    ):
        set_origin(region, town[1], town[0])
        st.rerun()
    _react(region, region_map(_empty_scene(region, None), key="near"))


def _empty_scene(region: Region, origin: Point | None) -> Scene:
    return Scene(
        region=region.bbox,
        tiles=tiles_url(region.name, region.manifest.build),
        fit_id=region.name,
        origin=origin,
        lists=False,
        locates=True,
        hint=words.NEAR_EMPTY,
        miles=_measures().miles,
    )


def _answer(region: Region, origin: Origin, question: Question) -> None:
    nearby = near_me(
        region,
        origin.point,
        cutoff_s=question.cutoff_s,
        kinds=question.kinds,
        conditions=question.conditions,
        with_return=True,
    )
    if question.only_open:
        nearby = nearby.without_closed(question.at)
    beyond = None
    if not nearby.places:
        beyond = look_beyond(
            region,
            origin.point,
            cutoff_s=question.cutoff_s,
            kinds=question.kinds,
            conditions=question.conditions,
        )
        _say_nothing_near(beyond, question)
    _react(region, region_map(_scene(region, origin, question, nearby, beyond), key="near"))


def _say_nothing_near(beyond: Beyond, question: Question) -> None:
    limit = words.minutes(question.minutes)
    kinds = [get_kind(kind).plural for kind in beyond.kinds[:4]]
    more = f" {words.other_kinds(kinds, limit)}" if kinds else ""
    st.info(words.nothing_within(limit) + more, icon=":material/explore:")


def _scene(
    region: Region,
    origin: Origin,
    question: Question,
    nearby: Nearby,
    beyond: Beyond | None,
) -> Scene:
    places = beyond.nearest if beyond else nearby.places
    if st.session_state.get("order") == words.BEST:
        places = sorted(places, key=lambda found: -work_score(found.place).score)
    measures = _measures()
    limit = words.minutes(question.minutes)
    bands = _bands(region, nearby)
    selected = st.session_state.get(_SELECTED)
    chosen = next((found.place for found in places if found.place.osm_id == selected), None)
    route = (
        region.network.route(origin.point, chosen.point, conditions=question.conditions)
        if chosen
        else None
    )
    return Scene(
        region=region.bbox,
        tiles=tiles_url(region.name, region.manifest.build),
        fit_id=f"{region.name} {origin.point} {question.minutes}",
        fit=_box(bands, [found.place.point for found in places], origin.point),
        origin=origin.point,
        areas_url=publish_areas(bands_geojson(bands)),
        legend=legend(bands),
        cards=nearby_cards(places, at=question.at, measures=measures),
        selected=selected,
        route=[Point(lon, lat) for lon, lat in route.points.tolist()] if route else None,
        heading=words.beyond(limit) if beyond else words.found(len(places), limit, origin.label),
        locates=True,
        miles=measures.miles,
    )


def _bands(region: Region, nearby: Nearby) -> list[Band]:
    whole = nearby.reach.cutoff_s
    cutoffs = [whole / 3, 2 * whole / 3, whole]
    areas = isochrones(nearby.reach, cutoffs, water=region.water)
    return [Band(drive(isochrone.cutoff_s), isochrone.area) for isochrone in areas]


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


def _measures() -> Measures:
    return Measures.of_locale(st.context.locale)


_show()
