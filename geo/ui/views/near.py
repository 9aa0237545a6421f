"""Near me: a start in, places to work or meet at within a real drive out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from geo.export.areas import listing_areas
from geo.export.listing import Listing
from geo.export.near import near_listing
from geo.isochrone import Isochrone, isochrones
from geo.measures import drive
from geo.model import BBox, Place, Point
from geo.people import Preferences, by_wishes
from geo.places import get_kind, work_score
from geo.proximity import Beyond, Nearby, NearbyPlace, look_beyond, near_me
from geo.region import Region
from geo.ui import elsewhere, page, regions, words
from geo.ui.address import read_address, write_address
from geo.ui.cards import mark_wishes, nearby_cards
from geo.ui.colleagues.within import colleagues_within
from geo.ui.controls import Question, ask, look_for
from geo.ui.desk import show_desk
from geo.ui.finder import Found, find_start
from geo.ui.map import Band, MapEvent, Scene, bands_geojson, legend, region_map
from geo.ui.markdown import plain
from geo.ui.origin import Origin, current_origin, set_origin, told
from geo.ui.preload import warm_beside
from geo.ui.session import promise_areas
from geo.ui.share import share_chip
from geo.ui.wishes import followed_wishes, wishes_line

_SELECTED = "near-selected"
_ADDRESS = ""
_OFFERED_KINDS = 3


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was found from one start.

    Attributes
    ----------
    nearby
        With the places in the order of the page; the nearest beyond where none is within.
    beyond
        What helps where nothing is within; else None.
    wanted
        What the visitor wishes, as far as it is to count.
    left_out
        Places that are left out for their steps.
    """

    nearby: Nearby
    beyond: Beyond | None
    wanted: Preferences
    left_out: int


def _show() -> None:
    asked = read_address(_ADDRESS)
    region = regions.current_region(asked.region)
    page.begin(words.NEAR_INTRO, region)
    origin = current_origin(region, asked.starts)
    box, chips = page.question_row()
    with box:
        sought = find_start(
            region,
            lambda found: _start(region, found),
            key="near-start",
            label=words.START,
            value=origin.label if origin else "",
            near=origin.point if origin else None,
        )
    with chips:
        if origin is None:
            _offer_start(region)
        question = ask(asked)
        regions.region_chip()
    write_address(question.shared(_ADDRESS, region, [origin.start()] if origin else []))
    elsewhere.offer(region, sought, _start)
    show_desk(region.name)
    if origin:
        _show_answer(region, origin, question, chips)
    else:
        _map(region, page.empty_scene(region, words.NEAR_EMPTY))
    page.end(region)
    told()
    if origin:
        warm_beside()


def _offer_start(region: Region) -> None:
    """Offer a newcomer a start by one click."""
    town = regions.first_town(region)
    if town:
        st.button(
            words.TRY.format(name=plain(town[0])),
            type="primary",
            icon=":material/play_arrow:",
            on_click=set_origin,
            args=(region, town[1], town[0]),
        )


def _show_answer(region: Region, origin: Origin, question: Question, chips: DeltaGenerator) -> None:
    with chips:
        best = _order() == words.BEST
        wanted = followed_wishes()
    answer = _search(region, origin.point, question, wanted, best=best)
    selected = st.session_state.get(_SELECTED)
    places = answer.nearby.places
    chosen = next((found.place for found in places if found.place.osm_id == selected), None)

    def listing() -> Listing:
        """Return what files say: seen from the start that they may name."""
        start = origin.start()
        shown = answer
        if start.point and start.point != origin.point:
            shown = _search(region, start.point, question, wanted, best=best)
        return near_listing(
            shown.nearby,
            region.manifest,
            at=question.at,
            start=start,
            areas=listing_areas(_isochrones(region, shown.nearby)),
            measures=measures,
        )

    measures = page.measures()
    if answer.beyond:
        _offer_kinds(answer.beyond)
    _map(region, _scene(region, origin, question, answer, chosen))
    elsewhere.refresh_chip(region, _box(answer.nearby), chips)
    with chips:
        share_chip(region, listing, question.shared(_ADDRESS, region, [origin.start()]), chosen)


def _search(
    region: Region, start: Point, question: Question, wanted: Preferences, *, best: bool
) -> _Answer:
    kinds = question.kinds or tuple(dict.fromkeys((*question.searched_kinds, *wanted.kinds)))
    nearby = near_me(
        region,
        start,
        cutoff_s=question.cutoff_s,
        kinds=kinds,
        conditions=question.conditions,
        with_return=True,
    )
    if question.open_at:
        nearby = nearby.without_closed(question.open_at)
    places = sorted(nearby.places, key=_worst_to_work_at) if best else nearby.places
    liked, left_out = by_wishes(places, wanted, lambda found: found.place)
    nearby = replace(nearby, places=liked)
    beyond = None
    if not nearby.places:
        beyond = look_beyond(
            region,
            start,
            cutoff_s=question.cutoff_s,
            kinds=kinds,
            conditions=question.conditions,
        )
        nearest, _ = by_wishes(beyond.nearest, wanted, lambda found: found.place)
        nearby = replace(nearby, places=nearest)
    return _Answer(nearby, beyond, wanted, left_out)


def _worst_to_work_at(found: NearbyPlace) -> int:
    return -work_score(found.place).score


def _order() -> str:
    chip = st.session_state.get("order") or words.NEAREST
    with st.popover(chip, icon=":material/sort:", key="chip-order"):
        return st.radio(
            words.ORDER, [words.NEAREST, words.BEST], key="order", persist_state="session"
        )


def _offer_kinds(beyond: Beyond) -> None:
    if not beyond.kinds:
        return
    with st.container(key="offers", horizontal=True, gap="small"):
        for kind in beyond.kinds[:_OFFERED_KINDS]:
            st.button(
                words.ADD_KIND.format(kinds=get_kind(kind).plural),
                icon=":material/add:",
                key=f"add-{kind}",
                on_click=look_for,
                args=(kind,),
            )


def _scene(
    region: Region, origin: Origin, question: Question, answer: _Answer, chosen: Place | None
) -> Scene:
    limit = words.minutes(question.minutes)
    reached = [Band(words.unbroken(drive(cutoff_s))) for cutoff_s in _cutoffs_s(answer.nearby)]
    near = colleagues_within(region, origin.point, question.minutes, question.conditions)
    nearby, places = answer.nearby, answer.nearby.places

    def bands() -> bytes:
        areas = _isochrones(region, nearby)
        shown = [replace(band, area=one.area) for band, one in zip(reached, areas, strict=True)]
        return bands_geojson([*near.areas, *shown])

    heading, hint = words.found(len(places), limit), ""
    if answer.beyond:
        heading = words.nothing_within(limit)
        hint = words.nearest_beyond(len(places))
    hint = " ".join(filter(None, (hint, wishes_line(answer.wanted, answer.left_out), near.line)))
    cards = nearby_cards(places, at=question.at, measures=page.measures())
    return replace(
        page.empty_scene(region, ""),
        fit_id=f"{region.name} {origin.point} {question.minutes}",
        fit=_box(nearby),
        origin=origin.point,
        areas_url=promise_areas(
            bands,
            (region.manifest, origin.point, question.cutoff_s, question.conditions, near.areas),
        ),
        legend=legend([*reached, *near.areas]),
        cards=mark_wishes(cards, [found.place for found in places], answer.wanted),
        people=near.markers,
        lists=True,
        selected=chosen.osm_id if chosen else None,
        route=_route(region, origin, question, chosen),
        heading=heading,
        hint=hint,
    )


def _cutoffs_s(nearby: Nearby) -> list[float]:
    whole = nearby.reach.cutoff_s
    return [whole / 3, 2 * whole / 3, whole]


def _isochrones(region: Region, nearby: Nearby) -> list[Isochrone]:
    return isochrones(nearby.reach, _cutoffs_s(nearby), water=region.water)


def _route(
    region: Region, origin: Origin, question: Question, chosen: Place | None
) -> list[Point] | None:
    if chosen is None:
        return None
    route = region.network.route(origin.point, chosen.point, conditions=question.conditions)
    return [Point(lon, lat) for lon, lat in route.points.tolist()] if route else None


def _box(nearby: Nearby) -> BBox:
    """Return a box around the start, the roads within the drive, and the places."""
    points = [nearby.origin, *(found.place.point for found in nearby.places)]
    lon, lat = nearby.reach.junctions_within(nearby.reach.cutoff_s)
    return BBox(
        float(lon.min(initial=min(point.lon for point in points))),
        float(lat.min(initial=min(point.lat for point in points))),
        float(lon.max(initial=max(point.lon for point in points))),
        float(lat.max(initial=max(point.lat for point in points))),
    )


def _map(region: Region, scene: Scene) -> None:
    def react(event: MapEvent) -> None:
        if event.picked:
            _start(region, Found(event.picked))
        else:
            st.session_state[_SELECTED] = event.selected

    region_map(scene, key="near", on_event=react)


def _start(region: Region, found: Found) -> None:
    if elsewhere.is_beyond(region, found):
        return
    set_origin(region, found.point, found.label)
    st.session_state.pop(_SELECTED, None)


# What is asked here changes this page alone: the frame around it is not run and sent again.
st.fragment(_show)()
