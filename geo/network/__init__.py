"""The road network: snap, reach (one to all), matrix (many to many) and route."""

from geo.network.graph import CONDITIONS, DRY, Conditions, EdgeFlag, RoadGraph
from geo.network.matrix import TravelTimeMatrix
from geo.network.road_network import RoadNetwork, Route
from geo.network.search import Reach
from geo.network.snapping import MAX_SNAP_M, SnappedPoints
from geo.network.warm_up import warm

__all__ = [
    "CONDITIONS",
    "DRY",
    "MAX_SNAP_M",
    "Conditions",
    "EdgeFlag",
    "Reach",
    "RoadGraph",
    "RoadNetwork",
    "Route",
    "SnappedPoints",
    "TravelTimeMatrix",
    "warm",
]
