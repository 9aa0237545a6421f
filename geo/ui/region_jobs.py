"""Jobs that use the internet, so that no page waits for a server.

Regions are installed, updated and refreshed one after another, in the queue that all visitors see,
for those who may change what is installed; a look-up belongs to the visitor who asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from geo.cancellation import Clock, Progress
from geo.model import BBox
from geo.online import Catalogue, NominatimAddress, Services, request_head
from geo.online.hosts import host_of, is_local_url
from geo.privacy import Action
from geo.region import read_manifest
from geo.region.acquire import get_area, get_region, update_region
from geo.region.refresh import RefreshScope, refresh_places
from geo.settings import Settings
from geo.texts import regions as regions_texts
from geo.ui.auth import require
from geo.ui.jobs import REGION_JOBS, Job, Result, check_cancelled
from geo.ui.session_state import current_settings

_QUICK_S = 0.6
"""How long a page waits for what is usually quick, as an answer from a copy on disk."""


def needs_contact(url: str) -> bool:
    """Return whether a server is a public one while nobody has said who asks."""
    return not (current_settings().contact or is_local_url(url))


def start_download(urls: Sequence[str], name: str) -> bool:
    """Start to install a region from extracts; return False where another job runs."""

    def work(services: Services, regions_dir: Path, progress: Progress) -> str:
        get_region(urls, name, services=services, regions_dir=regions_dir, progress=progress)
        return regions_texts.region_ready(name)

    return _submit(regions_texts.DOWNLOADING.format(name=name), work, about=name)


def start_area_download(boxes: Sequence[BBox], name: str) -> bool:
    """Start to install a region of some boxes; return False where another job runs."""

    def work(services: Services, regions_dir: Path, progress: Progress) -> str:
        get_area(boxes, name, services=services, regions_dir=regions_dir, progress=progress)
        return regions_texts.region_ready(name)

    return _submit(regions_texts.DOWNLOADING.format(name=name), work, about=name)


def start_update(name: str) -> bool:
    """Start to update a region; return False where another job runs."""

    def work(services: Services, regions_dir: Path, progress: Progress) -> str:
        if update_region(name, services=services, regions_dir=regions_dir, progress=progress):
            return regions_texts.region_ready(name)
        manifest = read_manifest(regions_dir / name)
        return regions_texts.nothing_newer(name, manifest.osm_timestamp or manifest.built_at)

    return _submit(regions_texts.UPDATING.format(name=name), work, about=name)


def start_refresh(
    name: str, boxes: Sequence[BBox] | None = None, *, accept_missing: bool = False
) -> bool:
    """Start to refresh a region's places; return False where another job runs.

    Parameters
    ----------
    accept_missing
        Whether more than a fifth of the places may go.
    """
    scope = RefreshScope(tuple(boxes) if boxes is not None else None, None, accept_missing)

    def work(services: Services, regions_dir: Path, progress: Progress) -> str:
        refreshed = refresh_places(
            name, scope, services=services, regions_dir=regions_dir, progress=progress
        )
        return regions_texts.refresh_result(name, refreshed.fresh, len(refreshed.missing))

    accept = partial(start_refresh, name, boxes, accept_missing=True)
    return _submit(regions_texts.REFRESHING.format(name=name), work, about=name, accept=accept)


def catalogue() -> Job[Catalogue]:
    """Return the visitor's job that reads the catalogue of extracts; the same until cleared."""
    settings = current_settings()
    host = host_of(settings.geofabrik_index_url)

    def work(_job: Job[Catalogue]) -> Catalogue:
        with _services(settings) as services:
            return services.catalogue()

    return _look_up("catalogue", regions_texts.QUERYING.format(host=host), work)


def sizes(urls: Sequence[str]) -> Job[list[int | None]]:
    """Return the visitor's job that asks how large some extracts are; None where unknown."""
    settings = current_settings()

    def work(_job: Job[list[int | None]]) -> list[int | None]:
        with _services(settings) as services:
            return [request_head(services.client, url).size for url in urls]

    title = regions_texts.QUERYING.format(host=host_of(urls[0]))
    return _look_up(f"sizes {' '.join(urls)}", title, work)


def addresses(text: str) -> Job[list[NominatimAddress]]:
    """Return the visitor's job that searches the web for an address."""
    settings = current_settings()
    language = (st.context.locale or "").partition("-")[0]

    def work(_job: Job[list[NominatimAddress]]) -> list[NominatimAddress]:
        with _services(settings) as services:
            return services.address_search().search(text, language=language)

    title = regions_texts.QUERYING.format(host=host_of(settings.nominatim_url))
    return _look_up(f"address {text}", title, work)


def _services(settings: Settings) -> Services:
    """Return the services of a job; whoever stops it waits for no server."""
    return Services(settings, clock=Clock(check_cancelled=check_cancelled))


def clear_lookups(prefix: str) -> None:
    """Let what was looked up be looked up anew: "catalogue", "sizes" or "address"."""
    jobs = _lookups()
    for key in [key for key in jobs if key.startswith(prefix)]:
        del jobs[key]


def _submit(
    title: str,
    work: Callable[[Services, Path, Progress], str],
    *,
    about: str,
    accept: Callable[[], bool] | None = None,
) -> bool:
    """Submit a job, if whoever asks may change what is installed; return whether it runs."""
    require(Action.RUN_SYSTEM)
    settings = current_settings()

    def run(job: Job[str]) -> str:
        with _services(settings) as services:
            return work(services, settings.regions_dir, job.report)

    return REGION_JOBS.submit_if_idle(Job(run, title=title, about=about, accept=accept))


def _look_up(key: str, title: str, work: Callable[[Job[Result]], Result]) -> Job[Result]:
    """Return the visitor's job of that key; it is started where there is none yet."""
    jobs = _lookups()
    if key not in jobs:
        jobs[key] = Job(work, title=title)
        jobs[key].start()
        jobs[key].wait(_QUICK_S)
    job: Job[Result] = jobs[key]
    return job


def _lookups() -> dict[str, Job[Any]]:
    jobs: dict[str, Job[Any]] = st.session_state.setdefault("look-ups", {})
    return jobs
