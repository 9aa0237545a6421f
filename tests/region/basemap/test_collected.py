"""The sea, counted by hand in a box of 10 by 10."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from geo.region.basemap.collected import sea_areas

BOX = (0.0, 0.0, 10.0, 10.0)


def sea(*lines: list[tuple[float, float]]) -> BaseGeometry:
    return shapely.union_all(sea_areas([np.array(line, float) for line in lines], BOX))


def test_no_coast_no_sea() -> None:
    assert sea().is_empty
    assert sea([(1, 1)]).is_empty


def test_an_island_lies_in_the_sea() -> None:
    island = [(4.0, 4.0), (6, 4), (6, 6), (4, 6), (4, 4)]  # land on the left
    assert sea(island).area == 96


def test_a_lagoon_lies_in_the_land() -> None:
    lagoon = [(4.0, 4.0), (4, 6), (6, 6), (6, 4), (4, 4)]
    assert sea(lagoon).equals(shapely.box(4, 4, 6, 6))


def test_the_direction_tells_the_side() -> None:
    northward = [(5.0, -3.0), (5, 13)]
    assert sea(northward).equals(shapely.box(5, 0, 10, 10))
    assert sea(northward[::-1]).equals(shapely.box(0, 0, 5, 10))


def test_a_bay_that_the_box_cuts() -> None:
    # The sea reaches in from the south, 4 wide and 3 deep; the coast comes in pieces.
    bay = ([(8.0, -2.0), (8, 3)], [(8.0, 3.0), (6, 3), (4, 3)], [(4.0, 3.0), (4, -2)])
    headland = shapely.box(0, 0, 10, 10).difference(shapely.box(4, 0, 8, 3))
    assert sea(*bay).equals(headland)
    assert sea(*(piece[::-1] for piece in bay)).equals(shapely.box(4, 0, 8, 3))


def test_an_island_in_a_bay_and_the_bays_of_two_sides() -> None:
    west = [(2.0, 13.0), (2, -3)]
    east = [(8.0, -3.0), (8, 13)]
    island = [(8.5, 4.0), (9.5, 4), (9.5, 5), (8.5, 5), (8.5, 4)]
    assert sea(west, east, island).area == pytest.approx(20 + 20 - 1)


def test_a_coast_that_ends_inside_is_led_to_the_nearest_side() -> None:
    # Cut along another outline than the box: the ends lie at y = 1 and y = 9.
    assert sea([(5.0, 1.0), (5, 9)]).equals(shapely.box(5, 0, 10, 10))


def test_a_coast_outside_of_the_box_counts_for_nothing() -> None:
    assert sea([(20.0, 0.0), (20, 10)]).is_empty


def test_a_box_without_extent_has_no_sea() -> None:
    assert len(sea_areas([np.array([[0.0, 0], [1, 1]])], (3.0, 3.0, 3.0, 3.0))) == 0
