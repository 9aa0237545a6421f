"""What Near me offers where the region ends: another region, a new one, a search of the web.

A point that no region covers stays in the visitor's session. A search of the web for an address is
made only after it was said which text goes where, and only of what was typed for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from geo import texts as said
from geo.errors import AcrossWater, OutsideRegion, SetupError, UnreadableRegion
from geo.model import BBox
from geo.online import Address
from geo.online.errors_and_hosts import host_of
from geo.privacy import Action
from geo.region import Region, list_regions, read_manifest
from geo.region.refresh import squares_of
from geo.settings import read_settings
from geo.texts import regions as words
from geo.ui import page, region_jobs, regions
from geo.ui.add_region import want
from geo.ui.auth import may
from geo.ui.job_status import start as begin
from geo.ui.job_status import watch
from geo.ui.jobs import DESK
from geo.ui.place_search import Found
from geo.ui.widgets import plain

_BEYOND = "beyond"
_SOUGHT = "sought"
_SENT = "sought-sent"
_LONGEST_LABEL = 120


@dataclass(frozen=True, slots=True)
class _Beyond:
    """A start that lies outside of a region, and how far."""

    region: str
    found: Found
    snap_m: float


def is_beyond(region: Region, found: Found) -> bool:
    """Return whether a start is too far from the region's roads; it is then offered elsewhere."""
    try:
        region.network.snap_point(found.point)
    except AcrossWater:
        pass  # told where it becomes the start; no other region helps
    except OutsideRegion as error:
        st.session_state[_BEYOND] = _Beyond(region.name, found, error.snap_m)
        return True
    forget()
    return False


def forget() -> None:
    """Offer nothing any more."""
    for key in (_BEYOND, _SOUGHT, _SENT):
        st.session_state.pop(key, None)


def offer(region: Region, sought: str | None, start: Callable[[Region, Found], None]) -> None:
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
        forget()
        region_jobs.forget("address")
        st.session_state[_SOUGHT] = sought
    beyond = st.session_state.get(_BEYOND)
    if isinstance(beyond, _Beyond) and beyond.region == region.name:
        _offer_regions(region, beyond, start)
    text = st.session_state.get(_SOUGHT)
    if text:
        _offer_search(region, str(text), start)


def refresh_chip(region: Region, area: BBox) -> None:
    """Let the places of what is in sight be asked for anew."""
    if region.manifest.fictional or not may(Action.RUN_SYSTEM):
        return
    fresh, stamp = region.freshness, region.osm_timestamp
    latest = fresh.latest if fresh else stamp
    label = words.PLACES_OF.format(month=f"{latest:%b %Y}") if latest else words.REFRESH
    squares = squares_of(region.manifest, read_settings().regions_dir)
    boxes = [box for box in squares if box.meets(area)]
    host = read_settings().overpass_url
    with st.popover(label, icon=":material/sync:", key=f"chip-refresh-{DESK.count}"):
        if fresh:
            st.markdown(words.freshness(fresh))
        if region_jobs.needs_contact(host):
            st.markdown(words.NO_CONTACT)
            return
        st.markdown(words.squares(len(boxes), plain(host_of(host))))
        st.button(
            words.REFRESH_NOW,
            key="refresh-here",
            type="primary",
            disabled=DESK.is_busy or not boxes,
            on_click=begin,
            args=(partial(region_jobs.refresh, region.name, boxes),),
        )


def _offer_regions(here: Region, beyond: _Beyond, start: Callable[[Region, Found], None]) -> None:
    distance = said.unbroken(page.measures().distance(beyond.snap_m))
    other = _covering(beyond)
    with st.container(border=True, key="elsewhere"):
        name = plain(said.capital(beyond.region))
        st.markdown(words.ELSEWHERE.format(distance=distance, region=name))
        with st.container(horizontal=True, key="elsewhere-ways"):
            if other:
                st.button(
                    words.SWITCH.format(name=plain(said.capital(other.name))),
                    key="switch-region",
                    type="primary",
                    on_click=_switch,
                    args=(other, beyond.found, start),
                )
            if may(Action.RUN_SYSTEM) and st.button(
                words.GET_THERE,
                key="get-there",
                type="secondary" if other else "primary",
                icon=":material/public:",
            ):
                want(beyond.found.point, here)
                forget()
                st.switch_page("views/regions.py")
            st.button(words.NEVER_MIND, key="stay-here", on_click=forget)
        st.caption(words.GET_THERE_TOLD if may(Action.RUN_SYSTEM) else words.ASK_FOR_IT)


def _covering(beyond: _Beyond) -> Region | None:
    """Return another region that has roads at the point; None where none has."""
    regions_dir = read_settings().regions_dir
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


def _switch(region: Region, found: Found, start: Callable[[Region, Found], None]) -> None:
    regions.choose(region.name)
    start(region, found)


def _offer_search(region: Region, text: str, start: Callable[[Region, Found], None]) -> None:
    host = host_of(read_settings().nominatim_url)
    with st.container(border=True, key="web-search"):
        if region_jobs.needs_contact(read_settings().nominatim_url):
            st.info(words.SEARCH_PUBLIC, icon=":material/contact_mail:")
        elif not st.session_state.get(_SENT):
            st.markdown(words.SEARCH_TOLD.format(text=plain(text), host=plain(host)))
            with st.container(horizontal=True, key="web-search-ways"):
                st.button(
                    words.SEARCH_NOW.format(host=plain(host)),
                    key="search-web",
                    type="primary",
                    icon=":material/travel_explore:",
                    on_click=_send,
                )
                st.button(words.NEVER_MIND, key="never-mind", on_click=forget)
            return
        else:
            _show_addresses(region, text, host, start)
        st.button(words.NEVER_MIND, key="never-mind", on_click=forget)


def _send() -> None:
    st.session_state[_SENT] = True


def _show_addresses(
    region: Region, text: str, host: str, start: Callable[[Region, Found], None]
) -> None:
    job = region_jobs.addresses(text)
    if not watch(job):
        return
    if job.error:
        st.info(plain(said.capital(job.error)), icon=":material/cloud_off:")
        return
    found: list[Address] = job.result or []
    if not found:
        st.markdown(words.NOBODY_KNOWS.format(host=plain(host)))
        return
    st.markdown(words.FOUND_ON_WEB.format(host=plain(host)))
    for number, address in enumerate(found):
        st.button(
            plain(address.label),
            key=f"address-{number}",
            icon=":material/location_on:",
            on_click=_take,
            args=(region, address, start),
        )
    st.caption(words.ADDRESS_DATA)


def _take(region: Region, address: Address, start: Callable[[Region, Found], None]) -> None:
    forget()
    start(region, Found(address.point, address.label[:_LONGEST_LABEL]))
