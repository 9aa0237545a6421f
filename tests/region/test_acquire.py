from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from geo.cancellation import Clock
from geo.errors import (
    BadResponse,
    InputError,
    Offline,
    ServiceBusy,
    TransferInterrupted,
    UnreadableExtract,
)
from geo.export.listing import Attribution
from geo.geometry import sort_from_center
from geo.model import Point
from geo.online import Services
from geo.places import opening
from geo.proximity import near_me
from geo.region import load_region, read_manifest
from geo.region.acquire import area_boxes, get_area, get_region, is_due, update_region
from geo.region.build import build_region
from geo.region.manifest import can_update
from geo.region.refresh import RefreshScope, refresh_places, squares_of
from tests.conftest import village_xml
from tests.online.world import World

MOMENTS = ("2026-04-03T10:00", "2026-04-02T10:00", "2026-04-02T16:30+00:00")
MIDDLE = Point(-0.4709, 52.0181)


@pytest.fixture
def world(httpserver: HTTPServer, tmp_path: Path) -> World:
    return World(httpserver, village_xml(), tmp_path)


@pytest.fixture
def services(world: World) -> Iterator[Services]:
    """The services with a clock on which nobody waits."""
    passed = [0.0]

    def sleep(seconds: float) -> None:
        passed[0] += seconds

    clock = Clock(epoch_s=lambda: time.time() + passed[0], sleep=sleep)
    with Services(world.settings, clock=clock) as services:
        yield services


@pytest.fixture
def folder(world: World) -> Path:
    return world.settings.regions_dir


def names(region_name: str, folder: Path) -> set[str | None]:
    region = load_region(region_name, regions_dir=folder)
    return {place.name for place in region.places}


def test_a_region_is_got_and_nothing_is_left_behind(
    world: World, services: Services, folder: Path
) -> None:
    told: list[float] = []
    got = get_region(
        [world.extract_url],
        "village",
        services=services,
        regions_dir=folder,
        progress=lambda _said, done: told.append(done),
    )
    assert got.sources[0].url == world.extract_url
    assert (told == sorted(told), told[-1]) == (True, 1.0)
    assert names("village", folder) >= {"The Kettle"}
    assert list(world.settings.downloads_dir.iterdir()) == []


KILLED = """
import os, signal, sys
from geo.online import Services
from geo.region import load_region
from geo.region.acquire import get_region
from geo.settings import read_settings

settings = read_settings()
url, *steps = sys.argv[1:]

def run(fatal_step):
    def tell(step, _done):
        if fatal_step in step:
            os.kill(os.getpid(), signal.SIGKILL)
    get_region([url], "village", services=Services(settings),
               regions_dir=settings.regions_dir, progress=tell)

for step in steps:
    child = os.fork()
    if not child:
        run(step)
    _, status = os.waitpid(child, 0)
    places = load_region("village", regions_dir=settings.regions_dir).places
    print(step, os.WTERMSIG(status), sorted(filter(None, (place.name for place in places))))
"""
"""A process for each step, which kills it there; imported once, for the imports take longest."""


def test_whenever_it_is_killed_the_old_region_stays_and_the_next_run_ends_it(
    world: World, services: Services, folder: Path, village: Path
) -> None:
    build_region(village, "village", regions_dir=folder)
    world.change(village_xml(cafe="The New Kettle"))
    steps = ["MB", "reading", "names", "checksums"]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, world.extract_url, *steps],
        env={**os.environ, **world.environment},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == [f"{step} 9 ['The Kettle']" for step in steps]
    get_region([world.extract_url], "village", services=services, regions_dir=folder)
    assert "The New Kettle" in names("village", folder)
    assert len(list((folder / "village").iterdir())) == 2
    assert list(world.settings.downloads_dir.iterdir()) == []


def test_what_cannot_be_built_is_not_taken_for_good_the_next_time(
    world: World, services: Services, folder: Path
) -> None:
    whole = world.extract
    world.extract = whole[: len(whole) // 2]  # published so, with an MD5 that is right
    with pytest.raises(UnreadableExtract):
        get_region([world.extract_url], "village", services=services, regions_dir=folder)
    world.extract = whole
    get_region([world.extract_url], "village", services=services, regions_dir=folder)
    assert "The Kettle" in names("village", folder)


def moved(xml: str, east: float) -> str:
    """Return a map with everything farther east."""
    return re.sub(r'lon="([^"]+)"', lambda found: f'lon="{float(found[1]) + east:.7f}"', xml)


@pytest.mark.parametrize("east", [8 * 0.0073, 10.0])
def test_an_extract_of_another_place_than_the_catalogue_says_is_refused(
    world: World, services: Services, folder: Path, east: float
) -> None:
    assert services.catalogue().find("village").url == world.extract_url
    right = world.extract
    world.change(moved(village_xml(), east))  # published so, with an MD5 that is right
    with pytest.raises(UnreadableExtract, match="covers another place"):
        get_region([world.extract_url], "village", services=services, regions_dir=folder)
    assert not (folder / "village").exists()
    assert list(world.settings.downloads_dir.iterdir()) == []
    world.extract = right
    get_region([world.extract_url], "village", services=services, regions_dir=folder)
    assert "The Kettle" in names("village", folder)


def test_an_address_that_no_catalogue_knows_may_be_of_anywhere(
    world: World, services: Services, folder: Path
) -> None:
    assert services.cached_catalogue() is None
    world.change(moved(village_xml(), 10.0))
    get_region([world.extract_url], "village", services=services, regions_dir=folder)
    assert "The Kettle" in names("village", folder)


def test_an_update_that_is_of_another_place_leaves_the_region(
    world: World, services: Services, folder: Path
) -> None:
    get_region([world.extract_url], "village", services=services, regions_dir=folder)
    world.change(moved(village_xml(cafe="Elsewhere"), 10.0))
    with pytest.raises(UnreadableExtract, match="covers another place"):
        update_region("village", services=services, regions_dir=folder)
    assert "The Kettle" in names("village", folder)


def test_an_area_is_built_from_boxes_and_can_be_updated(
    world: World, services: Services, folder: Path
) -> None:
    boxes = area_boxes(MIDDLE, 5)
    got = get_area(boxes, "area", services=services, regions_dir=folder)
    assert got.osm_timestamp == datetime(2026, 11, 1, tzinfo=UTC)
    assert "The Kettle" in names("area", folder)
    assert str(MIDDLE.lat) not in "".join(world.queries)
    assert can_update(got)
    world.change(village_xml(cafe="The New Kettle"))
    services.cache.clear()
    assert update_region("area", services=services, regions_dir=folder) is not None
    assert "The New Kettle" in names("area", folder)


def test_an_area_drives_and_opens_as_the_extract_of_the_same_place(
    world: World, services: Services, folder: Path
) -> None:
    """No area of a country is asked for; none is needed."""
    world.change(
        village_xml()
        .replace("Mo-Fr 09:00-17:00", "Mo-Fr 09:00-17:00; PH off")
        # Good Friday is a holiday where the village is, and its roads know their legal limits.
        .replace('v="unclassified"/>', 'v="unclassified"/><tag k="maxspeed" v="GB:nsl_single"/>')
    )
    get_area(area_boxes(MIDDLE, 5), "area", services=services, regions_dir=folder)
    get_region([world.extract_url], "village", services=services, regions_dir=folder)
    assert not any('relation["boundary"' in query for query in world.queries)
    answers = []
    for name in ("area", "village"):
        found = near_me(load_region(name, regions_dir=folder), MIDDLE, cutoff_s=900).places
        opens = [opening.state(found[0].place, datetime.fromisoformat(at)) for at in MOMENTS]
        answers.append(([(one.place.osm_id, one.travel_time_s) for one in found], opens))
    assert answers[0] == answers[1]
    assert answers[0][1] == ["closed", "open", "closed"]  # a holiday; a Thursday; past five there


def test_an_old_area_stays_where_not_all_is_answered(
    world: World, services: Services, folder: Path
) -> None:
    get_area(area_boxes(MIDDLE, 5), "area", services=services, regions_dir=folder)
    services.cache.clear()
    asked = len(world.queries)

    def go_off(_said: str, _done: float) -> None:
        world.is_off = len(world.queries) > asked

    with pytest.raises(TransferInterrupted, match="stays as it was"):
        update_region("area", services=services, regions_dir=folder, progress=go_off)
    assert "The Kettle" in names("area", folder)


def test_an_outage_on_the_way_builds_no_fragment_and_the_next_run_goes_on(
    world: World, services: Services, folder: Path
) -> None:
    boxes = area_boxes(MIDDLE, 5)
    middle = sort_from_center(boxes)[0]

    def go_off(_said: str, _done: float) -> None:
        world.is_off = len(world.queries) >= 4

    with pytest.raises(
        TransferInterrupted, match=rf"4 of {len(boxes)} squares were downloaded .* to continue\.$"
    ):
        get_area(boxes, "area", services=services, regions_dir=folder, progress=go_off)
    assert not (folder / "area").exists()
    assert f"{middle.west:.7f}".rstrip("0") in world.queries[0]
    world.is_off = False
    before = len(world.queries)
    get_area(boxes, "area", services=services, regions_dir=folder)
    assert len(world.queries) - before == len(boxes) - 4
    assert "The Kettle" in names("area", folder)


def test_an_update_that_was_stopped_goes_on_after_hours(
    world: World, services: Services, folder: Path
) -> None:
    boxes = area_boxes(MIDDLE, 5)
    get_area(boxes, "area", services=services, regions_dir=folder)
    services.client.clock.sleep(7200)  # so that the update takes no answer of the first build
    asked = len(world.queries)

    def go_off(_said: str, _done: float) -> None:
        world.is_off = len(world.queries) >= asked + 3

    with pytest.raises(
        TransferInterrupted, match=r"3 of \d+ squares were downloaded .* stays as it was"
    ):
        update_region("area", services=services, regions_dir=folder, progress=go_off)
    world.is_off = False
    services.client.clock.sleep(4 * 3600)
    before = len(world.queries)
    assert update_region("area", services=services, regions_dir=folder) is not None
    assert len(world.queries) - before == len(boxes) - 3


def test_answers_of_others_are_kept_where_an_area_holds_nothing(
    world: World, services: Services, folder: Path
) -> None:
    get_area(area_boxes(MIDDLE, 1), "area", services=services, regions_dir=folder)
    sea = area_boxes(Point(0, 0), 1)
    with pytest.raises(BadResponse, match="has no data for this area"):
        get_area(sea, "sea", services=services, regions_dir=folder)
    before = len(world.queries)
    get_area(area_boxes(MIDDLE, 1), "again", services=services, regions_dir=folder)
    assert len(world.queries) == before


def test_data_older_than_the_region_are_refused(
    world: World, services: Services, folder: Path
) -> None:
    get_area(area_boxes(MIDDLE, 1), "area", services=services, regions_dir=folder)
    services.cache.clear()
    world.stamp = "2026-10-01T00:00:00Z"
    with pytest.raises(BadResponse, match=r"2026-10-01 .* older than .* \(2026-11-01"):
        update_region("area", services=services, regions_dir=folder)
    with pytest.raises(BadResponse, match="older than"):
        refresh_places("area", services=services, regions_dir=folder)
    world.stamp = "2026-11-02T00:00:00Z"
    services.cache.clear()
    done = refresh_places("area", services=services, regions_dir=folder)
    assert done.osm_timestamp == datetime(2026, 11, 2, tzinfo=UTC)
    region = load_region("area", regions_dir=folder)
    assert "2026-11-01, places of 2026-11-02" in region.manifest.attribution_line
    assert "Sun 1 Nov 2026, places of Mon 2 Nov 2026" in Attribution.of(region.manifest).line


def test_a_refresh_asks_for_the_regions_own_squares_alone(
    world: World, services: Services, folder: Path
) -> None:
    services.catalogue()
    get_region([world.extract_url], "village", services=services, regions_dir=folder)
    manifest = read_manifest(folder / "village")
    own = squares_of(manifest, folder)
    region = load_region("village", regions_dir=folder)
    lon, lat = region.network.graph.junction_lon, region.network.graph.junction_lat
    for box in own:
        across, along = (lon - box.west) * (box.east - lon), (lat - box.south) * (box.north - lat)
        assert ((across >= 0) & (along >= 0)).any()
    refresh_places("village", services=services, regions_dir=folder)
    asked = {text for query in world.queries for text in re.findall(r"\(([\d.,-]+)\);", query)}
    assert len(asked) == len(own)


def test_an_update_comes_only_if_something_newer_is_there(
    world: World, services: Services, folder: Path, village: Path
) -> None:
    get_region([world.extract_url], "village", services=services, regions_dir=folder)
    assert update_region("village", services=services, regions_dir=folder) is None
    world.change(village_xml(cafe="A Kettle by Another Name"))
    assert update_region("village", services=services, regions_dir=folder) is not None
    assert "A Kettle by Another Name" in names("village", folder)
    build_region(village, "own", regions_dir=folder)
    with pytest.raises(InputError, match="a file of your own"):
        update_region("own", services=services, regions_dir=folder)


def test_an_update_is_due_by_the_age_of_the_data(
    services: Services, folder: Path, village: Path
) -> None:
    manifest = build_region(village, "own", regions_dir=folder)
    built = manifest.built_at
    assert not is_due(manifest, now=built + timedelta(days=89), older_than=timedelta(days=90))
    assert is_due(manifest, now=built + timedelta(days=91), older_than=timedelta(days=90))


def test_a_refresh_shows_a_changed_cafe(world: World, services: Services, folder: Path) -> None:
    get_region([world.extract_url], "village", services=services, regions_dir=folder)
    world.change(village_xml(cafe="The Fresh Kettle"))
    done = refresh_places("village", services=services, regions_dir=folder)
    assert (done.fresh.new, done.fresh.changed, done.fresh.gone) == (0, 1, 0)
    assert "The Fresh Kettle" in names("village", folder)
    assert (done.missing, read_manifest(folder / "village").name) == ((), "village")


def test_a_refresh_is_of_boxes_of_the_region_only(
    world: World, services: Services, folder: Path
) -> None:
    get_region([world.extract_url], "village", services=services, regions_dir=folder)
    far = area_boxes(Point(10, 10), 5)
    with pytest.raises(InputError, match="not in region"):
        refresh_places("village", RefreshScope(tuple(far)), services=services, regions_dir=folder)
    assert world.queries == []


def test_without_internet_everything_stays_as_it_was(
    world: World, services: Services, folder: Path
) -> None:
    get_region([world.extract_url], "village", services=services, regions_dir=folder)
    world.is_off = True
    with pytest.raises(ServiceBusy):
        refresh_places("village", services=services, regions_dir=folder)
    with pytest.raises(ServiceBusy):
        update_region("village", services=services, regions_dir=folder)
    with pytest.raises(Offline, match="refuses connections"):
        get_region(
            ["http://127.0.0.1:9/x.osm.pbf"], "village", services=services, regions_dir=folder
        )
    assert "The Kettle" in names("village", folder)


@pytest.mark.parametrize("km", [0, -1, 101, float("nan"), float("inf")])
def test_an_area_has_a_sensible_size(km: float) -> None:
    with pytest.raises(InputError):
        area_boxes(MIDDLE, km)
