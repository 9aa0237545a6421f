from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geo.errors import UnreadableRegion
from geo.files import json_crc32
from geo.model import BBox
from geo.region import load_region, read_manifest
from geo.region.manifest import (
    MANIFEST,
    PARTS,
    Manifest,
    check_files,
    checksum_files,
    write_manifest,
)

BUILD = "build-20260102T030405-0a1b2c"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a region's folder whose files are the right ones by name, size and checksum."""
    folder = tmp_path / "village"
    for part in PARTS:
        path = folder / BUILD / (part if "." in part else f"{part}/a.npy")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(part)
    manifest = Manifest(
        name="village",
        build=BUILD,
        source="village.osm.pbf",
        source_bytes=5,
        osm_timestamp=None,
        bbox=BBox(-1.0, 50.0, 1.0, 52.0),
        counts={"junctions": 2, "edges": 2, "places": 0, "names": 1, "homes": 0},
        step_seconds={"roads": 0.5},
        files=checksum_files(folder / BUILD),
    )
    write_manifest(folder, manifest)
    return folder


@pytest.fixture
def reseal(folder: Path) -> Callable[..., None]:
    """Return a function that changes values of the manifest and seals it anew."""

    def change(**changes: Any) -> None:
        values = json.loads((folder / MANIFEST).read_text("utf-8")) | changes
        del values["seal"]
        values["seal"] = json_crc32(values)
        (folder / MANIFEST).write_text(json.dumps(values), "utf-8")

    return change


def test_what_was_written_is_read_and_resealing_alone_is_no_fault(folder: Path, reseal) -> None:
    reseal()
    manifest = read_manifest(folder)
    assert (manifest.build, manifest.bbox) == (BUILD, BBox(-1.0, 50.0, 1.0, 52.0))
    check_files(folder, manifest)


def test_a_region_that_was_copied_is_called_what_its_folder_is_called(folder: Path) -> None:
    copies = [shutil.copytree(folder, folder.parent / name) for name in ("hamlet", "My Town")]
    assert [read_manifest(copy).name for copy in copies] == ["hamlet", "village"]


def test_a_box_of_whole_degrees_is_read(folder: Path, reseal) -> None:
    reseal(bbox=[-1, 50, 1, 52])
    assert read_manifest(folder).bbox == BBox(-1.0, 50.0, 1.0, 52.0)


@pytest.mark.parametrize(
    "build",
    [
        "/etc",
        "..",
        ".",
        "",
        None,
        5,
        [],
        f"../village/{BUILD}",
        f"{BUILD}/..",
        f"{BUILD}\n",
        "build-mynotes",
        BUILD.upper(),
    ],
)
def test_a_build_outside_the_region_is_refused(folder: Path, reseal, build: object) -> None:
    reseal(build=build)
    with pytest.raises(UnreadableRegion, match="damaged"):
        read_manifest(folder)


GOOD = {(f"{part}/a.npy" if "." not in part else part): [1, 2] for part in PARTS}


@pytest.mark.parametrize(
    "files",
    [
        {},
        [],
        None,
        "network/a.npy",
        *({path: entry for path, entry in GOOD.items() if path != left_out} for left_out in GOOD),
        GOOD | {"/etc/passwd.x": [1, 2]},
        GOOD | {"../secret.txt": [1, 2]},
        GOOD | {"network/../../secret.txt": [1, 2]},
        GOOD | {"network\\..\\secret.txt": [1, 2]},
        GOOD | {"network/a\0.npy": [1, 2]},
        GOOD | {"network/a.npy": [1]},
        GOOD | {"network/a.npy": [1, 2, 3]},
        GOOD | {"network/a.npy": [-1, 2]},
        GOOD | {"network/a.npy": [1, -2]},
        GOOD | {"network/a.npy": [1, 1 << 32]},
        GOOD | {"network/a.npy": ["1", 2]},
        GOOD | {"network/a.npy": [True, 2]},
        GOOD | {"network/a.npy": None},
    ],
)
def test_files_that_no_build_writes_are_refused(folder: Path, reseal, files: object) -> None:
    reseal(files=files)
    with pytest.raises(UnreadableRegion, match="damaged"):
        read_manifest(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "../up"},
        {"name": "A b"},
        {"name": None},
        {"name": "x" * 5000},
        {"source": 5},
        {"source_bytes": -1},
        {"source_bytes": "5"},
        {"source_bytes": 10**400},
        {"bbox": None},
        {"bbox": [0, 0, 1]},
        {"bbox": [0, 0, 1, 1, 1]},
        {"bbox": ["0", "0", "1", "1"]},
        {"bbox": [float("nan"), 0, 1, 1]},
        {"bbox": [0, 0, float("inf"), 1]},
        {"bbox": [0, 0, 10**400, 1]},
        {"bbox": [-181, 0, 1, 1]},
        {"bbox": [0, 0, 1, 91]},
        {"bbox": [1, 0, 0, 1]},
        {"bbox": [0, 1, 1, 0]},
        {"counts": {}},
        {"counts": []},
        {"counts": {"junctions": 1, "edges": 1, "places": 1}},
        {"counts": {"junctions": 1.5, "edges": 1, "places": 1, "names": 1, "homes": 1}},
        {"counts": {"junctions": -1, "edges": 1, "places": 1, "names": 1, "homes": 1}},
        {"step_seconds": {"roads": "fast"}},
        {"step_seconds": {"roads": float("nan")}},
        {"step_seconds": None},
        {"osm_timestamp": 5},
        {"osm_timestamp": "yesterday"},
        {"osm_timestamp": "2026-01-02T03:04:05"},
        {"built_at": None},
        {"built_at": ""},
        {"fictional": "no"},
        {"licence": None},
        {"attribution": 7},
        {"surprise": 1},
        {"format": "1"},
        {"format": True},
        {"format": "x" * 5000},
    ],
)
def test_values_that_no_build_writes_are_refused_in_one_short_sentence(
    folder: Path, reseal, change: dict[str, Any]
) -> None:
    reseal(**change)
    with pytest.raises(UnreadableRegion, match="build it again") as refused:
        read_manifest(folder)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b" " * (2 << 20) + b"{}",
        b"9" * 5000,
        b"\xff\xfe",
        b"null",
        b'"text"',
        b"[]",
        b"",
    ],
    ids=["lists", "objects", "large", "digits", "bytes", "null", "text", "list", "empty"],
)
def test_what_is_no_manifest_is_refused(folder: Path, content: bytes) -> None:
    (folder / MANIFEST).write_bytes(content)
    with pytest.raises(UnreadableRegion, match="damaged"):
        read_manifest(folder)


def test_files_that_fit_their_checksums_and_are_no_arrays_are_refused(folder: Path) -> None:
    with pytest.raises(UnreadableRegion, match="build"):
        load_region(folder)
