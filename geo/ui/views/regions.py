"""Regions: what is installed, how old, how large; and taking one away."""

from __future__ import annotations

import streamlit as st

from geo.errors import UnreadableRegion
from geo.measures import day
from geo.region import Manifest, list_regions, read_manifest, remove_region
from geo.settings import read_settings
from geo.ui import words


def _show() -> None:
    st.header(words.REGIONS)
    st.caption(words.REGIONS_INTRO)
    regions_dir = read_settings().regions_dir
    for name in list_regions(regions_dir):
        try:
            manifest = read_manifest(regions_dir / name)
        except UnreadableRegion as error:
            st.warning(str(error))
            continue
        _show_region(manifest)
    st.markdown(words.BUILD_HELP)
    st.code("crossroads region build EXTRACT.osm.pbf --name NAME", language="bash")


def _show_region(manifest: Manifest) -> None:
    with st.container(border=True):
        st.subheader(manifest.name)
        if manifest.osm_timestamp:
            st.markdown(f"Map data of **{day(manifest.osm_timestamp)}**, from `{manifest.source}`")
        else:
            st.markdown(f"Map data of a date that is {words.NO_DATE}, from `{manifest.source}`")
        counts = manifest.counts
        with st.container(horizontal=True):
            st.metric("Places", f"{counts['places']:,}", width=140)
            st.metric("Names and addresses", f"{counts['names']:,}", width=180)
            st.metric("Junctions", f"{counts['junctions']:,}", width=140)
            st.metric("On disk", f"{manifest.bytes / 1e6:.1f} MB", width=140)
        st.caption(f"{manifest.attribution}, {manifest.licence}")
        _offer_removal(manifest.name)


def _offer_removal(name: str) -> None:
    with st.popover(words.REMOVE_REGION, icon=":material/delete:"):
        if st.button(words.REMOVE_SURE.format(name=name), key=f"remove-{name}", type="primary"):
            remove_region(name, read_settings().regions_dir)
            st.rerun()


_show()
