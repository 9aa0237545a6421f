"""The capacitated p-median: groups no smaller and no larger than allowed.

Choose ``y_j`` (site j is chosen), ``x_ij`` (row i goes to site j) and ``u_i`` (row i goes nowhere),
all 0 or 1, to

    minimise    sum_ij  w_i seconds_ij x_ij
    subject to  sum_j x_ij + u_i = 1
                x_ij <= y_j
                least y_j <= sum_i x_ij <= most_j y_j
                sum_j y_j = p
                sum_i u_i = as few as can be

With ``y`` whole, ``x`` is a flow and is whole by itself. Few pairs of row and site matter: one that
would add more to a bound over all pairs than the gap is in no better plan (`group_bound`).

Sources: Mulvey & Beck 1984, EJOR 18: 339 (the problem); Ceselli & Righini 2005, Networks 45: 125
(how its bounds behave). How it is solved: `group_search`, which leaves the rest to HiGHS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy.typing as npt

from geo.facility_location.effort import Effort, Progress
from geo.facility_location.group_answer import group_siting, no_siting, weighted
from geo.facility_location.group_program import Groups
from geo.facility_location.group_search import GroupSearch
from geo.facility_location.group_size import GroupSize, rooms_of
from geo.facility_location.instance import Instance, Limits, read_unmerged
from geo.facility_location.siting import Siting


def solve_capacitated(  # noqa: PLR0913 - the options of the contract, all of them keywords
    seconds: npt.ArrayLike,
    p: int,
    *,
    min_size: int = 0,
    max_size: int | None = None,
    capacities: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    forced: Sequence[int] = (),
    banned: Sequence[int] = (),
    time_limit_s: float = 60.0,
    seed: int = 0,
    gap: float = 0.0,
    progress: Progress | None = None,
) -> Siting:
    """Choose exactly p sites, each with a group of allowed size, of least total drive.

    Parameters
    ----------
    seconds, p
        As in `geo.facility_location.solve_p_median`.
    min_size, max_size
        Every chosen site has at least and at most so many rows, whatever their weight; ``max_size``
        None = any number.
    capacities
        (m,) at most so many rows at each site besides, ``inf`` = any number; None = any number.
    weights, forced, banned, time_limit_s, seed, gap, progress
        As in `geo.facility_location.solve_p_median`.

    Returns
    -------
    Siting
        ``objective`` is ``sum_i w_i seconds_i`` over the rows that are placed. Where no plan of p
        sites keeps the limits, ``sites`` is empty, all rows are -1 and ``objective`` is ``inf``:
        ``proven`` says whether that is sure or only nothing was found in time.

    Raises
    ------
    InputError
        A number is out of range, or the rules contradict each other.

    Examples
    --------
    >>> siting = solve_capacitated([[0, 60], [10, 60], [20, 60], [30, 60]], 2, max_size=2)
    >>> siting.assignment.tolist(), siting.objective, siting.proven
    ([0, 0, 1, 1], 130.0, True)
    """
    effort = Effort(time_limit_s, gap, progress)
    instance = read_unmerged(seconds, Limits(weights, forced, banned), p)
    rooms = rooms_of(GroupSize(min_size, max_size, capacities), instance.given.shape)
    groups = Groups(
        cost=weighted(instance),
        least=min_size,
        most=rooms[instance.columns],
        p=p,
        forced=instance.forced,
    )
    search = GroupSearch(groups, effort, seed)
    return _siting(instance, search, effort)


def _siting(instance: Instance, search: GroupSearch, effort: Effort) -> Siting:
    """Turn what was found into given rows and columns."""
    found = search.solve()
    if not found.known:
        return no_siting(instance, effort, proven=found.proven)
    sited = group_siting(instance, found.chosen, found.site, effort)
    bound = sited.objective if found.proven else min(max(0.0, found.bound), sited.objective)
    return replace(sited, bound=bound, proven=found.proven)
