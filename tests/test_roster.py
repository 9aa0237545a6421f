"""Rosters: every good row is kept, every bad one told by its line, and no home in any message."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from openpyxl import Workbook

from geo.errors import BadTable, InputError, UnmappedColumns
from geo.gazetteer import Gazetteer, Geocoding, Match, PostalAddress
from geo.geocoding import RegionExtent
from geo.model import BBox, Point
from geo.network import Conditions
from geo.region import Region
from geo.region.build import sample_path
from geo.roster import Roster, read_roster


class Names:
    """A gazetteer of one town."""

    def geocode(self, address: PostalAddress | str) -> Geocoding:
        town = address if isinstance(address, str) else address.town
        if isinstance(address, PostalAddress) and address.state == "OH":
            return Geocoding(None, "Ohio")
        match = Match("Nine Lanes", "village", Point(-0.48, 52.01), "Nine Lanes")
        return Geocoding(match if town == "Nine Lanes" else None)


def read(path: Path, text: str, **options: Any) -> Roster:
    path.write_text(text, "utf-8")
    return read_roster(path, cast("Gazetteer", Names()), **options)


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
        ("x,999.5,-0.654321,,,", "not a position on Earth"),
        (",52.123456,-0.654321,,,", "id is empty"),
        ("x,,,17 Rose Lane,,", "was not found"),
        ("x,,,,,", "no position and no address"),
        ("good,52.123456,-0.654321,,,", "duplicate of the id on line 2"),
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
        read(file, "team,lat,lon\na,1,2\n")
    with pytest.raises(BadTable, match="where people live"):
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
    with pytest.raises(InputError, match="cannot be read as an Excel file"):
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


SYSTEMS = {
    "BambooHR": "Employee #,First Name,Last Name,Address Line 1,City,Zip Code,Work Email\n"
    "1001,A,Sample,16 Kite Court,Ombrelby Mills,00305,a@example.org\n"
    "1002,B,Sample,,Bracklecombe,,b@example.org\n",
    "Workday": "Worker Roster\nRun on 2026-05-01,by Reports\n\n"
    'Worker,Employee ID,"Location","Address Line 1 - Home (Primary)",City - Primary Home\n'
    '"Sample, A",1001,Ivelcombe,16 Kite Court,Ombrelby Mills\n'
    '"Sample, B",1002,Ivelcombe,,Bracklecombe\n',
    "ADP": "Payroll Name,Associate ID,Work Location: City,Primary Address: Address Line 1,"
    "Primary Address: City\n"
    '"Sample, A",1001,Ivelcombe,16 Kite Court,Ombrelby Mills\n'
    '"Sample, B",1002,Ivelcombe,,Bracklecombe\n',
    "Gusto": "First name,Last name,Employee ID,Home street 1,Home city,Work city\n"
    "A,Sample,1001,16 Kite Court,Ombrelby Mills,Ivelcombe\n"
    "B,Sample,1002,,Bracklecombe,Ivelcombe\n",
    "Personio": "\ufeffPersonalnummer;Vorname;Nachname;Straße;Hausnummer;PLZ;Ort;Standort\r\n"
    "1001;A;Sample;Kite Court;16;00305;Ombrelby Mills;Ivelcombe\r\n"
    "1002;B;Sample;;;;Bracklecombe;Ivelcombe\r\n",
    "French": "Matricule;Nom;Prénom;Adresse;Code postal;Ville;Ville du bureau\n"
    "1001;Sample;A;16 Kite Court;00305;Ombrelby Mills;Ivelcombe\n"
    "1002;Sample;B;;;Bracklecombe;Ivelcombe\n",
    "Spanish": "Nº de empleado\tNombre\tApellidos\tDirección\tLocalidad\tCiudad de la oficina\n"
    "1001\tA\tSample\t16 Kite Court\tOmbrelby Mills\tIvelcombe\n"
    "1002\tB\tSample\t\tBracklecombe\tIvelcombe\n",
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_exports_of_personnel_systems_place_people_at_home(
    system: str, county: Region, file: Path
) -> None:
    file.write_text(SYSTEMS[system], "utf-8", newline="")
    roster = read_roster(file, county.gazetteer)
    assert roster.problems == ()
    near = {p.id: county.gazetteer.nearest_settlement(p.point) for p in roster.people}
    towns = {key: match.name for key, match in near.items() if match}
    assert towns == {"1001": "Ombrelby Mills", "1002": "Bracklecombe"}


def test_columns_can_be_mapped_by_hand(file: Path) -> None:
    text = "Kennung,Heimat\n7,Nine Lanes\n"
    with pytest.raises(UnmappedColumns, match="'Kennung', 'Heimat'"):
        read(file, text)
    with pytest.raises(UnmappedColumns, match="where people live"):
        read(file, text, columns={"id": "Kennung"})
    roster = read(file, text, columns={"id": "Kennung", "town": "Heimat"})
    assert [(p.id, p.point) for p in roster.people] == [("7", Point(-0.48, 52.01))]
    assert roster.columns == {"id": "Kennung", "town": "Heimat"}


def test_people_of_other_regions_are_counted_and_told(file: Path) -> None:
    roster = read(file, "id,town,state\na,Nine Lanes,\nb,Far,OH\nc,Nowhere,\n")
    assert (len(roster.people), roster.elsewhere) == (1, 1)
    assert roster.problems == (
        "staff.csv, line 3: the address is in Ohio, not in this region.",
        "staff.csv, line 4: the address was not found in this region.",
    )


def test_an_address_of_which_the_town_alone_is_known_is_to_be_checked(file: Path) -> None:
    roster = read(file, "id,address,town\na,,Nine Lanes\nb,17 Rose Lane,Nine Lanes\n")
    assert roster.uncertain == (3,)


def test_a_roster_that_is_swapped_throughout_is_told_once(file: Path) -> None:
    extent = RegionExtent("west", BBox(-73, 43, -71, 45))
    roster = read(file, "id,lat,lon\na,-72,44\nb,-71.5,44.2\nc,-72.5,43.9\n", region=extent)
    assert roster.people == ()
    (problem,) = roster.problems
    assert problem.startswith("staff.csv: lat and lon look swapped on 3 of 3 lines")
    assert "the other way round they are in region west" in problem
