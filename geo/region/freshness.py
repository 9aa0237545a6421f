"""What is known of a region's refreshed places: a small file beside the build that it belongs to.

Places change faster than roads, so they may be newer than the build. ``fresh.json`` names the
folder that holds them, by one atomic rename as ``region.json`` names a build, and the build to
which they belong: after a new build they are forgotten. A file that cannot be believed is as none,
and the places are those of the build again, with the build's date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from geo.model import BBox
from geo.region.manifest import BUILD_NAME, current_build
from geo.region.sealed import crc32, read_json, read_moment, seal, write_json

FRESH = "fresh.json"
_FORMAT = 1
_BROKEN = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError)


@dataclass(frozen=True, slots=True)
class FreshBox:
    """A box of which OpenStreetMap has told all places, and of when; None where it did not say."""

    box: BBox
    osm_timestamp: datetime | None


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far a region's places were refreshed since its build.

    Attributes
    ----------
    build
        The build to which they belong.
    folder
        The folder beside it that holds them.
    boxes
        What was asked and fully answered, each as of its last answer.
    squares, squares_in_all
        How many of the world's squares that the region touches are fully answered, of how many.
    places
        How many there are now.
    new, changed, gone
        How many places the last refresh brought, changed, and took away.
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


def write_freshness(folder: Path, fresh: Freshness) -> None:
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
    values["seal"] = seal(values)
    write_json(folder / FRESH, values, temporary=folder / f".{FRESH}.{fresh.folder}")


def read_freshness(folder: Path) -> Freshness | None:
    """Return how fresh the places of a region's present build are.

    Returns
    -------
    Freshness or None
        None where they are those of the build, or what the file says cannot be believed.
    """
    try:
        values = read_json(folder / FRESH)
        if values.pop("seal") != seal(values) or values["format"] != _FORMAT:
            return None
        fresh = _from_json(values)
    except _BROKEN:
        return None
    return fresh if fresh.build == current_build(folder) else None


def is_intact(folder: Path, fresh: Freshness) -> bool:
    """Return whether every file of refreshed places is what was written."""
    try:
        return all(
            (folder / fresh.folder / path).stat().st_size == size
            and crc32(folder / fresh.folder / path) == total
            for path, (size, total) in fresh.files.items()
        )
    except OSError:
        return False


def _from_json(values: dict[str, Any]) -> Freshness:
    """Return what a file says; ValueError, KeyError or TypeError where no refresh writes such."""
    if not (BUILD_NAME.fullmatch(values["build"]) and BUILD_NAME.fullmatch(values["folder"])):
        raise ValueError("no names of builds")
    numbers = [*values["squares"], values["places"], *values["changes"]]
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise ValueError("no counts")
    squares, squares_in_all, places, new, changed, gone = numbers
    files = values["files"].items()
    return Freshness(
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
    return FreshBox(box, None if moment is None else read_moment(moment))
