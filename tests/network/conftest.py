"""Small road graphs whose answers can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from geo.geometry import distances_m
from geo.network import RoadGraph, RoadNetwork

STEP_DEG = 0.01


@dataclass(frozen=True)
class Road:
    """A straight road from junction to junction, or through points between them."""

    start: int
    end: int
    seconds: float = 60.0
    one_way: bool = False
    flags: int = 0
    through: tuple[tuple[float, float], ...] = ()
    slower: tuple[float, float] | None = None  # seconds in mud and in winter


def build(junctions: Sequence[tuple[float, float]], roads: Sequence[Road]) -> RoadGraph:
    """Return the graph of junctions (lon, lat) and roads."""
    lines = [[junctions[road.start], *road.through, junctions[road.end]] for road in roads]
    edges = []
    for index, road in enumerate(roads):
        edges.append((road.start, road.end, index, False))
        if not road.one_way:
            edges.append((road.end, road.start, index, True))
    edges.sort()
    tail, head, shape, reverse = (np.array(column) for column in zip(*edges, strict=True))
    points = np.array([point for line in lines for point in line])
    length = [
        float(distances_m(*np.array(line[:-1]).T, *np.array(line[1:]).T).sum()) for line in lines
    ]
    seconds = np.array([[r.seconds, *(r.slower or (r.seconds, r.seconds))] for r in roads])
    count = len(edges)
    return RoadGraph(
        junction_lon=np.array([lon for lon, _ in junctions]),
        junction_lat=np.array([lat for _, lat in junctions]),
        first_edge=np.searchsorted(tail, np.arange(len(junctions) + 1)).astype(np.int32),
        edge_head=head.astype(np.int32),
        edge_length_m=np.array(length, np.float32)[shape],
        edge_seconds=seconds[shape].T.astype(np.float32),
        edge_flags=np.array([road.flags for road in roads], np.uint8)[shape],
        edge_class=np.zeros(count, np.uint8),
        edge_way=shape.astype(np.int64),
        edge_shape=shape.astype(np.int32),
        edge_reversed=reverse.astype(bool),
        shape_start=np.concatenate([[0], np.cumsum([len(line) for line in lines])]),
        shape_lon=np.rint(points[:, 0] * 1e7).astype(np.int32),
        shape_lat=np.rint(points[:, 1] * 1e7).astype(np.int32),
    )


@pytest.fixture(scope="session")
def road() -> type[Road]:
    return Road


@pytest.fixture(scope="session")
def make_graph() -> Callable[[Sequence[tuple[float, float]], Sequence[Road]], RoadGraph]:
    return build


@pytest.fixture(scope="session")
def square() -> RoadNetwork:
    """Return nine junctions, three by three on the equator, a minute apart.

    ::

        6 7 8
        3 4 5
        0 1 2
    """
    junctions = [(column * STEP_DEG, row * STEP_DEG) for row in range(3) for column in range(3)]
    roads = [Road(row * 3 + column, row * 3 + column + 1) for row in range(3) for column in (0, 1)]
    roads += [Road(junction, junction + 3) for junction in range(6)]
    return RoadNetwork(build(junctions, roads))


@pytest.fixture(scope="session")
def random_network() -> Callable[[int], RoadNetwork]:
    """Return a function from a seed to a network of some 20 junctions with one-ways and islands."""

    def make(seed: int) -> RoadNetwork:
        rng = np.random.default_rng(seed)
        count = int(rng.integers(4, 25))
        junctions = [tuple(pair) for pair in rng.uniform((0.4, 45), (0.5, 45.1), (count, 2))]
        roads = []
        for _ in range(int(rng.integers(count, 3 * count))):
            a, b = (int(v) for v in rng.integers(0, count, 2))
            bend = tuple(rng.uniform((0.4, 45), (0.5, 45.1)))
            roads.append(
                Road(
                    a,
                    b,
                    seconds=float(rng.uniform(1, 900)),
                    one_way=bool(rng.random() < 0.4),
                    through=(bend,) if a == b or rng.random() < 0.3 else (),
                )
            )
        return RoadNetwork(build(junctions, roads))

    return make
