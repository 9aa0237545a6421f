"""Regions on disk: list, open, remove.

A region is opened by mapping its arrays into memory; every part is shared by all threads.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from geo.disk import disk_errors
from geo.errors import InputError, UnknownName, UnreadableRegion, shorten
from geo.gazetteer import Gazetteer
from geo.isochrone import WaterMask
from geo.model import BBox
from geo.network import RoadNetwork, Snaps
from geo.places import PlaceIndex
from geo.privacy import Homes
from geo.region.disk import is_leftover, lock_region, sweep, sweep_leftovers
from geo.region.freshness import Freshness, is_intact, read_freshness
from geo.region.manifest import (
    MANIFEST,
    PARTS,
    REGION_NAME,
    Manifest,
    check_files,
    damaged,
    locked,
    read_manifest,
)
from geo.settings import read_settings

NETWORK, PLACES, PLACE_SNAPS, NAMES, WATER, HOMES = PARTS
BASEMAP = "basemap.pmtiles"
"""What the files and folders of a bundle are called."""


@dataclass(frozen=True, slots=True)
class Region:
    """The area that the app serves, opened from its bundle.

    Attributes
    ----------
    name
        Its name.
    manifest
        What the bundle says of itself.
    network
        The roads.
    places
        The places; ``place_snaps`` joins place i to the roads.
    gazetteer
        Names and addresses.
    water
        What isochrones must not paint.
    homes
        Where people may live, for nobody in particular: what a home area is made of.
    basemap
        The PMTiles file; None where the bundle has none.
    freshness
        How far the places were refreshed since the build; None where they are the build's own.
    """

    name: str
    manifest: Manifest
    network: RoadNetwork
    places: PlaceIndex
    place_snaps: Snaps
    gazetteer: Gazetteer
    water: WaterMask
    homes: Homes
    basemap: Path | None
    freshness: Freshness | None = None

    @property
    def bbox(self) -> BBox:
        """The box that the roads fill."""
        return self.manifest.bbox

    @property
    def osm_timestamp(self) -> datetime | None:
        """When OpenStreetMap looked like this; None where the extract did not say."""
        return self.manifest.osm_timestamp


def check_name(name: str) -> str:
    """Return the name if a region may be called so.

    Raises
    ------
    InputError
        It may not.
    """
    if not REGION_NAME.fullmatch(name):
        raise InputError(
            f"{shorten(name)!r} cannot name a region: use up to 64 small letters, digits, '-' and"
            " '_', as in 'new-england'."
        )
    return name


def list_regions(regions_dir: Path) -> list[str]:
    """Return the names of the regions that are there, sorted; one that is locked is there too.

    Raises
    ------
    SetupError
        The folder of the regions may not be read.
    """
    try:
        folders = list(regions_dir.iterdir())
    except PermissionError as error:
        raise locked(regions_dir) from error
    except OSError:
        return []
    return sorted(
        folder.name
        for folder in folders
        if REGION_NAME.fullmatch(folder.name) and _is_region(folder, if_locked=True)
    )


def load_region(name_or_path: str | os.PathLike[str], *, regions_dir: Path | None = None) -> Region:
    """Open a region.

    Parameters
    ----------
    name_or_path
        A name below ``regions_dir``, or the path of a region's folder.
    regions_dir
        Where regions live; by default where the settings say.

    Raises
    ------
    UnknownName
        There is no such region.
    UnreadableRegion
        Its bundle is damaged or of another version.
    SetupError
        It may not be read.
    """
    folder = find_region(name_or_path, regions_dir or read_settings().regions_dir)
    try:
        return _open(folder)
    except UnreadableRegion:
        # A build may have replaced the bundle between its manifest and its files: look once more.
        return _open(folder)


def find_region(name_or_path: str | os.PathLike[str], regions_dir: Path) -> Path:
    """Return the folder of a region.

    Raises
    ------
    UnknownName
        There is no such region.
    """
    text = os.fspath(name_or_path)
    if REGION_NAME.fullmatch(text) and _is_region(regions_dir / text, if_locked=True):
        return regions_dir / text
    if _is_region(Path(text), if_locked=False):
        return Path(text)
    raise UnknownName("region", text, list_regions(regions_dir))


def renewal_of(folder: Path, fresh: Freshness | None) -> Path | None:
    """Return the file of names that a refresh of places has brought; None where it has not."""
    path = folder / fresh.folder / NAMES if fresh else None
    return path if path is not None and path.is_file() else None


def remove_region(name: str, regions_dir: Path) -> None:
    """Delete a region; first its manifest, so that half a region is never seen.

    Raises
    ------
    UnknownName
        There is no such region.
    SetupError
        It is being built at this moment, or cannot be deleted.
    """
    folder = regions_dir / name
    names = list_regions(regions_dir)
    if name not in names and not (REGION_NAME.fullmatch(name) and is_leftover(folder)):
        raise UnknownName("region", name, names)
    with lock_region(name, regions_dir):
        with disk_errors(regions_dir):
            (folder / MANIFEST).unlink(missing_ok=True)
        sweep(folder)
    sweep_leftovers(regions_dir)


def _is_region(folder: Path, *, if_locked: bool) -> bool:
    try:
        return (folder / MANIFEST).is_file()
    except PermissionError:
        return if_locked
    except OSError:  # a name too long for a path
        return False


def _open(folder: Path) -> Region:
    manifest = read_manifest(folder)
    check_files(folder, manifest)
    files = folder / manifest.build
    basemap = files / BASEMAP
    fresh = read_freshness(folder)
    if fresh and not is_intact(folder, fresh):
        fresh = None
    place_files = folder / fresh.folder if fresh else files
    refreshed_at = fresh.osm_timestamp if fresh and fresh.is_whole else None
    try:
        water = WaterMask.load(files / WATER)
        return Region(
            name=manifest.name,
            manifest=replace(manifest, refreshed_at=refreshed_at),
            network=RoadNetwork.open(files / NETWORK, water=water.metres_across),
            places=PlaceIndex.open(place_files / PLACES),
            place_snaps=Snaps.load(place_files / PLACE_SNAPS),
            gazetteer=Gazetteer.open(files / NAMES, renewal=renewal_of(folder, fresh)),
            water=water,
            homes=Homes.load(files / HOMES),
            basemap=basemap if basemap.is_file() else None,
            freshness=fresh,
        )
    except (OSError, ValueError, EOFError, IndexError, TypeError) as error:
        if isinstance(error, UnreadableRegion):
            raise
        raise damaged(manifest.name, manifest.build) from error
