"""A map that a second process draws, and what becomes of that process."""

from __future__ import annotations

import pickle
from functools import partial
from pathlib import Path

import pytest

from geo.errors import SetupError, UnreadableExtract
from geo.model import BBox
from geo.region.basemap import draw, drawing
from geo.region.extract import read_extract

BOX = BBox(-0.5, 52.0, -0.4, 52.1)


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(drawing, "_LARGE_BYTES", 1)


def test_it_draws_the_same_map(village: Path, tmp_path: Path, beside: None) -> None:
    told: list[float] = []
    read = partial(read_extract, village)
    with draw(read, tmp_path / "here", source_bytes=0) as here:
        read(here.collectors)
        here.bound(BOX)
        here.finish(told.append)
    with draw(read, tmp_path / "beside", source_bytes=10) as second:
        assert list(second.collectors) == []
        second.bound(BOX)
        second.finish(told.append)
    assert (tmp_path / "here").read_bytes() == (tmp_path / "beside").read_bytes()
    half = len(told) // 2
    assert told[:half] == told[half:]
    assert told[-1] == 1.0


def test_its_errors_are_ours(village: Path, tmp_path: Path, beside: None) -> None:
    missing = tmp_path / "x.osm"
    for extract, path, error, words in (
        (village, tmp_path / "nowhere" / "map", FileNotFoundError, "nowhere"),
        (missing, tmp_path / "map", UnreadableExtract, "there is no file"),
    ):
        with draw(partial(read_extract, extract), path, source_bytes=10) as second:
            second.bound(BOX)
            with pytest.raises(error, match=words):
                second.finish(lambda _: None)


def test_where_it_is_killed_we_say_so(village: Path, tmp_path: Path, beside: None) -> None:
    with draw(partial(read_extract, village), tmp_path / "map", source_bytes=10) as second:
        assert isinstance(second, drawing._Beside)
        second._process.kill()
        second.bound(BOX)
        with pytest.raises(SetupError, match="ended from outside"):
            second.finish(lambda _: None)


def test_it_ends_with_a_build_that_fails(village: Path, tmp_path: Path, beside: None) -> None:
    begun = []

    def fail() -> None:
        with draw(partial(read_extract, village), tmp_path / "map", source_bytes=10) as second:
            begun.append(second)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert begun[0]._process.returncode is not None
    assert not (tmp_path / "map").exists()


@pytest.mark.parametrize("after_the_box", [False, True])
def test_it_ends_when_whoever_started_it_is_killed(
    village: Path, tmp_path: Path, after_the_box: bool
) -> None:
    with drawing.start_python(drawing._MAIN) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        pickle.dump((partial(read_extract, village), tmp_path / "map"), process.stdin)
        if after_the_box:
            pickle.dump(BOX, process.stdin)
        process.stdin.close()  # as the system does for a process that is killed
        assert process.wait(timeout=120) == 1
        assert pickle.dumps(None) not in process.stdout.read()
