import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geo.network.hierarchy import TimedArcs, contract, customise


def test_contracting_the_middle_joins_the_ends():
    first, head = contract(np.array([0, 2, 2, 2]), np.array([1, 2], np.int32))
    assert first.tolist() == [0, 2, 3, 3]
    assert sorted(head[:2].tolist()) == [1, 2]
    assert head[2:].tolist() == [2]


def test_the_way_over_the_middle_is_driven_each_way_in_its_own_time():
    first, head = np.array([0, 2, 3, 3]), np.array([1, 2, 2], np.int32)
    arcs = TimedArcs(first, head, np.array([1.0, 2.0, np.inf]), np.array([10.0, 20.0, 25.0]))
    customise(arcs)
    assert arcs.up.tolist() == [1, 2, 10 + 2]
    assert arcs.down.tolist() == [10, 20, 20 + 1]


@pytest.mark.parametrize("seed", range(20))
def test_going_up_and_then_down_is_enough(seed):
    rng = np.random.default_rng(seed)
    count = 12
    weights = np.where(rng.random((count, count)) < 0.2, rng.integers(1, 99, (count, count)), 0)
    np.fill_diagonal(weights, 0)
    low, high = np.nonzero(np.triu(weights + weights.T))
    first, head = contract(np.searchsorted(low, np.arange(count + 1)), high.astype(np.int32))
    rows = np.repeat(np.arange(count), np.diff(first))
    head = (np.sort(rows * count + head) % count).astype(np.int32)
    times = np.where(weights > 0, weights, np.inf)
    arcs = TimedArcs(first, head, times[rows, head], times[head, rows])
    customise(arcs)
    up = _closed(count, rows, head, arcs.up)
    down = _closed(count, head, rows, arcs.down)
    over = (up[:, :, None] + down[None, :, :]).min(axis=1)
    np.testing.assert_array_equal(over, dijkstra(csr_array(weights)))


def _closed(count, tail, head, seconds):
    open_ = np.isfinite(seconds)
    arcs = (seconds[open_], (tail[open_], head[open_]))
    return dijkstra(csr_array(arcs, shape=(count, count)))
