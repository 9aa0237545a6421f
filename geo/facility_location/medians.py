"""A problem of least total over sites, and the best set that is known for one.

Minimises, over sets S of p sites, ``sum_i min(cap_i, min_{j in S} c_ij)``. With ``c`` the travel
times and caps without end this is the p-median problem (Hakimi 1964, Operations Research 12: 450);
with ``c`` = 0 within a cutoff and caps = weights it is maximal coverage (Church & ReVelle 1976,
Geographical Analysis 8: 406, show the link).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from geo.facility_location.interchange import Bools
from geo.facility_location.siting import Floats


@dataclass(frozen=True, slots=True)
class Medians:
    """A problem of least total over sites.

    Attributes
    ----------
    cost
        (m, n) by site, finite, nowhere above the cap.
    cap
        (n,) what a row costs at most.
    p
        How many sites to choose, 1 to m.
    unit
        Every total is a multiple of this; 0.0 where totals may be any number.
    penalty
        What a person costs who is placed nowhere; more than any total without; 0.0 for none.
    slack
        Totals that are closer than this are equal, where there is no unit.
    """

    cost: Floats
    cap: Floats
    p: int
    unit: float = 0.0
    penalty: float = 0.0
    slack: float = 0.0

    def reduced(self, opened: Bools, free: Bools) -> Medians:
        """Return what is left to choose when some sites are open and only some are free."""
        cap = np.minimum(self.cap, self.cost[opened].min(axis=0, initial=np.inf))
        cost = np.minimum(self.cost[free], cap)
        return replace(self, cost=cost, cap=cap, p=self.p - int(opened.sum()))

    def penalties(self, value: float) -> float:
        """Return how much of a total is penalties."""
        if not self.penalty or math.isinf(value):
            return 0.0
        return self.penalty * (value // self.penalty)


@dataclass(slots=True)
class Best:
    """The best set so far, and what is proven of it.

    Attributes
    ----------
    chosen
        (m,) the sites.
    value, bound
        Their total, and what no total is below.
    """

    chosen: Bools
    value: float
    bound: float = -math.inf
    proven: bool = False
