"""Own venues take part like every other place, and what is never to be used is gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from geo.errors import UnknownName
from geo.model import Place, Point
from geo.proximity import near_me
from geo.region import Region
from geo.venues import Venue, own_venue_rows, read_venues, with_venues

WHERE = Point(-0.4855, 52.0181)


@pytest.fixture
def region(build_once: Callable[[Path, str], Region], village: Path) -> Region:
    return build_once(village, "village")


def test_venues_are_found_and_banned_places_are_not(region: Region) -> None:
    office = Venue(Place("own:hq", "Office", "conference_centre", WHERE), "office", staff=3)
    never = Venue(Place("n1001", None, "cafe", Point(0, 0)), "never")
    own = with_venues(region, [office, never])
    names = [found.place.osm_id for found in near_me(own, WHERE, cutoff_s=3600).places]
    assert names == ["own:hq", "n1002"]
    assert near_me(region, WHERE, cutoff_s=3600).places[0].place.osm_id == "n1001"
    assert own_venue_rows(region) == []
    (row,) = own_venue_rows(own)
    assert own.places[row] is office.place
    assert (own.places.find("own:hq"), own.places.find("n1002")) == (
        row,
        region.places.find("n1002"),
    )
    assert own.places.rows(kinds=["conference_centre"]).tolist() == [row]
    assert len(own.place_snaps) == len(own.places) == len(region.places) + 1
    with pytest.raises(UnknownName):
        own.places.rows(kinds=["caffe"])
    assert with_venues(region, []) is region


def test_venues_are_read_row_by_row(region: Region, tmp_path: Path) -> None:
    path = tmp_path / "venues.csv"
    path.write_text(
        "id,name,lat,lon,town,kind,capacity,cost,hours,staff,status\n"
        "hq,Office,52.0181,-0.4855,,conference_centre,12,,Mo-Fr 08:00-18:00,3,office\n"
        "d,Desks,,,Nine Lanes,,,25 EUR,,,membership\n"
        "n1001,,,,,,,,,,never\n"
        "x,,52,-0.48,,castle,,,,,\n"
        "y,,52,-0.48,,,many,,,,\n"
        "z,,52,-0.48,,,,,,,friend\n"
        "hq,Twice,52,-0.48,,,,,,,\n"
        ",No id,52,-0.48,,,,,,,\n"
        "w,,,,,,,,,,\n"
        "v,Surplus,52,-0.48,,,,,,,,more\n",
        "utf-8",
    )
    venues, problems = read_venues(path, region.gazetteer)
    hq, desks, never = venues
    assert (hq.place.osm_id, hq.status, hq.staff) == ("own:hq", "office", 3)
    assert hq.place.tags["opening_hours"] == "Mo-Fr 08:00-18:00"
    assert hq.place.tags["capacity"] == "12"
    assert (desks.place.kind, desks.cost, desks.status) == ("coworking", "25 EUR", "membership")
    assert desks.place.point == Point(-0.48, 52.01)
    assert (never.place.osm_id, never.status) == ("n1001", "never")
    assert [problem.split(":")[0] for problem in problems] == [
        f"venues.csv, line {line}" for line in (5, 6, 7, 8, 9, 10, 11)
    ]


def test_what_is_written_cannot_turn_a_page_round(region: Region, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(f"id,name,lat,lon\nhq,\u202eevil{'x' * 9000},52.0181,-0.4855\n", "utf-8")
    (venue,), problems = read_venues(path, region.gazetteer)
    assert problems == []
    assert venue.place.name is not None
    assert venue.place.name.startswith("evilx")
    assert len(venue.place.name) == 100
