"""From the roads of an extract to the graph that drives are computed on.

::

    tags, conditional    what tags of ways and nodes say at a moment
    driving_rules        what may be driven, by whom, how fast, in which season
    pieces               ways cut where roads meet; gates made roads of half a metre
    speeds               seconds along pieces and at their ends
    through              private roads laid so that nobody drives through
    graph                what is large enough to live in, as a `RoadGraph`

`RoadCollector` gathers the ways and runs the rest; `data/speeds.toml` holds every number.
"""

from geo.region.roads.graph import RoadCollector

__all__ = ["RoadCollector"]
