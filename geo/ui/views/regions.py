"""Regions: what is installed and how old, what else there is, and how each is kept young."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import streamlit as st

from geo import texts
from geo.errors import NotAllowed, OutdatedRegion, SetupError, UnknownName, UnreadableRegion
from geo.online.hosts import host_of
from geo.privacy import Action
from geo.region import (
    Manifest,
    RefreshManifest,
    list_regions,
    read_freshness,
    read_manifest,
    remove_region,
)
from geo.region.acquire import MOST_BOXES, is_due
from geo.region.manifest import can_update
from geo.region.refresh import squares_of
from geo.texts import regions as regions_texts
from geo.ui import region_jobs
from geo.ui.add_region import show_add_region
from geo.ui.auth import is_allowed, require
from geo.ui.job_status import show_job, start_job
from geo.ui.jobs import REGION_JOBS
from geo.ui.session_state import current_settings
from geo.ui.widgets import escape_markdown
from geo.units import day


def _show() -> None:
    with st.container(key="intro", horizontal=True):
        st.title(texts.REGIONS_INTRO, anchor=False, width="content")
    regions_dir = current_settings().regions_dir
    with st.container(key="regions"):
        show_job()
        show_add_region()
        for name in list_regions(regions_dir):
            try:
                _show_region(read_manifest(regions_dir / name))
            except (SetupError, UnreadableRegion) as error:
                with st.container(border=True):
                    st.warning(escape_markdown(str(error)), icon=":material/warning:")
                    if isinstance(error, OutdatedRegion) and error.can_update:
                        _show_rebuild(name)
                    _show_removal(name, None)
        if not list_regions(regions_dir):
            st.info(texts.NO_REGIONS, icon=":material/public:")
    if is_allowed(Action.RUN_SYSTEM):
        with st.container(key="build-help"):
            st.markdown(texts.BUILD_HELP)
            command = "crossroads region build EXTRACT.osm.pbf --name NAME"
            st.code(command, language=None, wrap_lines=True)


def _show_region(manifest: Manifest) -> None:
    settings = current_settings()
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(
                escape_markdown(texts.capitalise(manifest.name)), anchor=False, width="stretch"
            )
            _show_update(manifest)
            _show_refresh(manifest)
            _show_removal(manifest.name, manifest.bytes)
        st.markdown(_age(manifest))
        fresh = read_freshness(settings.regions_dir / manifest.name)
        if fresh:
            st.markdown(f":green[:material/sync:] {regions_texts.freshness(fresh)}")
        if manifest.fictional:
            st.markdown(f":material/info: {texts.FICTIONAL}")
        elif is_due(
            manifest, now=datetime.now(UTC), older_than=timedelta(days=settings.stale_days)
        ):
            due = regions_texts.REFRESH_DUE.format(days=settings.stale_days)
            st.markdown(f":orange[:material/history:] {due}")
        st.markdown(_counts(manifest, fresh))
        st.caption(escape_markdown(f"{manifest.attribution}, {manifest.licence}"))


def _age(manifest: Manifest) -> str:
    stamp = manifest.osm_timestamp
    date = f"**{day(stamp)}**" if stamp else texts.NO_DATE
    return texts.REGION_AGE.format(
        date=date, source=escape_markdown(manifest.source), built=day(manifest.built_at)
    )


def _counts(manifest: Manifest, fresh: RefreshManifest | None) -> str:
    counts = manifest.counts | ({"places": fresh.places} if fresh else {})
    counted = [f"**{counts[key]:,}** {what}" for key, what in texts.COUNTS.items()]
    return " · ".join([*counted, f"**{_megabytes(manifest.bytes)}** MB"])


def _show_update(manifest: Manifest) -> None:
    """Let a region be got anew from where it came from."""
    if not (can_update(manifest) and is_allowed(Action.RUN_SYSTEM)):
        return
    asks_public = any(region_jobs.needs_contact(source.url) for source in manifest.sources)
    st.button(
        regions_texts.UPDATE,
        icon=":material/update:",
        key=f"update-{manifest.name}",
        disabled=asks_public or REGION_JOBS.is_busy,
        on_click=start_job,
        args=(partial(region_jobs.start_update, manifest.name),),
    )


def _show_rebuild(name: str) -> None:
    """Let a region of an earlier version be built again from where it came from."""
    if is_allowed(Action.RUN_SYSTEM):
        st.button(
            regions_texts.REBUILD,
            icon=":material/update:",
            key=f"rebuild-{name}",
            type="primary",
            disabled=REGION_JOBS.is_busy,
            on_click=start_job,
            args=(partial(region_jobs.start_update, name),),
        )


def _show_refresh(manifest: Manifest) -> None:
    """Let the places of a region be asked for anew, once it is counted whom that asks for what."""
    if manifest.fictional or not is_allowed(Action.RUN_SYSTEM):
        return
    overpass_url = current_settings().overpass_url
    count = len(squares_of(manifest, current_settings().regions_dir))
    key = f"refreshing-{manifest.name}-{REGION_JOBS.count}"
    with st.popover(regions_texts.REFRESH, icon=":material/sync:", key=key):
        if region_jobs.needs_contact(overpass_url):
            st.markdown(regions_texts.NO_CONTACT)
        elif count > MOST_BOXES:
            st.markdown(regions_texts.MANY_SQUARES)
        else:
            st.markdown(regions_texts.squares_notice(count, escape_markdown(host_of(overpass_url))))
            st.button(
                regions_texts.REFRESH_NOW,
                key=f"refresh-{manifest.name}",
                type="primary",
                disabled=REGION_JOBS.is_busy,
                on_click=start_job,
                args=(partial(region_jobs.start_refresh, manifest.name),),
            )


def _show_removal(name: str, size: int | None) -> None:
    if not is_allowed(Action.RUN_SYSTEM):
        return
    with st.popover(texts.REMOVE_REGION, icon=":material/delete:", key=f"removal-{name}"):
        if size is not None:
            st.markdown(texts.REMOVE_HELP.format(megabytes=_megabytes(size)))
        st.button(
            texts.REMOVE_CONFIRM.format(name=escape_markdown(name)),
            key=f"remove-{name}",
            type="primary",
            on_click=_remove,
            args=(name,),
        )


def _remove(name: str) -> None:
    try:
        require(Action.RUN_SYSTEM)
        remove_region(name, current_settings().regions_dir)
    except (NotAllowed, UnknownName, SetupError) as error:
        st.toast(escape_markdown(str(error)), icon=":material/error:")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f}"


_show()
