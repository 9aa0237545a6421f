"""Facility location: numbers in, proof out.

A solver sees travel times from demand points (rows) to candidate sites (columns), never a map, and
answers with a `Siting`: the chosen sites, where every row goes, and how good that provably is.

| solver | makes best | under |
| --- | --- | --- |
| `solve_p_median` | least total drive | p sites |
| `solve_p_center` | least worst drive, then the next worst, and so on | p sites |
| `solve_max_coverage` | most weight within a cutoff | p sites |
| `solve_set_cover` | fewest sites | everybody within a cutoff |
| `solve_capacitated` | least total drive | p sites, smallest and largest group |
| `solve_group_center` | least longest drive | up to p sites, smallest and largest group |
| `solve_group_coverage` | most people | up to p sites, smallest and largest group |
| `solve_group_cover` | fewest sites | most people, smallest and largest group |

Each stops at a time limit, at a gap or when it is cancelled, with the best so far and an honest
bound; is deterministic for a seed; and does not depend on the order of the rows. `warm` compiles
the inner loops ahead, once for a computer. Numba and HiGHS are imported when the first solver runs.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geo.facility_location.capacitated import solve_capacitated as solve_capacitated
    from geo.facility_location.covering import solve_max_coverage, solve_set_cover
    from geo.facility_location.group_cover import solve_group_center
    from geo.facility_location.group_cover import solve_group_cover as solve_group_cover
    from geo.facility_location.group_cover import solve_group_coverage as solve_group_coverage
    from geo.facility_location.group_model import GroupSize
    from geo.facility_location.model import Floats, SiteConstraints, Siting, SolveBudget
    from geo.facility_location.model import SolveProgress as SolveProgress
    from geo.facility_location.p_center import solve_p_center as solve_p_center
    from geo.facility_location.p_median import solve_p_median as solve_p_median

_MODULES = {
    "GroupSize": "group_model",
    "SolveProgress": "model",
    "SiteConstraints": "model",
    "Siting": "model",
    "SolveBudget": "model",
    "solve_capacitated": "capacitated",
    "solve_group_center": "group_cover",
    "solve_group_cover": "group_cover",
    "solve_group_coverage": "group_cover",
    "solve_max_coverage": "covering",
    "solve_p_center": "p_center",
    "solve_p_median": "p_median",
    "solve_set_cover": "covering",
}

__all__ = [
    "GroupSize",
    "SiteConstraints",
    "Siting",
    "SolveBudget",
    "SolveProgress",
    "solve_capacitated",
    "solve_group_center",
    "solve_group_cover",
    "solve_group_coverage",
    "solve_max_coverage",
    "solve_p_center",
    "solve_p_median",
    "solve_set_cover",
    "warm",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its module when it is first used."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


@cache
def warm() -> None:
    """Compile every inner loop, or load it: a minute once for a computer, else about a second.

    Numba keeps the machine code beside the modules, or in the user's cache folder where it may not
    write there, until the modules or Numba change. A process does it once.
    """
    warm_medians()
    warm_groups()


def warm_medians() -> None:
    """Compile what is needed where meetups may have any size: about half of all."""
    import numpy as np

    from geo.facility_location.lagrangian import MedianDual, neighbour_lists, restrict_lists
    from geo.facility_location.local_search import Interchange, random_set

    cost = _any_costs()
    start = random_set(8, 3, np.random.default_rng(0))
    chosen, total = Interchange(cost, 3).descend(start, lambda: True)
    lists = neighbour_lists(cost, np.full(12, 100.0))
    lists = restrict_lists(lists, np.ones(8, np.bool_), lists.cap)
    dual = MedianDual(lists, np.arange(8), 3, cost[chosen].min(axis=0))
    dual.subgradient_method(total, total, 3)
    dual.volume_algorithm(total, total, 3)


def warm_groups() -> None:
    """Compile the rest: what is needed where the size of a meetup is limited."""
    import numpy as np

    from geo.facility_location.group_bound import GroupDual
    from geo.facility_location.group_cover import solve_group_center
    from geo.facility_location.group_model import GroupLimits, GroupSize, SiteCapacity

    cost = _any_costs()
    limits = GroupLimits(2, np.full(8, 6), np.zeros(8, np.bool_))
    capacity = SiteCapacity.of(cost, limits, 3, 1)
    GroupDual(capacity, cost[:3].min(axis=0)).volume_algorithm(600.0, 600.0, 3)
    solve_group_center(np.minimum(cost.T, 60.0), 3, GroupSize(2, 5))


def _any_costs() -> Floats:
    """Return the (8, 12) cost of any 12 people at any 8 sites."""
    import numpy as np

    return np.random.default_rng(1).uniform(0.0, 100.0, (8, 12))
