"""The regions that pages work on, opened once for all visitors, and the fictional staff."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from geo import texts
from geo.errors import CrossroadsError, SetupError, UnreadableRegion, shorten
from geo.model import Point
from geo.people.sample import ensure_sample_people, enter_sample_people
from geo.region import Region, list_regions, load_region, read_freshness, read_manifest
from geo.region.build import ensure_sample, sample_path
from geo.region.bundle import FRESH, RefreshManifest
from geo.region.manifest import MANIFEST, Manifest
from geo.store.people import ChangeCounter, find_change_counter
from geo.store.venues import VENUES
from geo.ui import venues
from geo.ui.auth import current_sign_in, current_store
from geo.ui.maintenance import freeze_garbage_collector
from geo.ui.session_state import current_settings
from geo.ui.widgets import escape_markdown
from geo.venues import with_venues

_LOG = logging.getLogger(__name__)


def can_enter_sample(region: Region) -> bool:
    """Return whether the sample staff may be entered here: on an own computer, in their county."""
    return region.manifest.fictional and current_sign_in() is None


def seed_sample_roster(region: Region) -> None:
    """Enter the sample staff where nobody has been yet; without a store the pages go on."""
    if not can_enter_sample(region):
        return
    try:
        _seed_once(current_settings().store_url, region)
    except CrossroadsError as error:
        _LOG.warning("the sample roster was not entered: %s", error)


def enter_sample_roster(region: Region) -> int:
    """Enter the sample staff beside whoever is there, and return how many they are.

    Raises
    ------
    CrossroadsError
        The store or the table cannot be used.
    """
    return enter_sample_people(
        current_store(), region, _sample_roster_path(), k=current_settings().homes_per_area
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def _seed_once(url: str, _region: Region) -> bool:  # noqa: ARG001 - part of the key
    """Look once for each store."""
    k = current_settings().homes_per_area
    return ensure_sample_people(current_store(), _region, _sample_roster_path(), k=k)


def _sample_roster_path() -> Path:
    return sample_path().with_name("roster.csv")


_KEY = "region"
_LONGEST_NAME = 60
_BUILDING = threading.Lock()
"""The second of two first visitors waits for what the first one builds."""


def current_region(asked: str) -> Region:
    """Return the region that the visitor is looking at; the sample county is built if need be.

    Parameters
    ----------
    asked
        What the page's address names; empty for none.
    """
    names = _usable_names()
    if not names:
        _build_sample()
        names = _usable_names()
    if st.session_state.get(_KEY) not in names:
        if asked and asked not in names:
            st.warning(
                texts.NO_SUCH_REGION.format(
                    name=escape_markdown(texts.capitalise(shorten(asked, _LONGEST_NAME)))
                )
            )
        st.session_state[_KEY] = asked if asked in names else _default_name(names)
    region = open_region(st.session_state[_KEY])
    seed_sample_roster(region)
    return region


def current_region_name() -> str:
    """Return the name of the region that the visitor looked at last; empty for none."""
    return str(st.session_state.get(_KEY, ""))


def choose_region(name: str) -> None:
    """Let the visitor look at another region."""
    st.session_state[_KEY] = name


def region_chip() -> None:
    """Let the visitor change the region, where there are several."""
    names = _usable_names()
    if len(names) < 2:
        return
    label = texts.capitalise(st.session_state[_KEY])
    with st.popover(label, icon=":material/public:", key="chip-region"):
        st.radio(
            texts.REGION, names, format_func=texts.capitalise, key=_KEY, persist_state="session"
        )


def open_region(name: str) -> Region:
    """Open a region, or return it if it is open already and still the same build.

    The organisation's own venues are part of it, as if the map knew them.
    """
    folder = current_settings().regions_dir / name
    version = _version(folder)
    return _with_venues(str(folder), version, current_settings().store_url, venues_counter())


def venues_counter() -> ChangeCounter:
    """Return what changes whenever the own venues do; without a store there are none."""
    try:
        with current_store().read() as db:
            return find_change_counter(db, VENUES)
    except CrossroadsError:
        return ChangeCounter()


def is_fictional(region: Region) -> bool:
    """Return whether a region is the invented sample county."""
    return region.manifest.fictional


def first_town(region: Region) -> tuple[str, Point] | None:
    """Return the settlement to try the region from; None where it has none."""
    match = region.gazetteer.nearest_settlement(region.bbox.center)
    return (match.label, match.point) if match else None


def two_towns(region: Region) -> list[tuple[str, Point]]:
    """Return two settlements in different parts of a region; [] where it has no two."""
    box, found = region.bbox, []
    for share in (0.3, 0.7):
        point = Point(box.west + share * (box.east - box.west), box.center.lat)
        match = region.gazetteer.nearest_settlement(point)
        if match:
            found.append((match.label, match.point))
    return found if len({point for _, point in found}) == 2 else []


def _default_name(names: Sequence[str]) -> str:
    """Return the region to begin with: the first real one, once there is any."""
    regions_dir = current_settings().regions_dir
    real = (name for name in names if not _manifest(regions_dir / name).fictional)
    return next(real, names[0])


def _version(folder: Path) -> str:
    """Return what names a region's build and its refreshed places."""
    fresh = _freshness(folder, _stamp(folder / MANIFEST), _stamp(folder / FRESH))
    return f"{_manifest(folder).build} {fresh.folder if fresh else ''}"


def _usable_names() -> list[str]:
    regions_dir = current_settings().regions_dir
    names = []
    for name in list_regions(regions_dir):
        try:
            _manifest(regions_dir / name)
        except (SetupError, UnreadableRegion):
            continue
        names.append(name)
    return names


def _manifest(folder: Path) -> Manifest:
    """Return what a region's folder says of itself; a page asks for all of them several times."""
    return _read_once(folder, _stamp(folder / MANIFEST))


_FileStamp = tuple[int, int, int] | None


def _stamp(path: Path) -> _FileStamp:
    """Return what is another once a file was replaced; None where there is none."""
    try:
        file = path.stat()
    except OSError:
        return None
    return file.st_mtime_ns, file.st_ino, file.st_size


@lru_cache(maxsize=64)
def _read_once(folder: Path, stamp: _FileStamp) -> Manifest:  # noqa: ARG001 - part of the key
    return read_manifest(folder)


@lru_cache(maxsize=64)
def _freshness(
    folder: Path,
    build: _FileStamp,  # noqa: ARG001 - part of the key
    fresh: _FileStamp,
) -> RefreshManifest | None:
    return read_freshness(folder) if fresh else None


def _build_sample() -> None:
    bar = st.progress(0.0, texts.BUILDING_SAMPLE)
    with _BUILDING:
        ensure_sample(
            current_settings().regions_dir,
            progress=lambda _step, done: _show_build_progress(bar, done),
        )
    bar.empty()


def _show_build_progress(bar: DeltaGenerator, done: float) -> None:
    bar.progress(min(done, 1.0), texts.BUILDING_SAMPLE)


@st.cache_resource(max_entries=8, show_spinner=False)
def _with_venues(
    folder: str,
    version: str,
    book: str,  # noqa: ARG001 - part of the key
    stamp: ChangeCounter,  # noqa: ARG001 - part of the key
) -> Region:
    """Open a bundle with the venues; the table's stamp makes a changed one a new entry."""
    region = _open(folder, version)
    return with_venues(region, venues.venues_in(region))


@st.cache_resource(max_entries=8, show_spinner=False)
def _open(folder: str, version: str) -> Region:  # noqa: ARG001 - part of the key
    """Open a bundle; its version makes a replaced or refreshed one a new entry of the cache."""
    region = load_region(folder)
    freeze_garbage_collector()
    return region
