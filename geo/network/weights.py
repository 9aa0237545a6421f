"""Travel times under named conditions, ready for every search.

All searches must agree to the last digit: a matrix, the reach of one origin and a route are the
same numbers. So travel times are rounded once, here, to `TICK_S`. Sums of such numbers are exact in
float64, whatever the order of adding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.errors import UnknownName
from geo.network.graph import CONDITIONS, EdgeFlag, RoadGraph

Floats = npt.NDArray[np.float64]

TICKS_PER_S = 8192
TICK_S = 1 / TICKS_PER_S
"""About 0.12 ms; a power of two, so that float64 holds every multiple exactly."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the roads are like, and which of them the traveller takes.

    Attributes
    ----------
    name
        One of `geo.network.graph.CONDITIONS`.
    ferries, tolls
        Whether ferries and toll roads may be used.

    Raises
    ------
    UnknownName
        There are no conditions of that name.
    """

    name: str = "dry"
    ferries: bool = True
    tolls: bool = True

    def __post_init__(self) -> None:
        if self.name not in CONDITIONS:
            raise UnknownName("road condition", self.name, CONDITIONS)

    def edge_seconds(self, graph: RoadGraph) -> Floats:
        """Return the (m,) travel times of all edges in whole ticks; ``inf`` = shut."""
        seconds = to_ticks(np.asarray(graph.edge_seconds[CONDITIONS.index(self.name)]))
        shut = np.asarray(graph.edge_flags) & self._shut_flags()
        seconds[shut != 0] = np.inf
        return seconds

    def _shut_flags(self) -> int:
        ferry = 0 if self.ferries else int(EdgeFlag.FERRY)
        toll = 0 if self.tolls else int(EdgeFlag.TOLL)
        return ferry | toll


DRY = Conditions()
"""Dry roads, ferries and tolls allowed: what is meant where nothing is said."""


def to_ticks(seconds: npt.NDArray[np.floating]) -> Floats:
    """Round seconds to whole ticks of at least one, still in seconds; ``inf`` stays."""
    ticks = np.rint(seconds.astype(np.float64) * TICKS_PER_S)
    return np.asarray(np.maximum(ticks, 1.0) * TICK_S, np.float64)
