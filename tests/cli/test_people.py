"""``crossroads roster`` and ``crossroads db``, as somebody at a terminal uses them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy.engine import make_url

from geo.cli import main
from geo.export.tables import COLUMNS, template_xlsx
from geo.files import table_path
from geo.region import Region
from geo.settings import read_settings
from geo.tabular import parse_table


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Run = Callable[..., Answer]
SAMPLE = str(table_path("sample") / "roster.csv")


@pytest.fixture
def run(
    county: Region,
    regions_dir: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Return a function that runs a command with a database of its own."""
    assert county.name == "county"
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(regions_dir.parent))
    monkeypatch.setenv("CROSSROADS_DATABASE_URL", f"sqlite:///{tmp_path / 'people.sqlite'}")

    def call(*arguments: str) -> Answer:
        code = main(arguments)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return call


def test_a_roster_comes_is_listed_and_goes(run: Run, tmp_path: Path) -> None:
    assert "Nobody yet" in run("roster", "list").err
    looked = run("roster", "import", SAMPLE, "--region", "county", "--preview")
    assert looked.out.startswith("Would enter 24 and change 0 of the people in roster.csv;")
    done = run("roster", "import", SAMPLE, "--region", "county", "--json")
    assert json.loads(done.out) == {"new": 24, "changed": 0, "unchanged": 0, "problems": 0}
    again = run("roster", "import", SAMPLE, "--region", "county", "--planning")
    assert again.out.startswith("Nothing changed, except perhaps home areas that are hidden:")
    assert "p07" in run("roster", "list").out
    assert len(json.loads(run("roster", "list", "--json").out)) == 24
    unasked = run("roster", "forget", "p07")
    assert (unasked.code, unasked.err.count("\n"), "--yes" in unasked.err) == (2, 1, True)
    assert len(json.loads(run("roster", "list", "--json").out)) == 24
    assert run("roster", "forget", "p07", "--yes").code == 0
    gone = run("roster", "forget", "p07", "--yes")
    assert (gone.code, gone.err.count("\n")) == (2, 1)
    out = tmp_path / "roster.csv"
    wrote = run("roster", "export", "--out", str(out))
    assert (wrote.code, wrote.out) == (0, "")
    assert wrote.err.startswith("Wrote 23 people to roster.csv, 0 with their area")
    lines = out.read_text("utf-8").splitlines()
    assert (len(lines), lines[0][:13]) == (24, "id,name,email")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_damaged_database_is_restored_as_its_message_advises(run: Run, tmp_path: Path) -> None:
    run("roster", "import", SAMPLE, "--region", "county")
    file = str(tmp_path / "backup.zip")
    run("db", "backup", file)
    path = Path(make_url(read_settings().store_url).database or "")
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    for damaged in (b"\0" * 9000, b""):
        path.write_bytes(damaged)
        refused = run("roster", "list")
        assert (refused.code, "crossroads db restore" in refused.err) == (1, True)
        answer = run("db", "restore", file)
        assert (answer.code, "is kept as" in answer.err) == (0, True)
        assert len(json.loads(run("roster", "list", "--json").out)) == 24


@pytest.mark.parametrize(("said", "left"), [("n\n", 2), ("", 2), ("y\n", 1)])
def test_somebody_at_a_terminal_is_asked_before_they_forget(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, left: int
) -> None:
    file = tmp_path / "staff.csv"
    file.write_text("id,name\n1,Wren\n2,Sol\n", "utf-8")
    run("roster", "import", str(file), "--region", "county")
    monkeypatch.setattr("sys.stdin", Terminal(said))
    answer = run("roster", "forget", "1")
    assert "for good?" in answer.err
    assert (answer.code == 0) is (left == 1)
    assert len(json.loads(run("roster", "list", "--json").out)) == left
    monkeypatch.setattr("sys.stdin", Terminal(""))
    assert run("roster", "forget", "2", "--yes").code == 0


def test_ids_that_begin_like_formulas_come_back_as_they_were(run: Run, tmp_path: Path) -> None:
    ids = ["=1+1", "+44", "-a", "@x", "'t Hooft", "'=quoted"]
    file, out = tmp_path / "staff.csv", tmp_path / "out.csv"
    file.write_text("id,name\n" + "".join(f'"{one}",N\n' for one in ids), "utf-8")

    def kept() -> list[str]:
        return sorted(one["id"] for one in json.loads(run("roster", "list", "--json").out))

    run("roster", "import", str(file), "--region", "county")
    first = kept()
    assert first == sorted(["=1+1", "+44", "-a", "@x", "'t Hooft", "=quoted"])
    run("roster", "export", "--out", str(out))
    assert "'=1+1" in out.read_text("utf-8")
    again = run("roster", "import", str(out), "--region", "county", "--json")
    assert json.loads(again.out) == {"new": 0, "changed": 0, "unchanged": 6, "problems": 0}
    assert kept() == first


def test_a_database_is_backed_up_and_restored(run: Run, tmp_path: Path) -> None:
    run("roster", "import", SAMPLE, "--region", "county")
    file = str(tmp_path / "backup.zip")
    assert run("db", "backup", file).code == 0
    assert run("db", "backup", file).code == 2
    run("roster", "forget", "p01", "--yes")
    unasked = run("db", "restore", file)
    assert (unasked.code, unasked.err.count("\n"), "--replace" in unasked.err) == (2, 1, True)
    assert "p01" not in run("roster", "list").out
    assert run("db", "restore", file, "--replace").code == 0
    assert "p01" in run("roster", "list").out
    assert "revision" in run("db", "upgrade").err


@pytest.mark.parametrize(("said", "left"), [("n\n", 23), ("", 23), ("y\n", 24)])
def test_somebody_at_a_terminal_is_asked_before_they_replace(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, left: int
) -> None:
    run("roster", "import", SAMPLE, "--region", "county")
    file = str(tmp_path / "backup.zip")
    run("db", "backup", file)
    run("roster", "forget", "p01", "--yes")
    monkeypatch.setattr("sys.stdin", Terminal(said))
    answer = run("db", "restore", file)
    assert "that are there?" in answer.err
    assert (answer.code == 0) is (left == 24)
    assert len(json.loads(run("roster", "list", "--json").out)) == left


@pytest.mark.parametrize(
    "arguments",
    [
        ("roster", "import", "nowhere.csv", "--region", "county"),
        ("roster", "import", SAMPLE, "--region", "atlantis"),
        ("roster", "forget", "nobody@example.org"),
        ("roster", "export", "--out", "/"),
        ("db", "restore", "nowhere.zip"),
        ("db", "restore", SAMPLE),
    ],
)
def test_bad_input_is_one_sentence(run: Run, arguments: tuple[str, ...]) -> None:
    answer = run(*arguments)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)


def test_a_database_that_cannot_be_used_is_one_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_text("no database, but long enough to look like one" * 99, "utf-8")
    for url in (f"sqlite:///{path}", f"postgresql://u:secret@/x?host={tmp_path}"):
        monkeypatch.setenv("CROSSROADS_DATABASE_URL", url)
        answer = run("roster", "list")
        assert (answer.code, answer.out, answer.err.count("\n")) == (1, "", 1)
        assert "secret" not in answer.err


def test_columns_are_mapped_on_the_command_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    file.write_text("Kennung,Heimat\n7,Bracklecombe\n8,Ombrelby Mills\n", "utf-8")
    for command in (
        ("roster", "import", str(file), "--region", "county"),
        ("coverage", "--region", "county", "--staff", str(file)),
        ("plan", "--region", "county", "--staff", str(file), "--meetups", "1"),
    ):
        refused = run(*command)
        assert refused.code == 2
        assert "'Kennung', 'Heimat'" in refused.err
        assert "--column id=" in refused.err
        done = run(*command, "--column", "id=Kennung", "--column", "town=heimat")
        assert done.code == 0, done.err
        assert "Columns: id from 'Kennung', town from 'Heimat'." in done.err
        wrong = run(*command, "--column", "ident=Kennung")
        assert (wrong.code, "no column 'ident'" in wrong.err) == (2, True)
    assert "7" in run("roster", "list").out


def test_people_of_other_regions_are_told_on_the_command_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    file.write_text("id,lat,lon\n1,52.6,-0.7\n2,47.0,-86.75\n", "utf-8")
    done = run("roster", "import", str(file), "--region", "county")
    assert "1 person lives in another region." in done.err
    assert done.out.startswith("Entered 1 ")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_template_is_a_roster_without_people(run: Run, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"staff.{ending}"
    assert run("roster", "template", "--out", str(file)).code == 0
    parsed = parse_table(file)
    assert parsed.rows == []
    assert set(parsed.columns.used) == set(COLUMNS)
    assert all(heading == column for column, heading in parsed.columns.used.items())


def test_a_template_comes_on_stdout(run: Run) -> None:
    assert run("roster", "template").out == ",".join(COLUMNS) + "\n"


def test_the_cells_of_a_template_keep_their_zeros() -> None:
    sheet = load_workbook(io.BytesIO(template_xlsx())).worksheets[0]
    titles = {sheet.cell(1, number).value: number for number in range(1, len(COLUMNS) + 1)}
    for column in ("id", "postcode"):
        assert sheet.cell(2, titles[column]).number_format == "@"
