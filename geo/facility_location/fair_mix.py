"""Fair mix: plans between the fairest and the shortest, one for each cap on the worst drive.

For a cap u the plan is a p-median in which nobody drives longer than u:

    minimise    sum_ij w_i seconds_ij x_ij
    subject to  the p-median's, and x_ij = 0 where seconds_ij > u

The caps go from the worst drive of the p-center, below which there is no plan, up to that of the
p-median, above which nothing is gained. Plans that another beats in both are left out.

Sources: Halpern 1978, Management Science 24: 535 (cent-dian); Haimes, Lasdon & Wismer 1971, IEEE
Transactions on Systems, Man, and Cybernetics 1: 296 (one objective under caps on the other).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.facility_location.effort import Effort, Progress
from geo.facility_location.instance import Limits, read_instance
from geo.facility_location.p_center import least_worst_siting
from geo.facility_location.p_median import least_total_siting
from geo.facility_location.siting import Siting


def solve_fair_mix(  # noqa: PLR0913 - the options of the contract, all of them keywords
    seconds: npt.ArrayLike,
    p: int,
    *,
    plans: int = 8,
    weights: npt.ArrayLike | None = None,
    forced: Sequence[int] = (),
    banned: Sequence[int] = (),
    time_limit_s: float = 60.0,
    seed: int = 0,
    gap: float = 0.0,
    progress: Progress | None = None,
) -> list[Siting]:
    """Choose p sites for each of several caps on the worst drive.

    Parameters
    ----------
    seconds, p
        As in `geo.facility_location.solve_p_median`.
    plans
        At most so many, 2 or more; the caps are evenly spaced.
    weights, forced, banned, time_limit_s, seed, gap, progress
        As in `geo.facility_location.solve_p_median`; the time is for all plans together.

    Returns
    -------
    list
        Plans of rising ``worst_s`` and falling ``objective``, the weighted total of seconds. The
        ``bound`` and ``proven`` of each speak of the total under its cap. The first has the least
        worst drive that was found, the last the least total.

    Raises
    ------
    InputError
        A number is out of range, or the rules contradict each other.

    Examples
    --------
    >>> front = solve_fair_mix([[0, 500], [0, 500], [0, 500], [900, 450]], 1)
    >>> [(siting.worst_s, siting.objective) for siting in front]
    [(500.0, 1950.0), (900.0, 900.0)]
    """
    if plans < 2:
        raise InputError(f"a mix of {plans} plans is none; ask for 2 or more.")
    effort = Effort(time_limit_s, gap, progress)
    instance = read_instance(seconds, Limits(weights, forced, banned), p)
    fairest = least_worst_siting(instance, p, effort.part(effort.left_s / 3), seed)
    shortest = least_total_siting(instance, p, effort.part(effort.left_s / 3), seed)
    front = [shortest]
    caps = np.linspace(fairest.worst_s, shortest.worst_s, plans)[:-1]
    for k, cap_s in enumerate(caps.tolist()):
        share = effort.part(effort.left_s / (len(caps) - k))
        start = np.isin(instance.columns, fairest.sites)
        capped = instance.within(cap_s)
        known = start if int(start.sum()) == min(p, len(start)) else None
        front.append(least_total_siting(capped, p, share, seed, known))
    return _undominated(front)


def _undominated(front: list[Siting]) -> list[Siting]:
    """Keep the plans that place most and that no other beats; sort them by their worst drive."""
    fewest = min(siting.unplaced.size for siting in front)
    kept: list[Siting] = []
    most = (siting for siting in front if siting.unplaced.size == fewest)
    for siting in sorted(most, key=lambda siting: (siting.worst_s, siting.objective)):
        if not kept or siting.objective < kept[-1].objective:
            kept.append(siting)
    return kept
