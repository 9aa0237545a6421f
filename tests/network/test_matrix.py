from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.model import Point
from geo.network import RoadNetwork

SEEDS = st.integers(0, 100_000)


def test_the_square(square):
    corners = [Point(0, 0), Point(0.02, 0), Point(0.02, 0.02)]
    seconds = square.matrix(corners, corners).seconds
    assert seconds.dtype == np.float32
    assert seconds.tolist() == [[0, 120, 240], [120, 0, 120], [240, 120, 0]]


def test_the_cutoff_and_those_outside(square):
    points = [Point(0, 0), Point(5, 5), Point(0.02, 0)]
    seconds = square.matrix(points, points, cutoff_s=100).seconds
    assert np.isinf(seconds).tolist() == [[0, 1, 1], [1, 1, 1], [1, 1, 0]]


def test_nobody(square):
    assert square.matrix([], [Point(0, 0)]).seconds.shape == (0, 1)
    assert square.matrix([Point(0, 0)], []).seconds.shape == (1, 0)


@settings(max_examples=60)
@given(seed=SEEDS)
def test_a_row_is_the_reach_of_its_origin(random_network, seed):
    network = random_network(seed)
    snaps = _positions(network, seed)
    seconds = network.matrix(snaps, snaps).seconds
    for i in range(len(snaps)):
        reach = network.reach(snaps[i : i + 1], cutoff_s=np.inf)
        np.testing.assert_array_equal(reach.to(snaps), seconds[i])
        home = network.reach(snaps[i : i + 1], cutoff_s=np.inf, homeward=True)
        np.testing.assert_array_equal(home.to(snaps), seconds[:, i])


@settings(max_examples=60)
@given(seed=SEEDS)
def test_the_way_over_a_third_position_is_no_faster(random_network, seed):
    network = random_network(seed)
    snaps = _positions(network, seed)
    seconds = network.matrix(snaps, snaps).seconds.astype(np.float64)
    walk = snaps.access_s
    over = seconds[:, :, None] + seconds[None, :, :] - 2 * walk[None, :, None]
    direct = np.where(np.isfinite(seconds), seconds, np.inf)[:, None, :]
    assert (direct <= over + 0.01)[np.isfinite(over)].all()


@settings(max_examples=40)
@given(seed=SEEDS, cutoff_s=st.floats(1, 3000))
def test_a_cutoff_only_hides(random_network, seed, cutoff_s):
    network = random_network(seed)
    snaps = _positions(network, seed)
    everything = network.matrix(snaps, snaps).seconds
    within = network.matrix(snaps, snaps, cutoff_s=cutoff_s).seconds
    hidden = np.where(everything <= cutoff_s, everything, np.inf)
    near = np.abs(everything - cutoff_s) < 0.01  # float32 against float64
    assert ((within == hidden) | near).all()
    reach = network.reach(snaps[:1], cutoff_s=cutoff_s).to(snaps)
    assert ((reach == within[0]) | near[0]).all()


def test_many_threads_get_the_same_answers(random_network):
    network = random_network(11)
    snaps = _positions(network, 11)

    def ask(row: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        origin = snaps[row : row + 1]
        reach = network.reach(origin, cutoff_s=np.inf)
        return network.matrix(origin, snaps).seconds[0], reach.to(snaps), reach.lengths_to(snaps)

    rows = list(range(len(snaps))) * 20
    with ThreadPoolExecutor(8) as pool:  # a fresh network: metrics and searches are made meanwhile
        found = list(pool.map(ask, rows))
    for row, answers in zip(rows, found, strict=True):
        for one, other in zip(answers, ask(row), strict=True):
            np.testing.assert_array_equal(one, other)


def test_real_roads(real_region):
    network = real_region.network
    rng = np.random.default_rng(3)
    rows = rng.integers(0, network.graph.junction_count, 60)
    lon = network.graph.junction_lon[rows] + rng.normal(0, 0.001, 60)
    lat = network.graph.junction_lat[rows] + rng.normal(0, 0.001, 60)
    snaps = network.snap(lon, lat)
    seconds = network.matrix(snaps, snaps).seconds
    for i in range(0, 60, 6):
        reach = network.reach(snaps[i : i + 1], cutoff_s=np.inf)
        np.testing.assert_array_equal(reach.to(snaps), seconds[i])
        home = network.reach(snaps[i : i + 1], cutoff_s=np.inf, homeward=True)
        np.testing.assert_array_equal(home.to(snaps), seconds[:, i])
    assert np.isfinite(seconds).mean() > 0.8


def test_saved_and_opened(random_network, tmp_path):
    network = random_network(5)
    network.save(tmp_path)
    again = RoadNetwork.open(tmp_path)
    snaps, others = _positions(network, 5), _positions(again, 5)
    assert snaps.edge.tolist() == others.edge.tolist()
    np.testing.assert_array_equal(
        network.matrix(snaps, snaps).seconds, again.matrix(others, others).seconds
    )
    with pytest.raises(ValueError, match="read-only"):
        again.graph.edge_head[0] = 0


def _positions(network, seed):
    rng = np.random.default_rng(seed + 1)
    spots = rng.uniform((0.4, 45), (0.5, 45.1), (12, 2))
    graph = network.graph
    lon = np.concatenate([spots[:, 0], graph.junction_lon[:3]])
    lat = np.concatenate([spots[:, 1], graph.junction_lat[:3]])
    snaps = network.snap(lon, lat, max_snap_m=20_000)
    return snaps[snaps.found]
