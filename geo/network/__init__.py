"""The road network: snap, reach (one to all), matrix (many to many) and route."""

from geo.network.graph import CONDITIONS, DRY, Conditions, EdgeFlag, RoadGraph
from geo.network.reach import Reach
from geo.network.road_network import RoadNetwork, Route, TravelTimeMatrix, warm
from geo.network.snapping import MAX_SNAP_M, SnappedPoints

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
