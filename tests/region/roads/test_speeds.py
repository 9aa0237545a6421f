from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from geo.region.extract import read_extract
from geo.region.roads import RoadCollector
from geo.region.roads.speeds import _summed


def test_a_disc_gathers_what_lies_within_its_radius() -> None:
    row = np.array([0, 0, 2, 0, 3])
    column = np.array([0, 2, 0, 3, 3])  # from the first: 0, 2, 2 and 3 cells away, and aslant
    metres = np.array([1.0, 10.0, 100.0, 1000.0, 10_000.0])
    around, cells = _summed(row, column, metres, 2)
    assert cells == 13
    assert around.tolist() == [111.0, 1011.0, 101.0, 1010.0, 10_000.0]


@pytest.mark.parametrize("reach", [1, 4])
def test_discs_match_a_count_of_every_pair(reach: int) -> None:
    rng = np.random.default_rng(7)
    row, column = rng.integers(0, 30, 400), rng.integers(0, 12, 400)
    metres = rng.integers(0, 900, 400).astype(np.float64)
    apart = np.subtract.outer(row, row) ** 2 + np.subtract.outer(column, column) ** 2
    around, _ = _summed(row, column, metres, reach)
    assert around.tolist() == ((apart <= reach**2) @ metres).tolist()


def test_one_stray_node_far_away_costs_no_memory(tmp_path: Path) -> None:
    places = {1: (10.0, 20.0), 2: (10.0, 20.01), 3: (-60.0, -150.0)}
    nodes = "".join(
        f"<node id='{ref}' lat='{lat}' lon='{lon}'/>" for ref, (lat, lon) in places.items()
    )
    ways = "".join(
        f"<way id='{way}'><nd ref='{a}'/><nd ref='{b}'/><tag k='highway' v='primary'/></way>"
        for way, a, b in ((1, 1, 2), (2, 2, 3))
    )
    path = tmp_path / "stray.osm"
    path.write_text(f"<osm version='0.6'>{nodes}{ways}</osm>", encoding="utf-8")
    collector = RoadCollector()
    read_extract(path, [collector])
    tracemalloc.start()
    graph = collector.finish()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert graph.junction_count == 3
    assert most < 10_000_000
