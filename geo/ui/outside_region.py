"""What Near me offers where the region ends: another region, a new one, a search of the web.

A point that no region covers stays in the visitor's session. A search of the web for an address is
made only after it was said which text goes where, and only of what was typed for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from geo import texts
from geo.errors import AcrossWater, OutsideRegion, SetupError, UnreadableRegion
from geo.model import BBox
from geo.online import NominatimAddress
from geo.online.hosts import host_of
from geo.privacy import Action
from geo.region import Region, list_regions, read_manifest
from geo.region.refresh import squares_of
from geo.texts import regions as regions_texts
from geo.ui import page, region_jobs, regions
from geo.ui.add_region import request_region_at
from geo.ui.auth import is_allowed
from geo.ui.job_status import start_job as begin
from geo.ui.job_status import watch_job
from geo.ui.jobs import REGION_JOBS
from geo.ui.place_search import LabelledPoint
from geo.ui.session_state import SessionValue, current_settings
from geo.ui.widgets import escape_markdown

_OUTSIDE: SessionValue[_OutsideStart | None] = SessionValue("outside-start", None)
_QUERY: SessionValue[str] = SessionValue("outside-query", "")
_CONFIRMED: SessionValue[bool] = SessionValue("outside-query-confirmed", False)
_LONGEST_LABEL = 120


@dataclass(frozen=True, slots=True)
class _OutsideStart:
    """A start that lies outside of a region, and how far."""

    region: str
    found: LabelledPoint
    snap_m: float


def is_outside_region(region: Region, found: LabelledPoint) -> bool:
    """Return whether a start is too far from the region's roads; it is then offered elsewhere."""
    try:
        region.network.snap_point(found.point)
    except AcrossWater:
        pass  # told where it becomes the start; no other region helps
    except OutsideRegion as error:
        _OUTSIDE.set(_OutsideStart(region.name, found, error.snap_m))
        return True
    clear_offers()
    return False


def clear_offers() -> None:
    """Offer nothing any more."""
    _OUTSIDE.pop()
    _QUERY.pop()
    _CONFIRMED.pop()


def show_offers(
    region: Region, sought: str | None, start: Callable[[Region, LabelledPoint], None]
) -> None:
    """Show what there is to offer.

    Parameters
    ----------
    region
        The region that the visitor looks at.
    sought
        What is to be looked up on the web, if somebody asks for that just now; nothing is sent
        before they were told whereto.
    start
        Makes what was found a start in a region.
    """
    if sought:
        clear_offers()
        region_jobs.clear_lookups("address")
        _QUERY.set(sought)
    beyond = _OUTSIDE.get()
    if isinstance(beyond, _OutsideStart) and beyond.region == region.name:
        _show_region_offer(region, beyond, start)
    text = _QUERY.get()
    if text:
        _show_web_search(region, str(text), start)


def refresh_chip(region: Region, area: BBox) -> None:
    """Let the places of what is in sight be asked for anew; what is in it is made when opened."""
    if region.manifest.fictional or not is_allowed(Action.RUN_SYSTEM):
        return
    fresh, stamp = region.freshness, region.osm_timestamp
    latest = fresh.latest if fresh else stamp
    label = (
        regions_texts.PLACES_OF.format(month=f"{latest:%b %Y}") if latest else regions_texts.REFRESH
    )
    key = f"chip-refresh-{REGION_JOBS.count}"
    popover = st.popover(label, icon=":material/sync:", key=key, on_change="rerun")
    if not popover.open:
        return
    squares = squares_of(region.manifest, current_settings().regions_dir)
    boxes = [box for box in squares if box.overlaps(area)]
    host = current_settings().overpass_url
    with popover:
        if fresh:
            st.markdown(regions_texts.freshness(fresh))
        if region_jobs.needs_contact(host):
            st.markdown(regions_texts.NO_CONTACT)
            return
        st.markdown(regions_texts.squares_notice(len(boxes), escape_markdown(host_of(host))))
        st.button(
            regions_texts.REFRESH_NOW,
            key="refresh-here",
            type="primary",
            disabled=REGION_JOBS.is_busy or not boxes,
            on_click=begin,
            args=(partial(region_jobs.start_refresh, region.name, boxes),),
        )


def _show_region_offer(
    here: Region, beyond: _OutsideStart, start: Callable[[Region, LabelledPoint], None]
) -> None:
    distance = texts.non_breaking(page.measures().distance(beyond.snap_m))
    other = _find_covering_region(beyond)
    with st.container(border=True, key="other-region"):
        name = escape_markdown(texts.capitalise(beyond.region))
        st.markdown(regions_texts.OUTSIDE_REGION.format(distance=distance, region=name))
        with st.container(horizontal=True, key="other-region-actions"):
            if other:
                st.button(
                    regions_texts.SWITCH_REGION.format(
                        name=escape_markdown(texts.capitalise(other.name))
                    ),
                    key="switch-region",
                    type="primary",
                    on_click=_switch_region,
                    args=(other, beyond.found, start),
                )
            if is_allowed(Action.RUN_SYSTEM) and st.button(
                regions_texts.ADD_REGION_THERE,
                key="get-there",
                type="secondary" if other else "primary",
                icon=":material/public:",
            ):
                request_region_at(beyond.found.point, here)
                clear_offers()
                st.switch_page("views/regions.py")
            st.button(regions_texts.CLOSE_OFFER, key="close-offer", on_click=clear_offers)
        st.caption(
            regions_texts.ADD_REGION_THERE_HELP
            if is_allowed(Action.RUN_SYSTEM)
            else regions_texts.ASK_OPERATOR
        )


def _find_covering_region(beyond: _OutsideStart) -> Region | None:
    """Return another region that has roads at the point; None where none has."""
    regions_dir = current_settings().regions_dir
    for name in list_regions(regions_dir):
        try:
            if (
                name != beyond.region
                and beyond.found.point in read_manifest(regions_dir / name).bbox
            ):
                region = regions.open_region(name)
                region.network.snap_point(beyond.found.point)
                return region
        except (OutsideRegion, SetupError, UnreadableRegion):
            continue
    return None


def _switch_region(
    region: Region, found: LabelledPoint, start: Callable[[Region, LabelledPoint], None]
) -> None:
    regions.choose_region(region.name)
    start(region, found)


def _show_web_search(
    region: Region, text: str, start: Callable[[Region, LabelledPoint], None]
) -> None:
    host = host_of(current_settings().nominatim_url)
    with st.container(border=True, key="web-search"):
        if region_jobs.needs_contact(current_settings().nominatim_url):
            st.info(regions_texts.SEARCH_NEEDS_CONTACT, icon=":material/contact_mail:")
        elif not _CONFIRMED.get():
            st.markdown(
                regions_texts.SEARCH_NOTICE.format(
                    text=escape_markdown(text), host=escape_markdown(host)
                )
            )
            with st.container(horizontal=True, key="web-search-actions"):
                st.button(
                    regions_texts.SEARCH_NOW.format(host=escape_markdown(host)),
                    key="search-web",
                    type="primary",
                    icon=":material/travel_explore:",
                    on_click=_confirm_search,
                )
                st.button(regions_texts.CLOSE_OFFER, key="never-mind", on_click=clear_offers)
            return
        else:
            _show_addresses(region, text, host, start)
        st.button(regions_texts.CLOSE_OFFER, key="never-mind", on_click=clear_offers)


def _confirm_search() -> None:
    _CONFIRMED.set(True)


def _show_addresses(
    region: Region, text: str, host: str, start: Callable[[Region, LabelledPoint], None]
) -> None:
    job = region_jobs.addresses(text)
    if not watch_job(job):
        return
    if job.error:
        st.info(escape_markdown(texts.capitalise(job.error)), icon=":material/cloud_off:")
        return
    found: list[NominatimAddress] = job.result or []
    if not found:
        st.markdown(regions_texts.ADDRESS_NOT_FOUND.format(host=escape_markdown(host)))
        return
    st.markdown(regions_texts.FOUND_ON_WEB.format(host=escape_markdown(host)))
    for number, address in enumerate(found):
        st.button(
            escape_markdown(address.label),
            key=f"address-{number}",
            icon=":material/location_on:",
            on_click=_use_address,
            args=(region, address, start),
        )
    st.caption(regions_texts.ADDRESS_DATA)


def _use_address(
    region: Region, address: NominatimAddress, start: Callable[[Region, LabelledPoint], None]
) -> None:
    clear_offers()
    start(region, LabelledPoint(address.point, address.label[:_LONGEST_LABEL]))
