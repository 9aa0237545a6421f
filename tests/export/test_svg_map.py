"""The ground of a printed map, from a real region."""

from __future__ import annotations

import numpy as np
import pytest
from shapely import Point as Dot
from shapely import union_all

from geo.export.svg_map import backdrop
from geo.model import BBox, Point
from geo.region import Region

AROUND_THE_WATER = BBox(-0.78, 52.6, -0.56, 52.72)


def test_roads_water_and_names_lie_where_they_are(rutland: Region) -> None:
    ground = backdrop(rutland, AROUND_THE_WATER, [Point(-0.731, 52.671), Point(-0.731, 52.6712)])
    assert [name.text for name in ground.names] == ["Oakham"]
    ranks = [rank for rank, lines in ground.roads if lines]
    assert ranks == sorted(ranks)
    assert 100 < sum(len(lines) for _, lines in ground.roads) < 4000
    for _, lines in ground.roads:
        for line in lines:
            inside = [Point(lon, lat) in AROUND_THE_WATER for lon, lat in line[[0, -1]]]
            assert any(inside)
    water = union_all(ground.water)
    assert all(part.is_valid for part in ground.water)
    assert water.contains(Dot(-0.62, 52.654))  # Rutland Water, before the dam
    assert not water.contains(Dot(-0.731, 52.671))  # Oakham
    km2 = water.area * 111.2**2 * np.cos(np.radians(52.65))
    assert km2 == pytest.approx(12, rel=0.35)  # 12.56 km2 when full


def test_a_box_without_anything_is_empty(rutland: Region) -> None:
    ground = backdrop(rutland, BBox(10, 10, 10.1, 10.1))
    assert not any(lines for _, lines in ground.roads)
    assert (ground.water, ground.names) == ((), ())
