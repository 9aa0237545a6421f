"""Maximal coverage: p sites with most people within a cutoff.

Choose ``y_j`` (site j is chosen) and ``z_i`` (row i is covered), all 0 or 1, to

    maximise    sum_i w_i z_i
    subject to  z_i <= sum_{j within the cutoff of i} y_j
                sum_j y_j = p

Among the plans found with this coverage, one of short total drive is taken.

Source: Church & ReVelle 1974, Papers of the Regional Science Association 32: 101. It is a problem
of least total in which a row costs its weight unless it is covered; see `branching`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.facility_location.effort import Effort, Progress
from geo.facility_location.instance import Bools, Instance, Limits, read_instance
from geo.facility_location.medians import Medians
from geo.facility_location.p_median import (
    common_unit,
    exchange_forced,
    median_problem,
    solve_forced,
)
from geo.facility_location.siting import TOLERANCE, Siting, total


def solve_max_coverage(  # noqa: PLR0913 - the options of the contract, all of them keywords
    seconds: npt.ArrayLike,
    p: int,
    cutoff_s: float,
    *,
    weights: npt.ArrayLike | None = None,
    forced: Sequence[int] = (),
    banned: Sequence[int] = (),
    time_limit_s: float = 60.0,
    seed: int = 0,
    gap: float = 0.0,
    progress: Progress | None = None,
) -> Siting:
    """Choose p sites so that the weight of the rows within the cutoff is greatest.

    Parameters
    ----------
    seconds, p
        As in `geo.facility_location.solve_p_median`.
    cutoff_s
        A row is covered by a chosen site at most so many seconds away.
    weights, forced, banned, time_limit_s, seed, gap
        As in `geo.facility_location.solve_p_median`.
    progress
        Called with elapsed seconds, covered weight and a bound from above; False stops.

    Returns
    -------
    Siting
        ``objective`` is the covered weight and ``bound`` is no less. Rows are assigned only within
        the cutoff; all others are -1.

    Raises
    ------
    InputError
        A number is out of range, or the rules contradict each other.

    Examples
    --------
    >>> siting = solve_max_coverage([[0, 60], [60, 0], [900, 300]], 1, 300)
    >>> siting.sites.tolist(), siting.objective, siting.assignment.tolist()
    ([1], 3.0, [1, 1, 1])
    """
    check_cutoff(cutoff_s)
    everything = read_instance(seconds, Limits(weights, forced, banned), p)
    instance = everything.within(cutoff_s)
    whole = total(instance.weights)

    def turned(elapsed_s: float, objective: float, bound: float) -> bool | None:
        return None if progress is None else progress(elapsed_s, whole - objective, whole - bound)

    effort = Effort(time_limit_s, gap, turned)
    problem = coverage_problem(instance, p)
    best = solve_forced(problem, instance.forced, effort, seed)
    chosen = shorter_drives(instance, p, best.chosen, effort)
    siting = instance.total_siting(instance.chosen_columns(chosen, p), 0.0, False, effort)
    covered = total(instance.given_weights[siting.assignment >= 0])
    bound = covered if best.proven else max(covered, whole - best.bound)
    return replace(siting, objective=covered, bound=bound, proven=best.proven)


def check_cutoff(cutoff_s: float) -> None:
    """Raise InputError for a cutoff that is negative or no number."""
    if not cutoff_s >= 0:
        raise InputError(f"a cutoff of {cutoff_s} s is none; give 0 or more.")


def coverage_problem(instance: Instance, p: int) -> Medians:
    """State maximal coverage, of all that is finite, as a problem of least total."""
    weight = instance.weights
    cost = np.where(np.isfinite(instance.seconds), 0.0, weight)
    slack = TOLERANCE * total(weight)
    return Medians(cost, weight, p, common_unit(weight), slack=slack)


def shorter_drives(instance: Instance, p: int, chosen: Bools, effort: Effort) -> Bools:
    """Exchange sites for a shorter total drive, if that covers no less."""
    problem = median_problem(instance, p)
    shorter = exchange_forced(problem, instance.forced, effort, chosen)

    def covered(sites: Bools) -> float:
        return total(instance.weights[np.isfinite(instance.seconds[sites]).any(axis=0)])

    return shorter if covered(shorter) >= covered(chosen) else chosen
