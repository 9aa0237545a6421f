"""Near me: a start in, places to work or meet at within a real drive out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from geo import texts
from geo.export.listing import Listing
from geo.export.results import listing_areas, near_listing
from geo.isochrone import Isochrone, isochrones
from geo.model import BBox, Place, Point
from geo.people import Preferences, by_wishes
from geo.places import get_kind, work_score
from geo.proximity import Beyond, Nearby, NearbyPlace, look_beyond, near_me
from geo.region import Region
from geo.ui import outside_region, page, regions
from geo.ui.cards import mark_wishes, nearby_cards
from geo.ui.colleagues.nearby import colleagues_within
from geo.ui.controls import Question, look_for, read_question, show_question
from geo.ui.job_status import show_desk
from geo.ui.map import Band, MapEvent, Scene, bands_geojson, legend, region_map
from geo.ui.place_search import Found, find_start
from geo.ui.preferences import followed, own_wishes, wishes_chip, wishes_line
from geo.ui.preload import warm_beside
from geo.ui.share import share_chip
from geo.ui.starting_points import Origin, current_origin, set_origin, told
from geo.ui.url_state import read_address, write_address
from geo.ui.web.session_bands import promise_areas, reserve_areas
from geo.ui.widgets import plain
from geo.units import drive

_SELECTED = "near-selected"
_ORDER = "order"
_ADDRESS = ""
_OFFERED_KINDS = 3


@dataclass(frozen=True, slots=True)
class _Order:
    """What puts places in order.

    Attributes
    ----------
    own, followed
        What the visitor wishes, and as far as it is to count.
    best
        Whether those that are best to work at go first, not the nearest.
    """

    own: Preferences
    followed: Preferences
    best: bool


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was found from one start.

    Attributes
    ----------
    nearby
        With the places in the order of the page; the nearest beyond where none is within.
    beyond
        What helps where nothing is within; else None.
    order
        What put them in order.
    left_out
        Places that are left out for their steps.
    """

    nearby: Nearby
    beyond: Beyond | None
    order: _Order
    left_out: int


def _show() -> None:
    asked = read_address(_ADDRESS)
    region = regions.current_region(asked.region)
    page.begin(texts.NEAR_INTRO, region)
    origin = current_origin(region, asked.starts)
    layout = page.lay_out()
    question = read_question(asked)
    if origin:
        seen = _answer(region, origin, question)
        with layout.stage:
            _map(region, _scene(region, origin, question, seen))
    else:
        with layout.stage:
            empty = page.empty_scene(region, texts.NEAR_EMPTY)
            _map(region, replace(empty, next_areas_url=reserve_areas()))
    write_address(question.shared(_ADDRESS, region, [origin.start()] if origin else []))
    with layout.box:
        sought = _box(region, origin)
    with layout.chips:
        if origin is None:
            _offer_start(region)
        show_question()
        regions.region_chip()
        if origin:
            _show_chips(region, origin, question, seen)
    with layout.between:
        outside_region.offer(region, sought, _start)
        show_desk(region.name)
        if origin and seen.beyond:
            _offer_kinds(seen.beyond)
    page.end(region)
    told()
    if origin:
        warm_beside()


def _offer_start(region: Region) -> None:
    """Offer a newcomer a start by one click."""
    town = regions.first_town(region)
    if town:
        st.button(
            texts.TRY.format(name=plain(town[0])),
            type="primary",
            icon=":material/play_arrow:",
            on_click=set_origin,
            args=(region, town[1], town[0]),
        )


def _box(region: Region, origin: Origin | None) -> str | None:
    """Show the box to type a start in; return what is to be looked up on the web."""
    return find_start(
        region,
        lambda found: _start(region, found),
        key="near-start",
        label=texts.START,
        value=origin.label if origin else "",
        near=origin.point if origin else None,
    )


def _answer(region: Region, origin: Origin, question: Question) -> _Answer:
    own = own_wishes()
    best = st.session_state.get(_ORDER) == texts.BEST
    return _search(region, origin.point, question, _Order(own, followed(own), best))


def _show_chips(region: Region, origin: Origin, question: Question, answer: _Answer) -> None:
    """Show the chips that are about an answer."""
    measures = page.measures()

    def listing() -> Listing:
        """Return what files say: seen from the start that they may name."""
        start = origin.start()
        shown = answer
        if start.point and start.point != origin.point:
            shown = _search(region, start.point, question, answer.order)
        return near_listing(
            shown.nearby,
            region.manifest,
            at=question.at,
            start=start,
            areas=listing_areas(_isochrones(region, shown.nearby)),
            measures=measures,
        )

    _order_chip()
    wishes_chip(answer.order.own)
    outside_region.refresh_chip(region, _box_around(answer.nearby))
    share_chip(
        region,
        listing,
        question.shared(_ADDRESS, region, [origin.start()]),
        _chosen(answer.nearby),
    )


def _chosen(nearby: Nearby) -> Place | None:
    """Return the place whose card is open."""
    selected = st.session_state.get(_SELECTED)
    return next((one.place for one in nearby.places if one.place.osm_id == selected), None)


def _search(region: Region, start: Point, question: Question, order: _Order) -> _Answer:
    wanted = order.followed
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
    places = sorted(nearby.places, key=_worst_to_work_at) if order.best else nearby.places
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
    return _Answer(nearby, beyond, order, left_out)


def _worst_to_work_at(found: NearbyPlace) -> int:
    return -work_score(found.place).score


def _order_chip() -> None:
    chip = st.session_state.get(_ORDER) or texts.NEAREST
    with st.popover(chip, icon=":material/sort:", key="chip-order"):
        st.radio(texts.ORDER, [texts.NEAREST, texts.BEST], key=_ORDER, persist_state="session")


def _offer_kinds(beyond: Beyond) -> None:
    if not beyond.kinds:
        return
    with st.container(key="offers", horizontal=True, gap="small"):
        for kind in beyond.kinds[:_OFFERED_KINDS]:
            st.button(
                texts.ADD_KIND.format(kinds=get_kind(kind).plural),
                icon=":material/add:",
                key=f"add-{kind}",
                on_click=look_for,
                args=(kind,),
            )


def _scene(region: Region, origin: Origin, question: Question, answer: _Answer) -> Scene:
    limit = texts.minutes(question.minutes)
    reached = [Band(texts.unbroken(drive(cutoff_s))) for cutoff_s in _cutoffs_s(answer.nearby)]
    near = colleagues_within(region, origin.point, question.minutes, question.conditions)
    nearby, places = answer.nearby, answer.nearby.places
    chosen = _chosen(nearby)

    def bands() -> bytes:
        areas = _isochrones(region, nearby)
        shown = [replace(band, area=one.area) for band, one in zip(reached, areas, strict=True)]
        return bands_geojson([*near.areas, *shown])

    heading, hint = texts.found(len(places), limit), ""
    if answer.beyond:
        heading = texts.nothing_within(limit)
        hint = texts.nearest_beyond(len(places))
    hint = " ".join(
        filter(None, (hint, wishes_line(answer.order.followed, answer.left_out), near.line))
    )
    cards = nearby_cards(places, at=question.at, measures=page.measures())
    return replace(
        page.empty_scene(region, ""),
        fit_id=f"{region.name} {origin.point} {question.minutes}",
        fit=_box_around(nearby),
        origin=origin.point,
        areas_url=promise_areas(
            bands,
            (region.manifest, origin.point, question.cutoff_s, question.conditions, near.areas),
        ),
        next_areas_url=reserve_areas(),
        legend=legend([*reached, *near.areas]),
        cards=mark_wishes(cards, [found.place for found in places], answer.order.followed),
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
    return isochrones(
        nearby.reach, _cutoffs_s(nearby), water=region.water, places=region.place_snaps
    )


def _route(
    region: Region, origin: Origin, question: Question, chosen: Place | None
) -> list[Point] | None:
    if chosen is None:
        return None
    route = region.network.route(origin.point, chosen.point, conditions=question.conditions)
    return [Point(lon, lat) for lon, lat in route.points.tolist()] if route else None


def _box_around(nearby: Nearby) -> BBox:
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
    if outside_region.is_beyond(region, found):
        return
    set_origin(region, found.point, found.label)
    st.session_state.pop(_SELECTED, None)


# What is asked here changes this page alone: the frame around it is not run and sent again.
st.fragment(_show)()
