"""Home areas: never of fewer homes than k, never random, and the same again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError, OutsideRegion
from geo.geometry import distance_m
from geo.model import Point
from geo.people.homes import areas_at
from geo.privacy import Homes, SettlementCores, coarsen_home, coarsen_homes
from geo.region import Region

K = 20
NO_CORES = SettlementCores((), (), *np.empty((3, 0)))


def on_the_spot(points: Sequence[Point]) -> list[Point | None]:
    """Join positions to roads in a land where a road goes by every house."""
    return list(points)


def homes_at(places: Sequence[tuple[float, float, int]], cores: SettlementCores) -> Homes:
    """Return clusters of homes: where each is, and of how many."""
    lon, lat = [], []
    for west, south, count in places:
        rng = np.random.default_rng(abs(hash((west, south, count))) % 2**32)
        lon += (west + rng.uniform(-0.004, 0.004, count)).tolist()
        lat += (south + rng.uniform(-0.004, 0.004, count)).tolist()
    return Homes.of(lon, lat, cores)


clusters = st.lists(
    st.tuples(st.floats(-1, 1), st.floats(51, 53), st.integers(1, 60)), min_size=1, max_size=12
)
villages = st.lists(st.tuples(st.floats(-1, 1), st.floats(51, 53)), max_size=4, unique=True)


@settings(max_examples=60)
@given(clusters, villages, st.integers(5, 40))
def test_properties(
    places: list[tuple[float, float, int]], settled: list[tuple[float, float]], k: int
) -> None:
    cores = SettlementCores(
        tuple(f"n{row}" for row in range(len(settled))),
        tuple(f"Village {row}" for row in range(len(settled))),
        np.array([lon for lon, _ in settled]),
        np.array([lat for _, lat in settled]),
        np.full(len(settled), 1000.0),
    )
    homes = homes_at(places, cores)
    points = [Point(lon / 1e7, lat / 1e7) for lon, lat in zip(homes.lon_e7.tolist(),
              homes.lat_e7.tolist(), strict=True)]  # fmt: skip
    if len(homes) < k:
        with pytest.raises(InputError, match=f"shows {len(homes)} of the {k} homes"):
            coarsen_homes(points, homes=homes, k=k, routable=on_the_spot)
        return
    areas = coarsen_homes(points, homes=homes, k=k, routable=on_the_spot)
    members = Counter(area.id for area in areas if area)
    for point, area in zip(points, areas, strict=True):
        assert area is not None
        # Who shares an area is k by count, not only near one: no lone home is what remains.
        assert members[area.id] == area.homes
        assert area.homes >= k
        assert distance_m(point, area.point) <= area.radius_m
    for area in {area.id: area for area in areas if area}.values():
        assert coarsen_home(area.point, homes=homes, k=k, routable=on_the_spot) == area
    again = homes_at(places, cores)
    assert coarsen_homes(points, homes=again, k=k, routable=on_the_spot) == areas


def test_a_lone_farm_beside_a_village_hides_in_it() -> None:
    """The smallest cell around the farm that holds k homes would say: not in the village."""
    homes = homes_at([(0.011, 52.011, 200), (0.033, 52.011, 1)], NO_CORES)
    farm = Point(0.033, 52.011)
    area = coarsen_home(farm, homes=homes, k=K, routable=on_the_spot)
    middle = coarsen_home(Point(0.011, 52.011), homes=homes, k=K, routable=on_the_spot)
    assert area.homes >= K + 1
    assert area == middle


def test_more_homes_asked_for_make_no_smaller_areas() -> None:
    homes = homes_at([(0.01 * x, 52 + 0.01 * y, 8) for x in range(6) for y in range(6)], NO_CORES)
    radii = []
    for k in (5, 20, 80, 280):
        points = [Point(lon / 1e7, lat / 1e7) for lon, lat in zip(homes.lon_e7.tolist(),
                  homes.lat_e7.tolist(), strict=True)]  # fmt: skip
        areas = coarsen_homes(points, homes=homes, k=k, routable=on_the_spot)
        radii.append(np.mean([area.radius_m for area in areas if area]))
    assert radii == sorted(radii)


def test_one_home_never_has_two_areas_to_be_compared() -> None:
    """The map of next year has more houses, so that areas are smaller and lie elsewhere."""
    rough = homes_at([(0.01 * x, 52 + 0.01 * y, 4) for x in range(8) for y in range(8)], NO_CORES)
    fine = homes_at([(0.01 * x, 52 + 0.01 * y, 30) for x in range(8) for y in range(8)], NO_CORES)
    points = [Point(lon / 1e7, lat / 1e7) for lon, lat in zip(rough.lon_e7.tolist(),
              rough.lat_e7.tolist(), strict=True)]  # fmt: skip
    then = coarsen_homes(points, homes=rough, k=K, routable=on_the_spot)
    anew = coarsen_homes(points, homes=fine, k=K, routable=on_the_spot)
    assert sum(old != new for old, new in zip(then, anew, strict=True)) > len(points) / 2
    kept = coarsen_homes(points, homes=fine, k=K, routable=on_the_spot, previous=then)
    assert kept == then
    # Who asks for more homes gets an area of so many; it says nothing finer than the old one.
    more = coarsen_homes(points, homes=fine, k=400, routable=on_the_spot, previous=then)
    assert all(area and area.homes >= 400 for area in more)
    # Who moves away is not held back, nor is anybody whose old area has no road any more.
    home, far = points[0], Point(0.5, 52.5)
    gone = coarsen_home(far, homes=fine, k=K, routable=on_the_spot, previous=then[0])
    assert gone == coarsen_home(far, homes=fine, k=K, routable=on_the_spot)
    old = then[0]
    assert old is not None

    def without(area_points: Sequence[Point]) -> list[Point | None]:
        return [None if one == old.point else one for one in area_points]

    assert coarsen_home(home, homes=fine, k=K, routable=without, previous=old) != old


def test_a_home_that_is_not_in_the_region_is_refused_without_its_position() -> None:
    homes = homes_at([(0.0, 52.0, 50)], NO_CORES)
    with pytest.raises(OutsideRegion) as refused:
        coarsen_home(Point(5.4321, 50.9876), homes=homes, k=K, routable=lambda p: [None] * len(p))
    assert not any(char.isdigit() for char in str(refused.value))


def test_a_map_without_houses_hides_nobody() -> None:
    with pytest.raises(InputError, match="shows 0 of the 20 homes"):
        coarsen_home(Point(0, 52), homes=Homes.of([], [], NO_CORES), k=K, routable=on_the_spot)


def test_homes_are_kept_on_disk(tmp_path: Path, county: Region) -> None:
    county.homes.save(tmp_path)
    again = Homes.load(tmp_path)
    assert len(again) == len(county.homes) == county.manifest.counts["homes"]
    point = county.homes.cores
    middle = Point(float(point.lon[0]), float(point.lat[0]))
    # A copy: a region keeps the areas that it has made, and others are to find them on its roads.
    ours = county.homes
    same = Homes(ours.lon_e7, ours.lat_e7, ours.settlement, ours.cores)
    for homes in (again, same):
        assert coarsen_home(middle, homes=homes, k=K, routable=on_the_spot).homes >= K


def test_every_home_of_a_real_map_hides_among_twenty(real_region: Region) -> None:
    homes = real_region.homes
    points = [Point(lon / 1e7, lat / 1e7) for lon, lat in zip(homes.lon_e7[::7].tolist(),
              homes.lat_e7[::7].tolist(), strict=True)]  # fmt: skip
    sizes = np.bincount(homes.partition(K).area)
    assert sizes.min() >= K
    areas = areas_at(real_region, points, k=K)
    known = [(point, area) for point, area in zip(points, areas, strict=True) if area]
    assert len(known) > 0.97 * len(points)
    assert all(distance_m(point, area.point) <= area.radius_m for point, area in known)
    distinct = {area.id: area for _, area in known}
    again = areas_at(real_region, [area.point for area in distinct.values()], k=K)
    assert again == list(distinct.values())
    assert np.median([area.radius_m for _, area in known]) < 2500
