"""From the roads of an extract to the graph that drives are computed on.

::

    tags -> access, limit -> use      what may be driven, how fast, under which conditions
    ways -> pieces                    cut where roads meet
    pieces -> pace, junctions         seconds along them and at their ends
    -> components -> RoadGraph        without fragments, numbered for locality

`RoadCollector` gathers the ways and runs the rest; `data/speeds.toml` holds every number.
"""

from geo.region.roads.collector import RoadCollector

__all__ = ["RoadCollector"]
