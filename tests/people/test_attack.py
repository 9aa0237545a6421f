"""Whatever colleagues ask, from wherever, for however long, together: an area is all they get."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.errors import InputError, NotAllowed
from geo.geometry import distance_m, distances_m
from geo.model import HomeArea, Point
from geo.people.admission import new_person
from geo.people.authorised import now_utc
from geo.people.colleagues import nearby_colleagues
from geo.people.homes import area_at, areas_at, set_consent
from geo.people.plan_inputs import ANONYMOUS_PREFIX, demand_for_plan
from geo.people.preferences import Preferences, set_preferences
from geo.people.roster import (
    change_member,
    export_roster,
    list_roster,
    merge_people,
    possible_duplicates,
    read_roster_page,
)
from geo.people.roster_import import commit_import, preview_import
from geo.privacy import Audience
from geo.records import Upload
from geo.region import Region
from geo.store import Store
from geo.store.people import RosterFilter, add_people, list_areas, list_people, set_areas

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
    bands = []
    for day in range(2):
        for number, origin in enumerate(origins[day::2]):
            member = ("ada", "wren")[number % 2]
            found = nearby_colleagues(store, member, region, origin=origin, most_origins=10_000)
            bands.append(next(one.band for one in found if one.colleague.id == victim))
    return bands


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
    region: Region, origins: Sequence[Point], bands: Sequence[int | None]
) -> npt.NDArray[np.bool_]:
    """Return which junctions of the region are where somebody told so could live."""
    graph = region.network.graph
    everywhere = region.network.snap(graph.junction_lon, graph.junction_lat)
    possible = np.ones(graph.junction_count, bool)
    seconds = region.network.matrix(origins, everywhere).seconds
    for row, band in zip(seconds, bands, strict=True):
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
        return nearby_colleagues(local_crew, "wren", county, origin=origin, most_origins=10_000)

    first = ask()
    assert all(ask() == first for _ in range(20))


VICTIM = "moe"
"""Allows nothing, and has signed in."""

TOWNS = ("Ombrelby Mills", "Ivelcombe")
DAYS = (None, date(2026, 5, 4), date(2026, 6, 4))
STAFF = ("moe", "kit", "sol", "s0", "s1", "s2", "s3")
BAITS = ("b0", "b1", "b2")

people_of = st.sampled_from((*STAFF, *BAITS))
step = st.one_of(
    st.tuples(st.just("import"), st.sampled_from((*STAFF, *BAITS, "new")),
              st.sampled_from((*TOWNS, "")), st.booleans()),
    st.tuples(st.just("merge"), people_of, people_of),
    st.tuples(st.just("rename"), people_of, st.sampled_from(["Moe", "Kit", "Ann"])),
    st.tuples(st.just("consent"), st.sampled_from(STAFF[1:]), st.booleans(), st.booleans()),
    st.tuples(st.just("away"), st.sampled_from(STAFF)),
)  # fmt: skip
"""What a planner does on the way, and what those around the victim do meanwhile."""


def new_world(path: Path, region: Region, areas: tuple[HomeArea, HomeArea], lives: int) -> Store:
    """Return a store where the victim lives in one of two areas, among four who signed in."""
    store = Store.open(f"sqlite:///{path}")
    now = now_utc()
    with store.atomic() as db:
        names = ("pat", *STAFF, *BAITS)
        add_people(db, [
            replace(new_person("Pat" if one == "pat" else one.title()), id=one,
                    reference=f"r-{one}", role="planner" if one == "pat" else "employee",
                    planning=one in BAITS,
                    subject=f"issuer|{one}" if one in STAFF and one != "kit" else None)
            for one in names
        ])  # fmt: skip
        homes = {"kit": areas[0], "s0": areas[0], "s1": areas[0], "s2": areas[1], "s3": areas[1]}
        homes |= {"sol": areas[1], VICTIM: areas[lives]}
        set_areas(db, homes, region=region.name, now=now)
    return store


def do(store: Store, region: Region, what: tuple[object, ...]) -> list[object]:
    """Take a step, and return what the planner is told by it."""
    match what:
        case ("import", str(who), str(town), bool(agrees)):
            row = f"r-{who},{who.title()},{town},{'yes' if agrees else 'no'}"
            table = Upload("a.csv", f"id,name,town,planning\n{row}\n".encode())
            preview = preview_import(store, "pat", region, table, k=20)
            return [repr(preview), commit_import(store, "pat", preview, planning=agrees)]
        case ("merge", str(keep), str(drop)):
            try:
                merge_people(store, "pat", keep, [drop])
            except (InputError, NotAllowed) as error:
                return [str(error)]
        case ("rename", str(who), str(name)):
            try:
                change_member(store, "pat", who, {"name": name})
            except NotAllowed as error:
                return [str(error)]
        case ("consent", str(who), bool(planning), bool(seen)):
            audience = Audience.EVERYONE if seen else Audience.NOBODY
            try:
                set_consent(store, who, audience=audience, planning=planning)
            except NotAllowed:
                return []
        case ("away", str(who)):
            away = Preferences(away=((date(2026, 5, 1), date(2026, 5, 9)),))
            try:
                set_preferences(store, who, away)
            except NotAllowed:
                return []
    return []


def learns(store: Store, region: Region) -> list[object]:
    """Return all that a planner can ask for, on every day."""
    made: dict[str, str] = {}  # people who were entered on the way have an id by chance

    def known(person_id: str) -> str:
        return made.setdefault(person_id, f"#{len(made)}") if len(person_id) > 9 else person_id

    bands: list[object] = []
    for day in DAYS:
        demand = demand_for_plan(store, "pat", region, day=day)
        bands.append(sorted((known(key), area.id) for key, area in demand.areas.items()))
        bands.append((sorted(demand.names.values()), demand.left_out, demand.away, demand.resting,
                     demand.without_area, demand.elsewhere))  # fmt: skip
    members = sorted(list_roster(store, "pat"), key=lambda one: (one.person.name, str(one.area)))
    bands.append(
        [(one.person.name, one.area, one.has_area, one.person.planning) for one in members]
    )
    page = read_roster_page(store, "pat", RosterFilter(), limit=100)
    bands.append((page.total, repr(page.numbers)))
    bands.append(sorted(str(sorted(row.items(), key=str)) for row in export_roster(store, "pat")
                       if len(str(row.get("id", ""))) < 9))  # fmt: skip
    bands.append(
        [sorted(one.name for one in several) for several in possible_duplicates(store, "pat")]
    )
    return bands


def check_cover(store: Store, region: Region) -> None:
    """Nameless people are shown in no area where fewer than five of them have signed in."""
    with store.read() as db:
        homes = {key: one.area.id for key, one in list_areas(db).items()}
        cover = Counter(homes[one.id] for one in list_people(db) if one.id in homes
                        and one.subject and (one.paused or not one.planning))  # fmt: skip
    demand = demand_for_plan(store, "pat", region)
    shown = {
        demand.areas[one.id].id for one in demand.people if one.id.startswith(ANONYMOUS_PREFIX)
    }
    assert all(cover[area] >= 5 for area in shown)


@pytest.fixture(scope="module")
def two_areas(county: Region) -> tuple[HomeArea, HomeArea]:
    """Return two areas that a table can name by their town."""
    one, two = (area_at(county, point, k=20)
                for point in (Point(-86.752087, 47.012062), Point(-86.22798, 46.9487)))  # fmt: skip
    assert one.id != two.id
    return one, two


@settings(max_examples=20, deadline=None)
@given(steps=st.lists(step, min_size=1, max_size=6))
@example(steps=[("merge", "b0", "moe")])
@example(steps=[("import", "moe", "Ivelcombe", True), ("merge", "b0", "kit")])
@example(steps=[("import", f"r{n}", "Ivelcombe", False) for n in range(5)])
@example(steps=[("consent", "s2", True, True), ("away", "s2"), ("consent", "s2", False, False)])
def test_whatever_a_planner_combines_they_learn_nothing_of_where_a_hidden_victim_lives(
    county: Region, sqlite_ready: Path, two_areas: tuple[HomeArea, HomeArea],
    steps: list[tuple[object, ...]],
) -> None:  # fmt: skip
    """Two worlds that differ in nothing but the victim's area answer alike, after every step."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("one.sqlite", "two.sqlite")]
        for path in paths:
            shutil.copy(sqlite_ready, path)
        worlds = [new_world(path, county, two_areas, row) for row, path in enumerate(paths)]
        try:
            for what in steps:
                answers = [do(store, county, what) for store in worlds]
                assert answers[0] == answers[1]
                for store in worlds:
                    check_cover(store, county)
                assert learns(worlds[0], county) == learns(worlds[1], county)
        finally:
            for store in worlds:
                store.close()
