"""Workbooks from strangers: what they hold is read, what they claim is not believed."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from geo.errors import BadTable, InputError
from geo.records import Table, Upload
from geo.tabular import Row, read_rows

SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "{dimension}<sheetData>{rows}</sheetData></worksheet>"
)


def workbook(*rows: Sequence[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_sheet(xml: str, extra: dict[str, bytes] | None = None) -> Upload:
    """Return a workbook whose first sheet is some XML."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(["id"]))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            data = xml.encode() if name.endswith("sheet1.xml") else old.read(name)
            new.writestr(name, data)
        for name, data in (extra or {}).items():
            new.writestr(name, data)
    return Upload("staff.xlsx", out.getvalue())


def read_sheet(table: Table, required: str) -> list[Row]:
    return read_rows(table, (required,))


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def test_rows_have_their_line_and_every_column() -> None:
    data = workbook(["ID", "Name", "Team"], ["a", "Wren"], [], ["b", None, 7.0, "extra"])
    rows = read_sheet(Upload("staff.xlsx", data), "id")
    assert [(row.line, row.values) for row in rows] == [
        (2, {"id": "a", "name": "Wren", "team": ""}),
        (4, {"id": "b", "name": "", "team": "7"}),
    ]
    assert [row.fault for row in rows] == ["", "there are 4 cells and only 3 columns"]


def test_what_it_claims_to_reach_to_is_not_believed() -> None:
    rows = f'<row r="1">{cell("A1", "id")}</row><row r="1048576">{cell("XFD1048576", "x")}</row>'
    xml = SHEET.format(dimension='<dimension ref="A1:XFD1048576"/>', rows=rows)
    started = time.process_time()
    with pytest.raises(BadTable, match="more than 200,000 rows"):
        read_sheet(with_sheet(xml), "id")
    assert time.process_time() - started < 20


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    bomb = with_sheet(SHEET.format(dimension="", rows=""), {"xl/media/x": b"\0" * 200_000_000})
    assert len(bomb.content) < 1_000_000
    with pytest.raises(InputError, match="unpacks to 200 MB"):
        read_sheet(bomb, "id")


def test_a_bomb_that_keeps_below_the_limit_is_refused() -> None:
    bomb = with_sheet(SHEET.format(dimension="", rows="<row/>" * 4_000_000))
    with pytest.raises(InputError, match="unpacks to 24 MB"):
        read_sheet(bomb, "id")


def test_entities_are_not_multiplied() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    xml = f'<!DOCTYPE x [<!ENTITY e0 "aaaaaaaaaa">{entities}]>' + SHEET.format(
        dimension="", rows=f'<row r="1">{cell("A1", "&e8;")}</row>'
    )
    with pytest.raises(InputError):
        read_sheet(with_sheet(xml), "id")


def test_a_huge_cell_is_told_with_its_row() -> None:
    data = workbook(["id", "name"], ["a", "x" * 20_000], ["b", "Wren"])
    rows = read_sheet(Upload("staff.xlsx", data), "id")
    assert [bool(row.fault) for row in rows] == [True, False]


@pytest.mark.parametrize(
    "content", [b"", b"PK no", b"id,name\n", workbook(["id"])[:-40], workbook(["id"])[200:]]
)
def test_no_workbook_is_told(content: bytes) -> None:
    with pytest.raises(InputError, match=r"staff\.xlsx cannot be read as an Excel file"):
        read_sheet(Upload("staff.xlsx", content), "id")


@pytest.mark.parametrize(("local", "central", "flag"), [(6, 8, b"\1\0"), (8, 10, b"\x63\0")])
def test_a_password_and_unknown_packing_are_told(local: int, central: int, flag: bytes) -> None:
    data = bytearray(workbook(["id"]))
    for mark, offset in ((b"PK\3\4", local), (b"PK\1\2", central)):
        place = data.find(mark)
        while place >= 0:
            data[place + offset : place + offset + 2] = flag
            place = data.find(mark, place + 4)
    with pytest.raises(InputError, match="cannot be read as an Excel file"):
        read_sheet(Upload("staff.xlsx", bytes(data)), "id")


def test_damage_in_the_middle_is_told() -> None:
    data = bytearray(workbook(*(["id", "name"], *([f"p{n}", f"W{n}"] for n in range(300)))))
    place = data.find(b"xl/worksheets/sheet1.xml") + len("xl/worksheets/sheet1.xml")
    data[place + 5 : place + 60] = bytes(55)
    with pytest.raises(InputError, match="cannot be read as an Excel file"):
        read_sheet(Upload("staff.xlsx", bytes(data)), "id")


def test_columns_must_be_named_once(tmp_path: Path) -> None:
    path = tmp_path / "staff.xlsx"
    path.write_bytes(workbook(["id", "name", "Name"]))
    with pytest.raises(BadTable, match="'name' twice"):
        read_sheet(path, "id")
    path.write_bytes(workbook())
    with pytest.raises(BadTable, match="no column 'id'"):
        read_sheet(path, "id")
