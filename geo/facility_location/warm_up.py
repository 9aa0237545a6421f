"""Compile ahead what would otherwise be compiled while a person waits.

Numba keeps the machine code beside the modules, or in the user's cache folder where it may not
write there, until the modules or Numba change.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from geo.facility_location.model import Floats


@cache
def warm() -> None:
    """Compile every inner loop, or load it; a minute once for a computer, else about a second.

    A process does it once.
    """
    warm_medians()
    warm_groups()


def warm_medians() -> None:
    """Compile what is swept where meetups may have any size: about half of all."""
    from geo.facility_location.lagrangian import MedianDual, neighbour_lists, restrict_lists
    from geo.facility_location.local_search import Interchange, random_set

    random = np.random.default_rng(0)
    cost = _costs()
    chosen, total = Interchange(cost, 3).descend(random_set(8, 3, random), lambda: True)
    lists = neighbour_lists(cost, np.full(12, 100.0))
    lists = restrict_lists(lists, np.ones(8, np.bool_), lists.cap)
    dual = MedianDual(lists, np.arange(8), 3, cost[chosen].min(axis=0))
    dual.subgradient_method(total, total, 3)
    dual.volume_algorithm(total, total, 3)


def warm_groups() -> None:
    """Compile the rest: what is swept where the size of a meetup is limited."""
    from geo.facility_location.group_bound import GroupDual
    from geo.facility_location.group_cover import solve_group_center
    from geo.facility_location.group_model import GroupSize, site_capacity

    cost = _costs()
    offers = site_capacity(cost, 2, np.full(8, 6.0), np.zeros(8, np.bool_), (3, 1))
    GroupDual(offers, cost[:3].min(axis=0)).volume_algorithm(600.0, 600.0, 3)
    solve_group_center(np.minimum(cost.T, 60.0), 3, GroupSize(2, 5))


def _costs() -> Floats:
    """Return the (8, 12) cost of any 12 people at any 8 sites."""
    return np.random.default_rng(1).uniform(0.0, 100.0, (8, 12))
