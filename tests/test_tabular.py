from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import BadTable, InputError
from geo.model import Point
from geo.records import Upload
from geo.tabular import read_points, read_rows

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
    assert "already on line 5" in problems[2]


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
