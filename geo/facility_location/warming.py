"""Compile ahead what would otherwise be compiled while a person waits.

Numba keeps the machine code beside the modules, or in the user's cache folder where it may not
write there, until the modules or Numba change.
"""

from __future__ import annotations

import numpy as np


def warm() -> None:
    """Compile every inner loop, or load it; some 20 seconds once for a computer, else under one."""
    from geo.facility_location.interchange import Interchange, random_set
    from geo.facility_location.lagrangian import Ascent, nearest_lists, thinned

    random = np.random.default_rng(0)
    cost = random.uniform(0.0, 100.0, (8, 12))
    chosen, total = Interchange(cost).descend(random_set(8, 3, random), lambda: True)
    lists = nearest_lists(cost, np.full(12, 100.0), 3)
    middle = np.asarray(cost[chosen].min(axis=0))
    lists = thinned(lists, np.ones(8, np.bool_), lists.cap)
    Ascent(lists, np.arange(8), 3, middle, 1.0).climb(total, total, 3)
