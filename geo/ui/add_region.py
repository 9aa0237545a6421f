"""Adding a region: an extract of the catalogue, several as one, or the surroundings of a point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from geo import texts
from geo.coordinates import parse_coordinates
from geo.errors import BadCoordinates, InputError
from geo.model import BBox, Point
from geo.online import Catalogue, CatalogueEntry, file_name
from geo.online.download import DISK_FACTOR
from geo.online.hosts import host_of
from geo.privacy import Action
from geo.region import Region, list_regions
from geo.region.acquire import area_boxes
from geo.region.manifest import REGION_NAME, can_update
from geo.region.osm_merge import are_neighbours, box_of
from geo.texts import regions as regions_texts
from geo.ui import region_jobs
from geo.ui.auth import is_allowed
from geo.ui.job_status import start_job, watch_job
from geo.ui.jobs import REGION_JOBS
from geo.ui.session_state import SessionValue, current_settings
from geo.ui.widgets import escape_markdown
from geo.units import day

_EXTRACTS: SessionValue[list[ChosenExtracts]] = SessionValue("chosen-extracts", [])
_NEAR_DEG = 0.5
"""A point so near to a region lies across its border; others are another part of the world."""


@dataclass(frozen=True, slots=True)
class ChosenExtracts:
    """One or more extracts that were chosen together.

    Attributes
    ----------
    title
        What people call them.
    urls
        Where they are.
    name
        What a region of them alone is called.
    box
        Where they are; None where that is not known.
    """

    title: str
    urls: tuple[str, ...]
    name: str
    box: BBox | None = None


def add_neighbour(region: Region, point: Point) -> None:
    """Put the extracts of a region in, where a point lies just outside of it."""
    manifest, box = region.manifest, region.bbox
    beyond = max(
        box.west - point.lon, point.lon - box.east, box.south - point.lat, point.lat - box.north
    )
    is_of_extracts = can_update(manifest) and all(
        box_of(source.url) is None for source in manifest.sources
    )
    clear_extracts()
    if is_of_extracts and beyond <= _NEAR_DEG:
        urls = tuple(source.url for source in manifest.sources)
        add_extracts(ChosenExtracts(texts.capitalise(region.name), urls, region.name, box))


def add_extracts(pick: ChosenExtracts) -> None:
    """Put extracts in, once."""
    _EXTRACTS.set(list(dict.fromkeys((*chosen_extracts(), pick))))


def clear_extracts() -> None:
    """Take everything out."""
    _EXTRACTS.pop()


def chosen_extracts() -> Sequence[ChosenExtracts]:
    """Return what is in, in the order in which it was put there."""
    found: list[ChosenExtracts] = _EXTRACTS.get()
    return found


def show_extracts() -> None:
    """Show what is in, and let it be taken out again."""
    if not chosen_extracts():
        return
    titles = texts.join_names([escape_markdown(pick.title) for pick in chosen_extracts()])
    with st.container(horizontal=True, vertical_alignment="center", key="basket-of-regions"):
        st.markdown(regions_texts.TOGETHER.format(titles=titles), width="stretch")
        st.button(regions_texts.REMOVE_NEIGHBOUR, key="basket-empty", on_click=clear_extracts)


_POINT: SessionValue[str | None] = SessionValue("wanted-point", None)
_MAX_EXTRACTS = 8
_DISTANCES_KM = (10, 50, 30)
"""The least, the most and the usual distance of "just this area"."""


def request_region_at(point: Point, beside: Region) -> None:
    """Let the regions page look for what holds a point; it is rounded to about a kilometre.

    Parameters
    ----------
    point
        Which no region covers.
    beside
        The region that ends there; where that is near, both are to become one.
    """
    add_neighbour(beside, point)
    _POINT.set(f"{point.lat:.2f}, {point.lon:.2f}")


def show_add_region() -> None:
    """Show the ways to a new region, to those who may change what is installed."""
    if not is_allowed(Action.RUN_SYSTEM):
        return
    wanted = _POINT.pop()
    if wanted:
        st.session_state.update({"where": wanted, "area-where": wanted})
    settings = current_settings()
    with st.container(border=True, key="add-region"):
        st.subheader(regions_texts.ADD, anchor=False)
        if region_jobs.needs_contact(settings.geofabrik_index_url):
            st.info(regions_texts.NO_CONTACT, icon=":material/contact_mail:")
            return
        show_extracts()
        text = st.text_input(
            regions_texts.WHERE,
            key="where",
            placeholder=regions_texts.WHERE_HINT,
            persist_state="session",
        ).strip()
        if text.startswith(("https://", "http://")):
            _offer_url(text)
        elif text:
            _search_catalogue(text)
        else:
            host = host_of(settings.geofabrik_index_url)
            st.caption(escape_markdown(regions_texts.CATALOGUE_HELP.format(host=host)))
        _show_area_form(settings.overpass_url)


def _offer_url(url: str) -> None:
    """Offer an extract on a server of somebody's choice."""
    try:
        name = file_name(url)
        host_of(url)
    except InputError as error:
        st.warning(escape_markdown(texts.capitalise(str(error))))
        return
    if region_jobs.needs_contact(url):
        st.info(regions_texts.NO_CONTACT, icon=":material/contact_mail:")
        return
    _confirm_download(
        [ChosenExtracts(name, (url,), name.partition(".")[0].removesuffix("-latest").lower())]
    )


def _search_catalogue(text: str) -> None:
    job = region_jobs.catalogue()
    if not watch_job(job):
        return
    if job.result is None:
        st.info(escape_markdown(texts.capitalise(job.error)), icon=":material/cloud_off:")
        st.button(
            regions_texts.TRY_AGAIN,
            key="catalogue-again",
            on_click=region_jobs.clear_lookups,
            args=("catalogue",),
        )
        return
    try:
        point = parse_coordinates(text)
    except BadCoordinates as error:
        st.warning(escape_markdown(texts.capitalise(str(error))))
        return
    if point is None:
        offers = job.result.search(text, limit=_MAX_EXTRACTS)
        nothing = regions_texts.NOTHING_FOUND.format(text=escape_markdown(text))
    else:
        offers = job.result.covering(Point(round(point.lon, 2), round(point.lat, 2)))
        nothing = regions_texts.NO_REGION_AT_POINT
        st.caption(regions_texts.POINT_HELP)
    if not offers:
        st.markdown(nothing)
        return
    chosen = _choose_entries(offers, first=point is not None or len(offers) == 1)
    if not chosen or _confirm_download([_extracts_of(offer) for offer in chosen]):
        _show_catalogue_age(job.result)


def _show_catalogue_age(catalogue: Catalogue) -> None:
    if catalogue.is_old:
        host = escape_markdown(host_of(current_settings().geofabrik_index_url))
        st.caption(regions_texts.CATALOGUE_STALE.format(host=host, day=day(catalogue.at)))


def _choose_entries(offers: Sequence[CatalogueEntry], *, first: bool) -> list[CatalogueEntry]:
    """Let some offers be ticked; with ``first`` the first one is ticked already."""
    st.markdown(regions_texts.CHOOSE)
    chosen = []
    with st.container(key="offers-of-regions"):
        for number, offer in enumerate(offers):
            label = escape_markdown(offer.name)  # no bold: those who listen would hear the stars
            if offer.parents:
                label += f" · {escape_markdown(', '.join(offer.parents))}"
            if st.checkbox(label, value=first and number == 0, key=f"offer-{offer.id}"):
                chosen.append(offer)
    return chosen


def _confirm_download(chosen: Sequence[ChosenExtracts]) -> bool:
    """Say how large some extracts are, with those in the basket, and let them be got.

    Returns
    -------
    bool
        False where it was said that their server cannot be asked.
    """
    all_picks = list(dict.fromkeys((*chosen_extracts(), *chosen)))
    urls = list(dict.fromkeys(url for pick in all_picks for url in pick.urls))
    name = "-".join(dict.fromkeys(pick.name for pick in all_picks))[:64].rstrip("-")
    if not are_neighbours([pick.box for pick in all_picks if pick.box]):
        st.warning(regions_texts.FAR_APART)
        return True
    job = region_jobs.sizes(urls)
    if not watch_job(job):
        return True
    if job.error:
        st.info(escape_markdown(texts.capitalise(job.error)), icon=":material/cloud_off:")
        st.button(
            regions_texts.TRY_AGAIN,
            key="sizes-again",
            on_click=region_jobs.clear_lookups,
            args=("sizes",),
        )
        return False
    known = [size for size in job.result or () if size is not None]
    whole = known and len(known) == len(urls)
    st.markdown(
        regions_texts.size(sum(known), sum(known) * DISK_FACTOR)
        if whole
        else regions_texts.SIZE_UNKNOWN
    )
    with st.container(horizontal=True, key="confirm", vertical_alignment="bottom"):
        called = _ask_name(name, key=f"name-{name}")
        st.button(
            regions_texts.GET.format(
                names=escape_markdown(texts.join_names([pick.title for pick in all_picks]))
            ),
            key="get",
            type="primary",
            icon=":material/download:",
            disabled=called is None or REGION_JOBS.is_busy,
            on_click=_start_download,
            args=(urls, called or ""),
        )
        st.button(
            regions_texts.ADD_NEIGHBOUR,
            key="another",
            icon=":material/add:",
            help=regions_texts.ADD_NEIGHBOUR_HELP,
            on_click=_add_and_continue,
            args=(chosen,),
        )
    _warn_about_name(called)
    return True


def _extracts_of(offer: CatalogueEntry) -> ChosenExtracts:
    return ChosenExtracts(offer.name, (offer.url,), offer.region_name, offer.bbox)


def _start_download(urls: Sequence[str], name: str) -> None:
    start_job(partial(region_jobs.start_download, urls, name))
    if REGION_JOBS.is_busy:
        clear_extracts()


def _add_and_continue(chosen: Sequence[ChosenExtracts]) -> None:
    """Keep what is chosen, and look for the next one."""
    for pick in chosen:
        add_extracts(pick)
    st.session_state["where"] = ""


def _ask_name(usual: str, *, key: str) -> str | None:
    """Ask what to call a region; None where it cannot be called so."""
    name = st.text_input(regions_texts.NAME, usual, key=key, width=320).strip()
    return name if REGION_NAME.fullmatch(name) else None


def _warn_about_name(name: str | None) -> None:
    """Say why a name cannot be used, or what it replaces."""
    if name is None:
        st.warning(regions_texts.BAD_NAME)
    elif name in list_regions(current_settings().regions_dir):
        st.caption(regions_texts.REPLACES)


def _show_area_form(overpass_url: str) -> None:
    with st.expander(regions_texts.AREA, icon=":material/my_location:"):
        if region_jobs.needs_contact(overpass_url):
            st.info(regions_texts.NO_CONTACT, icon=":material/contact_mail:")
            return
        st.markdown(regions_texts.AREA_HELP)
        text = st.text_input(
            regions_texts.AREA_WHERE, key="area-where", placeholder=regions_texts.AREA_HINT,
            persist_state="session", width=320,
        )  # fmt: skip
        least, most, usual = _DISTANCES_KM
        km = st.slider(
            regions_texts.AREA_KM,
            least,
            most,
            usual,
            step=5,
            format="%d km",
            key="area-km",
            width=320,
        )
        name = _ask_name(regions_texts.AREA_NAME, key="area-name")
        _warn_about_name(name)
        point = _parse_point(text)
        boxes = area_boxes(point, km) if point else []
        if boxes:
            st.caption(
                regions_texts.squares_notice(len(boxes), escape_markdown(host_of(overpass_url)))
            )
        st.button(
            regions_texts.GET_AREA,
            key="get-area",
            type="primary",
            icon=":material/download:",
            disabled=not boxes or name is None or REGION_JOBS.is_busy,
            on_click=start_job,
            args=(partial(region_jobs.start_area_download, boxes, name or ""),),
        )


def _parse_point(text: str) -> Point | None:
    """Return the position that was typed; where it is none, say so."""
    try:
        point = parse_coordinates(text)
    except BadCoordinates as error:
        st.warning(escape_markdown(texts.capitalise(str(error))))
        return None
    if point is None and text.strip():
        st.warning(regions_texts.NO_POINT)
    return point
