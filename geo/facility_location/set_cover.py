"""Set cover: the fewest sites such that everybody is within a cutoff of one.

Choose ``y_j`` (site j is chosen), 0 or 1, to

    minimise    sum_j y_j
    subject to  sum_{j within the cutoff of i} y_j >= 1      for every row i that any site covers

Among the covers found with this number, one of short total drive is taken.

Source: Toregas, Swain, ReVelle & Bergman 1971, Operations Research 19: 1363. How it is solved:
`covering`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from geo.facility_location.coverage import check_cutoff, shorter_drives
from geo.facility_location.covering import fewest_with
from geo.facility_location.effort import Effort, Progress
from geo.facility_location.instance import Limits, read_instance
from geo.facility_location.siting import Siting


def solve_set_cover(  # noqa: PLR0913 - the options of the contract, all of them keywords
    seconds: npt.ArrayLike,
    cutoff_s: float,
    *,
    weights: npt.ArrayLike | None = None,
    forced: Sequence[int] = (),
    banned: Sequence[int] = (),
    time_limit_s: float = 60.0,
    progress: Progress | None = None,
) -> Siting:
    """Choose the fewest sites that cover every row that can be covered.

    Parameters
    ----------
    seconds
        As in `geo.facility_location.solve_p_median`.
    cutoff_s
        A row is covered by a chosen site at most so many seconds away.
    weights
        (n,) how much a row counts in the total drive of two covers of one size; None = 1 each.
    forced, banned, time_limit_s
        As in `geo.facility_location.solve_p_median`.
    progress
        Called with elapsed seconds, number of sites and its bound; False stops.

    Returns
    -------
    Siting
        ``objective`` is the number of sites. A row that no allowed site covers is assigned -1;
        all others are covered.

    Raises
    ------
    InputError
        A number is out of range, or the rules contradict each other.

    Examples
    --------
    >>> siting = solve_set_cover([[0, 60], [60, 0], [900, 300]], 300)
    >>> siting.sites.tolist(), siting.objective, siting.proven
    ([1], 1.0, True)
    """
    check_cutoff(cutoff_s)
    effort = Effort(time_limit_s, 0.0, progress)
    instance = read_instance(seconds, Limits(weights, forced, banned)).within(cutoff_s)
    near = np.isfinite(instance.seconds)
    coverable = near.any(axis=0)
    cover = fewest_with(near[:, coverable], instance.forced, effort)
    chosen = instance.forced if cover.chosen is None else cover.chosen
    size = int(chosen.sum())
    effort.goes_on(size, cover.bound)
    if size:
        chosen = shorter_drives(instance, size, chosen, effort)
    columns = instance.chosen_columns(chosen)
    proven = cover.bound >= size
    siting = instance.total_siting(columns, 0.0, proven, effort)
    return replace(siting, objective=float(size), bound=float(min(cover.bound, size)))
