"""Sending people to given sites, where many live at the same place and not all find room."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from geo.facility_location.group_assignment import cheapest_assignment
from geo.facility_location.group_model import GroupLimits

ROOM = 9


@pytest.mark.parametrize(
    ("sites", "people", "seed"),
    [(12, 150, 0), (12, 150, 1), (20, 250, 10), (32, 400, 2), (32, 400, 6)],
)
def test_a_crowd_without_room_for_all_is_sent_at_least_cost(
    sites: int, people: int, seed: int
) -> None:
    """In the last three, rounding once led from home to a site and back without end."""
    random = np.random.default_rng(seed)
    homes = random.uniform(0, 60_000, (30 if sites > 20 else 60, 2))
    starts = homes[random.integers(len(homes), size=people)]
    places = random.uniform(0, 60_000, (sites, 2))
    cost = np.hypot(*(places[:, None] - starts[None]).transpose(2, 0, 1)) / 17.3
    cost[cost > 3000] = np.inf
    sizes = GroupLimits(0, np.full(sites, ROOM), np.zeros(sites, bool))
    found = cheapest_assignment(cost, np.ones(sites, bool), sizes)
    assert found is not None
    assert np.bincount(found[found >= 0], minlength=sites).max() <= ROOM
    away = 1e6  # nobody stays at home who can be placed
    slots = np.repeat(np.where(np.isfinite(cost), cost, 2 * away), ROOM, axis=0)
    every = np.vstack([slots, np.full((cost.shape[1], cost.shape[1]), away)])
    least = every[linear_sum_assignment(every)].sum()
    placed = np.flatnonzero(found >= 0)
    total = cost[found[placed], placed].sum() + away * (len(found) - len(placed))
    assert total == pytest.approx(least, rel=1e-9)
