"""Parts of a network beside a search of every pair, and how much work many parts are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.spatial
from hypothesis import given
from hypothesis import strategies as st

from geo.files import read_table
from geo.geometry import METRES_PER_DEGREE
from geo.region.roads import graph
from geo.region.roads.graph import keep_large_components
from geo.region.roads.pieces import Pieces, WayArrays, cut

STEP_M = 750.0
"""A part of thirteen crossroads is then more than a fragment, and no island that stays anywhere."""


def draw(streets: list[tuple[float, float, int]]) -> tuple[WayArrays, Pieces]:
    """Draw combs: a street to the east with a dead end at each node, from (east, north) on."""
    refs: list[int] = []
    east: list[float] = []
    north: list[float] = []
    size: list[int] = []
    for x, y, count in streets:
        first = len(refs) * 10 + 1
        row = [first + k for k in range(count)]
        for k, ref in enumerate(row):
            refs += [ref, ref + 10_000_000]
            east += [x + k * STEP_M] * 2
            north += [y, y + STEP_M]
            size.append(2)
        refs += row
        east += [x + k * STEP_M for k in range(count)]
        north += [y] * count
        size.append(count)
    none = np.zeros(len(size), np.int64)
    ways = WayArrays(
        id=np.arange(len(size)),
        use=none,
        size=np.array(size, np.int64),
        refs=np.array(refs, np.int64),
        lon_e7=np.rint(np.array(east) / METRES_PER_DEGREE * 1e7).astype(np.int32),
        lat_e7=np.rint(np.array(north) / METRES_PER_DEGREE * 1e7).astype(np.int32),
    )
    return ways, cut(ways, np.zeros(0, np.int64))


def keep(ways: WayArrays, pieces: Pieces) -> np.ndarray[Any, Any]:
    """Return which pieces stay, driven both ways."""
    every = np.arange(len(pieces.way))
    piece = np.concatenate([every, every])
    tail = np.concatenate([pieces.tail, pieces.head])
    head = np.concatenate([pieces.head, pieces.tail])
    return keep_large_components(ways, pieces, piece, tail, head)[: len(every)]


@given(
    east=st.lists(st.floats(-20_000, 60_000), min_size=1, max_size=6, unique=True),
    gap=st.floats(1, 400),
)
def test_a_small_part_stays_where_it_is_apart_from_the_largest(
    east: list[float], gap: float
) -> None:
    rules = read_table("speeds")["component"]
    count = 13
    # Each small part has a line of its own, above or below the mainland, whose ends it may pass.
    small = [(x, -gap * (k + 1) - k * 2 * STEP_M - STEP_M, count) for k, x in enumerate(east)]
    ways, pieces = draw([(0.0, 0.0, 40), *small])
    stays = keep(ways, pieces)
    order = np.repeat(np.arange(1 + len(small)), [41, *[count + 1] * len(small)])  # ways of each
    xy = np.stack([ways.lon_e7, ways.lat_e7], axis=1) / 1e7 * METRES_PER_DEGREE
    of_point = np.repeat(order, ways.size)
    for number in range(1, 1 + len(small)):
        here, there = xy[of_point == number], xy[of_point == 0]
        least = np.hypot(*(here[:, None] - there[None]).transpose(2, 0, 1)).min()
        if abs(least - rules["apart_m"]) > 0.5:
            assert stays[order[pieces.way] == number].all() == (least >= rules["apart_m"])
            assert len(set(stays[order[pieces.way] == number].tolist())) == 1
    assert stays[order[pieces.way] == 0].all()


@pytest.mark.parametrize("small", [5, 40])
def test_one_tree_serves_all_small_parts(monkeypatch: pytest.MonkeyPatch, small: int) -> None:
    trees: list[int] = []

    class Counted(scipy.spatial.KDTree):
        def __init__(self, points: Any) -> None:
            trees.append(len(points))
            super().__init__(points)

    monkeypatch.setattr(scipy.spatial, "KDTree", Counted)
    # They lie in a column north of the mainland, the first within reach of its dead ends.
    column = [(0.0, STEP_M + 50 + k * 5000.0, 13) for k in range(small)]
    ways, pieces = draw([(0.0, 0.0, 2000), *column])
    stays = keep(ways, pieces)
    assert len(trees) == 1
    assert trees[0] < 200  # of the 6,000 points of the mainland
    nearest = (pieces.way > 2000) & (pieces.way <= 2014)
    assert np.array_equal(stays, ~nearest)


def test_cells_of_a_grid_hold_all_that_is_near() -> None:
    rng = np.random.default_rng(3)
    points, far = rng.uniform(-500, 500, (20, 2)), rng.uniform(-5000, 5000, (4000, 2))
    found = graph._in_cells_of(points, far, 300.0)
    near = np.hypot(*(points[:, None] - far[None]).transpose(2, 0, 1)).min(axis=0) < 300
    assert near.any()
    assert found[near].all()
    assert found.sum() < len(far) / 4
