from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from geo.cli import main
from tests.conftest import village_xml
from tests.online.world import World


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Run = Callable[..., Answer]


@pytest.fixture
def world(httpserver: HTTPServer, tmp_path: Path) -> World:
    return World(httpserver, village_xml(), tmp_path)


@pytest.fixture
def run(world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)

    def call(*arguments: str) -> Answer:
        code = main(arguments)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return call


def test_from_a_name_to_an_answer(run: Run, world: World) -> None:
    found = run("region", "find", "nine lanes")
    assert "village" in found.out
    assert "Europe" in found.out
    got = run("region", "get", "village")
    assert (got.code, got.out) == (0, "")
    assert "Nine Lanes, Europe: 0.0 MB to download." in got.err
    assert "Built village" in got.err
    assert "The Kettle" in run("near", "nine lanes", "--region", "village").out
    assert world.extract_url in run("region", "info", "village").out
    assert "It replaces region 'village' of 20" in run("region", "get", "village").err


def test_find_as_json_and_by_position(run: Run, world: World) -> None:
    one, two = json.loads(run("region", "find", "--at", "52.01,-0.47", "--json").out)
    assert (one["id"], two["id"]) == ("village", "europe")
    assert (one["url"], one["bytes"]) == (world.extract_url, len(world.extract))
    assert two["bytes"] is None
    nothing = run("region", "find", "atlantis")
    assert (nothing.code, nothing.out) == (0, "")
    assert "No extract fits" in nothing.err
    assert world.queries == []


def test_get_by_position_address_and_as_json(run: Run, world: World) -> None:
    there = run("region", "get", "--at", "52.01,-0.47", "--json", "--name", "here")
    assert json.loads(there.out)["name"] == "here"
    assert "The smallest extract that covers it is village (Nine Lanes, Europe)." in there.err
    got = run("region", "get", world.extract_url, "--json")
    manifest = json.loads(got.out)
    assert (manifest["name"], manifest["sources"][0]["url"]) == ("village", world.extract_url)


def test_just_this_area_is_got_updated_and_refreshed(run: Run, world: World) -> None:
    got = run("region", "get", "--around", "52.0181,-0.4709", "--km", "5", "--name", "area")
    assert got.code == 0
    assert "9 squares of the map" in got.err
    assert "52.0181" not in got.err
    world.change(village_xml(cafe="The Fresh Kettle"))
    refreshed = run("region", "refresh", "area", "--kind", "cafe")
    assert "0 new places, 1 changed, 0 gone" in refreshed.err
    assert "The Fresh Kettle" in run("near", "52.0181,-0.4709", "--region", "area").out
    assert "Starting from The Fresh Kettle" in run("near", "fresh kettle", "--region", "area").err
    assert "young enough" in run("region", "update", "area").err


def test_update_without_a_name_takes_what_came_from_the_internet(run: Run, world: World) -> None:
    assert "No region came from the internet" in run("region", "update").err
    run("region", "get", "village")
    assert "village is of" in run("region", "update").err
    same = run("region", "update", "village", "--force").err
    assert "village is already the newest that is published: of 20" in same
    assert (
        "village is already the newest that is published: of 20"
        in run("region", "update", "village", "--force").err
    )
    world.change(village_xml(cafe="Another Kettle"))
    assert "Built village" in run("region", "update", "--force").err


def test_two_extracts_become_one_region(run: Run, world: World) -> None:
    again = f"{world.extract_url}?again"
    assert run("region", "get", "village", again, "--name", "both").code == 0
    info = json.loads(run("region", "info", "both", "--json").out)
    assert [source["url"] for source in info["sources"]] == [world.extract_url, again]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["get"], 2, "give the name of a region"),
        (["get", "vilage"], 2, "did you mean village"),
        (["get", "village", "europe"], 2, "--name"),
        (["get", "village", "--name", "Nine Lanes"], 2, "cannot name a region"),
        (["get", "europe"], 2, "no such file"),
        (["get", "village", "antipodes", "--name", "x"], 2, "lie far from each other"),
        (["get", "village", "--at", "52,0"], 2, "give the name of a region"),
        (["get", "--at", "somewhere"], 2, "no position"),
        (["get", "--at", "-30,100"], 2, "no extract covers"),
        (["get", "--around", "52,0"], 2, "--name"),
        (["get", "--around", "52,0", "--name", "x", "--km", "500"], 2, "no distance"),
        (["get", "--around", "0,0", "--name", "sea", "--km", "1"], 1, "has no data for this area"),
        (["get", "ftp://x/y.osm.pbf"], 2, "no web address"),
        (["get", "http://localhost/y.zip"], 2, "no extract"),
        (["get", "https://maps.example.org/x.osm.pbf"], 1, "CROSSROADS_CONTACT"),
        (["find"], 2, "give a name"),
        (["find", "x", "--at", "1,1"], 2, "give a name"),
        (["refresh", "nowhere"], 2, "no region 'nowhere'"),
        (["update", "nowhere"], 2, "no region 'nowhere'"),
    ],
)
def test_bad_input_is_one_clear_sentence(
    run: Run, arguments: list[str], code: int, words: str
) -> None:
    answer = run("region", *arguments)
    assert answer.code == code
    assert words in answer.err
    assert "Traceback" not in answer.err
    assert answer.out == ""


def test_without_internet_one_sentence_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}/index-v1.json"
    monkeypatch.setenv("CROSSROADS_GEOFABRIK_INDEX_URL", url)
    answer = run("region", "get", "village")
    assert answer.code == 1
    assert "is connected to the internet" in answer.err
    assert answer.err.count("\n") == 1
