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

Each stops at a time limit, a gap or a word of its caller with the best so far and an honest bound,
is deterministic for a seed, and does not depend on the order of the rows. `warm` compiles the inner
loops ahead, once for a computer. Numba and HiGHS are imported when the first solver runs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geo.facility_location.capacitated import solve_capacitated as solve_capacitated
    from geo.facility_location.covering import solve_max_coverage, solve_set_cover
    from geo.facility_location.group_cover import solve_group_center
    from geo.facility_location.group_cover import solve_group_cover as solve_group_cover
    from geo.facility_location.group_cover import solve_group_coverage as solve_group_coverage
    from geo.facility_location.group_model import GroupSize
    from geo.facility_location.model import Progress as Progress
    from geo.facility_location.model import SiteConstraints, Siting, SolveBudget
    from geo.facility_location.p_center import solve_p_center as solve_p_center
    from geo.facility_location.p_median import solve_p_median as solve_p_median
    from geo.facility_location.warm_up import warm

_HOMES = {
    "Progress": "model",
    "SolveBudget": "model",
    "GroupSize": "group_model",
    "SiteConstraints": "model",
    "Siting": "model",
    "solve_capacitated": "capacitated",
    "solve_group_center": "group_cover",
    "solve_group_cover": "group_cover",
    "solve_group_coverage": "group_cover",
    "solve_max_coverage": "covering",
    "solve_p_center": "p_center",
    "solve_p_median": "p_median",
    "solve_set_cover": "covering",
    "warm": "warm_up",
}

__all__ = [
    "GroupSize",
    "Progress",
    "SiteConstraints",
    "Siting",
    "SolveBudget",
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
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
