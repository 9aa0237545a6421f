from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from geo.cli import main
from geo.errors import SetupError, UnknownName, UnreadableExtract
from geo.files import disk_errors
from geo.region import find_region, list_regions, load_region, read_manifest, remove_region
from geo.region.build import build_region
from geo.region.bundle import delete_leftovers, delete_stale_builds, is_leftover, lock_region
from geo.region.manifest import MANIFEST

OLD = "build-20200102T030405-0a1b2c"
NEW = "build-20260102T030405-0a1b2c"


def left_by_a_killed_build(folder: Path, build: str = OLD) -> Path:
    """Make what a build that was killed leaves."""
    (folder / build / "network").mkdir(parents=True)
    (folder / build / "network" / "order.npy").write_text("x")
    (folder / f".{MANIFEST}.{build}").write_text("{")
    return folder


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@contextmanager
def without_rights() -> Iterator[None]:
    """Be nobody for a while: rights do not hold for root."""
    mine = os.geteuid()
    if mine == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(mine)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return a folder that every user may look into."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_only_builds_are_swept(tmp_path: Path) -> None:
    folder = left_by_a_killed_build(tmp_path / "village")
    kept = ["build-mynotes", "build-", f"{OLD}-2", f"{OLD.upper()}", f"x{OLD}", "notes"]
    for name in kept:
        (folder / name).mkdir()
    (folder / f".{MANIFEST}.bak").write_text("mine")
    delete_stale_builds(folder)
    assert names_in(folder) == sorted([*kept, f".{MANIFEST}.bak"])


def test_links_are_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    left_by_a_killed_build(elsewhere)
    folder = tmp_path / "village"
    folder.mkdir()
    (folder / NEW).symlink_to(elsewhere / OLD)
    (folder / OLD).mkdir()
    (folder / OLD / "up").symlink_to(elsewhere)
    before = names_in(elsewhere)
    delete_stale_builds(folder)
    assert names_in(folder) == [NEW]
    assert names_in(elsewhere) == before
    assert (elsewhere / OLD / "network" / "order.npy").is_file()


def test_the_build_that_the_manifest_names_stays(tmp_path: Path) -> None:
    folder = left_by_a_killed_build(tmp_path / "village")
    left_by_a_killed_build(folder, NEW)
    (folder / MANIFEST).write_text(f'{{"build": "{NEW}"}}')
    delete_stale_builds(folder)
    assert names_in(folder) == sorted([MANIFEST, NEW, f".{MANIFEST}.{NEW}"])


@pytest.mark.parametrize("manifest", ["", "[" * 200_000, '{"build": "../up"}', '{"build": null}'])
def test_beside_a_damaged_manifest_only_the_own_build_goes(tmp_path: Path, manifest: str) -> None:
    folder = left_by_a_killed_build(tmp_path / "village")
    left_by_a_killed_build(folder, NEW)
    (folder / MANIFEST).write_text(manifest)
    delete_stale_builds(folder, own=NEW)
    assert names_in(folder) == sorted([MANIFEST, OLD, f".{MANIFEST}.{OLD}"])


def test_sweeping_what_is_no_folder_does_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    delete_stale_builds(tmp_path / "file")
    delete_stale_builds(tmp_path / "nothing")
    assert names_in(tmp_path) == ["file"]


def test_a_strangers_file_does_not_hide_why_a_build_failed(tmp_path: Path) -> None:
    (tmp_path / "village").mkdir()
    (tmp_path / "village" / "notes.txt").write_text("mine")
    bad = tmp_path / "bad.osm.pbf"
    bad.write_bytes(b"hello")
    with pytest.raises(UnreadableExtract, match=r"bad\.osm\.pbf"):
        build_region(bad, "village", regions_dir=tmp_path)
    assert names_in(tmp_path / "village") == ["notes.txt"]


def test_a_first_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "bad.osm.pbf"
    bad.write_bytes(b"hello")
    with pytest.raises(UnreadableExtract):
        build_region(bad, "village", regions_dir=tmp_path / "regions")
    assert names_in(tmp_path / "regions") == []


def test_what_killed_builds_left_goes_unless_a_builder_lives(tmp_path: Path) -> None:
    for name in ("dead", "alive", "whole"):
        left_by_a_killed_build(tmp_path / name)
        (tmp_path / f".{name}.lock").touch()
    (tmp_path / ".gone.lock").touch()
    (tmp_path / "whole" / MANIFEST).write_text("{}")
    (tmp_path / "mine").mkdir()
    (tmp_path / "notes.lock").touch()
    with lock_region("alive", tmp_path):
        delete_leftovers(tmp_path)
        assert is_leftover(tmp_path / "alive")
    assert names_in(tmp_path) == [
        ".alive.lock", ".whole.lock", "alive", "mine", "notes.lock", "whole",
    ]  # fmt: skip
    delete_leftovers(tmp_path)
    assert names_in(tmp_path) == [".whole.lock", "mine", "notes.lock", "whole"]
    assert OLD in names_in(tmp_path / "whole")


def test_a_lock_that_was_deleted_still_keeps_builders_apart(tmp_path: Path) -> None:
    with lock_region("village", tmp_path):
        pass
    assert names_in(tmp_path) == []
    with (
        lock_region("village", tmp_path),
        pytest.raises(SetupError, match="being built"),
        lock_region("village", tmp_path),
    ):
        pass


def test_what_a_killed_build_left_can_be_removed_by_name(tmp_path: Path) -> None:
    left_by_a_killed_build(tmp_path / "village")
    (tmp_path / "mine").mkdir()
    remove_region("village", tmp_path)
    assert names_in(tmp_path) == ["mine"]
    for name in ("village", "mine", "../mine", "x" * 5000):
        with pytest.raises(UnknownName):
            remove_region(name, tmp_path)


def test_the_next_build_of_another_region_sweeps(village: Path, tmp_path: Path) -> None:
    left_by_a_killed_build(tmp_path / "dead")
    (tmp_path / ".dead.lock").touch()
    build_region(village, "village", regions_dir=tmp_path)
    assert names_in(tmp_path) == [".village.lock", "village"]
    (tmp_path / "village" / "notes.txt").write_text("mine")
    remove_region("village", tmp_path)
    assert names_in(tmp_path / "village") == ["notes.txt"]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "the disk is full; make room"),
        (errno.EROFS, "read-only"),
        (errno.EISDIR, "stands where"),
        (errno.ENOTDIR, "stands where"),
        (errno.ENAMETOOLONG, "choose a shorter"),
        (errno.EACCES, "change its rights"),
        (errno.EIO, "look at the disk"),
    ],
)
def test_each_fault_of_a_disk_comes_with_its_advice(tmp_path: Path, number: int, said: str) -> None:
    with pytest.raises(SetupError, match=said), disk_errors(tmp_path):
        raise OSError(number, os.strerror(number))


def test_a_short_write_of_numpy_is_a_full_disk(village: Path, tmp_path: Path) -> None:
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from geo.errors import SetupError\n"
        "from geo.region.build import build_region\n"
        "def fill(step, _):\n"
        "    if step == 'roads': resource.setrlimit(resource.RLIMIT_FSIZE, (1024, -1))\n"
        "try:\n"
        "    build_region(Path(sys.argv[1]), 'a', regions_dir=Path(sys.argv[2]), progress=fill)\n"
        "except SetupError as error:\n"
        "    print(error)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, village, tmp_path / "regions"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "the disk is full" in run.stdout or "a file may not grow" in run.stdout
    assert names_in(tmp_path / "regions") == []


@pytest.mark.parametrize("in_the_way", ["regions", "regions/village"])
def test_a_file_where_a_folder_must_be_is_told(
    village: Path, tmp_path: Path, in_the_way: str
) -> None:
    path = tmp_path / in_the_way
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    with pytest.raises(SetupError, match="move it away"):
        build_region(village, "village", regions_dir=tmp_path / "regions")
    assert path.read_text() == "mine"


@pytest.mark.parametrize("name", ["x" * 5000, "/" + "y" * 5000, "a\0b", "", "~", "a/" * 3000])
def test_a_name_that_cannot_be_is_an_unknown_one(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownName, match="there is no region") as unknown:
        find_region(name, tmp_path)
    assert len(str(unknown.value)) < 200


def test_a_locked_folder_of_regions_is_told(open_folder: Path) -> None:
    (open_folder / "regions").mkdir(mode=0o700)
    (open_folder / "regions").chmod(0)
    with without_rights():
        for ask in (list_regions, lambda folder: remove_region("village", folder)):
            with pytest.raises(SetupError, match="may not be read; change its rights"):
                ask(open_folder / "regions")


def test_one_locked_region_does_not_hide_the_others(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    regions_dir = open_folder / "regions"
    for name in ("locked", "damaged"):
        (regions_dir / name).mkdir(parents=True)
        (regions_dir / name / MANIFEST).write_text("{")
    (regions_dir / "locked").chmod(0)
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(open_folder))
    with without_rights():
        assert list_regions(regions_dir) == ["damaged", "locked"]
        for read in (lambda: read_manifest(regions_dir / "locked"), lambda: load_region("locked")):
            with pytest.raises(SetupError, match="may not be read; change its rights"):
                read()
        with pytest.raises(SetupError, match="may not be written"):
            remove_region("locked", regions_dir)
        assert main(["region", "list"]) == 0
        assert main(["region", "info", "locked"]) == 1
        assert main(["near", "1,1", "--region", "locked"]) == 1
        assert main(["region", "remove", "locked"]) == 1
    out, err = capsys.readouterr()
    assert out.count("unreadable") == 2
    assert "Traceback" not in err


def test_a_killed_first_build_is_swept_by_the_next(village: Path, tmp_path: Path) -> None:
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from geo.region.build import build_region\n"
        "die = lambda name, _: name == 'places' and os.kill(os.getpid(), signal.SIGKILL)\n"
        "build_region(Path(sys.argv[1]), 'one', regions_dir=Path(sys.argv[2]), progress=die)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, village, tmp_path], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert is_leftover(tmp_path / "one")
    remove_region("one", tmp_path)
    assert names_in(tmp_path) == []
