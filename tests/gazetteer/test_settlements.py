"""Which settlement a position belongs to."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.gazetteer import Settlements
from geo.geometry import METRES_PER_DEGREE
from geo.model import Point

KM = 1000 / METRES_PER_DEGREE


def test_a_town_reaches_further_than_a_hamlet() -> None:
    found = Settlements(np.array([0.0, 0.0]), np.array([0.0, 4 * KM]), np.array([1.8, 0.6]))
    rows, away_m = found.of([0.0, 0.0, 0.0], [1 * KM, 2.9 * KM, 3.1 * KM])
    assert rows.tolist() == [0, 0, 1]
    assert np.allclose(away_m, [1000 / 1.8, 2900 / 1.8, 900 / 0.6], rtol=1e-6)
    assert found.of_point(Point(0, 2.9 * KM)) == 0


def test_without_settlements_nobody_is_at_home() -> None:
    nothing = Settlements(np.zeros(0), np.zeros(0), np.zeros(0))
    assert nothing.of([1.0], [2.0])[0].tolist() == [-1]
    assert nothing.of_point(Point(1, 2)) is None


spots = st.tuples(st.floats(-1, 1), st.floats(50, 51), st.sampled_from([3.0, 1.8, 1.0, 0.6]))


@given(st.lists(spots, min_size=1, max_size=10, unique=True), st.floats(-1, 1), st.floats(50, 51))
def test_one_position_equals_many(
    found: list[tuple[float, float, float]], lon: float, lat: float
) -> None:
    settlements = Settlements(*np.array(found).T)
    _, away_m = settlements.of([lon], [lat])
    row = settlements.of_point(Point(lon, lat))
    assert row is not None
    chosen = Settlements(*np.array([found[row]]).T)
    assert chosen.of([lon], [lat])[1][0] <= away_m[0] * 1.02 + 1  # two planes, one answer
