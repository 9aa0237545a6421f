"""``crossroads halfway``: the contract, and every way of asking it wrong."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from geo.cli import main
from geo.region import Region

WEST, EAST = "52.0181,-0.4999", "52.0181,-0.4417"


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Ask = Callable[..., Answer]


@pytest.fixture
def ask(
    build_once: Callable[[Path, str], Region],
    village: Path,
    regions_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Ask:
    """Return a function that runs the command on the village."""
    build_once(village, "village")
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(regions_dir.parent))

    def call(*arguments: str) -> Answer:
        code = main(["halfway", "--region", "village", *arguments])
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return call


def people(*starts: str) -> list[str]:
    return [word for start in starts for word in ("--person", start)]


def test_json_keeps_the_contract(ask: Ask) -> None:
    answer = ask(*people(WEST, EAST), "--format", "json", "--return")
    assert (answer.code, answer.err) == (0, "")
    values = json.loads(answer.out)
    cafe, library = values["places"]
    assert (cafe["osm_id"], cafe["name"], cafe["kind"]) == ("n1001", "The Kettle", "cafe")
    assert (cafe["lat"], cafe["lon"]) == (52.0181, -0.4709)
    for place in values["places"]:
        assert len(place["minutes"]) == len(place["km"]) == len(place["return_minutes"]) == 2
        assert place["worst_minutes"] == max(place["minutes"])
        assert place["total_minutes"] == pytest.approx(sum(place["minutes"]), abs=0.002)
        assert set(place["links"]) == {"osm", "google", "apple", "waze", "geo"}
        assert place["open"] in ("open", "closed", "unknown")
    assert cafe["worst_minutes"] < library["worst_minutes"]
    assert (values["everyone_within"], values["unreachable"]) == (True, [])
    assert [person["label"] for person in values["people"]] == ["person 1", "person 2"]


def test_halfway_and_near_agree(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    ours = json.loads(ask(*people(WEST, EAST), "--format", "json").out)["places"]
    for person, start in enumerate((WEST, EAST)):
        main(["near", start, "--region", "village", "--minutes", "60", "--format", "json"])
        near = {one["osm_id"]: one for one in json.loads(capsys.readouterr().out)["places"]}
        for place in ours:
            assert place["minutes"][person] == near[place["osm_id"]]["minutes"]
            assert place["km"][person] == near[place["osm_id"]]["km"]


def test_objective_total_and_names(ask: Ask) -> None:
    answer = ask(*people("Nine Lanes", "52.0001,-0.4999", "52.0001,-0.4999"),
                 "--objective", "total", "--format", "json")  # fmt: skip
    values = json.loads(answer.out)
    assert values["objective"] == "total"
    totals = [place["total_minutes"] for place in values["places"]]
    assert totals == sorted(totals)
    assert values["people"][0]["label"] == "Nine Lanes"


def test_other_formats(ask: Ask) -> None:
    rows = list(csv.DictReader(io.StringIO(ask(*people(WEST, EAST), "--format", "csv").out)))
    assert [row["osm_id"] for row in rows] == ["n1001", "n1002"]
    assert float(rows[0]["minutes_1"]) > 0
    features = json.loads(ask(*people(WEST, EAST), "--format", "geojson").out)["features"]
    assert features[0]["geometry"] == {"type": "Point", "coordinates": [-0.4709, 52.0181]}
    table = ask(*people(WEST, EAST), "--limit", "1")
    assert len(table.out.splitlines()) == 2
    assert "The Kettle" in table.out
    assert "OpenStreetMap contributors" in table.err


def test_too_few_minutes_still_give_the_fairest(ask: Ask) -> None:
    answer = ask(*people(WEST, EAST), "--minutes", "1", "--format", "json")
    values = json.loads(answer.out)
    assert answer.code == 0
    assert not values["everyone_within"]
    best = values["places"][0]
    assert best["osm_id"] == "n1001"
    for beyond, minutes in zip(best["beyond_minutes"], best["minutes"], strict=True):
        assert beyond == pytest.approx(minutes - 1, abs=0.002)
    assert "the fairest ones" in ask(*people(WEST, EAST), "--minutes", "1").err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "--person"),
        (people(WEST), "2 to 30"),
        (people(*[WEST] * 31), "31"),
        (people("nowhere at all", EAST), "spelling"),
        (people("95,1", EAST), "latitude"),
        (people(WEST, "-33.9,18.4", EAST), "km"),
        ([*people(WEST, EAST), "--kind", "caffe"], "cafe"),
        ([*people(WEST, EAST), "--minutes", "nan"], "minutes"),
        ([*people(WEST, EAST), "--objective", "best"], "fairest"),
        ([*people(WEST, EAST), "--conditions", "lava"], "winter"),
        ([*people(WEST, EAST), "--open-at", "noon"], "2026-05-04T10:00"),
    ],
)
def test_wrong_questions_are_refused(ask: Ask, arguments: list[str], word: str) -> None:
    answer = ask(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert word in answer.err
    assert "Traceback" not in answer.err
