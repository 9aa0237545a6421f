"""Builds in a process of their own: as those in this one, and over at once when nobody waits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from geo.errors import UnreadableExtract
from geo.region import Manifest, read_manifest
from geo.region import build as build_module
from geo.region.build import build_in_subprocess, build_region, sample_path
from geo.region.manifest import DownloadInfo

ORIGIN = DownloadInfo("https://example.org/county.osm.pbf", md5="0" * 32)


class Stopped(Exception):
    """The person stopped it."""


def build(
    path: Path, folder: Path, *, told: list[str] | None = None, stop_at: str = "never"
) -> Manifest:
    steps = [] if told is None else told

    def check_cancelled() -> None:
        if stop_at in steps:
            raise Stopped

    return build_in_subprocess(
        [path],
        "county",
        regions_dir=folder,
        origins=[ORIGIN],
        progress=lambda step, _done: steps.append(step),
        check_cancelled=check_cancelled,
    )


def left(folder: Path) -> Sequence[str]:
    return sorted(path.name for path in folder.rglob("*") if "build-" in path.name)


def test_a_build_beside_is_stopped_and_leaves_nothing(tmp_path: Path) -> None:
    told: list[str] = []
    with pytest.raises(Stopped):
        build(sample_path(), tmp_path, told=told, stop_at="reading the extract")
    assert "done" not in told
    assert list(tmp_path.iterdir()) == []  # no file, and no lock is held


def test_a_build_beside_makes_what_any_other_makes(
    village: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_module, "_LARGE_BYTES", 1)
    told: list[str] = []
    manifest = build(village, tmp_path, told=told)
    assert (told[0], told[-1]) == ("reading the extract", "done")
    assert read_manifest(tmp_path / "county") == manifest
    assert manifest.files == build_region(village, "county", regions_dir=tmp_path).files
    assert (manifest.sources[0].url, manifest.sources[0].md5) == (ORIGIN.url, ORIGIN.md5)


def test_the_old_region_stays_where_a_build_beside_fails(village: Path, tmp_path: Path) -> None:
    before = build_region(village, "county", regions_dir=tmp_path)
    broken = tmp_path / "broken.osm.pbf"
    broken.write_bytes(sample_path().read_bytes()[:450_000])
    with pytest.raises(UnreadableExtract, match="cut off"):
        build(broken, tmp_path)
    assert read_manifest(tmp_path / "county") == before
    assert left(tmp_path) == [before.build]
