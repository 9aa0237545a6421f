"""Bounds that must never lie, and the moves of the local search: small cases, all plans tried."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from geo.facility_location.group_bound import GroupDual
from geo.facility_location.group_model import GroupLimits, SiteCapacity
from geo.facility_location.lagrangian import MedianDual, near_limits, neighbour_lists
from geo.facility_location.local_search import kick_nearby


def best_total(cost: np.ndarray, cap: np.ndarray, p: int) -> float:
    return min(
        float(np.minimum(cost[list(sites)].min(axis=0), cap).sum())
        for sites in itertools.combinations(range(len(cost)), p)
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_settling_never_passes_the_least_total(seed: int) -> None:
    random = np.random.default_rng(seed)
    m, n = random.integers(2, 8, 2)
    p = int(random.integers(1, m))
    cap = random.uniform(10, 100, n)
    cost = np.minimum(random.uniform(0, 100, (m, n)), cap)
    best = best_total(cost, cap, p)
    limits = cap if random.random() < 0.5 else np.minimum(cap, near_limits(cost, p))
    dual = MedianDual(neighbour_lists(cost, limits), np.arange(m), p, random.uniform(0, 100, n))
    dual.subgradient_method(best, np.inf, int(random.integers(0, 40)))
    before = dual.bound
    dual.volume_algorithm(best * float(random.uniform(1, 2)), np.inf, 200)
    assert before <= dual.bound <= best + 1e-6
    sets = [set(sites) for sites in itertools.combinations(range(m), p)]
    totals = np.array([np.minimum(cost[list(sites)].min(axis=0), cap).sum() for sites in sets])
    for j in range(m):
        inside = np.array([j in sites for sites in sets])
        assert before <= dual.opened_bounds()[j] <= totals[inside].min() + 1e-6
        assert before <= dual.closed_bounds()[j] <= totals[~inside].min() + 1e-6


def test_settling_comes_near_the_linear_program() -> None:
    random = np.random.default_rng(1)
    people, sites = random.uniform(0, 100, (60, 2)), random.uniform(0, 100, (20, 2))
    cost = np.hypot(*(sites[:, None] - people).T).T
    cap = np.full(60, 1e3)
    dual = MedianDual(neighbour_lists(cost, cap), np.arange(20), 4, np.sort(cost, axis=0)[1])
    best = best_total(cost, cap, 4)
    dual.subgradient_method(best, np.inf, 100)
    dual.volume_algorithm(best, np.inf, 400)
    assert best * 0.99 <= dual.bound <= best + 1e-6


def group_total(cost: np.ndarray, least: int, most: np.ndarray, p: int, unplaced: int) -> float:
    """Return the least total of groups by HiGHS; ``inf`` where there is no plan."""
    m, n = cost.shape
    row = np.kron(np.ones((1, m)), np.eye(n))  # variables: pairs by site, sites, rows nowhere
    at = np.kron(np.eye(m), np.ones((1, n)))
    matrix = np.vstack(
        [
            np.hstack([row, np.zeros((n, m)), np.eye(n)]),
            np.hstack([at, -np.diag(most), np.zeros((m, n))]),
            np.hstack([at, -least * np.eye(m), np.zeros((m, n))]),
            np.repeat([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], [m * n, m, n], axis=1),
        ]
    )
    lower = [*np.ones(n), *np.full(m, -np.inf), *np.zeros(m), p, unplaced]
    upper = [*np.ones(n), *np.zeros(m), *np.full(m, np.inf), p, unplaced]
    finite = np.isfinite(cost).ravel()
    answer = milp(
        np.concatenate([np.where(finite, cost.ravel(), 0.0), np.zeros(m + n)]),
        constraints=LinearConstraint(matrix, lower, upper),
        bounds=Bounds(0, np.concatenate([finite, np.ones(m + n)])),
        integrality=np.ones(m * n + m + n),
    )
    return float(answer.fun) if answer.status == 0 else np.inf


@pytest.mark.parametrize("seed", range(40))
def test_the_bound_on_groups_never_passes_the_least_total(seed: int) -> None:
    random = np.random.default_rng(seed)
    m, n = random.integers(2, 6), random.integers(3, 9)
    p, least = int(random.integers(1, m)), int(random.integers(0, 3))
    unplaced = int(random.integers(0, 3))
    most = random.integers(1, 6, m).astype(np.float64)
    cost = random.uniform(0, 100, (m, n))
    cost[random.random((m, n)) < 0.15] = np.inf
    nobody = np.zeros(m, np.bool_)
    best = group_total(cost, least, most, p, unplaced)
    if np.isinf(best):
        return
    limits = GroupLimits(least, most.astype(np.int64), nobody)
    dual = GroupDual(SiteCapacity.of(cost, limits, p, unplaced), random.uniform(0, 100, n))
    dual.volume_algorithm(best, np.inf, 300)
    assert dual.bound <= best + 1e-6
    bounds = dual.pair_bounds(cost)
    for j, i in zip(*np.nonzero(np.isfinite(cost)), strict=True):
        held = cost.copy()  # row i goes to site j or nowhere at all
        held[np.arange(m) != j, i] = np.inf
        held[j, i] -= 1e4
        with_pair = group_total(held, least, most, p, unplaced) + 1e4
        assert bounds[j, i] <= with_pair + 1e-6 or with_pair > 5e3  # no plan has the pair


def test_a_kick_nearby_exchanges_sites_around_one_row_only() -> None:
    place = np.arange(40.0)
    cost = np.abs(place[:, None] - place)
    chosen = np.arange(40) % 4 == 0
    for seed in range(20):
        kicked = kick_nearby(cost, chosen, 2, np.random.default_rng(seed))
        changed = np.flatnonzero(kicked != chosen)
        assert kicked.sum() == chosen.sum()
        assert changed.size == 4
        assert np.ptp(changed) <= 16
    assert chosen.sum() == 10


def test_a_kick_nearby_asks_for_no_more_than_there_is() -> None:
    cost = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]])
    kicked = kick_nearby(cost, np.array([True, True, False]), 5, np.random.default_rng(0))
    assert kicked.sum() == 2
    assert kicked[2]
