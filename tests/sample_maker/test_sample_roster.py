"""The sample roster: 24 fictional people at addresses of the map, where the story needs them."""

from __future__ import annotations

import csv

from data.sample.maker import write_sample_roster
from geo.files import table_path
from geo.geometry import distance_m
from geo.model import Point


def rows() -> list[dict[str, str]]:
    with (table_path("sample") / "roster.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_it_has_24_people_in_three_teams_who_are_called_fictional():
    people = rows()
    assert [row["id"] for row in people] == [f"p{number:02d}" for number in range(1, 25)]
    assert len({row["team"] for row in people}) == 3
    assert all(row["name"].endswith("(fictional)") for row in people)
    assert "fictional" in (table_path("sample") / "README.md").read_text("utf-8")


def test_made_anew_it_is_the_same(drawn, tmp_path):
    write_sample_roster(tmp_path / "roster.csv")
    assert (tmp_path / "roster.csv").read_bytes() == (
        table_path("sample") / "roster.csv"
    ).read_bytes()


def test_everybody_lives_at_an_address_of_the_map(sample):
    known = {
        (f"{tags['addr:housenumber']} {tags['addr:street']}", tags["addr:city"])
        for tags in sample.tagged()
        if "addr:housenumber" in tags
    }
    assert {(row["address"], row["town"]) for row in rows()} <= known


def test_two_couples_face_each_other_across_the_lake():
    west, _, east, _ = rows()[3:7]
    assert west["town"] == rows()[4]["town"] != east["town"] == rows()[6]["town"]
    apart = distance_m(*(Point(float(row["lon"]), float(row["lat"])) for row in (west, east)))
    assert apart < 7_000
