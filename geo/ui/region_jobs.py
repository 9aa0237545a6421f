"""What pages let be fetched from the internet: each errand is a job of its own.

Pages never wait for a server. Getting, updating and refreshing regions goes one after another,
over the desk of all visitors, for those who may change what is installed; looking something up
belongs to the visitor who asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from geo.cancellation import Clock, Progress
from geo.model import BBox
from geo.online import Catalogue, NominatimAddress, Services, request_head
from geo.online.errors_and_hosts import host_of, is_local_url
from geo.privacy import Action
from geo.region import read_manifest
from geo.region.acquire import get_area, get_region, update_region
from geo.region.refresh import RefreshScope, refresh_places
from geo.settings import Settings, read_settings
from geo.texts import regions as words
from geo.ui.auth import require
from geo.ui.jobs import JOB_QUEUE, Job, Result, check_cancelled

_QUICK_S = 0.6
"""How long a page waits for what is usually quick, as an answer from a copy on disk."""


def needs_contact(url: str) -> bool:
    """Return whether a server is a public one while nobody has said who asks."""
    return not (read_settings().contact or is_local_url(url))


def start_download(urls: Sequence[str], name: str) -> bool:
    """Begin to get a region from extracts; return False where something else is being fetched."""
    settings = read_settings()

    def errand(tell: Progress) -> str:
        with _services(settings) as services:
            get_region(
                urls, name, services=services, regions_dir=settings.regions_dir, progress=tell
            )
        return words.region_ready(name)

    return _submit(words.DOWNLOADING.format(name=name), errand, about=name)


def start_area_download(boxes: Sequence[BBox], name: str) -> bool:
    """Begin to get a region of some boxes; return False where something else is being fetched."""
    settings = read_settings()

    def errand(tell: Progress) -> str:
        with _services(settings) as services:
            get_area(
                boxes, name, services=services, regions_dir=settings.regions_dir, progress=tell
            )
        return words.region_ready(name)

    return _submit(words.DOWNLOADING.format(name=name), errand, about=name)


def start_update(name: str) -> bool:
    """Begin to update a region; return False where something else is being fetched."""
    settings = read_settings()

    def errand(tell: Progress) -> str:
        with _services(settings) as services:
            updated = update_region(
                name, services=services, regions_dir=settings.regions_dir, progress=tell
            )
        if updated is None:
            manifest = read_manifest(settings.regions_dir / name)
            return words.nothing_newer(name, manifest.osm_timestamp or manifest.built_at)
        return words.region_ready(name)

    return _submit(words.UPDATING.format(name=name), errand, about=name)


def start_refresh(
    name: str, boxes: Sequence[BBox] | None = None, *, accept_missing: bool = False
) -> bool:
    """Begin to refresh a region's places; return False where something else is being fetched.

    Parameters
    ----------
    accept_missing
        Whether more than a fifth of the places may go.
    """
    settings = read_settings()

    def errand(tell: Progress) -> str:
        with _services(settings) as services:
            scope = RefreshScope(tuple(boxes) if boxes is not None else None, None, accept_missing)
            refreshed = refresh_places(
                name, scope, services=services, regions_dir=settings.regions_dir, progress=tell
            )
        return words.refresh_result(name, refreshed.fresh, len(refreshed.missing))

    accept = partial(start_refresh, name, boxes, accept_missing=True)
    return _submit(words.REFRESHING.format(name=name), errand, about=name, accept=accept)


def catalogue() -> Job[Catalogue]:
    """Return the visitor's look into the catalogue; begun once, and again where it failed."""
    settings = read_settings()
    host = host_of(settings.geofabrik_index_url)

    def errand(_tell: Progress) -> Catalogue:
        with _services(settings) as services:
            return services.catalogue()

    return _cached_job("catalogue", words.QUERYING.format(host=host), errand)


def sizes(urls: Sequence[str]) -> Job[list[int | None]]:
    """Return the visitor's question how large some extracts are; None where none is told."""
    settings = read_settings()

    def errand(_tell: Progress) -> list[int | None]:
        with _services(settings) as services:
            return [request_head(services.client, url).size for url in urls]

    title = words.QUERYING.format(host=host_of(urls[0]))
    return _cached_job(f"sizes {' '.join(urls)}", title, errand)


def addresses(text: str) -> Job[list[NominatimAddress]]:
    """Return the visitor's search of the web for an address."""
    settings = read_settings()
    language = (st.context.locale or "").partition("-")[0]

    def errand(_tell: Progress) -> list[NominatimAddress]:
        with _services(settings) as services:
            return services.address_search().search(text, language=language)

    title = words.QUERYING.format(host=host_of(settings.nominatim_url))
    return _cached_job(f"address {text}", title, errand)


def _services(settings: Settings) -> Services:
    """Return the services of a job; whoever stops it waits for no server."""
    return Services(settings, clock=Clock(check_cancelled=check_cancelled))


def clear_lookups(what: str) -> None:
    """Let what was looked up be looked up anew: "catalogue", "sizes" or "address"."""
    for key in [key for key in _job_cache() if key.startswith(what)]:
        del _job_cache()[key]


def _submit(
    title: str,
    errand: Callable[[Progress], str],
    *,
    about: str,
    accept: Callable[[], bool] | None = None,
) -> bool:
    """Put an errand on the desk, if whoever asks may change what is installed."""
    require(Action.RUN_SYSTEM)
    return JOB_QUEUE.begin(title, errand, about=about, accept=accept)


def _cached_job(key: str, title: str, errand: Callable[[Progress], Result]) -> Job[Result]:
    """Return the visitor's look-up of that key; it is begun where there is none yet."""
    shelf = _job_cache()
    if key not in shelf:
        shelf[key] = Job(title, errand)
        shelf[key].wait(_QUICK_S)
    job: Job[Result] = shelf[key]
    return job


def _job_cache() -> dict[str, Job[Any]]:
    """Return the visitor's own look-ups."""
    shelf: dict[str, Job[Any]] = st.session_state.setdefault("look-ups", {})
    return shelf
