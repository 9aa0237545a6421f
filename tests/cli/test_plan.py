"""``crossroads plan``: the contract, and every way of asking it wrong."""

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

STAFF = "id,lat,lon\na,52.0181,-0.4999\nb,52.0181,-0.4417\nc,52.0361,-0.4709\n"


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Ask = Callable[..., Answer]


@pytest.fixture
def staff(tmp_path: Path) -> Path:
    path = tmp_path / "staff.csv"
    path.write_text(STAFF, "utf-8")
    return path


@pytest.fixture
def ask(
    build_once: Callable[[Path, str], Region],
    village: Path,
    regions_dir: Path,
    staff: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Ask:
    """Return a function that runs a command on the village."""
    build_once(village, "village")
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(regions_dir.parent))

    def call(*arguments: str, command: str = "plan") -> Answer:
        code = main([command, "--region", "village", "--staff", str(staff), *arguments])
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return call


@pytest.mark.parametrize("objective", ["total", "fairest", "coverage", "fewest"])
@pytest.mark.parametrize("meetups", ["1", "auto"])
def test_json_keeps_the_contract(ask: Ask, objective: str, meetups: str) -> None:
    answer = ask("--meetups", meetups, "--objective", objective, "--format", "json")
    assert (answer.code, answer.err) == (0, "")
    values = json.loads(answer.out)
    (meetup,) = values["meetups"]
    place = meetup["place"]
    assert (place["osm_id"], place["name"], place["kind"]) == ("n1001", "The Kettle", "cafe")
    assert set(place["links"]) == {"osm", "google", "apple", "waze", "geo"}
    drives = [one["minutes"] for one in meetup["attendees"]]
    assert [one["id"] for one in meetup["attendees"]] == ["a", "b", "c"]
    assert all(one["return_minutes"] > 0 for one in meetup["attendees"])
    assert values["unplaced"] == []
    assert values["total_minutes"] == pytest.approx(sum(drives), abs=0.002)
    assert values["worst_minutes"] == max(drives)
    assert values["objective"] == objective
    assert (values["proven"], values["gap"]) == (True, 0)
    expected = {
        "total": values["total_minutes"],
        "fairest": values["worst_minutes"],
        "coverage": 3,
        "fewest": 1,
    }[objective]
    assert values["lower_bound"] == pytest.approx(expected, abs=0.002)
    assert values["lower_bound"] <= expected


def test_people_who_cannot_be_placed_are_no_error(ask: Ask, staff: Path) -> None:
    staff.write_text(STAFF + "far,10,10\n", "utf-8")
    answer = ask("--meetups", "1", "--max-minutes", "1", "--format", "json")
    assert answer.code == 0
    values = json.loads(answer.out)
    assert values["meetups"] == []
    assert {one["id"] for one in values["unplaced"]} == {"a", "b", "c", "far"}
    assert all(one["reason"] for one in values["unplaced"])
    assert (values["total_minutes"], values["lower_bound"], values["gap"]) == (0, 0, 0)
    sorts = {one["sort"] for one in values["repairs"]}
    assert {"minutes", "video"} <= sorts


def test_a_day_that_is_over_is_told(ask: Ask) -> None:
    answer = ask("--meetups", "1", "--at", "2020-05-04T10:00", "--format", "json")
    assert answer.code == 0
    assert "04 May 2020 is over" in answer.err


def test_more_at_each_meetup_than_there_are_is_no_error(ask: Ask) -> None:
    answer = ask("--min-size", "20", "--format", "json")
    assert answer.code == 0
    values = json.loads(answer.out)
    assert {one["rule"] for one in values["unplaced"]} == {"group"}
    assert "Groups of 3 or more place 3 more people." in [one["text"] for one in values["repairs"]]


def test_bad_rows_are_told_and_the_others_planned(ask: Ask, staff: Path) -> None:
    staff.write_text(STAFF + "d,52.0123,here\ne,,\nb,52.0181,-0.4417\n", "utf-8")
    answer = ask("--meetups", "1", "--format", "csv")
    assert answer.code == 0
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    assert [row["id"] for row in rows] == ["a", "b", "c"]
    for line in ("line 5", "line 6", "line 7"):
        assert line in answer.err
    assert "52.0" not in answer.err


def test_table_and_geojson(ask: Ask) -> None:
    table = ask("--meetups", "1")
    assert table.code == 0
    assert "The Kettle" in table.out
    assert "(proven)" in table.err
    features = json.loads(ask("--meetups", "1", "--format", "geojson").out)["features"]
    assert features[0]["geometry"]["coordinates"] == [-0.4709, 52.0181]


def test_the_pack_is_written(ask: Ask, tmp_path: Path) -> None:
    out = tmp_path / "new" / "pack"
    answer = ask("--meetups", "1", "--out", str(out), "--at", "2026-05-04T10:00", "--duration", "3")
    assert answer.code == 0
    names = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    whole = {"plan.json", "plan.csv", "plan.xlsx", "plan.geojson", "plan.kml", "summary.html"}
    assert whole <= names
    assert {"meetups/01.ics", "meetups/01.html", "attendees/a.ics", "attendees/a.html"} <= names
    assert "calendar" in ask("--meetups", "1", "--out", str(out)).err


def test_own_venues_take_part(ask: Ask, tmp_path: Path) -> None:
    venues = tmp_path / "venues.csv"
    venues.write_text(
        "id,name,lat,lon,kind,status\nhq,Our Office,52.0181,-0.4855,coworking,office\n"
        "n1001,,,,,never\nbad,X,1,,,\n",
        "utf-8",
    )
    answer = ask("--meetups", "1", "--venues", str(venues), "--format", "json")
    place = json.loads(answer.out)["meetups"][0]["place"]
    assert (place["osm_id"], place["name"]) == ("own:hq", "Our Office")
    assert "line 4" in answer.err


def test_a_ledger_moves_the_plan(ask: Ask, staff: Path, tmp_path: Path) -> None:
    venues = tmp_path / "venues.csv"
    venues.write_text("id,name,lat,lon\neast,East,52.0181,-0.4417\n", "utf-8")
    staff.write_text("id,lat,lon\na,52.0181,-0.4782\nb,52.0181,-0.4417\n", "utf-8")
    ledger = tmp_path / "ledger.csv"
    ledger.write_text("id,minutes\na,100\nb,1\n", "utf-8")
    common = ("--meetups", "1", "--venues", str(venues), "--format", "json")
    names = [
        json.loads(ask(*common, *more).out)["meetups"][0]["place"]["name"]
        for more in ((), ("--ledger", str(ledger)))
    ]
    assert names == ["East", "The Kettle"]


def test_driving_history_costs_no_more_than_its_share(
    ask: Ask, staff: Path, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger.csv"
    ledger.write_text("id,minutes\na,100\nb,1\nc,1\n", "utf-8")
    common = ("--meetups", "1", "--format", "json")
    before = json.loads(ask(*common).out)
    assert before["history"] is None
    for share in ("0", "10", "100"):
        after = json.loads(ask(*common, "--ledger", str(ledger), "--history-share", share).out)
        assert after["total_minutes"] <= (1 + float(share) / 100) * before["total_minutes"] + 0.01
        assert after["lower_bound"] == before["lower_bound"] <= after["total_minutes"]
        assert after["history"]["share"] == float(share) / 100
        more = after["total_minutes"] - before["total_minutes"]
        assert after["history"]["extra_minutes"] == pytest.approx(more, abs=0.01)
    assert ask("--ledger", str(ledger), "--history-share", "101").code == 2


@pytest.mark.parametrize("objective", ["total", "fairest", "coverage", "fewest"])
def test_bounds_are_bounds_and_gaps_are_fractions(ask: Ask, objective: str) -> None:
    values = json.loads(ask("--objective", objective, "--format", "json").out)
    assert values["lower_bound"] <= values["objective_value"]
    assert 0 <= values["gap"] <= 1
    assert not values["proven"] or values["gap"] == 0
    for point in values["curve"]:
        assert point["lower_bound"] is None or not point["lower_bound"] < 0


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--meetups", "some"], "auto"),
        (["--meetups", "0"], "0 meetups"),
        (["--max-minutes", "nan"], "minutes"),
        (["--max-minutes", "-5"], "minutes"),
        (["--objective", "best"], "fairest"),
        (["--min-size", "5", "--max-size", "2"], "largest group of 2"),
        (["--at", "noon"], "2026-05-04T10:00"),
        (["--duration", "long"], "hours"),
        (["--duration", "0"], "hours"),
        (["--kind", "caffe"], "cafe"),
        (["--force", "n5"], "n5"),
        (["--together", "a"], "two ids"),
        (["--together", "a,zz"], "zz"),
        (["--veto", "a"], "--veto takes"),
        (["--veto", "zz,n1001"], "zz"),
        (["--conditions", "lava"], "winter"),
        (["--venues", "none.csv"], "none.csv"),
        (["--ledger", "none.csv"], "none.csv"),
    ],
)
def test_wrong_questions_are_refused(ask: Ask, arguments: list[str], word: str) -> None:
    answer = ask(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert word in answer.err
    assert "Traceback" not in answer.err


def test_a_roster_of_bad_rows_alone_is_refused(ask: Ask, staff: Path) -> None:
    staff.write_text("id,lat,lon\na,x,y\n", "utf-8")
    answer = ask()
    assert (answer.code, answer.out) == (2, "")
    assert "line 2" in answer.err


def test_coverage_keeps_its_promises(ask: Ask, staff: Path) -> None:
    staff.write_text(STAFF + "far,10,10\n", "utf-8")
    answer = ask("--minutes", "30", "--kind", "cafe", "--format", "json", command="coverage")
    assert (answer.code, answer.err) == (0, "")
    values = json.loads(answer.out)
    assert (values["people_count"], values["covered"], values["minutes"]) == (4, [3], [30.0])
    assert values["kinds"] == [{"kind": "cafe", "places": 1, "covered": [3]}]
    assert values["deserts"] == [{"minutes": 30.0, "ids": ["far"]}]
    assert values["people"][0]["nearest"]["osm_id"] == "n1001"
    assert values["people"][3] == {
        "id": "far", "covered": False, "nearest": None, "fallback": None,
    }  # fmt: skip


def test_coverage_in_every_format(ask: Ask) -> None:
    rows = list(
        csv.DictReader(
            io.StringIO(ask("--minutes", "1", "--format", "csv", command="coverage").out)
        )
    )
    assert [row["covered"] for row in rows] == ["no", "no", "no"]
    assert rows[0]["fallback"] == "unnamed library"
    drawn = json.loads(ask("--minutes", "1", "--format", "geojson", command="coverage").out)
    assert drawn["features"][0]["properties"] == {"name": "Nine Lanes", "without_1": 3}
    table = ask(command="coverage")
    assert table.code == 0
    assert "people within" in table.out
    assert ask("--minutes", "0", command="coverage").code == 2
    assert ask("--kind", "caffe", command="coverage").code == 2
