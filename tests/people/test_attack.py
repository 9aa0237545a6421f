"""Whatever colleagues ask, from wherever, for however long, together: an area is all they get."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from geo.geometry import distance_m, distances_m
from geo.model import Point
from geo.people import area_at, areas_at, nearby_colleagues
from geo.people.authorised import now_utc
from geo.region import Region
from geo.store import Store, set_areas

ORIGINS = 240
BAND_S = {15: 900.0, 30: 1800.0, 45: 2700.0, 60: 3600.0, None: np.inf}


@pytest.fixture(scope="module")
def origins(county: Region) -> list[Point]:
    """Return starts all over the county, as attackers would choose them."""
    rng = np.random.default_rng(3)
    graph = county.network.graph
    rows = rng.choice(graph.junction_count, ORIGINS, replace=False)
    return [Point(float(graph.junction_lon[r]), float(graph.junction_lat[r])) for r in rows]


def transcript(
    store: Store, region: Region, origins: Sequence[Point], victim: str
) -> list[int | None]:
    """Return all that a club of colluding colleagues is told of somebody over some days."""
    told = []
    for day in range(2):
        for number, origin in enumerate(origins[day::2]):
            member = ("ada", "wren")[number % 2]
            found = nearby_colleagues(store, member, region, origin=origin, most_origins=10_000)
            told.append(next(one.band for one in found.colleagues if one.colleague.id == victim))
    return told


def move(store: Store, region: Region, who: str, home: Point) -> None:
    with store.atomic() as db:
        area = area_at(region, home, k=20)
        set_areas(db, {who: area}, region=region.name, now=now_utc())


def neighbours(region: Region, home: Point) -> list[Point]:
    """Return all homes of the area of a home."""
    homes = region.homes
    points = [Point(lon / 1e7, lat / 1e7) for lon, lat in zip(homes.lon_e7.tolist(),
              homes.lat_e7.tolist(), strict=True)]  # fmt: skip
    near = [one for one in points if distance_m(one, home) < 20_000]
    mine = area_at(region, home, k=20)
    areas = areas_at(region, near, k=20)
    return [one for one, area in zip(near, areas, strict=True) if area == mine]


def placed(
    region: Region, origins: Sequence[Point], told: Sequence[int | None]
) -> npt.NDArray[np.bool_]:
    """Return which junctions of the region are where somebody told so could live."""
    graph = region.network.graph
    everywhere = region.network.snap(graph.junction_lon, graph.junction_lat)
    possible = np.ones(graph.junction_count, bool)
    seconds = region.network.matrix(origins, everywhere).seconds
    for row, band in zip(seconds, told, strict=True):
        at_least = {15: -1.0, 30: 900.0, 45: 1800.0, 60: 2700.0, None: 3600.0}[band]
        possible &= (row <= BAND_S[band]) & (row > at_least)
    return possible


def test_every_home_of_an_area_gives_the_same_answers(
    local_crew: Store, county: Region, origins: list[Point]
) -> None:
    """So no way of computing, known or not, tells one of them from another."""
    home = Point(-86.8008, 47.13118)
    shared = neighbours(county, home)
    assert len(shared) >= 20
    answers = set()
    for one in (shared[0], shared[len(shared) // 2], shared[-1]):
        move(local_crew, county, "sol", one)
        answers.add(tuple(transcript(local_crew, county, origins[:60], "sol")))
    assert len(answers) == 1


def test_trilateration_places_a_home_no_better_than_its_area(
    local_crew: Store, county: Region, origins: list[Point]
) -> None:
    home = Point(-86.8008, 47.13118)
    shared = neighbours(county, home)
    area = area_at(county, home, k=20)
    move(local_crew, county, "sol", home)
    ordered = [*origins[::2], *origins[1::2]]
    possible = placed(county, ordered, transcript(local_crew, county, origins, "sol"))
    graph = county.network.graph
    lon, lat = np.asarray(graph.junction_lon), np.asarray(graph.junction_lat)
    assert possible.any()
    guess = Point(float(lon[possible].mean()), float(lat[possible].mean()))
    # The attack works: it finds where the area is. It finds the area's stand-in, not the home.
    assert distance_m(guess, area.point) < area.radius_m
    off_m = distances_m(guess.lon, guess.lat, *np.array([[p.lon, p.lat] for p in shared]).T)
    assert (off_m < np.median(off_m)).sum() >= 10  # at least k / 2 homes fit better than the rest
    nearest = int(np.argmin(off_m))
    for other in (shared[nearest], shared[-1]):  # and it would be the same guess for any of them
        assert area_at(county, other, k=20) == area


def test_repeating_gives_nothing_to_average(local_crew: Store, county: Region) -> None:
    origin = Point(-86.75, 47.01)

    def ask() -> object:
        found = nearby_colleagues(local_crew, "wren", county, origin=origin, most_origins=10_000)
        return found.colleagues

    first = ask()
    assert all(ask() == first for _ in range(20))
