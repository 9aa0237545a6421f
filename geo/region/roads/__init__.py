"""From the roads of an extract to the graph that drives are computed on.

::

    tags -> conditional, access, limit -> use
                                      what may be driven, by whom, how fast, in which season
    nodes -> gates                    what stops some cars becomes a road of half a metre
    ways -> pieces                    cut where roads meet
    nodes -> rules                    what barriers, signals and signs do
    pieces -> pace, junctions         seconds along them and at their ends
    pieces -> parts                   what is large enough to live in
    edges -> through                  private roads laid so that nobody drives through
    graph                             all of it as a `RoadGraph`, numbered for locality

`RoadCollector` gathers the ways and runs the rest; `data/speeds.toml` holds every number.
"""

from geo.region.roads.graph import RoadCollector

__all__ = ["RoadCollector"]
