"""What the command line prints on the sample county stays as it is, whatever is moved or renamed.

``WRITE_GOLDEN=1 python -m pytest tests/contract`` writes the files anew, to be read as a
change of the contract before they are committed.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geo.cli import main
from geo.region import Region

GOLDEN = Path(__file__).parent / "golden"
ROOT = Path(__file__).resolve().parents[2]
ROSTER = str(ROOT / "data" / "sample" / "roster.csv")
WEST, EAST = "47.1642,-86.7956", "47.1617,-86.7231"
MONDAY = "2026-05-04T10:00"

COMMANDS = {
    "near.csv": ["near", WEST, "--format", "csv", "--open-at", MONDAY],
    "near.json": ["near", WEST, "--format", "json", "--open-at", MONDAY, "--minutes", "40"],
    "near_winter.json": ["near", EAST, "--format", "json", "--open-at", MONDAY,
                         "--conditions", "winter",
                        "--no-ferries"],
    "near.geojson": ["near", WEST, "--format", "geojson", "--open-at", MONDAY],
    "halfway.json": ["halfway", "--person", WEST, "--person", EAST, "--format", "json",
                     "--open-at", MONDAY],
    "halfway.csv": ["halfway", "--person", WEST, "--person", EAST, "--format", "csv",
                    "--objective", "total", "--open-at", MONDAY],
    "reach.json": ["reach", WEST, "--minutes", "10", "--minutes", "20"],
    "plan.json": ["plan", "--staff", ROSTER, "--meetups", "3", "--format", "json"],
    "plan.csv": ["plan", "--staff", ROSTER, "--meetups", "3", "--format", "csv"],
    "plan_fewest.json": ["plan", "--staff", ROSTER, "--objective", "fewest", "--max-minutes", "30",
                         "--format", "json"],
    "coverage.json": ["coverage", "--staff", ROSTER, "--minutes", "20", "--format", "json"],
}  # fmt: skip

Ask = Callable[..., str]


@pytest.fixture
def ask(
    county: Region,
    regions_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Ask:
    """Return a function that runs a command on the sample county and returns what it prints."""
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(regions_dir.parent))

    def call(*arguments: str) -> str:
        code = main([arguments[0], "--region", county.name, *arguments[1:]])
        captured = capsys.readouterr()
        assert code == 0, captured.err
        return captured.out

    return call


def stable(text: str) -> str:
    """Return a text without what differs between two runs: durations and versions."""
    text = re.sub(
        r'("(?:elapsed_s|seconds_used|version|built_at|crossroads)": )[^,}\n]+', r"\1null", text
    )
    return re.sub(r"[Cc]rossroads/?\s?\d+\.\d+\.\d+\S*", "Crossroads", text)


def check(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("WRITE_GOLDEN"):
        path.write_text(text, "utf-8", newline="\n")
    assert text == path.read_text("utf-8"), name


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_prints_what_it_did(ask: Ask, name: str) -> None:
    text = stable(ask(*COMMANDS[name]))
    if name.endswith("json"):
        text = json.dumps(json.loads(text), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if len(text) > 20_000:  # the shape of a large answer, and a digest of all of it
        text = summary(text)
    check(name, text)


def summary(text: str) -> str:
    """Return the paths and types of a large JSON, and a digest of its values."""
    paths: dict[str, str] = {}

    def visit(value: Any, path: str) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                visit(inner, f"{path}.{key}")
        elif isinstance(value, list):
            for inner in value:
                visit(inner, f"{path}[]")
        else:
            paths[path] = type(value).__name__

    try:
        visit(json.loads(text), "$")
    except ValueError:
        paths = {f"line {i}": line for i, line in enumerate(text.splitlines()[:20])}
    digest = hashlib.sha256(text.encode()).hexdigest()
    return "\n".join([*(f"{k}: {v}" for k, v in sorted(paths.items())), digest]) + "\n"


def test_the_pack_of_the_sample_roster_has_the_same_files(ask: Ask, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    ask("plan", "--staff", ROSTER, "--meetups", "3", "--at", MONDAY, "--out", str(pack))
    lines = [
        f"{path.relative_to(pack).as_posix()}: {_digest(path.name, path.read_bytes())}"
        for path in sorted(pack.rglob("*"))
        if path.is_file()
    ]
    check("pack.txt", "\n".join(lines) + "\n")


def _digest(name: str, data: bytes) -> str:
    """Return what stays of a file from one run to the next."""
    if name.endswith(".xlsx"):
        import openpyxl

        book = openpyxl.load_workbook(io.BytesIO(data))
        cells = [[str(cell.value) for cell in row] for sheet in book for row in sheet.iter_rows()]
        return hashlib.sha256(stable(json.dumps(cells)).encode()).hexdigest()[:16]
    text = stable(data.decode("utf-8"))
    text = re.sub(r"(?m)^(DTSTAMP|CREATED|LAST-MODIFIED|PRODID)[:;].*\r?\n", "", text)
    if name.endswith(".csv"):
        columns = next(csv.reader(io.StringIO(text)))
        return f"{columns} {hashlib.sha256(text.encode()).hexdigest()[:16]}"
    if name.endswith((".html", ".svg")):  # looks may change; what is said may not
        text = " ".join(re.sub(r"(?s)<(style|script).*?</\1>|<[^>]+>", " ", text).split())
    return hashlib.sha256(text.encode()).hexdigest()[:16]
