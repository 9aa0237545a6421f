"""The one readable file of a bundle: what it was made from, what it holds, and how to check it.

A region's folder holds ``region.json`` and one folder of files. A new build is written to a folder
of its own beside the old one; replacing ``region.json``, one atomic rename, is the switch. So a
build that is killed at any moment leaves the old bundle or none. Sizes and CRC-32 sums of all files
(and of this one) tell a bundle that was cut off or edited before it can give a wrong answer.
"""

from __future__ import annotations

import json
import os
import zlib
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from geo.errors import UnreadableRegion
from geo.model import BBox

FORMAT = 1
"""Raised whenever an older reader could not understand, or would misread, a newer bundle."""

MANIFEST = "region.json"
LICENCE = "Open Database License (ODbL) 1.0, https://opendatacommons.org/licenses/odbl/"
ATTRIBUTION = "© OpenStreetMap contributors"
FICTIONAL_LICENCE = "MIT License; no real place, person or business"
FICTIONAL_ATTRIBUTION = "Fictional county, made by Crossroads"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``region.json`` says.

    Attributes
    ----------
    name
        The region's name, also that of its folder.
    build
        The folder beside ``region.json`` that holds the files.
    source
        File name of the extract.
    source_bytes
        Its size.
    osm_timestamp
        When OpenStreetMap looked like this; None where the extract does not say.
    bbox
        The box that the roads fill.
    counts
        How many junctions, edges, places, names...
    step_seconds
        How long each step of the build took.
    files
        Relative path to (bytes, CRC-32).
    fictional
        Whether it is an invented county, as the sample is, and no place on Earth.
    built_at
        When it was built, UTC.
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
        return f"Map data: {self.attribution} (ODbL){stamp}."

    def to_json(self) -> dict[str, Any]:
        """Return the manifest as JSON values, sealed with a checksum of itself."""
        values = {"format": FORMAT, **asdict(self)}
        for key in ("osm_timestamp", "built_at"):
            values[key] = values[key].isoformat() if values[key] else None
        values["bbox"] = [self.bbox.west, self.bbox.south, self.bbox.east, self.bbox.north]
        values["files"] = {path: list(entry) for path, entry in sorted(self.files.items())}
        values["seal"] = _seal(values)
        return values


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write ``region.json`` by one atomic rename: the moment at which a build becomes visible."""
    temporary = folder / f".{MANIFEST}.{manifest.build}"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(manifest.to_json(), file, indent=1, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / MANIFEST)


def read_manifest(folder: Path) -> Manifest:
    """Read ``region.json`` of a region's folder.

    Raises
    ------
    UnreadableRegion
        It is missing, damaged, or of another format.
    """
    name = folder.name
    try:
        values = json.loads((folder / MANIFEST).read_text("utf-8"))
        found = values.pop("format")
        if found != FORMAT:
            raise UnreadableRegion(
                f"region {name!r} has bundle format {found!r} and this version of Crossroads reads"
                f" format {FORMAT}; build it again with 'crossroads region build'."
            )
        values["format"] = found
        if values.pop("seal") != _seal(values):
            raise ValueError("the seal does not fit")
        return _from_json(values)
    except FileNotFoundError as error:
        raise UnreadableRegion(f"{folder} holds no region: it has no {MANIFEST}.") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, UnreadableRegion):
            raise
        raise damaged(name, MANIFEST) from error


def damaged(name: str, path: str) -> UnreadableRegion:
    """Return the error that says that one file of a region is cut off or edited."""
    return UnreadableRegion(
        f"region {name!r} is damaged: {path} is missing, cut off or edited;"
        " build it again with 'crossroads region build'."
    )


def checksum_files(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and CRC-32 of every file below a folder, by relative path."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_size, _crc32(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def check_files(folder: Path, manifest: Manifest) -> None:
    """Compare every file with the manifest.

    Raises
    ------
    UnreadableRegion
        A file is missing, of another size, or of other content.
    """
    for relative, (size, crc32) in manifest.files.items():
        path = folder / manifest.build / relative
        if not path.is_file() or path.stat().st_size != size or _crc32(path) != crc32:
            raise damaged(manifest.name, relative)


def _from_json(values: dict[str, Any]) -> Manifest:
    values = {key: value for key, value in values.items() if key != "format"}
    stamp = values["osm_timestamp"]
    values["osm_timestamp"] = datetime.fromisoformat(stamp) if stamp else None
    values["built_at"] = datetime.fromisoformat(values["built_at"])
    values["bbox"] = BBox(*values["bbox"])
    values["files"] = {path: (size, crc32) for path, (size, crc32) in values["files"].items()}
    return Manifest(**values)


def _seal(values: dict[str, Any]) -> int:
    text = json.dumps(values, sort_keys=True, ensure_ascii=False)
    return zlib.crc32(text.encode("utf-8"))


def _crc32(path: Path) -> int:
    crc32 = 0
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            crc32 = zlib.crc32(chunk, crc32)
    return crc32
