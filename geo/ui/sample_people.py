"""The fictional staff of the fictional county, there when an own computer shows it first."""

from __future__ import annotations

import logging
from pathlib import Path

import streamlit as st

from geo.errors import CrossroadsError
from geo.people import ensure_sample_people, enter_sample_people
from geo.region import Region
from geo.region.build import sample_path
from geo.settings import read_settings
from geo.ui.viewer import the_sign_in, the_store

_LOG = logging.getLogger(__name__)


def offers_sample(region: Region) -> bool:
    """Return whether the sample staff may be entered here: on an own computer, in their county."""
    return region.manifest.fictional and the_sign_in() is None


def greet_with_people(region: Region) -> None:
    """Enter the sample staff where nobody has been yet; without a store the pages go on."""
    if not offers_sample(region):
        return
    try:
        _once(read_settings().store_url, region)
    except CrossroadsError as error:
        _LOG.warning("the sample roster was not entered: %s", error)


def enter_people(region: Region) -> int:
    """Enter the sample staff beside whoever is there, and return how many they are.

    Raises
    ------
    CrossroadsError
        The store or the table cannot be used.
    """
    return enter_sample_people(the_store(), region, _table(), k=read_settings().homes_per_area)


@st.cache_resource(max_entries=8, show_spinner=False)
def _once(url: str, _region: Region) -> bool:  # noqa: ARG001 - part of the key
    """Look once for each store."""
    k = read_settings().homes_per_area
    return ensure_sample_people(the_store(), _region, _table(), k=k)


def _table() -> Path:
    return sample_path().with_name("roster.csv")
