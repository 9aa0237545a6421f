"""The README tells the truth: its commands run, its files exist, its output is what they print."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from geo.cli import crossroads, main
from geo.geometry import distance_m
from geo.model import Point
from geo.network import Conditions
from geo.region import Region

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]


def _sessions() -> list[tuple[str, str]]:
    """Return the commands of console blocks, each with the output shown below it."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        for session in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = session.partition("\n")
            while command.endswith("\\"):
                more, _, output = output.partition("\n")
                command = command[:-1] + more.strip()
            found.append((command, output))
    return found


def _fetches(command: str) -> bool:
    """Return whether a command makes a region, which other tests do."""
    return " build " in command or " get " in command


def test_the_readme_shows_the_command_line() -> None:
    assert any(command.startswith("crossroads near") for command, _ in _sessions())


@pytest.mark.parametrize("page", PAGES)
def test_linked_files_exist(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text) + re.findall(
        r'src="(?!https?:)([^"]+)"', text
    )
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_that_are_named_exist(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", text)) | set(
        re.findall(r"^\$ make ([a-z-]+)", text, re.MULTILINE)
    )
    assert named <= targets


@pytest.mark.parametrize("page", PAGES)
def test_commands_that_are_named_exist(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    for words in re.findall(r"`crossroads ((?:[a-z]+ ?)+)", text):
        command: click.Command | None = crossroads
        for word in words.split():
            if not isinstance(command, click.Group):
                break
            command = command.get_command(click.Context(command), word)
            assert command is not None, f"{page} names 'crossroads {words}'"


@pytest.mark.parametrize(
    ("command", "shown"),
    [pair for pair in _sessions() if pair[0].startswith("crossroads") and not _fetches(pair[0])],
)
def test_shown_output_is_what_the_command_prints(
    command: str,
    shown: str,
    request: pytest.FixtureRequest,
    regions_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("andorra", "rutland", "county"):
        if re.search(rf"\b{name}\b", command):
            region: Region = request.getfixturevalue(name)
            assert region.name == name
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(regions_dir.parent))
    pipeline = command.split("|")
    assert main(shlex.split(pipeline[0])[1:]) == 0
    printed = capsys.readouterr().out.splitlines()
    if len(pipeline) > 1 and (head := re.match(r"\s*head -n? ?-?(\d+)", pipeline[1])):
        printed = printed[: int(head[1])]
    assert printed == shown.rstrip("\n").splitlines()


def test_the_change_log_names_this_version() -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert f"## [{version[1]}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_two_shores_are_as_far_apart_as_it_says(county: Region) -> None:
    west, east = Point(-86.7956, 47.1642), Point(-86.7231, 47.1617)
    road = county.network.route(west, east, conditions=Conditions(ferries=False))
    ferry = county.network.route(west, east)
    assert road is not None
    assert ferry is not None
    told = " ".join(README.split())
    assert f"live {distance_m(west, east) / 1000:.1f} km apart" in told
    for way in (road, ferry):
        assert f"{way.length_m / 1000:.1f} km and {way.travel_time_s / 60:.0f} minutes" in told


def test_every_picture_is_shown() -> None:
    shown = set(re.findall(r"docs/[\w-]+\.png", README))
    assert shown == {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.png")}
