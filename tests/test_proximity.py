from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from geo.errors import OutsideRegion, UnknownName
from geo.model import Point
from geo.network import Conditions
from geo.proximity import find_beyond, near_me
from geo.region import Region

WEST_SHORE = Point(-86.7956, 47.1642)


def test_it_says_what_the_matrix_and_the_route_say(county: Region) -> None:
    nearby = near_me(county, WEST_SHORE, cutoff_s=2400, with_return=True)
    there = county.network.matrix([WEST_SHORE], county.place_snaps).seconds[0]
    back = county.network.matrix(county.place_snaps, [WEST_SHORE]).seconds[:, 0]
    assert len(nearby.places) == np.count_nonzero(there <= 2400) > 5
    for found in nearby.places:
        row = county.places.find(found.place.osm_id)
        assert row is not None
        assert found.travel_time_s == there[row]
        assert found.return_time_s == back[row]
    last = nearby.places[-1]
    route = county.network.route(WEST_SHORE, last.place.point)
    assert route is not None
    assert last.km == pytest.approx(route.length_m / 1000, abs=0.01)


def test_it_is_sorted_by_the_drive_and_bounded_by_it(real_region: Region) -> None:
    origin = real_region.places[0].point
    drives = [found.minutes for found in near_me(real_region, origin, cutoff_s=900).places]
    assert drives == sorted(drives)
    assert drives[-1] <= 15
    more = near_me(real_region, origin, cutoff_s=1800).places
    assert [found.minutes for found in more[: len(drives)]] == drives


def test_without_the_ferry_the_other_shore_is_farther(county: Region) -> None:
    def nearest(conditions: Conditions) -> list[str]:
        found = near_me(county, WEST_SHORE, cutoff_s=1700, conditions=conditions).places
        return [one.place.osm_id for one in found]

    assert set(nearest(Conditions(ferries=False))) < set(nearest(Conditions()))


def test_what_is_closed_then_can_be_left_out_but_not_what_is_unknown(county: Region) -> None:
    nearby = near_me(county, WEST_SHORE, cutoff_s=2400)
    night = datetime(2026, 5, 5, 3)
    kept = nearby.without_closed(night).places
    assert 0 < len(kept) < len(nearby.places)
    assert {one.place.osm_id for one in nearby.places if "opening_hours" not in one.place.tags} <= {
        one.place.osm_id for one in kept
    }


def test_beyond_the_cutoff_stands_the_nearest_and_within_it_what_would_help(county: Region) -> None:
    beyond = find_beyond(county, WEST_SHORE, cutoff_s=1500, kinds=["coworking"])
    everything = near_me(county, WEST_SHORE, cutoff_s=np.inf, kinds=["coworking"]).places
    assert beyond.nearest == [one for one in everything if one.travel_time_s > 1500][:3]
    assert beyond.nearest
    assert "cafe" in beyond.kinds
    assert "coworking" not in beyond.kinds


def test_what_cannot_be_asked_is_refused(county: Region) -> None:
    with pytest.raises(OutsideRegion, match="km"):
        near_me(county, Point(0, 0), cutoff_s=60)
    with pytest.raises(UnknownName, match="cafe"):
        near_me(county, WEST_SHORE, cutoff_s=60, kinds=["caffe"])
