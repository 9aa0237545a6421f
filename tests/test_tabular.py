from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from geo.errors import BadTable, InputError
from geo.model import Point
from geo.records import Upload
from geo.tabular import Row, parse_table, read_headings, read_points, read_rows

NAMES = (
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1)
    .map(str.strip)
    .filter(bool)
)


def write(folder: Path, data: bytes) -> Path:
    path = folder / "t.csv"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "data",
    [
        b"id,lat,lon\na,52.5,-0.5\n",
        b"\xef\xbb\xbfid,lat,lon\r\na,52.5,-0.5\r\n",
        b"id;lat;lon\r\na;52,5;-0,5\r\n",
        b"ID\tLat\tLon\ra\t52.5\t-0.5\r",
        b'lon,"lat",id,team\n-0.5, 52.5 ,a,x\n\n,,\n',
        "id,lat,lon\na,52.5,-0.5\n".encode("utf-16"),
        b"\n\nid,lat,lon\na,52.5,-0.5",
        b"sep=;\r\nid;lat;lon\r\na;52,5;-0,5\r\n",
        "id,lat,lon\na,52.5\N{DEGREE SIGN},\N{MINUS SIGN}0.5\n".encode(),
    ],
    ids=[
        "plain",
        "bom-crlf",
        "semicolons",
        "tabs-cr",
        "quotes-blanks",
        "utf-16",
        "blank-first",
        "sep",
        "signs",
    ],
)
def test_every_way_of_saving_a_table_reads_the_same(tmp_path: Path, data: bytes) -> None:
    points, problems = read_points(write(tmp_path, data))
    assert [(row.id, row.point) for row in points] == [("a", Point(-0.5, 52.5))]
    assert problems == []


def test_three_bad_rows_of_ten_thousand_are_told_and_the_others_kept(tmp_path: Path) -> None:
    lines = ["id,lat,lon"] + [f"p{i},{i / 1000},{i / 500}" for i in range(10_000)]
    lines[18], lines[5000], lines[9999] = "p17,north,3", "p4999,95,3", "p3,1,1"
    points, problems = read_points(write(tmp_path, "\n".join(lines).encode()))
    assert len(points) == 9_997
    assert [p.split(":")[0] for p in problems] == [
        "t.csv, line 19",
        "t.csv, line 5001",
        "t.csv, line 10000",
    ]
    assert "'north' is not a number" in problems[0]
    assert "duplicate of the id on line 5" in problems[2]


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="no column 'lon'"):
        read_rows(write(tmp_path, b"id,lat,where\na,1,2\n"), ("id", "lat", "lon"))


def test_a_row_that_is_wrong_as_a_whole_is_told_and_the_others_kept(tmp_path: Path) -> None:
    long = "x" * 200_000
    rows = [
        "id,lat,lon",
        "a,1,2",
        "b,52,67,-0,73",
        f"{long},1,2",
        f"{long}y,1,2",
        "c,5_2.6,1",
        "d,3,4",
    ]
    points, problems = read_points(write(tmp_path, "\n".join(rows).encode()))
    assert [row.id for row in points] == ["a", "d"]
    assert [problem.split(":")[0] for problem in problems] == [
        f"t.csv, line {line}" for line in (3, 4, 5, 6)
    ]
    assert "5 cells and only 3 columns" in problems[0]
    assert "more than 10,000 characters" in problems[1]


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="'lat' twice"):
        read_rows(write(tmp_path, b"id,lat,lon,lat\na,1,2,3\n"), ("id", "lat", "lon"))


@pytest.mark.parametrize("data", [b"id,lat,lon\n\0\0", b'id,lat,lon\n"' + b"x" * 200_000])
def test_what_is_no_table_is_refused_in_a_sentence(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InputError, match=r"t\.csv"):
        read_points(write(tmp_path, data))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="check the path"):
        read_points(tmp_path / "none.csv")


@given(name=NAMES)
def test_any_id_comes_through(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    path = tmp_path_factory.mktemp("rows") / "t.csv"
    path.write_text(f"id,lat,lon\n{quoted},1,2\n", "utf-8", newline="")
    points, problems = read_points(path)
    assert ([row.id for row in points], problems) == ([name], [])


def test_a_table_in_memory_reads_as_one_on_disk(tmp_path: Path) -> None:
    data = b"id;lat;lon\r\na;52,5;-0,5\r\n"
    upload = Upload("staff.CSV", data)
    assert upload.suffix == ".CSV"
    assert read_rows(upload, ("id",)) == read_rows(write(tmp_path, data), ("id",))
    with pytest.raises(InputError, match="staff"):
        read_rows(Upload("staff", b"\0"), ("id",))


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    sheet = cast("Any", book.active)
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


REPORT: list[list[object]] = [
    ["Headcount report, all sites"],
    ["As of", "2026-05-01"],
    [],
    ["Employee ID", "Home City", "Home ZIP"],
    ["1001", "Exton", "05991"],
    [],
    ["1002", "Birch, North", "05992"],
]


def as_csv(rows: list[list[object]], delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


@pytest.mark.parametrize("delimiter", [*",;\t|", "xlsx"])
@pytest.mark.parametrize("above", range(4))
def test_a_title_above_the_header_is_passed_over(delimiter: str, above: int) -> None:
    rows = REPORT[above:]
    if delimiter == "xlsx":
        table = Upload("staff.xlsx", workbook(*rows))
    else:
        table = Upload("staff.csv", as_csv(rows, delimiter))
    parsed = parse_table(table)
    assert [row.values for row in parsed.rows] == [
        {"id": "1001", "town": "Exton", "postcode": "05991"},
        {"id": "1002", "town": "Birch, North", "postcode": "05992"},
    ]
    assert [row.line for row in parsed.rows] == [5 - above, 7 - above]
    assert not any(row.fault for row in parsed.rows)


@pytest.mark.parametrize("empty", [["", "", ""], []])
def test_empty_first_rows_are_passed_over_alike(empty: list[object]) -> None:
    rows: list[list[object]] = [empty, empty, ["id", "town"], ["a", "Exton"]]
    for table in (Upload("a.csv", as_csv(rows)), Upload("a.xlsx", workbook(*rows))):
        assert [(row.line, row.values) for row in read_rows(table, ("id",))] == [
            (4, {"id": "a", "town": "Exton"})
        ]


def test_separators_within_quotes_divide_nothing() -> None:
    text = 'id\t"Home address (street, city; state, zip)"\ttown\n1\t"x, y, z"\tExton\n'
    (row,) = read_rows(Upload("a.csv", text.encode()), ("id",))
    assert row.values == {"id": "1", "address": "x, y, z", "town": "Exton"}
    text = 'id,town,"Notes; free; text; and; more"\n1,Exton,"a;b;c;d;e"\n'
    (row,) = read_rows(Upload("a.csv", text.encode()), ("id",))
    assert (row.values["id"], row.values["town"]) == ("1", "Exton")


@pytest.mark.parametrize("delimiter", list(",;\t|"))
def test_columns_that_nobody_knows_are_divided_all_the_same(delimiter: str) -> None:
    rows: list[list[object]] = [["Kennung", "Heimat"], ["1", "a b"], ["2", "c"]]
    assert read_headings(Upload("a.csv", as_csv(rows, delimiter))) == ("Kennung", "Heimat")
    parsed = parse_table(Upload("a.csv", as_csv(rows, delimiter)), {"id": "Heimat"})
    assert [row.values["id"] for row in parsed.rows] == ["a b", "c"]


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_a_line_that_names_the_separator_counts_as_a_line(first: str) -> None:
    (row,) = read_rows(Upload("a.csv", f"{first}\r\nid;town\r\n1;Exton\r\n".encode()), ("id",))
    assert (row.line, row.values) == (3, {"id": "1", "town": "Exton"})


COMMAS: list[list[object]] = [["id", "lat", "lon"], ["a", "44,0045", "-71,9937"]]


@pytest.mark.parametrize("delimiter", [*",;\t|", "xlsx"])
def test_decimal_commas_are_read_in_every_format(tmp_path: Path, delimiter: str) -> None:
    ending = "xlsx" if delimiter == "xlsx" else "csv"
    path = tmp_path / f"t.{ending}"
    path.write_bytes(workbook(*COMMAS) if ending == "xlsx" else as_csv(COMMAS, delimiter))
    points, problems = read_points(path)
    assert [row.point for row in points] == [Point(-71.9937, 44.0045)]
    assert problems == []


@pytest.mark.parametrize(
    ("text", "value"),
    [("1/2", 0.5), ("½", 0.5), ("1½", 1.5), ("1 1/2", 1.5), ("-1 1/2", -1.5), ("-½", -0.5),
     ("3⁄4", 0.75), ("0,5", 0.5), ("1e1", 10.0), (".5", 0.5), ("5992.0", 5992.0)],
)  # fmt: skip
def test_fractions_are_numbers(text: str, value: float) -> None:
    assert Row(1, {"weight": text}).number("weight") == pytest.approx(value)


@pytest.mark.parametrize("text", ["1/0", "1//2", "½½", "1,234.5", "1.234,5", "", "x", "5_2", "²"])
def test_what_is_no_number_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="weight"):
        Row(1, {"weight": text}).number("weight")


def test_a_comma_that_may_divide_thousands_is_told_where_that_can_be() -> None:
    """1,234 minutes are not one minute; 44,004 degrees are 44, and 1,234 beside tabs a fraction."""
    with pytest.raises(ValueError, match="thousands"):
        Row(1, {"minutes": "1,234"}).number("minutes")
    assert Row(1, {"minutes": "1,234"}, decimal_comma=True).number("minutes") == 1.234
    assert Row(1, {"lat": "44,004"}).number("lat") == 44.004


@given(st.floats(-90, 90).map(lambda x: round(x, 6)))
def test_a_number_reads_the_same_with_a_point_or_a_comma(value: float) -> None:
    text = f"{value:f}"
    for written in (text, text.replace(".", ",")):
        assert Row(1, {"lat": written}).number("lat") == pytest.approx(value)
