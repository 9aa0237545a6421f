"""From the roads of an extract to the graph that drives are computed on.

::

    tags -> access, limit -> use      what may be driven, how fast, under which conditions
    ways -> pieces                    cut where roads meet
    nodes -> rules                    what barriers, signals and signs do
    pieces -> pace, junctions         seconds along them and at their ends
    pieces -> parts                   what is large enough to live in
    graph                             all of it as a `RoadGraph`, numbered for locality

`RoadCollector` gathers the ways and runs the rest; `data/speeds.toml` holds every number.
"""

from geo.region.roads.collector import RoadCollector

__all__ = ["RoadCollector"]
