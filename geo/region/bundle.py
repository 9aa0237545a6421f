"""Regions on disk: list, open, lock, remove, and clean up after builds.

A region is opened by mapping its arrays into memory; every part is shared by all threads. Only
folders with the exact name of a build are ever deleted, never through a symbolic link: what else
lies beside them belongs to somebody.

Places change faster than roads, so they may be newer than the build. ``fresh.json`` names the
folder that holds them, by one atomic rename as ``region.json`` names a build, and the build to
which they belong: after a new build they are forgotten. Where that file cannot be believed, the
places are those of the build again, with the build's date.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from geo.errors import InputError, SetupError, UnknownName, UnreadableRegion, shorten
from geo.files import (
    crc32,
    disk_errors,
    json_crc32,
    lock_file,
    parse_timestamp,
    read_json,
    write_json,
)
from geo.gazetteer import Gazetteer
from geo.isochrone import WaterMask
from geo.model import BBox
from geo.network import RoadNetwork, SnappedPoints
from geo.places import PlaceIndex
from geo.privacy import Homes
from geo.region.manifest import (
    BUILD_NAME,
    MANIFEST,
    PARTS,
    REGION_NAME,
    Manifest,
    check_files,
    current_build,
    damaged_error,
    permission_error,
    read_manifest,
)
from geo.settings import read_settings

FRESH = "fresh.json"
_FORMAT = 1
_BROKEN = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError)


@dataclass(frozen=True, slots=True)
class FreshBox:
    """A box of which OpenStreetMap has told all places, and of when; None where it did not say."""

    box: BBox
    osm_timestamp: datetime | None


@dataclass(frozen=True, slots=True)
class RefreshManifest:
    """How far a region's places were refreshed since its build.

    Attributes
    ----------
    boxes
        What was asked and fully answered, each as of its last answer.
    squares, squares_in_all
        How many of the world's squares that the region touches are fully answered, of how many.
    files
        Relative path to (bytes, CRC-32).
    """

    build: str
    folder: str
    boxes: tuple[FreshBox, ...]
    squares: int
    squares_in_all: int
    places: int
    new: int
    changed: int
    gone: int
    files: dict[str, tuple[int, int]]

    @property
    def is_whole(self) -> bool:
        """Whether every square of the region is answered."""
        return self.squares == self.squares_in_all

    @property
    def osm_timestamp(self) -> datetime | None:
        """When OpenStreetMap looked like the oldest of the boxes; None where one does not say."""
        moments = [one.osm_timestamp for one in self.boxes]
        known = [moment for moment in moments if moment is not None]
        return min(known) if known and len(known) == len(moments) else None

    @property
    def latest(self) -> datetime | None:
        """When OpenStreetMap looked like the box that was refreshed last; None where none says."""
        known = [one.osm_timestamp for one in self.boxes if one.osm_timestamp is not None]
        return max(known, default=None)


def write_freshness(folder: Path, fresh: RefreshManifest) -> None:
    """Write ``fresh.json`` by one atomic rename: the moment at which a refresh becomes visible."""
    values: dict[str, Any] = {
        "format": _FORMAT,
        "build": fresh.build,
        "folder": fresh.folder,
        "boxes": [_box_to_json(one) for one in fresh.boxes],
        "squares": [fresh.squares, fresh.squares_in_all],
        "places": fresh.places,
        "changes": [fresh.new, fresh.changed, fresh.gone],
        "files": {path: list(entry) for path, entry in sorted(fresh.files.items())},
    }
    values["seal"] = json_crc32(values)
    write_json(folder / FRESH, values, temporary=folder / f".{FRESH}.{fresh.folder}")


def read_freshness(folder: Path) -> RefreshManifest | None:
    """Return how fresh the places of a region's present build are.

    None where they are those of the build, or what the file says cannot be believed.
    """
    try:
        values = read_json(folder / FRESH)
        if values.pop("seal") != json_crc32(values) or values["format"] != _FORMAT:
            return None
        fresh = _from_json(values)
    except _BROKEN:
        return None
    return fresh if fresh.build == current_build(folder) else None


def is_intact(folder: Path, fresh: RefreshManifest) -> bool:
    """Return whether every file of refreshed places is what was written."""
    try:
        return all(
            (folder / fresh.folder / path).stat().st_size == size
            and crc32(folder / fresh.folder / path) == total
            for path, (size, total) in fresh.files.items()
        )
    except OSError:
        return False


def _from_json(values: dict[str, Any]) -> RefreshManifest:
    """Return what a file says; ValueError, KeyError or TypeError where no refresh writes such."""
    if not (BUILD_NAME.fullmatch(values["build"]) and BUILD_NAME.fullmatch(values["folder"])):
        raise ValueError("no names of builds")
    numbers = [*values["squares"], values["places"], *values["changes"]]
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise ValueError("no counts")
    squares, squares_in_all, places, new, changed, gone = numbers
    files = values["files"].items()
    return RefreshManifest(
        build=values["build"],
        folder=values["folder"],
        boxes=tuple(_box_from_json(*one) for one in values["boxes"]),
        squares=squares,
        squares_in_all=squares_in_all,
        places=places,
        new=new,
        changed=changed,
        gone=gone,
        files={_file(path): (int(size), int(total)) for path, (size, total) in files},
    )


def _file(path: str) -> str:
    if path.startswith("/") or ".." in path.split("/"):
        raise ValueError("a path that leads elsewhere")
    return path


def _box_to_json(one: FreshBox) -> list[Any]:
    moment = one.osm_timestamp.isoformat() if one.osm_timestamp else None
    return [one.box.west, one.box.south, one.box.east, one.box.north, moment]


def _box_from_json(
    west: float, south: float, east: float, north: float, moment: str | None
) -> FreshBox:
    box = BBox(float(west), float(south), float(east), float(north))
    return FreshBox(box, None if moment is None else parse_timestamp(moment))


@contextmanager
def lock_region(name: str, regions_dir: Path) -> Iterator[None]:
    """Hold the right to write a region; released by the system if this process is killed.

    Raises
    ------
    SetupError
        Another process holds it, or the folder cannot be written.
    """
    path = regions_dir / f".{name}.lock"
    busy = f"region {name!r} is being built by another process; wait until it has finished."
    with lock_file(path, busy):
        try:
            yield
        finally:
            # Who waits for a lock that is deleted while held takes a new one (st_nlink is 0).
            if not os.path.lexists(regions_dir / name):
                with suppress(OSError):
                    path.unlink(missing_ok=True)


def delete_stale_builds(folder: Path, *, own: str | None = None) -> None:
    """Delete what killed or replaced builds have left; the folder too if nothing remains.

    The region's lock must be held. Nothing is raised: what cannot be deleted now is left to the
    next sweep. Beside a manifest that cannot be read every build is left to be looked at, except
    ``own``, the caller's.
    """
    current, fresh = current_build(folder), read_freshness(folder)
    is_damaged = current is None and os.path.lexists(folder / MANIFEST)
    for path in _children(folder):
        temporary = path.name.removeprefix(f".{MANIFEST}.").removeprefix(f".{FRESH}.")
        if temporary in {current, fresh and fresh.folder} or (is_damaged and temporary != own):
            continue
        if not BUILD_NAME.fullmatch(temporary) or path.is_symlink():
            continue
        if path.name == temporary:
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()
    if fresh is None and not is_damaged:
        with suppress(OSError):
            (folder / FRESH).unlink(missing_ok=True)
    if current is None and not is_damaged:
        with suppress(OSError):
            folder.unlink() if folder.is_symlink() else folder.rmdir()


def delete_leftovers(regions_dir: Path) -> None:
    """Delete what first builds that were killed have left and no living builder holds."""
    for path in _children(regions_dir):
        name = path.name.removeprefix(".").removesuffix(".lock")
        if REGION_NAME.fullmatch(name) and (
            path.name == f".{name}.lock" or is_leftover(regions_dir / name)
        ):
            folder = regions_dir / name
            if not folder.is_symlink() and not os.path.lexists(folder / MANIFEST):
                with suppress(SetupError), lock_region(name, regions_dir):
                    delete_stale_builds(folder)


def is_leftover(folder: Path) -> bool:
    """Return whether a folder holds builds of which none was finished."""
    return not os.path.lexists(folder / MANIFEST) and any(
        BUILD_NAME.fullmatch(path.name) for path in _children(folder)
    )


def _children(folder: Path) -> list[Path]:
    """Return what is in a folder; [] where it cannot be looked into."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


NETWORK, PLACES, PLACE_SNAPS, NAMES, WATER, HOMES = PARTS
BASEMAP = "basemap.pmtiles"
"""What the files and folders of a bundle are called."""


Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Region:
    """The area that the app serves, opened from its bundle.

    Attributes
    ----------
    places
        The places; ``place_snaps`` joins place i to the roads.
    load_water, load_homes
        What few questions need; loaded once.
    basemap
        The PMTiles file; None where the bundle has none.
    freshness
        How far the places were refreshed since the build; None where they are the build's own.
    """

    name: str
    manifest: Manifest
    network: RoadNetwork
    places: PlaceIndex
    place_snaps: SnappedPoints
    gazetteer: Gazetteer
    load_water: Callable[[], WaterMask]
    load_homes: Callable[[], Homes]
    basemap: Path | None
    freshness: RefreshManifest | None = None

    @property
    def water(self) -> WaterMask:
        """Where the water is."""
        return self.load_water()

    @property
    def homes(self) -> Homes:
        """Where people may live, for nobody in particular: what a home area is made of."""
        return self.load_homes()

    @property
    def bbox(self) -> BBox:
        """The box that the roads fill."""
        return self.manifest.bbox

    @property
    def osm_timestamp(self) -> datetime | None:
        """When OpenStreetMap looked like this; None where the extract did not say."""
        return self.manifest.osm_timestamp


def check_name(name: str) -> str:
    """Return the name if a region may be called so, else raise `InputError`."""
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
        raise permission_error(regions_dir) from error
    except OSError:
        return []
    return sorted(
        folder.name
        for folder in folders
        if REGION_NAME.fullmatch(folder.name) and _is_region(folder, if_locked=True)
    )


def load_region(
    name_or_path: str | os.PathLike[str], *, regions_dir: Path | None = None, compiled: bool = True
) -> Region:
    """Open a region.

    Parameters
    ----------
    name_or_path
        A name below ``regions_dir``, or the path of a region's folder.
    regions_dir
        Where regions live; by default where the settings say.
    compiled
        Whether its roads are searched by compiled loops (`geo.network.RoadNetwork`).

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
        return _open(folder, compiled=compiled)
    except UnreadableRegion:
        # A build may have replaced the bundle between its manifest and its files: look once more.
        return _open(folder, compiled=compiled)


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


def refreshed_names(folder: Path, fresh: RefreshManifest | None) -> Path | None:
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
        delete_stale_builds(folder)
    delete_leftovers(regions_dir)


def _is_region(folder: Path, *, if_locked: bool) -> bool:
    try:
        return (folder / MANIFEST).is_file()
    except PermissionError:
        return if_locked
    except OSError:  # a name too long for a path
        return False


def _open(folder: Path, *, compiled: bool) -> Region:
    manifest = read_manifest(folder)
    check_files(folder, manifest)
    files = folder / manifest.build
    basemap = files / BASEMAP
    fresh = read_freshness(folder)
    if fresh and not is_intact(folder, fresh):
        fresh = None
    place_files = folder / fresh.folder if fresh else files
    refreshed_at = fresh.osm_timestamp if fresh and fresh.is_whole else None
    with _damage_errors(manifest):
        load_water = _loader(WaterMask.load, files / WATER, manifest)
        load_homes = _loader(Homes.load, files / HOMES, manifest)
        if compiled:  # an app may outlive the files, which an update replaces
            load_water(), load_homes()
        return Region(
            name=manifest.name,
            manifest=replace(manifest, refreshed_at=refreshed_at),
            network=RoadNetwork.open(
                files / NETWORK,
                water=lambda start, end: load_water().metres_across(start, end),
                compiled=compiled,
            ),
            places=PlaceIndex.open(place_files / PLACES),
            place_snaps=SnappedPoints.load(place_files / PLACE_SNAPS),
            gazetteer=Gazetteer.open(files / NAMES, overlay=refreshed_names(folder, fresh)),
            load_water=load_water,
            load_homes=load_homes,
            basemap=basemap if basemap.is_file() else None,
            freshness=fresh,
        )


def _loader(load: Callable[[Path], Part], path: Path, manifest: Manifest) -> Callable[[], Part]:
    """Return what loads a part of a bundle once, however often it is asked for."""

    @cache
    def load_once() -> Part:
        with _damage_errors(manifest):
            return load(path)

    return load_once


@contextmanager
def _damage_errors(manifest: Manifest) -> Iterator[None]:
    """Say which region is damaged where a file of it cannot be read."""
    try:
        yield
    except (OSError, ValueError, EOFError, IndexError, TypeError) as error:
        if isinstance(error, UnreadableRegion):
            raise
        raise damaged_error(manifest.name, manifest.build) from error
