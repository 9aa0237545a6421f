from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from shapely.geometry import shape

from geo.cli import main
from tests.conftest import village_xml


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Run = Callable[..., Answer]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(tmp_path / "data"))

    def call(*arguments: str) -> Answer:
        code = main(arguments)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return call


@pytest.fixture
def built(run: Run, village: Path) -> Run:
    assert run("region", "build", str(village), "--name", "village").code == 0
    return run


def assert_refused(answer: Answer, *words: str) -> None:
    assert answer.code == 2
    assert answer.out == ""
    assert "Traceback" not in answer.err
    for word in words:
        assert word in answer.err


def test_build_list_info_remove(run: Run, village: Path) -> None:
    built = run("region", "build", str(village), "--name", "village", "--json")
    assert built.code == 0
    assert json.loads(built.out)["counts"]["places"] == 2
    assert json.loads(run("region", "list", "--json").out) == ["village"]
    assert "village" in run("region", "list").out
    assert json.loads(run("region", "info", "village", "--json").out)["source"] == "village.osm"
    assert "OpenStreetMap contributors" in run("region", "info", "village").out
    assert run("region", "remove", "village").code == 0
    assert json.loads(run("region", "list", "--json").out) == []


@pytest.mark.parametrize(
    ("cut", "sentence"),
    [
        (0, ""),
        (1, "1 road leaves the extract and is cut off at its edge."),
        (2, "2 roads leave the extract and are cut off at its edge."),
    ],
)
def test_build_says_how_many_roads_leave_the_file(
    run: Run, tmp_path: Path, cut: int, sentence: str
) -> None:
    path = tmp_path / "cut.osm"
    path.write_text(village_xml().replace('<nd ref="5"/>', '<nd ref="999"/>', cut), "utf-8")
    answer = run("region", "build", str(path), "--name", "cut")
    assert answer.code == 0
    assert sentence in answer.err
    assert ("leave" in answer.err) == (cut > 0)


def test_near_as_json_keeps_the_contract(built: Run) -> None:
    answer = built(
        "near", "52.0181,-0.4709", "--region", "village", "--format", "json",
        "--open-at", "2026-05-05T10:00",
    )  # fmt: skip
    places = json.loads(answer.out)["places"]
    assert [place["osm_id"] for place in places] == ["n1001", "n1002"]
    cafe, library = places
    assert (cafe["name"], cafe["kind"], cafe["open"]) == ("The Kettle", "cafe", "open")
    assert (library["name"], library["open"]) == ("unnamed library", "unknown")
    assert set(cafe["links"]) == {"osm", "google", "apple", "waze", "geo"}
    assert cafe["links"]["osm"] == "https://www.openstreetmap.org/node/1001"
    assert 0 <= cafe["minutes"] < library["minutes"]
    # Four streets west and four south: some four kilometres.
    assert library["km"] == pytest.approx(4.0, abs=0.2)


def test_open_at_is_the_place_s_own_time(built: Run) -> None:
    def state(at: str) -> str:
        answer = built("near", "52.0181,-0.4709", "--format", "json", "--open-at", at)
        return {p["osm_id"]: p["open"] for p in json.loads(answer.out)["places"]}["n1001"]

    assert state("2026-07-07T16:30") == "open"
    assert state("2026-07-07T16:30+00:00") == "closed"  # British summer: half past five there
    assert state("2026-07-05T12:00") == "closed"
    left = built(
        "near", "52.0181,-0.4709", "--format", "json", "--open-at", "2026-07-05", "--open-only"
    )
    assert [p["osm_id"] for p in json.loads(left.out)["places"]] == ["n1002"]


def test_near_in_every_other_format(built: Run) -> None:
    here = "52.0181,-0.4709"
    features = json.loads(built("near", here, "--format", "geojson").out)["features"]
    assert features[0]["geometry"]["coordinates"] == [-0.4709, 52.0181]
    rows = list(csv.DictReader(io.StringIO(built("near", here, "--format", "csv").out)))
    assert [row["osm_id"] for row in rows] == ["n1001", "n1002"]
    table = built("near", here)
    assert "The Kettle" in table.out
    assert "OpenStreetMap contributors" in table.err


def test_near_takes_what_maps_share(built: Run) -> None:
    link = "https://www.google.com/maps/place/Cup/@52.5,-0.9,15z/data=!8m2!3d52.0181!4d-0.4709"
    for text in (link, "geo:0,0?q=52.0181,-0.4709(Cup)", "N 52\u00b0 01.086' W 000\u00b0 28.254'"):
        origin = json.loads(built("near", text, "--format", "json").out)["origin"]
        assert (origin["lat"], origin["lon"]) == pytest.approx((52.0181, -0.4709), abs=1e-5)


def test_near_takes_a_name(built: Run) -> None:
    answer = built("near", "nine lanes", "--kind", "cafe")
    assert answer.code == 0
    assert "Starting from Nine Lanes" in answer.err
    assert "The Kettle" in answer.out


def test_json_says_what_was_found_and_what_was_not(built: Run) -> None:
    sure = json.loads(built("near", "nine lanes", "--format", "json").out)["origin"]
    assert (sure["label"], sure["unmatched"]) == ("Nine Lanes", [])
    answer = built("near", "4b Row 3, Nine Lanes", "--format", "json")
    origin = json.loads(answer.out)["origin"]
    assert (origin["label"], origin["unmatched"]) == ("Row 3, Nine Lanes", ["4b"])
    assert "Starting from Row 3, Nine Lanes; '4b' is not on the map." in answer.err
    pair = ("--person", "Elm Street, Nine Lanes", "--person", "52.0,-0.5")
    people = json.loads(built("halfway", *pair, "--format", "json").out)["people"]
    assert people[0]["origin"] == {"label": "Nine Lanes", "unmatched": ["Elm", "Street"]}
    assert people[1]["origin"]["unmatched"] == []


@pytest.mark.parametrize(
    ("address", "place"),
    [("Row 3, Manchester", "knows no"), ("Nine Lanes, Ohio", "it is in Ohio")],
)
def test_an_address_elsewhere_is_no_start(built: Run, address: str, place: str) -> None:
    assert_refused(built("near", address), "'village'", place)
    assert_refused(built("reach", address), "'village'", place)
    assert_refused(built("halfway", "--person", address), "'village'", place)


def test_nothing_near_is_no_error(built: Run) -> None:
    answer = built("near", "52.0,-0.5", "--kind", "cafe", "--minutes", "1", "--format", "json")
    assert (answer.code, json.loads(answer.out)["places"]) == (0, [])
    assert "Nothing within 1 min" in answer.err


def test_a_position_in_the_south_needs_no_dashes(built: Run) -> None:
    assert_refused(built("near", "-33.9,18.4"), "km")
    assert_refused(built("near", "--region", "village", "-33.9,-18.4"), "km")


def test_reach_gives_whole_nested_areas(built: Run) -> None:
    answer = built("reach", "52.0181,-0.4709", "--minutes", "3", "--minutes", "1")
    small, large = json.loads(answer.out)["features"]
    assert (small["properties"]["minutes"], large["properties"]["minutes"]) == (1, 3)
    assert shape(large["geometry"]).covers(shape(small["geometry"]))


def write_points(path: Path, rows: list[str]) -> str:
    path.write_text("\n".join(["id,lat,lon", *rows]) + "\n", "utf-8")
    return str(path)


def test_matrix_writes_every_pair(built: Run, tmp_path: Path) -> None:
    origins = write_points(tmp_path / "a.csv", ["a,52.0,-0.5", "b,52.0181,-0.4709"])
    targets = write_points(tmp_path / "b.csv", ["x,52.0181,-0.4709"])
    out = tmp_path / "m.csv"
    answer = built("matrix", "--origins", origins, "--destinations", targets, "--out", str(out))
    assert (answer.code, answer.out) == (0, "")
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))
    assert [(row["origin"], row["destination"]) for row in rows] == [("a", "x"), ("b", "x")]
    near = json.loads(built("near", "52.0,-0.5", "--kind", "cafe", "--format", "json").out)
    assert float(rows[0]["minutes"]) == pytest.approx(near["places"][0]["minutes"], abs=0.05)


def test_bad_rows_are_all_told_and_nothing_is_written(built: Run, tmp_path: Path) -> None:
    origins = write_points(tmp_path / "a.csv", ["a,52.0,-0.5", "b,north,0", "c,10,10"])
    targets = write_points(tmp_path / "b.csv", ["x,52.0181,-0.4709", "y,95,0"])
    out = tmp_path / "m.csv"
    out.write_text("precious")
    call = ("matrix", "--origins", origins, "--destinations", targets, "--out", str(out))
    answer = built(*call)
    assert_refused(answer, "a.csv, line 3", "a.csv, line 4", "b.csv, line 3")
    assert out.read_text() == "precious"
    answer = built(*call, "--skip-bad-rows")
    assert answer.code == 0
    assert "a.csv, line 3" in answer.err
    assert out.read_text("utf-8").count("\n") == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["near", "52,-0.5", "--region", "vilage"], ["did you mean village?"]),
        (["near", "https://maps.app.goo.gl/abc"], ["shortened link", "copy"]),
        (["near", "https://www.google.com/maps/place/Cup/"], ["holds no position"]),
        (["near", "52,-0.5", "--kind", "kafe"], ["did you mean cafe?"]),
        (
            ["near", "52,-0.5", "--conditions", "muddy"],
            ["no road condition", "did you mean mud or dry?"],
        ),
        (["near", "52,-0.5", "--minutes", "0"], ["minutes"]),
        (["near", "52,-0.5", "--minutes", "-5"], ["minutes"]),
        (["near", "52,-0.5", "--minutes", "nan"], ["minutes"]),
        (["near", "52,-0.5", "--minutes", "1e9"], ["minutes"]),
        (["near", "52,-0.5", "--minutes", "soon"], ["soon"]),
        (["near", "52,-0.5", "--open-at", "noon"], ["'noon'", "2026-05-04T10:00"]),
        (["near", "91,0"], ["no position on Earth"]),
        (["near", "-0.5,152"], ["km"]),
        (["near", "42.5,1.5"], ["km"]),
        (["near", "Atlantis"], ["spelling"]),
        (["near", "nan,nan"], ["no position on Earth"]),
        (["near", "inf,0"], ["no position on Earth"]),
        (["near", "-0.47,52.0181"], ["latitude first"]),
        (["near", "52,-0.5", "--open-at", "0001-01-01T00:00+14:00"], ["no date and time"]),
        (["near", "52,-0.5", "--open-at", "9999-12-31T23:59-14:00"], ["no date and time"]),
        (["halfway", "--person", "52.0,-0.5", "--person", "0,0"], ["km"]),
        (["near", "52,-0.5", "--format", "pdf"], ["pdf"]),
        (["reach", "52,-0.5", "--minutes", "inf"], ["minutes"]),
        (["nearby"], ["nearby"]),
        (["region", "info", "nowhere"], ["nowhere"]),
        (["region", "remove", "nowhere"], ["nowhere"]),
        (["region", "build", "missing.osm.pbf", "--name", "x"], ["missing.osm.pbf"]),
        (["matrix", "--origins", "no.csv", "--destinations", "no.csv", "--out", "m"], ["no.csv"]),
    ],
)
def test_bad_input_is_one_clear_sentence(
    built: Run, arguments: list[str], words: list[str]
) -> None:
    answer = built(*arguments)
    assert_refused(answer, *words)
    assert answer.err.count("\n") == 1
    assert answer.err.startswith("crossroads: ")


def test_a_command_loads_what_it_needs_alone(built: Run) -> None:
    program = """
import sys
from geo.cli import main
assert main(["near", "52,-0.5", "--kind", "library"]) == 0
print([name for name in ("geo.meetup", "geo.store", "scipy", "numba") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_what_cannot_be_parsed_is_told_with_where_help_is(run: Run) -> None:
    assert "Did you mean 'near'?" in run("neer").err
    assert run("near").err.endswith("See 'crossroads near --help'.\n")
    assert run("region", "list", "--jason").err.endswith("See 'crossroads region list --help'.\n")
    assert "'soon' is not a number" in run("near", "1,2", "--minutes", "soon").err


def test_what_a_matrix_may_not_be_written_to_is_refused(built: Run, tmp_path: Path) -> None:
    points = write_points(tmp_path / "a.csv", ["a,52.0,-0.5"])
    before = Path(points).read_text("utf-8")
    for out in (points, str(tmp_path), "", "a\0b", str(tmp_path / ("x" * 300))):
        answer = built("matrix", "--origins", points, "--destinations", points, "--out", out)
        assert answer.code in (1, 2)
        assert "something went wrong" not in answer.err
    assert Path(points).read_text("utf-8") == before


def test_a_device_or_link_is_written_through_and_stays(built: Run, tmp_path: Path) -> None:
    points = write_points(tmp_path / "a.csv", ["a,52.0,-0.5"])
    target, link, pipe = tmp_path / "m.csv", tmp_path / "link.csv", tmp_path / "pipe"
    target.write_text("old")
    link.symlink_to(target)
    call = ("matrix", "--origins", points, "--destinations", points, "--out")
    assert built(*call, str(link)).code == 0
    assert link.is_symlink()
    assert target.read_text("utf-8").startswith("origin,destination,minutes\n")
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE, text=True) as reader:
        assert built(*call, str(pipe)).code == 0
        assert reader.communicate()[0] == target.read_text("utf-8")
    assert pipe.is_fifo()
    assert built(*call, "-").out == target.read_text("utf-8")


def test_names_from_the_map_do_not_drive_the_terminal(
    run: Run, village: Path, tmp_path: Path
) -> None:
    path, text = tmp_path / "evil.osm", village.read_text("utf-8")
    path.write_text(text.replace("Nine Lanes", "Nine Lanes&#155;&#8238;"), "utf-8")
    assert run("region", "build", str(path), "--name", "evil").code == 0
    answer = run("near", "Nine Lanes")
    assert answer.code == 0
    assert not {"\x9b", "\u202e"} & set(answer.out + answer.err)


@pytest.mark.parametrize("buffering", ["", "1"])
@pytest.mark.parametrize("command", ["near 52.0181,-0.4709", "--help", ""])
def test_a_full_disk_behind_stdout_is_told(
    built: Run, tmp_path: Path, command: str, buffering: str
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    data = str(tmp_path / "data")
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m geo {command} > /dev/full"],
        env={**os.environ, "CROSSROADS_DATA_DIR": data, "PYTHONUNBUFFERED": buffering},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_full_disk_behind_stderr_is_no_traceback(built: Run, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m geo near --bad 2> /dev/full"],
        env={**os.environ, "CROSSROADS_DATA_DIR": str(tmp_path / "data"), "PYTHONUNBUFFERED": ""},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, b"")


def test_without_a_region_the_way_to_one_is_told(run: Run) -> None:
    assert_refused(run("near", "52,-0.5"), "region build")


def test_an_unknown_setting_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSROADS_DATADIR", "x")
    assert_refused(run("region", "list"), "CROSSROADS_DATA_DIR")


@pytest.mark.parametrize("command", [[], ["near"], ["reach"], ["matrix"], ["region", "build"]])
def test_every_help_has_an_example(run: Run, command: list[str]) -> None:
    answer = run(*command, "--help")
    assert answer.code == 0
    assert "Example:" in answer.out


@pytest.mark.parametrize(("reader", "read"), [("head -c 1", "{"), ("true", "")])
def test_a_reader_that_goes_away_is_no_error(
    built: Run, tmp_path: Path, reader: str, read: str
) -> None:
    command = f"{sys.executable} -m geo near 52.0181,-0.4709 --format json | {reader}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        env={**os.environ, "CROSSROADS_DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stdout == read
    assert done.stderr == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--debug", "near", "52,-0.5", "--region", "here"],
        ["near", "--debug", "52,-0.5", "--region", "here"],
        ["near", "52,-0.5", "--region", "here", "--debug"],
    ],
)
def test_an_internal_error_shows_where_it_came_from_where_that_is_asked_for(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        raise ZeroDivisionError("a bug of ours")

    monkeypatch.setattr("geo.cli.options.open_region", broken)
    shown = run(*arguments)
    assert shown.code == 1
    assert "Traceback" in shown.err
    assert "a bug of ours" in shown.err
    hidden = run(*(one for one in arguments if one != "--debug"))
    assert hidden.code == 1
    assert "Traceback" not in hidden.err
    assert "'crossroads --debug ...'" in hidden.err


def test_a_wrong_argument_stays_one_with_a_traceback_asked_for(run: Run) -> None:
    shown = run("--debug", "near", "52,-0.5", "--region", "nowhere")
    assert shown.code == 2
    assert "Traceback" in shown.err
    assert run("near", "--", "--debug").code == 2  # here it is what is looked for
