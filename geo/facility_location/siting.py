"""The answer that every solver gives: which sites, who goes where, with proven quality."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

TOLERANCE = 1e-7
"""What "proven" means for travel times that are no whole numbers.

No plan is better by more than this fraction of the objective (of all weight, for coverage): 0.01 s
in a total of 30 hours. A finer proof would have to tell plans apart that differ in nothing but
rounding. Whole numbers are proven exactly.
"""


@dataclass(frozen=True, slots=True)
class Siting:
    """Chosen sites, the demand points that go there, and the proof.

    Every solver first places as many demand points (rows) as possible, whatever their weight, and
    then makes its objective best among the plans that place as many. A row that is nowhere counts
    in no objective.

    Attributes
    ----------
    sites
        (p,) columns of the chosen sites, ascending. Empty where the limits allow no plan at all.
    assignment
        (n,) the column where each row goes; -1 = nowhere. Of equally near chosen sites it is the
        one with the lowest column, unless group sizes say otherwise.
    objective
        What the solver made best: seconds times weight, seconds, weight, or a number of sites;
        ``inf`` where there is no plan.
    bound
        No plan that places at least as many rows is better than this, proven or not: at most
        ``objective`` where less is better, at least ``objective`` for maximal coverage.
    proven
        The siting is the best there is: ``bound`` equals ``objective`` (within `TOLERANCE` for
        times that are no whole numbers) and no plan places more rows.
    elapsed_s
        Seconds of computation on the wall clock.
    worst_s
        The longest travel time of a row that is placed; 0.0 where nobody is.
    ties_proven
        Among all plans with this objective none is better by the solver's next criterion. Only
        the p-center has one that it can prove; False elsewhere.
    """

    sites: Rows
    assignment: Rows
    objective: float
    bound: float
    proven: bool
    elapsed_s: float
    worst_s: float = 0.0
    ties_proven: bool = False

    @property
    def gap(self) -> float:
        """How far the objective may be from the best, as a fraction of it; 0.0 when proven."""
        return 0.0 if self.proven else relative_gap(self.objective, self.bound)

    @property
    def unplaced(self) -> Rows:
        """(k,) rows that go nowhere, ascending."""
        return np.flatnonzero(self.assignment < 0)

    @property
    def feasible(self) -> bool:
        """Whether the limits allow a plan at all."""
        return math.isfinite(self.objective)


def relative_gap(objective: float, bound: float) -> float:
    """Return ``|objective - bound|`` as a fraction of the larger; 0.0 where both are equal.

    Examples
    --------
    >>> relative_gap(200.0, 190.0)
    0.05
    >>> relative_gap(5.0, float("-inf"))
    inf
    """
    if objective == bound:
        return 0.0
    larger = max(abs(objective), abs(bound))
    if math.isinf(larger):
        return math.inf
    return abs(objective - bound) / larger


def nearest(seconds: npt.NDArray[np.floating], sites: Rows) -> tuple[Rows, Floats]:
    """Send every row to its nearest site, the lowest column among equals.

    Parameters
    ----------
    seconds
        (n, m) travel times; ``inf`` = cannot.
    sites
        Columns, ascending.

    Returns
    -------
    tuple
        (n,) columns, -1 where no site can be reached, and (n,) travel times, ``inf`` there.
    """
    if sites.size == 0:
        return np.full(len(seconds), -1, np.intp), np.full(len(seconds), np.inf)
    to_sites = np.asarray(seconds[:, sites], np.float64)
    best = to_sites.argmin(axis=1)
    drive = to_sites[np.arange(len(seconds)), best]
    return np.where(np.isfinite(drive), sites[best], -1), drive


def total(values: Floats) -> float:
    """Return the sum, rounded once, so that the order of the values cannot matter."""
    return math.fsum(values.tolist())
