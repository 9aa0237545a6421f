"""The road network: snap, reach (one to all), matrix (many to many) and route."""

from geo.network.graph import CONDITIONS, EdgeFlag, RoadGraph
from geo.network.matrix import TravelTimeMatrix
from geo.network.reach import Reach
from geo.network.road_network import RoadNetwork
from geo.network.route import Route
from geo.network.snap import MAX_SNAP_M, Snaps
from geo.network.warming import warm
from geo.network.weights import DRY, Conditions

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
    "Snaps",
    "TravelTimeMatrix",
    "warm",
]
