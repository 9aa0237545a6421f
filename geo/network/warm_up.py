"""Compile ahead what would otherwise be compiled while a person waits for a matrix."""

from __future__ import annotations

import numpy as np

from geo.network.graph import CONDITIONS, RoadGraph
from geo.network.road_network import RoadNetwork


def warm() -> None:
    """Compile the inner loops of searches, or load them; some ten seconds once for a computer."""
    network = RoadNetwork(_one_road())
    snaps = network.snap([0.001], [0.0])
    network.matrix(snaps, snaps)
    network.reach(network.snap([0.001], [0.0]), cutoff_s=60).trips_to(snaps)


def _one_road() -> RoadGraph:
    """Return two junctions on the equator and the road between them."""
    zeros = np.zeros(2, np.int32)
    return RoadGraph(
        junction_lon=np.array([0.0, 0.01]),
        junction_lat=np.zeros(2),
        first_edge=np.array([0, 1, 2], np.int32),
        edge_head=np.array([1, 0], np.int32),
        edge_length_m=np.full(2, 1113.0, np.float32),
        edge_seconds=np.full((len(CONDITIONS), 2), 80.0, np.float32),
        edge_flags=zeros.astype(np.uint8),
        edge_class=zeros.astype(np.uint8),
        edge_way=zeros.astype(np.int64),
        edge_name=zeros,
        edge_shape=zeros,
        edge_reversed=np.array([False, True]),
        shape_start=np.array([0, 2]),
        shape_lon=np.array([0, 100_000], np.int32),
        shape_lat=zeros,
        name_start=np.zeros(2, np.int64),
        name_bytes=np.zeros(0, np.uint8),
    )
