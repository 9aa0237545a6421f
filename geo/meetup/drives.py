"""The drives of a few people to many places: one search for each person, kept to ask again.

A matrix would be quicker for many people; but a few need the lengths of the roads, the drives back
and their isochrones as well, and a search has all of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geo.model import Point
from geo.network import Conditions, Reach, RoadNetwork, Snaps

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Drives:
    """What the drives of n people to m places take.

    Attributes
    ----------
    seconds
        (n, m) there; ``inf`` beyond the cutoff, or where there is no way.
    destinations
        The m places on the roads.
    reaches
        The search of each person; None for those far from every road.
    """

    seconds: Floats
    destinations: Snaps
    reaches: tuple[Reach | None, ...]

    @classmethod
    def search(
        cls,
        network: RoadNetwork,
        origins: Sequence[Point],
        destinations: Snaps,
        *,
        cutoff_s: float,
        conditions: Conditions,
    ) -> Drives:
        """Search from each person."""
        starts = network.snap([p.lon for p in origins], [p.lat for p in origins])
        reaches: list[Reach | None] = []
        seconds = np.full((len(origins), len(destinations)), np.inf)
        for i in range(len(origins)):
            if not starts.found[i]:
                reaches.append(None)
                continue
            start = starts[i : i + 1]
            reach = network.reach(start, cutoff_s=cutoff_s, conditions=conditions)
            seconds[i] = reach.to(destinations)
            reaches.append(reach)
        return cls(seconds, destinations, tuple(reaches))

    @property
    def on_road(self) -> Mask:
        """(n,) whether a person starts near any road."""
        return np.array([reach is not None for reach in self.reaches], np.bool_)

    @property
    def reached(self) -> Mask:
        """(n,) whether a person comes to any of the places."""
        return np.asarray(np.isfinite(self.seconds).any(axis=1))

    def only(self, columns: Rows) -> Drives:
        """Return the drives to some of the places."""
        return replace(
            self, seconds=self.seconds[:, columns], destinations=self.destinations[columns]
        )

    def within(self, cutoff_s: float, people: Mask) -> Rows:
        """Return the columns of the places that all of some people come to in time."""
        times = self.seconds[people]
        good = np.isfinite(times) & (times <= cutoff_s)
        return np.flatnonzero(good.all(axis=0) & bool(len(times)))

    def nearest_to_all(self) -> Rows:
        """Return the columns of the places that most people come to; none where nobody does."""
        coming = np.isfinite(self.seconds).sum(axis=0)
        most = coming.max(initial=0)
        return np.flatnonzero((coming == most) & (most > 0))

    def lengths_m(self) -> Floats:
        """Return (n, m) metres of road; ``inf`` where there is no way."""
        lengths = np.full(self.seconds.shape, np.inf)
        for row, reach in zip(lengths, self.reaches, strict=True):
            if reach is not None:
                row[:] = reach.lengths_to(self.destinations)
        return lengths

    def return_seconds(self, network: RoadNetwork) -> Floats:
        """Return (n, m) seconds back, under the same conditions; ``inf`` where there is no way."""
        back = np.full(self.seconds.shape, np.inf)
        longest = np.max(self.seconds, initial=0.0, where=np.isfinite(self.seconds))
        for row, reach in zip(back, self.reaches, strict=True):
            if reach is not None:
                # Roads are not the same both ways: give the way back room beyond the way there.
                homeward = network.reach(
                    reach.origin,
                    cutoff_s=2 * float(longest) + 600,
                    conditions=reach.conditions,
                    homeward=True,
                )
                row[:] = homeward.to(self.destinations)
        return back


def fairness_order(seconds: Floats) -> Rows:
    """Order the columns by the longest drive, then the second longest, and so on.

    Parameters
    ----------
    seconds
        (n, m); ``inf`` counts as longer than any drive.
    """
    if not len(seconds):
        return np.arange(seconds.shape[1])
    return np.lexsort(tuple(np.sort(seconds, axis=0)))


def total_order(seconds: Floats) -> Rows:
    """Order the columns by the sum of the drives, then by the longest; as `fairness_order`."""
    return np.lexsort((seconds.max(axis=0, initial=0.0), _sums(seconds)))


def mixed_order(seconds: Floats) -> Rows:
    """Order the columns by the longest drive plus the mean drive; as `fairness_order`."""
    longest = seconds.max(axis=0, initial=0.0)
    return np.lexsort((longest, longest + _sums(seconds) / max(1, len(seconds))))


def _sums(seconds: Floats) -> Floats:
    """Return the (m,) sums of columns, the same for every order of the rows."""
    return np.array([math.fsum(column) for column in seconds.T])
