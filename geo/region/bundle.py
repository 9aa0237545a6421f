"""Regions on disk: list, open, remove.

A region is opened by mapping its arrays into memory; every part is shared by all threads.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from geo.errors import InputError, SetupError, UnknownName, UnreadableRegion
from geo.gazetteer import Gazetteer
from geo.isochrone import WaterMask
from geo.model import BBox
from geo.network import RoadNetwork, Snaps
from geo.places import PlaceIndex
from geo.region.manifest import MANIFEST, Manifest, check_files, read_manifest
from geo.settings import read_settings

NETWORK, PLACES, PLACE_SNAPS = "network", "places", "place_snaps"
NAMES, WATER, BASEMAP = "names.sqlite", "water", "basemap.pmtiles"
"""What the files and folders of a bundle are called."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


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
    basemap
        The PMTiles file; None where the bundle has none.
    """

    name: str
    manifest: Manifest
    network: RoadNetwork
    places: PlaceIndex
    place_snaps: Snaps
    gazetteer: Gazetteer
    water: WaterMask
    basemap: Path | None

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
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r} cannot name a region: use up to 64 small letters, digits, '-' and '_',"
            " as in 'new-england'."
        )
    return name


def list_regions(regions_dir: Path) -> list[str]:
    """Return the names of the regions that are there, sorted."""
    if not regions_dir.is_dir():
        return []
    return sorted(
        folder.name
        for folder in regions_dir.iterdir()
        if _NAME.fullmatch(folder.name) and (folder / MANIFEST).is_file()
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
    if _NAME.fullmatch(text) and (regions_dir / text / MANIFEST).is_file():
        return regions_dir / text
    if (Path(text) / MANIFEST).is_file():
        return Path(text)
    raise UnknownName("region", text, list_regions(regions_dir))


def remove_region(name: str, regions_dir: Path) -> None:
    """Delete a region; first its manifest, so that half a region is never seen.

    Raises
    ------
    UnknownName
        There is no such region.
    SetupError
        It is being built at this moment.
    """
    if name not in list_regions(regions_dir):
        raise UnknownName("region", name, list_regions(regions_dir))
    with lock_region(name, regions_dir):
        (regions_dir / name / MANIFEST).unlink()
        shutil.rmtree(regions_dir / name, ignore_errors=True)


@contextmanager
def lock_region(name: str, regions_dir: Path) -> Iterator[None]:
    """Hold the right to write a region; released by the system if this process is killed.

    Raises
    ------
    SetupError
        Another process holds it, or the folder cannot be written.
    """
    try:
        regions_dir.mkdir(parents=True, exist_ok=True)
        with FileLock(regions_dir / f".{name}.lock", timeout=0):
            yield
    except Timeout as error:
        raise SetupError(
            f"region {name!r} is being built by another process; wait until it has finished."
        ) from error


def _open(folder: Path) -> Region:
    manifest = read_manifest(folder)
    check_files(folder, manifest)
    files = folder / manifest.build
    basemap = files / BASEMAP
    return Region(
        name=manifest.name,
        manifest=manifest,
        network=RoadNetwork.open(files / NETWORK),
        places=PlaceIndex.open(files / PLACES),
        place_snaps=Snaps.load(files / PLACE_SNAPS),
        gazetteer=Gazetteer.open(files / NAMES),
        water=WaterMask.load(files / WATER),
        basemap=basemap if basemap.is_file() else None,
    )
