"""Rosters: every good row is kept, every bad one told by its line, and no home in any message."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from openpyxl import Workbook

from geo.errors import BadTable, InputError
from geo.gazetteer import Gazetteer
from geo.gazetteer.entry import Match
from geo.model import Point
from geo.network import Conditions
from geo.region import Region
from geo.region.build import sample_path
from geo.roster import Roster, read_roster


class Names:
    """A gazetteer of one town."""

    def search(self, text: str, limit: int = 8) -> list[Match]:
        assert limit == 1
        match = Match("Nine Lanes", "village", Point(-0.48, 52.01), "Nine Lanes")
        return [match] if text.endswith("Nine Lanes") else []


def read(path: Path, text: str) -> Roster:
    path.write_text(text, "utf-8")
    return read_roster(path, cast("Gazetteer", Names()))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "staff.csv"


def test_positions_and_names_are_read(file: Path) -> None:
    roster = read(
        file,
        "id,lat,lon,town,team,weight,conditions\n"
        "a,52.1,-0.4,,Blue,2,\n"
        "b,,,Nine Lanes,,,mud no-ferries\n"
        "c,52.2,-0.3,Nowhere,,,daylight\n"
        "d,52.2,-0.2,,,,paved;daylight\n",
    )
    assert not roster.problems
    a, b, c, d = roster.people
    assert (a.id, a.point, a.weight, a.team, a.conditions) == (
        "a", Point(-0.4, 52.1), 2.0, "Blue", None,
    )  # fmt: skip
    assert (b.point, b.conditions) == (Point(-0.48, 52.01), Conditions("mud", ferries=False))
    assert (c.point, c.conditions, c.daylight) == (Point(-0.3, 52.2), None, True)
    assert (d.conditions, d.daylight) == (Conditions("mud"), True)
    assert [person.line for person in roster.people] == [2, 3, 4, 5]


def test_an_address_may_be_a_link_or_a_position(file: Path) -> None:
    roster = read(
        file,
        "id,address,town\n"
        'a,"52.1, -0.4",Nowhere\n'
        "b,https://maps.apple.com/?ll=52.1%2C-0.4&q=Home,\n"
        "c,https://maps.app.goo.gl/SECRET,Nine Lanes\n"
        'd,"152.1, -0.4",Nine Lanes\n',
    )
    assert [(person.id, person.point) for person in roster.people] == [
        ("a", Point(-0.4, 52.1)),
        ("b", Point(-0.4, 52.1)),
    ]
    assert [problem.split(": ")[0] for problem in roster.problems] == [
        "staff.csv, line 4",
        "staff.csv, line 5",
    ]
    assert not any("SECRET" in problem or "152" in problem for problem in roster.problems)


SECRETS = ("52.123456", "-0.654321", "17 Rose Lane", "999.5")


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("x,52.123456,north,,,", "not a number"),
        ("x,52.123456,,,,", "not a number"),
        ("x,999.5,-0.654321,,,", "no position"),
        (",52.123456,-0.654321,,,", "id is empty"),
        ("x,,,17 Rose Lane,,", "knows no such address"),
        ("x,,,,,", "no position and no address"),
        ("good,52.123456,-0.654321,,,", "already on line 2"),
        ("x,52.123456,-0.654321,,-1,", "weight"),
        ("x,52.123456,-0.654321,,nan,", "weight"),
        ("x,52.123456,-0.654321,,,lava", "winter"),
        ("x" * 81 + ",52.123456,-0.654321,,,", "longer than 80"),
    ],
)
def test_a_bad_row_is_told_and_the_others_kept(file: Path, row: str, word: str) -> None:
    roster = read(
        file, f"id,lat,lon,address,weight,conditions\ngood,52,-1,,,\n{row}\nlast,52,-2,,,\n"
    )
    assert [person.id for person in roster.people] == ["good", "last"]
    (problem,) = roster.problems
    assert "line 3" in problem
    assert word in problem
    assert not any(secret in problem for secret in SECRETS)


def test_twins_are_told(file: Path) -> None:
    roster = read(file, "id,lat,lon\na,52,-1\nb,52,-1\nc,52,-2\n")
    assert len(roster.people) == 3
    assert roster.duplicates == ("lines 2, 3 differ in nothing but the id; all are kept.",)


def test_a_table_without_anything_to_go_by_is_refused(file: Path) -> None:
    with pytest.raises(BadTable, match="'id'"):
        read(file, "name,lat,lon\na,1,2\n")
    with pytest.raises(BadTable, match="where people start"):
        read(file, "id,team\na,Blue\n")
    with pytest.raises(InputError, match="check the path"):
        read_roster(file.with_name("none.csv"), cast("Gazetteer", Names()))


def test_a_workbook_is_read_like_a_table(tmp_path: Path) -> None:
    book = Workbook()
    sheet = cast("Any", book.active)
    for row in (["ID", "Lat", "Lon", "Weight"], ["a", 52.1, -0.4, 2], [], [7.0, "52.2", -0.3]):
        sheet.append(row)
    sheet.append(["bad", "x", 1])
    path = tmp_path / "staff.xlsx"
    book.save(path)
    roster = read_roster(path, cast("Gazetteer", Names()))
    assert [(p.id, p.point.lat, p.weight) for p in roster.people] == [
        ("a", 52.1, 2.0),
        ("7", 52.2, 1.0),
    ]
    assert "line 5" in roster.problems[0]


def test_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "staff.xlsx"
    path.write_bytes(b"PK no workbook")
    with pytest.raises(InputError, match="workbook"):
        read_roster(path, cast("Gazetteer", Names()))


def test_the_sample_roster_is_read_whole(county: Region) -> None:
    path = sample_path().with_name("roster.csv")
    roster = read_roster(path, county.gazetteer)
    assert len(roster.people) == 24
    assert roster.problems == ()


def test_the_sample_roster_is_found_by_its_towns(county: Region, tmp_path: Path) -> None:
    lines = sample_path().with_name("roster.csv").read_text("utf-8").splitlines()
    keep = [0, 3]  # id and town
    rows = [[line.split(",")[i] for i in keep] for line in lines]
    path = tmp_path / "towns.csv"
    path.write_text("\n".join(",".join(row) for row in rows), "utf-8")
    roster = read_roster(path, county.gazetteer)
    assert (len(roster.people), roster.problems) == (24, ())
