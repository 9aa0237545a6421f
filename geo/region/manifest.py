"""The one readable file of a bundle: what it was made from, what it holds, and how to check it.

A region's folder holds ``region.json`` and one folder of files. A new build is written to a folder
of its own beside the old one; replacing ``region.json``, one atomic rename, is the switch. So a
build that is killed at any moment leaves the old bundle or none. Sizes and CRC-32 sums of all files
(and of this one) show a bundle that was cut off or edited before it can give a wrong answer.

A server that is asked for a source again may have another file of the same size. So what it said of
the file when it was downloaded is kept: its ETag and date, and the MD5 of the content.
"""

from __future__ import annotations

import math
import re
import reprlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from geo.errors import OutdatedRegion, SetupError, UnreadableRegion
from geo.files import crc32, json_crc32, parse_timestamp, read_json, write_json
from geo.model import BBox


@dataclass(frozen=True, slots=True)
class DownloadInfo:
    """Where a file can be had again, and what was said of it there.

    Attributes
    ----------
    url
        Its address; empty where it is a file of somebody's own.
    md5
        The MD5 of its content; empty where that is not known.
    etag, modified
        What the server said of it; empty where it said nothing.
    outline
        The shapely geometry, lon and lat, that a catalogue gives of it; None where none does.
    """

    url: str = ""
    md5: str = ""
    etag: str = ""
    modified: str = ""
    outline: Any = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file that a region was built from; what was said of it there is as in `DownloadInfo`.

    ``osm_timestamp`` is when OpenStreetMap looked like this; None where it does not say.
    """

    name: str
    bytes: int
    osm_timestamp: datetime | None
    url: str = ""
    md5: str = ""
    etag: str = ""
    modified: str = ""


FORMAT = 3
"""Raised whenever an older reader could not understand, or would misread, a newer bundle."""

_OUTDATED_FORMATS = frozenset({2})
"""Formats whose manifest has the same fields: by it such a region can be built again."""

MANIFEST = "region.json"
PARTS = ("network", "places", "place_snaps", "names.sqlite", "water", "homes")
"""The files and folders without which a bundle cannot be opened."""

REGION_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
BUILD_NAME = re.compile(r"build-[0-9]{8}T[0-9]{6}-[0-9a-f]{6}")
"""What a region and the folder of one build may be called; only such folders are ever deleted."""

_FILE = re.compile(r"[A-Za-z0-9_]+(?:/[A-Za-z0-9_]+)*\.[a-z0-9]+")
_MOMENTS = {"osm_timestamp", "built_at", "refreshed_at"}
_COUNTS = {"junctions", "edges", "places", "names", "homes"}
_MAX_INT = 1 << 53
LICENCE = "Open Database License (ODbL) 1.0, https://opendatacommons.org/licenses/odbl/"
ATTRIBUTION = "© OpenStreetMap contributors"
GENERATOR = "crossroads sample (fictional)"
"""What `data.sample.maker` writes into an extract as the program that made it."""

FICTIONAL_LICENCE = "MIT License; no real place, person or business"
FICTIONAL_ATTRIBUTION = "Fictional county, made by Crossroads"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``region.json`` says.

    Attributes
    ----------
    source
        File name of the extract; those of several are joined by " + ".
    osm_timestamp
        When OpenStreetMap looked like this, the oldest of several; None where that is not known.
    files
        Relative path to (bytes, CRC-32).
    fictional
        Whether it is an invented county, as the sample is, and no place on Earth.
    built_at
        When it was built, UTC.
    refreshed_at
        When OpenStreetMap looked as the places do, where they were refreshed since the build; not
        in ``region.json`` but in a file beside it.
    """

    name: str
    build: str
    source: str
    source_bytes: int
    osm_timestamp: datetime | None
    bbox: BBox
    counts: dict[str, int]
    step_seconds: dict[str, float]
    files: dict[str, tuple[int, int]]
    licence: str = LICENCE
    attribution: str = ATTRIBUTION
    fictional: bool = False
    built_at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    sources: tuple[SourceFile, ...] = ()
    refreshed_at: datetime | None = None

    @property
    def bytes(self) -> int:
        """The size of all files on disk."""
        return sum(size for size, _ in self.files.values())

    @property
    def attribution_line(self) -> str:
        """One line that every answer carries: whose data, and of when."""
        if self.fictional:
            return f"{self.attribution}."
        stamp = f", {self.osm_timestamp:%Y-%m-%d}" if self.osm_timestamp else ""
        if self.refreshed_at:
            stamp += f", places of {self.refreshed_at:%Y-%m-%d}"
        return f"Map data: {self.attribution} (ODbL){stamp}."

    def to_json(self) -> dict[str, Any]:
        """Return the manifest as JSON values, sealed with a checksum of itself."""
        values = {"format": FORMAT, **asdict(self)}
        for part in (values, *values["sources"]):
            for key in _MOMENTS & part.keys():
                part[key] = part[key].isoformat() if part[key] else None
        values["sources"] = list(values["sources"])
        values["bbox"] = [self.bbox.west, self.bbox.south, self.bbox.east, self.bbox.north]
        values["files"] = {path: list(entry) for path, entry in sorted(self.files.items())}
        values["seal"] = json_crc32(values)
        return values


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write ``region.json`` by one atomic rename: the moment at which a build becomes visible."""
    temporary = folder / f".{MANIFEST}.{manifest.build}"
    write_json(folder / MANIFEST, manifest.to_json(), temporary=temporary)


def read_manifest(folder: Path, *, allow_outdated: bool = False) -> Manifest:
    """Read ``region.json`` of a region's folder.

    If ``allow_outdated``, one that an earlier version wrote will do, as to build it again.

    Raises
    ------
    OutdatedRegion
        An earlier version wrote it.
    UnreadableRegion
        It is missing, damaged, or of another format.
    SetupError
        It may not be read.
    """
    name = reprlib.repr(folder.name)
    try:
        values = read_json(folder / MANIFEST)
        found = values.pop("format")
        if type(found) is not int or found not in {FORMAT, *_OUTDATED_FORMATS}:
            raise UnreadableRegion(
                f"region {name} has bundle format {reprlib.repr(found)} and this version of"
                f" Crossroads reads format {FORMAT}; build it again with 'crossroads region build'."
            )
        values["format"] = found
        if values.pop("seal") != json_crc32(values):
            raise ValueError("the seal does not fit")
        manifest = _from_json(values)
        if found != FORMAT and not allow_outdated:
            raise _outdated(folder, manifest)
        # A region that was copied or renamed is called what its folder is called.
        renamed = REGION_NAME.fullmatch(folder.name)
        return replace(manifest, name=folder.name) if renamed else manifest
    except FileNotFoundError as error:
        raise UnreadableRegion(f"{folder} holds no region: it has no {MANIFEST}.") from error
    except PermissionError as error:
        raise permission_error(folder) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, UnreadableRegion):
            raise
        raise damaged_error(folder.name, MANIFEST) from error


def can_update(manifest: Manifest) -> bool:
    """Return whether all sources of a region can be had again."""
    return bool(manifest.sources) and all(source.url for source in manifest.sources)


def is_outdated(folder: Path) -> bool:
    """Return whether an earlier version built a region.

    Raises
    ------
    UnreadableRegion, SetupError
        As of `read_manifest`, but for that.
    """
    try:
        read_manifest(folder)
    except OutdatedRegion:
        return True
    return False


def _outdated(folder: Path, manifest: Manifest) -> OutdatedRegion:
    online = can_update(manifest)
    command = "update" if online else "build EXTRACT --name"
    return OutdatedRegion(
        f"region {reprlib.repr(folder.name)} was built by an earlier version of Crossroads, which"
        " kept roads, hours and addresses differently; build it again with 'crossroads region"
        f" {command} {folder.name}'.",
        can_update=online,
    )


def current_build(folder: Path) -> str | None:
    """Return the build that a manifest of any version names; None where it cannot be read."""
    try:
        build = read_json(folder / MANIFEST)["build"]
        return build if BUILD_NAME.fullmatch(build) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def permission_error(folder: Path) -> SetupError:
    """Return the error that says that a folder exists and may not be read."""
    return SetupError(f"{folder} may not be read; change its rights, or set CROSSROADS_DATA_DIR.")


def damaged_error(name: str, path: str) -> UnreadableRegion:
    """Return the error that says that one file of a region is cut off or edited."""
    return UnreadableRegion(
        f"region {name!r} is damaged: {path} is missing, cut off or edited;"
        " build it again with 'crossroads region build'."
    )


def checksum_files(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and CRC-32 of every file below a folder, by relative path."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_size, crc32(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def check_files(folder: Path, manifest: Manifest) -> None:
    """Compare every file with the manifest.

    Raises
    ------
    UnreadableRegion
        A file is missing, of another size, or of other content.
    SetupError
        A file may not be read.
    """
    for relative, (size, total) in manifest.files.items():
        path = folder / manifest.build / relative
        try:
            whole = path.is_file() and path.stat().st_size == size and crc32(path) == total
        except PermissionError as error:
            raise permission_error(path) from error
        except OSError as error:
            raise damaged_error(manifest.name, relative) from error
        if not whole:
            raise damaged_error(manifest.name, relative)


def _from_json(values: dict[str, Any]) -> Manifest:
    """Return the manifest, every value looked at: a seal that fits may be an attacker's.

    Raises
    ------
    ValueError
        A value is none that a build writes; KeyError and TypeError where one is missing or unknown.
    """
    values = {"fictional": False, "sources": [], "refreshed_at": None, **values}
    del values["format"]
    for key, is_valid in _VALIDATORS.items():
        if not is_valid(values[key]):
            raise ValueError(f"{key} is {reprlib.repr(values[key])}")
    for part in (values, *values["sources"]):
        for key in _MOMENTS & part.keys():
            part[key] = None if part[key] is None else parse_timestamp(part[key])
    values["sources"] = tuple(SourceFile(**source) for source in values["sources"])
    values["bbox"] = BBox(*map(float, values["bbox"]))
    values["files"] = {path: (size, total) for path, (size, total) in values["files"].items()}
    return Manifest(**values)


def _is_count(value: Any, largest: int = _MAX_INT) -> bool:
    return type(value) is int and 0 <= value <= largest


def _is_number(value: Any) -> bool:
    return type(value) in {int, float} and abs(value) <= _MAX_INT and math.isfinite(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_bbox(value: Any) -> bool:
    if not (isinstance(value, list) and len(value) == 4 and all(map(_is_number, value))):
        return False
    west, south, east, north = value
    return bool(-180 <= west <= east <= 180 and -90 <= south <= north <= 90)


def _are_sources(value: Any) -> bool:
    return isinstance(value, list) and all(
        all(_is_text(one.get(key, "")) for key in ("name", "url", "md5", "etag", "modified"))
        and _is_count(one["bytes"])
        and _is_moment(one["osm_timestamp"])
        for one in value
    )


def _is_moment(value: Any) -> bool:
    return value is None or _is_text(value)


def _are_files(value: Any) -> bool:
    return all(any(path.split("/")[0] == part for path in value) for part in PARTS) and all(
        _FILE.fullmatch(path) and _is_count(size) and _is_count(total, (1 << 32) - 1)
        for path, (size, total) in value.items()
    )


_VALIDATORS: dict[str, Callable[[Any], object]] = {
    "name": REGION_NAME.fullmatch,
    "build": BUILD_NAME.fullmatch,
    "source": _is_text,
    "source_bytes": _is_count,
    "osm_timestamp": _is_moment,
    "bbox": _is_bbox,
    "counts": lambda value: set(value) >= _COUNTS and all(map(_is_count, value.values())),
    "step_seconds": lambda value: all(_is_number(s) and s >= 0 for s in value.values()),
    "files": _are_files,
    "licence": _is_text,
    "attribution": _is_text,
    "fictional": lambda value: isinstance(value, bool),
    "built_at": _is_text,
    "sources": _are_sources,
    "refreshed_at": lambda value: value is None,
}
"""For each value of a manifest, whether it is one that a build may have written."""
