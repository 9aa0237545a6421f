"""Own venues: what the organisation has, pays for, or never wants again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import streamlit as st

from geo import texts
from geo.model import BBox, Point
from geo.places import get_kind
from geo.region import Region
from geo.texts import venues as venues_texts
from geo.ui import page, regions
from geo.ui import venues as ui_venues
from geo.ui.cards import place_card
from geo.ui.map import Card, MapEvent, Scene, region_map
from geo.ui.place_search import place_search_box
from geo.ui.session_state import SessionValue
from geo.ui.starting_points import StartingPoint, origin_at, show_toast
from geo.ui.venue_editor import save_venues, show_file, show_form, show_table
from geo.ui.widgets import escape_markdown
from geo.venues import PREFIX, Venue, venue_cells

_DRAFT: SessionValue[object] = SessionValue("venue-draft", None)
_SELECTED: SessionValue[str | None] = SessionValue("venue-selected", None)


def _show() -> None:
    region = regions.current_region(st.query_params.get("region", ""))
    page.show_header(venues_texts.INTRO, region)
    everything = ui_venues.read_own_venues(region.gazetteer)
    here = ui_venues.venues_in(region)
    box, chips = page.input_row()
    with box:
        place_search_box(
            region,
            lambda found: _start_draft(region, found.point, found.label),
            key="venue-start",
            label=venues_texts.ADD,
        )
    with chips:
        regions.region_chip()
        _show_removal(here)
    draft = _DRAFT.get()
    draft = draft if isinstance(draft, StartingPoint) and draft.region == region.name else None
    if draft:
        show_form(region, draft, _discard_draft)
    _map(region, here, draft, len(everything) - len(here))
    table, file = st.tabs([venues_texts.TABLE, venues_texts.FILE])
    with table:
        show_table(region, here)
    with file:
        show_file(region, everything)
    st.caption(f"{venues_texts.STATUS_HELP} {venues_texts.VISIBILITY_NOTE}")
    page.show_footer(region)
    show_toast()


def _start_draft(region: Region, point: Point, label: str | None = None) -> None:
    """Begin a new venue at a point; one far from every road is told and not begun."""
    draft = origin_at(region, point, label)
    if draft:
        _DRAFT.set(draft)


def _discard_draft() -> None:
    _DRAFT.pop()


def _show_removal(venues: Sequence[Venue]) -> None:
    selected = _SELECTED.get()
    chosen = next((one for one in venues if one.place.osm_id == selected), None)
    if chosen is not None:
        st.button(
            venues_texts.REMOVE.format(name=escape_markdown(_name(chosen))),
            icon=":material/delete:",
            key="venue-remove",
            on_click=save_venues,
            args=(lambda: ui_venues.update_venues(drop=[chosen.place.osm_id]),),
        )


def _map(
    region: Region, venues: Sequence[Venue], draft: StartingPoint | None, elsewhere: int
) -> None:
    cards = [card for n, one in enumerate(venues, start=1) if (card := _card(region, n, one))]
    ids = {card.id for card in cards}
    selected = _SELECTED.get()
    points = [card.point for card in cards] + ([draft.point] if draft else [])
    scene: Scene = replace(
        page.empty_scene(region, venues_texts.EMPTY if not draft else ""),
        fit_id=f"{region.name} venues",
        fit=BBox.around(points) if len(points) > 1 else None,
        origin=draft.point if draft else None,
        cards=cards,
        lists=bool(cards),
        selected=selected if selected in ids else None,
        heading=venues_texts.heading(len(venues)) if cards else "",
        texts=venues_texts.MAP,
        height_px=460,
    )
    if cards:
        scene = replace(scene, hint=venues_texts.outside_region(elsewhere) if elsewhere else "")

    def react(event: MapEvent) -> None:
        if event.picked:
            _start_draft(region, event.picked)
        else:
            _SELECTED.set(event.selected)

    region_map(scene, key="venues", on_event=react)


def _card(region: Region, number: int, venue: Venue) -> Card | None:
    """Return the card of a venue; None for a banned place that the region does not know."""
    place = venue.place
    if not place.osm_id.startswith(PREFIX):
        row = region.places.find(place.osm_id)
        if row is None:
            return None
        place = region.places[row]
    card = place_card(place, number, at=datetime.now().astimezone(), measures=page.measures())
    cells = venue_cells(venue)
    facts = (
        [venues_texts.CAPACITY_LABEL.format(count=cells["capacity"])] if cells["capacity"] else []
    )
    facts += [venues_texts.STAFF_COUNT.format(count=venue.staff)] if venue.staff else []
    return replace(
        card,
        color=venues_texts.COLORS[venue.status],
        kind=texts.capitalise(get_kind(place.kind).label),
        headline=venues_texts.STATUSES[venue.status],
        detail=venue.cost,
        facts=(*facts, *card.facts) if venue.status != "never" else (),
    )


def _name(venue: Venue) -> str:
    return venue.place.name or venues_texts.BANNED.format(id=venue.place.osm_id)


_show()
