"""Regions: what is installed, how old, how large; and taking one away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import streamlit as st

from geo.errors import NotAllowed, SetupError, UnknownName, UnreadableRegion
from geo.measures import day
from geo.privacy import Action
from geo.region import Manifest, list_regions, read_manifest, remove_region
from geo.settings import read_settings
from geo.ui import words
from geo.ui.markdown import plain
from geo.ui.viewer import insist, may

_FRESH = timedelta(days=365)


def _show() -> None:
    with st.container(key="intro", horizontal=True):
        st.title(words.REGIONS_INTRO, anchor=False, width="content")
    regions_dir = read_settings().regions_dir
    with st.container(key="regions"):
        for name in list_regions(regions_dir):
            try:
                _show_region(read_manifest(regions_dir / name))
            except (SetupError, UnreadableRegion) as error:
                with st.container(border=True):
                    st.warning(plain(str(error)), icon=":material/warning:")
                    _offer_removal(name, None)
        if not list_regions(regions_dir):
            st.info(words.NO_REGIONS, icon=":material/public:")
    if may(Action.RUN_SYSTEM):
        with st.container(key="build-help"):
            st.markdown(words.BUILD_HELP)
            command = "crossroads region build EXTRACT.osm.pbf --name NAME"
            st.code(command, language=None, wrap_lines=True)


def _show_region(manifest: Manifest) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(plain(words.capital(manifest.name)), anchor=False, width="stretch")
            _offer_removal(manifest.name, manifest.bytes)
        st.markdown(_age(manifest))
        if manifest.fictional:
            st.markdown(f":material/info: {words.FICTIONAL}")
        elif _is_stale(manifest):
            st.markdown(f":orange[:material/history:] {words.STALE}")
        st.markdown(_counts(manifest))
        st.caption(plain(f"{manifest.attribution}, {manifest.licence}"))


def _age(manifest: Manifest) -> str:
    stamp = manifest.osm_timestamp
    date = f"**{day(stamp)}**" if stamp else words.NO_DATE
    return words.region_age(date, plain(manifest.source), day(manifest.built_at))


def _is_stale(manifest: Manifest) -> bool:
    stamp = manifest.osm_timestamp
    return stamp is not None and datetime.now(UTC) - stamp > _FRESH


def _counts(manifest: Manifest) -> str:
    said = [f"**{manifest.counts[key]:,}** {what}" for key, what in words.COUNTS.items()]
    return " · ".join([*said, f"**{_megabytes(manifest.bytes)}** MB"])


def _offer_removal(name: str, size: int | None) -> None:
    if not may(Action.RUN_SYSTEM):
        return
    with st.popover(words.REMOVE_REGION, icon=":material/delete:", key=f"removal-{name}"):
        if size is not None:
            st.markdown(words.REMOVE_TOLD.format(megabytes=_megabytes(size)))
        st.button(
            words.REMOVE_SURE.format(name=plain(name)),
            key=f"remove-{name}",
            type="primary",
            on_click=_remove,
            args=(name,),
        )


def _remove(name: str) -> None:
    try:
        insist(Action.RUN_SYSTEM)
        remove_region(name, read_settings().regions_dir)
    except (NotAllowed, UnknownName, SetupError) as error:
        st.toast(plain(str(error)), icon=":material/error:")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f}"


_show()
