"""Adding a region: found in the catalogue by name or point, or just the surroundings of one.

Extracts that shall become one region with what is chosen next, as both sides of a border.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from geo import texts as said
from geo.coordinates import parse_coordinates
from geo.errors import BadCoordinates, InputError
from geo.model import BBox, Point
from geo.online import Catalogue, Offer, file_name
from geo.online.download import SPACE_TIMES
from geo.online.errors_and_hosts import host_of
from geo.privacy import Action
from geo.region import Region, list_regions
from geo.region.acquire import area_boxes
from geo.region.manifest import REGION_NAME, can_update
from geo.region.osm_merge import are_neighbours, box_of
from geo.settings import read_settings
from geo.texts import regions as words
from geo.ui import region_jobs
from geo.ui.auth import may
from geo.ui.job_status import start, watch
from geo.ui.jobs import DESK
from geo.ui.widgets import plain
from geo.units import day

_KEY = "basket"
_NEAR_DEG = 0.5
"""A point so near to a region lies across its border; others are another part of the world."""


@dataclass(frozen=True, slots=True)
class Pick:
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


def put_neighbour(region: Region, point: Point) -> None:
    """Put the extracts of a region in, where a point lies just outside of it."""
    manifest, box = region.manifest, region.bbox
    beyond = max(
        box.west - point.lon, point.lon - box.east, box.south - point.lat, point.lat - box.north
    )
    is_of_extracts = can_update(manifest) and all(
        box_of(source.url) is None for source in manifest.sources
    )
    empty()
    if is_of_extracts and beyond <= _NEAR_DEG:
        urls = tuple(source.url for source in manifest.sources)
        put(Pick(said.capital(region.name), urls, region.name, box))


def put(pick: Pick) -> None:
    """Put extracts in, once."""
    st.session_state[_KEY] = list(dict.fromkeys((*picks(), pick)))


def empty() -> None:
    """Take everything out."""
    st.session_state.pop(_KEY, None)


def picks() -> Sequence[Pick]:
    """Return what is in, in the order in which it was put there."""
    found: list[Pick] = st.session_state.get(_KEY, [])
    return found


def show() -> None:
    """Show what is in, and let it be taken out again."""
    if not picks():
        return
    titles = words.together([plain(pick.title) for pick in picks()])
    with st.container(horizontal=True, vertical_alignment="center", key="basket-of-regions"):
        st.markdown(words.TOGETHER.format(titles=titles), width="stretch")
        st.button(words.ALONE, key="basket-empty", on_click=empty)


_WANTED = "wanted-point"
_MOST_OFFERS = 8
_KM = (10, 50, 30)
"""The least, the most and the usual distance of "just this area"."""


def want(point: Point, beside: Region) -> None:
    """Let the regions page look for what holds a point; it is rounded to about a kilometre.

    Parameters
    ----------
    point
        Which no region covers.
    beside
        The region that ends there; where that is near, both are to become one.
    """
    put_neighbour(beside, point)
    st.session_state[_WANTED] = f"{point.lat:.2f}, {point.lon:.2f}"


def show_adding() -> None:
    """Show the ways to a new region, to those who may change what is installed."""
    if not may(Action.RUN_SYSTEM):
        return
    wanted = st.session_state.pop(_WANTED, None)
    if wanted:
        st.session_state.update({"where": wanted, "area-where": wanted})
    settings = read_settings()
    with st.container(border=True, key="adding"):
        st.subheader(words.ADD, anchor=False)
        if region_jobs.needs_contact(settings.geofabrik_index_url):
            st.info(words.NO_CONTACT, icon=":material/contact_mail:")
            return
        show()
        text = st.text_input(
            words.WHERE, key="where", placeholder=words.WHERE_HINT, persist_state="session"
        ).strip()
        if text.startswith(("https://", "http://")):
            _by_address(text)
        elif text:
            _by_catalogue(text)
        else:
            host = host_of(settings.geofabrik_index_url)
            st.caption(plain(words.CATALOGUE_TOLD.format(host=host)))
        _surroundings(settings.overpass_url)


def _by_address(url: str) -> None:
    """Offer an extract on a server of somebody's choice."""
    try:
        name = file_name(url)
        host_of(url)
    except InputError as error:
        st.warning(plain(said.capital(str(error))))
        return
    if region_jobs.needs_contact(url):
        st.info(words.NO_CONTACT, icon=":material/contact_mail:")
        return
    _confirm([Pick(name, (url,), name.partition(".")[0].removesuffix("-latest").lower())])


def _by_catalogue(text: str) -> None:
    job = region_jobs.catalogue()
    if not watch(job):
        return
    if job.result is None:
        st.info(plain(said.capital(job.error)), icon=":material/cloud_off:")
        st.button(
            words.AGAIN, key="catalogue-again", on_click=region_jobs.forget, args=("catalogue",)
        )
        return
    try:
        point = parse_coordinates(text)
    except BadCoordinates as error:
        st.warning(plain(said.capital(str(error))))
        return
    if point is None:
        offers = job.result.search(text, limit=_MOST_OFFERS)
        nothing = words.NOTHING_FOUND.format(text=plain(text))
    else:
        offers = job.result.covering(Point(round(point.lon, 2), round(point.lat, 2)))
        nothing = words.NOTHING_THERE
        st.caption(words.POINT_TOLD)
    if not offers:
        st.markdown(nothing)
        return
    chosen = _choose(offers, first=point is not None or len(offers) == 1)
    if not chosen or _confirm([_pick(offer) for offer in chosen]):
        _tell_age(job.result)


def _tell_age(catalogue: Catalogue) -> None:
    if catalogue.is_old:
        host = plain(host_of(read_settings().geofabrik_index_url))
        st.caption(words.OLD_LIST.format(host=host, day=day(catalogue.at)))


def _choose(offers: Sequence[Offer], *, first: bool) -> list[Offer]:
    """Let some offers be ticked; with ``first`` the first one is ticked already."""
    st.markdown(words.CHOOSE)
    chosen = []
    with st.container(key="offers-of-regions"):
        for number, offer in enumerate(offers):
            label = plain(offer.name)  # no bold: those who listen would hear the stars
            if offer.parents:
                label += f" · {plain(', '.join(offer.parents))}"
            if st.checkbox(label, value=first and number == 0, key=f"offer-{offer.id}"):
                chosen.append(offer)
    return chosen


def _confirm(chosen: Sequence[Pick]) -> bool:
    """Say how large some extracts are, with those in the basket, and let them be got.

    Returns
    -------
    bool
        False where it was said that their server cannot be asked.
    """
    all_picks = list(dict.fromkeys((*picks(), *chosen)))
    urls = list(dict.fromkeys(url for pick in all_picks for url in pick.urls))
    name = "-".join(dict.fromkeys(pick.name for pick in all_picks))[:64].rstrip("-")
    if not are_neighbours([pick.box for pick in all_picks if pick.box]):
        st.warning(words.FAR_APART)
        return True
    job = region_jobs.sizes(urls)
    if not watch(job):
        return True
    if job.error:
        st.info(plain(said.capital(job.error)), icon=":material/cloud_off:")
        st.button(words.AGAIN, key="sizes-again", on_click=region_jobs.forget, args=("sizes",))
        return False
    known = [size for size in job.result or () if size is not None]
    whole = known and len(known) == len(urls)
    st.markdown(words.size(sum(known), sum(known) * SPACE_TIMES) if whole else words.NO_SIZE)
    with st.container(horizontal=True, key="confirm", vertical_alignment="bottom"):
        called = _name(name, key=f"name-{name}")
        st.button(
            words.GET.format(names=plain(words.together([pick.title for pick in all_picks]))),
            key="get",
            type="primary",
            icon=":material/download:",
            disabled=called is None or DESK.is_busy,
            on_click=_get,
            args=(urls, called or ""),
        )
        st.button(
            words.ANOTHER,
            key="another",
            icon=":material/add:",
            help=words.ANOTHER_TOLD,
            on_click=_put,
            args=(chosen,),
        )
    _warn_of(called)
    return True


def _pick(offer: Offer) -> Pick:
    return Pick(offer.name, (offer.url,), offer.region_name, offer.bbox)


def _get(urls: Sequence[str], name: str) -> None:
    start(partial(region_jobs.get, urls, name))
    if DESK.is_busy:
        empty()


def _put(chosen: Sequence[Pick]) -> None:
    """Keep what is chosen, and look for the next one."""
    for pick in chosen:
        put(pick)
    st.session_state["where"] = ""


def _name(usual: str, *, key: str) -> str | None:
    """Ask what to call a region; None where it cannot be called so."""
    name = st.text_input(words.NAME, usual, key=key, width=320).strip()
    return name if REGION_NAME.fullmatch(name) else None


def _warn_of(name: str | None) -> None:
    """Say why a name cannot be used, or what it replaces."""
    if name is None:
        st.warning(words.BAD_NAME)
    elif name in list_regions(read_settings().regions_dir):
        st.caption(words.REPLACES)


def _surroundings(overpass_url: str) -> None:
    with st.expander(words.AREA, icon=":material/my_location:"):
        if region_jobs.needs_contact(overpass_url):
            st.info(words.NO_CONTACT, icon=":material/contact_mail:")
            return
        st.markdown(words.AREA_TOLD)
        text = st.text_input(
            words.AREA_WHERE, key="area-where", placeholder=words.AREA_HINT, width=320,
            persist_state="session",
        )  # fmt: skip
        least, most, usual = _KM
        km = st.slider(
            words.AREA_KM, least, most, usual, step=5, format="%d km", key="area-km", width=320
        )
        name = _name(words.AREA_NAME, key="area-name")
        _warn_of(name)
        point = _point(text)
        boxes = area_boxes(point, km) if point else []
        if boxes:
            st.caption(words.squares(len(boxes), plain(host_of(overpass_url))))
        st.button(
            words.GET_AREA,
            key="get-area",
            type="primary",
            icon=":material/download:",
            disabled=not boxes or name is None or DESK.is_busy,
            on_click=start,
            args=(partial(region_jobs.get_surroundings, boxes, name or ""),),
        )


def _point(text: str) -> Point | None:
    """Return the position that was typed; where it is none, say so."""
    try:
        point = parse_coordinates(text)
    except BadCoordinates as error:
        st.warning(plain(said.capital(str(error))))
        return None
    if point is None and text.strip():
        st.warning(words.NO_POINT)
    return point
