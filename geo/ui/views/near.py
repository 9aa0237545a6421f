"""Near me: a start in, places to work or meet at within a real drive out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from geo import texts
from geo.export.listing import Listing
from geo.export.results import listing_areas, near_listing
from geo.isochrone import Isochrone, isochrones
from geo.model import BBox, Place, Point
from geo.people.preferences import Preferences, rank_by_preferences
from geo.places import get_kind, work_score
from geo.proximity import Nearby, NearbyPlace, NearestBeyond, find_beyond, near_me
from geo.region import Region
from geo.ui import outside_region, page, regions
from geo.ui.cards import mark_preferences, nearby_cards
from geo.ui.colleagues.nearby import colleagues_within
from geo.ui.controls import (
    SearchOptions,
    active_preferences,
    add_kind,
    own_preferences,
    preferences_chip,
    preferences_note,
    read_options,
    show_options,
)
from geo.ui.job_status import show_job
from geo.ui.map import Band, MapEvent, Scene, bands_geojson, legend, region_map
from geo.ui.place_search import LabelledPoint, place_search_box
from geo.ui.session_state import SessionValue
from geo.ui.share import read_url, share_chip, write_url
from geo.ui.starting_points import StartingPoint, current_origin, set_origin, show_toast
from geo.ui.web.tokens import promise_areas, reserve_areas
from geo.ui.widgets import escape_markdown
from geo.units import drive

_SELECTED: SessionValue[str | None] = SessionValue("near-selected", None)
_ORDER = "order"
_PAGE = ""
_MAX_KINDS = 3


@dataclass(frozen=True, slots=True)
class _Ranking:
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
class _NearResult:
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
    beyond: NearestBeyond | None
    order: _Ranking
    left_out: int


def _show() -> None:
    asked = read_url(_PAGE)
    region = regions.current_region(asked.region)
    page.show_header(texts.NEAR_INTRO, region)
    origin = current_origin(region, asked.starts)
    layout = page.create_layout()
    question = read_options(asked)
    if origin:
        seen = _search_from_origin(region, origin, question)
        with layout.stage:
            _map(region, _scene(region, origin, question, seen))
    else:
        with layout.stage:
            empty = page.empty_scene(region, texts.NEAR_EMPTY)
            _map(region, replace(empty, next_areas_url=reserve_areas()))
    write_url(question.shared(_PAGE, region, [origin.start()] if origin else []))
    with layout.box:
        sought = _start_box(region, origin)
    with layout.chips:
        if origin is None:
            _show_example_start(region)
        show_options()
        regions.region_chip()
        if origin:
            _show_chips(region, origin, question, seen)
    with layout.between:
        outside_region.show_offers(region, sought, _set_start)
        show_job(region.name)
        if origin and seen.beyond:
            _show_kind_suggestions(seen.beyond)
    page.show_footer(region)
    show_toast()


def _show_example_start(region: Region) -> None:
    """Offer a newcomer a start by one click."""
    town = regions.first_town(region)
    if town:
        st.button(
            texts.START_IN.format(name=escape_markdown(town[0])),
            type="primary",
            icon=":material/play_arrow:",
            on_click=set_origin,
            args=(region, town[1], town[0]),
        )


def _start_box(region: Region, origin: StartingPoint | None) -> str | None:
    """Show the box to type a start in; return what is to be looked up on the web."""
    return place_search_box(
        region,
        lambda found: _set_start(region, found),
        key="near-start",
        label=texts.START,
        value=origin.label if origin else "",
        near=origin.point if origin else None,
    )


def _search_from_origin(
    region: Region, origin: StartingPoint, question: SearchOptions
) -> _NearResult:
    own = own_preferences()
    best = st.session_state.get(_ORDER) == texts.BEST_FOR_WORK
    return _search(region, origin.point, question, _Ranking(own, active_preferences(own), best))


def _show_chips(
    region: Region, origin: StartingPoint, question: SearchOptions, answer: _NearResult
) -> None:
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
    preferences_chip(answer.order.own)
    outside_region.refresh_chip(region, _box_around(answer.nearby))
    share_chip(
        region,
        listing,
        question.shared(_PAGE, region, [origin.start()]),
        _selected_place(answer.nearby),
    )


def _selected_place(nearby: Nearby) -> Place | None:
    """Return the place whose card is open."""
    selected = _SELECTED.get()
    return next((one.place for one in nearby.places if one.place.osm_id == selected), None)


def _search(region: Region, start: Point, question: SearchOptions, order: _Ranking) -> _NearResult:
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
    places = sorted(nearby.places, key=_work_score_key) if order.best else nearby.places
    liked, left_out = rank_by_preferences(places, wanted, lambda found: found.place)
    nearby = replace(nearby, places=liked)
    beyond = None
    if not nearby.places:
        beyond = find_beyond(
            region,
            start,
            cutoff_s=question.cutoff_s,
            kinds=kinds,
            conditions=question.conditions,
        )
        nearest, _ = rank_by_preferences(beyond.nearest, wanted, lambda found: found.place)
        nearby = replace(nearby, places=nearest)
    return _NearResult(nearby, beyond, order, left_out)


def _work_score_key(found: NearbyPlace) -> int:
    return -work_score(found.place).score


def _order_chip() -> None:
    chip = st.session_state.get(_ORDER) or texts.NEAREST
    with st.popover(chip, icon=":material/sort:", key="chip-order"):
        st.radio(
            texts.ORDER, [texts.NEAREST, texts.BEST_FOR_WORK], key=_ORDER, persist_state="session"
        )


def _show_kind_suggestions(beyond: NearestBeyond) -> None:
    if not beyond.kinds:
        return
    with st.container(key="offers", horizontal=True, gap="small"):
        for kind in beyond.kinds[:_MAX_KINDS]:
            st.button(
                texts.ADD_KIND.format(kinds=get_kind(kind).plural),
                icon=":material/add:",
                key=f"add-{kind}",
                on_click=add_kind,
                args=(kind,),
            )


def _scene(
    region: Region, origin: StartingPoint, question: SearchOptions, answer: _NearResult
) -> Scene:
    limit = texts.minutes(question.minutes)
    reached = [Band(texts.non_breaking(drive(cutoff_s))) for cutoff_s in _cutoffs_s(answer.nearby)]
    near = colleagues_within(region, origin.point, question.minutes, question.conditions)
    nearby, places = answer.nearby, answer.nearby.places
    chosen = _selected_place(nearby)

    def bands() -> bytes:
        disjoint = not near.areas
        areas = _isochrones(region, nearby, disjoint=disjoint)
        shown = [replace(band, area=one.area) for band, one in zip(reached, areas, strict=True)]
        return bands_geojson([*near.areas, *shown], disjoint=disjoint)

    heading, hint = texts.places_heading(len(places), limit), ""
    if answer.beyond:
        heading = texts.NO_PLACES_WITHIN.format(limit=limit)
        hint = texts.nearest_beyond_heading(len(places))
    hint = " ".join(
        filter(None, (hint, preferences_note(answer.order.followed, answer.left_out), near.line))
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
        cards=mark_preferences(cards, [found.place for found in places], answer.order.followed),
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


def _isochrones(region: Region, nearby: Nearby, *, disjoint: bool = False) -> list[Isochrone]:
    return isochrones(
        nearby.reach,
        _cutoffs_s(nearby),
        water=region.water,
        places=region.place_snaps,
        disjoint=disjoint,
    )


def _route(
    region: Region, origin: StartingPoint, question: SearchOptions, chosen: Place | None
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
            _set_start(region, LabelledPoint(event.picked))
        else:
            _SELECTED.set(event.selected)

    region_map(scene, key="near", on_event=react)


def _set_start(region: Region, found: LabelledPoint) -> None:
    if outside_region.is_outside_region(region, found):
        return
    set_origin(region, found.point, found.label)
    _SELECTED.pop()


# What is asked here changes this page alone: the frame around it is not run and sent again.
st.fragment(_show)()
