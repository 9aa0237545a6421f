"""Columns by the names that personnel systems give them; nobody is placed at an office."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.columns import COLUMNS, LOCATION, chosen_columns, count_known_columns, map_columns
from geo.errors import BadTable, UnknownName, UnmappedColumns
from geo.files import table_path

EXPORTS = {
    "BambooHR": {
        "Employee #": "id", "First Name": "first_name", "Last Name": "last_name",
        "Work Email": "email", "Home Email": "", "Department": "team", "Location": "",
        "Address Line 1": "address", "Address Line 2": "address_2", "City": "town",
        "State": "state", "Zip Code": "postcode", "Country": "country", "Hire Date": "",
    },
    "BambooHR fields": {
        "employeeNumber": "id", "firstName": "first_name", "lastName": "last_name",
        "workEmail": "email", "homeEmail": "", "address1": "address", "address2": "address_2",
        "city": "town", "stateCode": "state", "zipcode": "postcode", "country": "country",
    },
    "Workday": {
        "Employee ID": "id", "Worker": "name", "Email - Primary Work": "email",
        "Cost Center": "team", "Location": "", "Address Line 1 - Home (Primary)": "address",
        "City - Primary Home": "town", "Postal Code - Primary Home": "postcode",
        "Country - Primary Home": "country", "City - Primary Work": "", "Manager ID": "",
    },
    "ADP": {
        "Associate ID": "id", "Position ID": "", "Payroll Name": "name",
        "Home Department Description": "team", "Work Contact: Work Email": "email",
        "Personal Contact: Home Email": "", "Primary Address: Address Line 1": "address",
        "Primary Address: City": "town", "Primary Address: State / Territory Code": "state",
        "Primary Address: Zip / Postal Code": "postcode", "Work Location: City": "",
        "Location Description": "", "Reports To Name": "",
    },
    "Gusto": {
        "Employee ID": "id", "First name": "first_name", "Last name": "last_name",
        "Work email": "email", "Personal email": "", "Department": "team",
        "Home street 1": "address", "Home street 2": "address_2", "Home city": "town",
        "Home state": "state", "Home zip": "postcode", "Work address": "",
    },
    "Personio": {
        "Personalnummer": "id", "Vorname": "first_name", "Nachname": "last_name",
        "E-Mail (geschäftlich)": "email", "Private E-Mail": "", "Abteilung": "team",
        "Standort": "", "Straße": "address", "Hausnummer": "house_number", "PLZ": "postcode",
        "Ort": "town", "Land": "country", "Eintrittsdatum": "",
    },
    "German": {
        "Mitarbeiter-Nr.": "id", "Name": "name", "Wohnort": "town", "PLZ Wohnort": "postcode",
        "Privatadresse": "address", "Dienstort": "", "Geschäftliche E-Mail": "email",
    },
    "French": {
        "Matricule": "id", "Nom": "name", "Prénom": "first_name", "Courriel": "email",
        "Service": "team", "Adresse du domicile": "address", "Code postal": "postcode",
        "Ville": "town", "Pays": "country", "Lieu de travail": "",
    },
    "Spanish": {
        "Nº de empleado": "id", "Nombre": "name", "Apellidos": "last_name",
        "Correo electrónico": "email", "Departamento": "team", "Dirección": "address",
        "Código Postal": "postcode", "Población": "town", "Provincia": "state", "País": "country",
        "Oficina": "", "Ciudad de trabajo": "",
    },
    "Spanish, with a dot": {"N.º de empleado": "id", "Domicilio": "address", "C.P.": "postcode"},
}  # fmt: skip


@pytest.mark.parametrize("system", EXPORTS)
def test_the_columns_of_an_export_are_known(system: str) -> None:
    names = EXPORTS[system]
    used = map_columns(list(names)).used
    assert used == {column: heading for heading, column in names.items() if column}


@pytest.mark.parametrize(
    "heading",
    ["Manager ID", "Emergency Contact City", "Office Address", "Work ZIP", "Company City",
     "National ID", "Birth City", "Spouse Name", "Personal Email", "Firmenadresse",
     "Adresse professionnelle", "Ciudad de la oficina", "Branch Town", "Site Postcode",
     "Business Address Line 1", "Private E-Mail-Adresse", "", "  ", "#", "Job Title"],
)  # fmt: skip
def test_what_is_of_somebody_else_or_of_an_office_is_not_taken(heading: str) -> None:
    assert map_columns([heading]).used == {}


@pytest.mark.parametrize("word", ["Work", "Office", "Company", "Site", "Arbeitsort", "Bureau"])
@pytest.mark.parametrize("noun", ["Address", "Address Line 1", "City", "ZIP", "Latitude", "Ort"])
def test_no_name_of_a_workplace_is_a_home(word: str, noun: str) -> None:
    for heading in (f"{word} {noun}", f"{noun} ({word})", f"{word} Address: {noun}"):
        assert not map_columns([heading]).used.keys() & set(LOCATION)


def test_a_home_goes_before_another_address_whole() -> None:
    """Parts of two addresses are never mixed, not even where the home lacks one."""
    headings = ["id", "Address", "City", "ZIP", "Country", "Home City", "Home State"]
    mapping = map_columns(headings, file="staff.csv")
    assert mapping.used == {
        "id": "id", "town": "Home City", "state": "Home State", "country": "Country",
    }  # fmt: skip
    assert not any("Address" in note for note in mapping.notes)


def test_an_address_that_is_named_in_part_as_home_is_one() -> None:
    headings = ["id", "Home address (street, city, state)", "town"]
    assert map_columns(headings).used == {
        "id": "id", "address": "Home address (street, city, state)", "town": "town",
    }  # fmt: skip


def test_of_two_addresses_the_first_is_taken_whole() -> None:
    headings = ["Primary Address: Zip / Postal Code", "Primary Address: City",
                "Legal Address: Zip", "Legal Address: City"]  # fmt: skip
    used = map_columns(headings).used
    assert used == {"postcode": headings[0], "town": headings[1]}


def test_our_own_name_goes_before_others_and_that_is_said() -> None:
    mapping = map_columns(["Employee ID", "id", "E-Mail"], file="staff.csv")
    assert mapping.used == {"id": "id", "email": "E-Mail"}
    assert mapping.notes == ("staff.csv: id is read from the column 'id', not from 'Employee ID'.",)


def test_what_a_person_chose_goes_before_everything() -> None:
    headings = ["Employee ID", "Badge", "City", "Work City"]
    chosen = {"id": "badge ", "town": "Work City", "postcode": ""}
    mapping = map_columns(headings, chosen)
    assert mapping.used == {"id": "Badge", "town": "Work City"}
    assert map_columns(["Zip", "id"], chosen | {"id": "", "town": ""}).used == {}


def test_one_column_can_be_chosen_for_two() -> None:
    mapping = map_columns(["Key", "Where"], {"id": "Key", "name": "Key", "town": "Where"})
    assert mapping.values(["1", "Exton"]) == {"id": "1", "name": "1", "town": "Exton"}


def test_a_choice_that_is_none_is_told_with_what_there_is() -> None:
    with pytest.raises(UnmappedColumns, match=r"'Badge'.*'Employee No', 'City'") as caught:
        map_columns(["Employee No", "City"], {"id": "Badge"}, file="staff.csv")
    assert caught.value.headings == ("Employee No", "City")
    with pytest.raises(UnknownName, match="no column 'ident'"):
        map_columns(["a"], {"ident": "a"})
    with pytest.raises(UnknownName, match="no column 'colour'"):
        chosen_columns(["colour=Red"])
    with pytest.raises(BadTable, match="id="):
        chosen_columns(["id"])
    assert chosen_columns(["id=Employee=No", "town="]) == {"id": "Employee=No", "town": ""}


def test_a_missing_column_is_told_with_those_that_are_there() -> None:
    mapping = map_columns(["Kennung", "Heimat"])
    with pytest.raises(UnmappedColumns, match=r"no column 'id'.*'Kennung', 'Heimat'\. Rename"):
        mapping.require(("id",), "staff.csv")


@pytest.mark.parametrize(
    "data", [["Wren", "wren@example.org"], ["12 High Street", "Exton"], ["1001", "Exton"],
             ["Exton", "05991"], ["44.1", "-72,3"]],
)  # fmt: skip
def test_people_are_not_listed_as_columns(data: list[str]) -> None:
    """A file without a header has its first person there."""
    with pytest.raises(UnmappedColumns) as caught:
        map_columns(data).require(("id",), "staff.csv")
    assert not any(cell in str(caught.value) for cell in data)
    assert "first row must name the columns" in str(caught.value)


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        ({"First Name": "A", "Last Name": "Sample"}, "A Sample"),
        ({"Last Name": "Sample", "First Name": "A", "Payroll Name": "Sample, A"}, "A Sample"),
        ({"Nom": "Sample", "Prénom": "A"}, "A Sample"),
        ({"Nombre": "A", "Apellidos": "Sample"}, "A Sample"),
        ({"First Name": "", "Last Name": "Sample"}, "Sample"),
        ({"name": "A Sample"}, "A Sample"),
    ],
)
def test_parts_of_a_name_are_put_together(cells: dict[str, str], name: str) -> None:
    assert map_columns(list(cells)).values(list(cells.values())) == {"name": name}


def test_a_house_number_goes_with_its_street() -> None:
    mapping = map_columns(["Straße", "Hausnummer", "Ort"])
    assert mapping.values(["Am Weiher", "12 a", "Exton"])["address"] == "Am Weiher 12 a"
    assert mapping.values(["", "12", "Exton"])["address"] == ""


def test_every_name_of_the_table_is_known_and_means_one_thing() -> None:
    table: Any = tomllib.loads(table_path("columns.toml").read_text("utf-8"))
    for section in ("columns", "home"):
        for column, names in table[section].items():
            assert column in COLUMNS
            for name in names:
                assert list(map_columns([name]).used) == [column], name


@given(st.lists(st.text(max_size=30), max_size=8))
def test_any_header_is_read_or_refused(headings: list[str]) -> None:
    try:
        mapping = map_columns(headings)
    except BadTable:
        return
    assert count_known_columns(headings) >= len(mapping.positions)
    cells = [f"cell {i}" for i in range(len(headings))]
    values = mapping.values(cells)
    for column, position in mapping.positions.items():
        if column in {"id", "town", "email"}:
            assert values[column] == cells[position]
