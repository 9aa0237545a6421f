"""``--venues`` and ``--office``: own venues take part on the command line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from geo.cli import main
from geo.region import Region

VENUES = (
    "id,name,lat,lon,kind,status,staff\nhq,Head Office,52.0181,-0.4855,conference_centre,office,3\n"
    "worse,Bad Row,52.0,-0.4,castle,partner,\nn1001,,,,,never,\n"
)


@pytest.fixture
def ask(
    build_once: Callable[[Path, str], Region],
    village: Path,
    regions_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., tuple[int, str, str]]:
    """Return a function that asks a command of the village with the venues."""
    build_once(village, "village")
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(regions_dir.parent))
    path = tmp_path / "venues.csv"
    path.write_text(VENUES, "utf-8")

    def run(command: str, *arguments: str) -> tuple[int, str, str]:
        code = main([command, "--region", "village", "--venues", str(path), *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_near_and_halfway_know_the_venues_and_not_the_banned(ask) -> None:
    for command, arguments in (
        ("near", ["52.0181,-0.4855"]),
        ("halfway", ["--person", "52.0181,-0.4855", "--person", "52.0181,-0.4709"]),
    ):
        code, out, err = ask(command, *arguments, "--format", "csv")
        assert code == 0
        rows = list(csv.DictReader(io.StringIO(out)))
        assert rows[0]["osm_id"] == "own:hq"
        assert "n1001" not in [row["osm_id"] for row in rows]
        assert "line 3" in err
        assert "castle" in err


def test_an_office_is_weighed_in_three_ways(ask, tmp_path: Path) -> None:
    staff = tmp_path / "staff.csv"
    staff.write_text("id,lat,lon\na,52.0181,-0.4999\nb,52.0361,-0.4709\n", "utf-8")
    arguments = ["--staff", str(staff), "--meetups", "1"]
    code, _, err = ask("plan", *arguments, "--office", "hq")
    assert code == 0
    assert "Meet at the office: 2 remote people drive" in err
    assert err.count("the longest") >= 3
    code, _, err = ask("plan", *arguments, "--office", "nobody")
    assert code == 2
    assert "did you mean" in err or "there are hq" in err
