"""How much water lies on a straight line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.geometry import LocalPlane
from geo.isochrone import WaterMask
from geo.isochrone.raster import Window
from geo.model import Point

PLANE = LocalPlane(Point(10.0, 50.0))
CELL_M = 25.0


def _river(width_cells: int) -> WaterMask:
    """Return a river from west to east, its southern bank on the middle of the plane."""
    water = np.zeros((100, 100), np.uint8)
    water[50 : 50 + width_cells] = 255
    return WaterMask(Window(PLANE, CELL_M, -50, -50, 100, 100), water)


def _across_m(mask: WaterMask, start: tuple[float, float], end: tuple[float, float]) -> float:
    """Return the metres of water between two positions, given in metres from the middle."""
    lon, lat = PLANE.to_lon_lat(np.array([start[0], end[0]]), np.array([start[1], end[1]]))
    return float(mask.metres_across((lon[:1], lat[:1]), (lon[1:], lat[1:]))[0])


@pytest.mark.parametrize("width_cells", [1, 2, 5, 20])
def test_a_river_is_as_wide_as_it_is(width_cells: int) -> None:
    mask = _river(width_cells)
    width_m = width_cells * CELL_M
    assert _across_m(mask, (3, -90), (3, width_m + 90)) == pytest.approx(width_m, abs=13)
    slanted = _across_m(mask, (-90 - width_m, -90), (90, width_m + 90))
    assert slanted == pytest.approx(width_m * 2**0.5, abs=19)


def test_no_water_along_a_bank_or_beyond_the_mask() -> None:
    mask = _river(4)
    assert _across_m(mask, (-500, -15), (500, -15)) == 0
    assert _across_m(mask, (5000, -500), (5000, 500)) == 0
    assert _across_m(mask, (0, -20), (0, -20)) == 0


def test_water_that_a_line_begins_in_does_not_count() -> None:
    mask = _river(4)
    assert _across_m(mask, (0, 50), (0, -200)) == 0
    assert _across_m(mask, (0, -200), (0, 50)) == pytest.approx(50, abs=13)


def test_many_lines_are_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    mask = _river(4)
    rng = np.random.default_rng(3)
    x, y = rng.uniform(-900, 900, (2, 2, 40))
    (lon, to_lon), (lat, to_lat) = PLANE.to_lon_lat(x, y)
    together = mask.metres_across((lon, lat), (to_lon, to_lat))
    monkeypatch.setattr("geo.isochrone.raster._STEPS", 100)
    assert mask.metres_across((lon, lat), (to_lon, to_lat)).tolist() == together.tolist()


@given(*[st.floats(-1200, 1200)] * 4)
def test_never_more_water_than_line(x: float, y: float, to_x: float, to_y: float) -> None:
    length_m = np.hypot(to_x - x, to_y - y)
    assert 0 <= _across_m(_river(10), (x, y), (to_x, to_y)) <= length_m + 0.001
