"""What every solver reads and returns: the instance, the budget of time, and the siting.

An instance is a problem in its canonical form, so that an answer cannot depend on the order of the
people. Rows are sorted by their content and equal rows become one; of equal columns one is enough.
What a solver then does is a function of the set of people, not of the order in which a roster lists
them. (Merging is also worth it: a roster holds home areas, and many colleagues share one; and equal
columns, two cafés of one village, would otherwise make every proof go through all their swaps.)
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geo.errors import InputError

SolveProgress = Callable[[float, float, float], bool | None]
"""Called with elapsed seconds, objective and bound; answers False to stop with what there is."""

ShouldContinue = Callable[[], bool]
"""Asked between steps of about 50 ms; answers False to stop with what there is."""


class SolveBudget:
    """The time that a computation may take, how good is good enough, and who may cancel it.

    Solvers ask between steps of about a tenth of a second. Which step comes next never depends on
    the clock, so two runs differ only if one of them is cut short.

    Parameters
    ----------
    time_limit_s
        Seconds on the wall clock, from now; ``inf`` for as long as it takes.
    gap
        Stop when the objective is proven to be within this fraction of the best.
    progress
        Called with how far it is; may cancel it.
    least_s
        So much time is left at least, even once it is over, so that every step gives some answer.

    Raises
    ------
    InputError
        The time limit or the gap is negative or no number.
    """

    def __init__(
        self,
        time_limit_s: float = math.inf,
        gap: float = 0.0,
        progress: SolveProgress | None = None,
        *,
        least_s: float = 0.0,
    ) -> None:
        if not time_limit_s >= 0:
            raise InputError(f"a time limit of {time_limit_s} s is none; give 0 or more.")
        if not gap >= 0:
            raise InputError(f"a gap of {gap} is none; give a fraction of 0 or more, as 0.001.")
        self.gap = gap
        self.cancelled = False
        self._time_limit_s, self._least_s = time_limit_s, least_s
        self._progress = progress
        self._start = time.perf_counter()
        self._reported = (math.inf, -math.inf)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._start

    @property
    def left_s(self) -> float:
        """Seconds that remain."""
        left_s = 0.0 if self.cancelled else self._time_limit_s - self.elapsed_s
        return max(self._least_s, left_s)

    @property
    def stopped(self) -> bool:
        """Whether the time is over or the caller has cancelled."""
        return self.cancelled or self.elapsed_s >= self._time_limit_s

    def report(self, objective: float, bound: float) -> bool:
        """Report how far it is, and return whether to go on."""
        self._reported = (objective, bound)
        return self.should_continue()

    def should_continue(self) -> bool:
        """Return whether to go on; the last objective and bound are reported again."""
        if not self.cancelled and self._progress is not None:
            self.cancelled = self._progress(self.elapsed_s, *self._reported) is False
        return not self.stopped

    def callback(self, *, silent: bool = False) -> SolveProgress:
        """Return what a step calls so that it ends when this budget does.

        Where it is silent, objective and bound of the step are not those of the whole, and not
        reported.
        """
        if silent:
            return lambda _elapsed_s, _objective, _bound: self.should_continue()
        return lambda _elapsed_s, objective, bound: self.report(objective, bound)

    def part(self, share: float = 1.0, gap: float = 0.0, *, silent: bool = False) -> SolveBudget:
        """Return the budget of a step: a share of the time that is left; see `callback`."""
        progress = self.callback(silent=silent)
        return SolveBudget(share * self.left_s, gap, progress, least_s=self._least_s)


Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Rows = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

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

    From (n, m) travel times and ascending columns: (n,) columns, -1 where no site can be reached,
    and (n,) travel times, ``inf`` there.
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


_BLOCK = 256
"""Rows that are turned into columns at once."""


@dataclass(frozen=True, slots=True)
class SiteConstraints:
    """What a caller may ask of any solver beside the matrix.

    ``weights`` are (n,) how much each row counts, 0 or more; None = 1 each. ``forced`` and
    ``banned`` columns must, and must not, be chosen.
    """

    weights: npt.ArrayLike | None = None
    forced: Sequence[int] = ()
    banned: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Instance:
    """A problem with r different rows and c different candidate sites.

    Attributes
    ----------
    given
        (n, m) the matrix as it was given; read-only.
    given_weights
        (n,) as given.
    seconds
        (c, r) travel times by site, ``inf`` = cannot. Every row can reach at least one site.
    weights, people
        (r,) what each row counts, and how many of the given rows it stands for.
    columns
        (c,) the given column of each site, ascending.
    forced
        (c,) sites that must be chosen.
    spare
        Allowed columns that equal one of ``columns``: of use only to fill up.
    rows
        (r,) the given row of each row where none were merged; empty otherwise.
    """

    given: npt.NDArray[np.floating]
    given_weights: Floats
    seconds: Floats
    weights: Floats
    people: Floats
    columns: Rows
    forced: Bools
    spare: Rows
    rows: Rows

    @property
    def weighted(self) -> Floats:
        """(c, r) travel times times the weight of the row; ``inf`` = cannot."""
        if (self.weights == 1).all():
            return self.seconds
        cost = np.full_like(self.seconds, np.inf)
        np.multiply(self.seconds, self.weights, out=cost, where=np.isfinite(self.seconds))
        return cost

    def chosen_columns(self, chosen: Bools, p: int | None = None) -> Rows:
        """Return the given columns of chosen sites, ascending, filled up with spares to p."""
        columns = self.columns[chosen]
        lacking = 0 if p is None else p - columns.size
        if lacking > 0:
            unused = np.sort(np.concatenate([self.columns[~chosen], self.spare]))
            columns = np.concatenate([columns, unused[:lacking]])
        return np.sort(columns)

    def within(self, cap_s: float) -> Instance:
        """Return the instance in which no drive may be longer than ``cap_s``."""
        seconds = np.where(self.seconds <= cap_s, self.seconds, np.inf)
        given = np.where(self.given <= cap_s, self.given, np.inf)
        return replace(self, given=given, seconds=seconds)

    def total_siting(
        self, columns: Rows, bound: float, proven: bool, budget: SolveBudget
    ) -> Siting:
        """Return the siting of these columns with the weighted total drive as its objective."""
        assignment, drive = nearest(self.given, columns)
        placed = assignment >= 0
        objective = total(self.given_weights[placed] * drive[placed])
        return Siting(
            sites=columns,
            assignment=assignment,
            objective=objective,
            bound=objective if proven else min(bound, objective),
            proven=proven,
            elapsed_s=budget.elapsed_s,
            worst_s=float(drive[placed].max(initial=0.0)),
        )


def read_instance(
    seconds: npt.ArrayLike, constraints: SiteConstraints, p: int | None = None
) -> Instance:
    """Check what was given and bring it to its canonical form.

    Parameters
    ----------
    seconds
        (n, m) travel times from demand points to candidate sites; ``inf`` = cannot.
    p
        How many sites will be chosen; None where that is the question.

    Raises
    ------
    InputError
        A travel time or weight is negative or no number, a site does not exist or is both forced
        and banned, or p sites cannot be chosen.
    """
    given, weights, forced, columns = _read(seconds, constraints, p)
    by_row = _compact(given if columns.size == given.shape[1] else given[:, columns])
    by_site, merged_weights, people = _merge_rows(by_row, weights)
    keep = _first_of_equals(by_site, forced[columns])
    return Instance(
        given=given,
        given_weights=weights,
        seconds=by_site if keep.all() else by_site[keep],
        weights=merged_weights,
        people=people,
        columns=columns[keep],
        forced=forced[columns[keep]],
        spare=columns[~keep],
        rows=np.zeros(0, np.intp),
    )


def read_unmerged(seconds: npt.ArrayLike, constraints: SiteConstraints, p: int | None) -> Instance:
    """Do as `read_instance`, but keep all rows and columns, for limits that count people and rooms.

    Rows that differ in nothing are in the order in which they are given.
    """
    given, weights, forced, columns = _read(seconds, constraints, p)
    by_row = np.column_stack([given[:, columns], weights]).astype(np.float64) + 0.0
    reach = np.flatnonzero(np.isfinite(by_row[:, :-1].min(axis=1, initial=np.inf)))
    rows = reach[_order(by_row[reach])]
    return Instance(
        given=given,
        given_weights=weights,
        seconds=np.ascontiguousarray(by_row[rows, :-1].T),
        weights=weights[rows],
        people=np.ones(rows.size),
        columns=columns,
        forced=forced[columns],
        spare=np.zeros(0, np.intp),
        rows=rows,
    )


def _read(
    seconds: npt.ArrayLike, constraints: SiteConstraints, p: int | None
) -> tuple[npt.NDArray[np.floating], Floats, Bools, Rows]:
    """Return the checked matrix and weights, which columns are forced, and the allowed columns."""
    given = _matrix(seconds)
    weights = _weights(constraints.weights, len(given))
    forced, allowed = _rules(constraints, given.shape[1])
    _check_count(p, int(forced.sum()), int(allowed.sum()))
    return given, weights, forced, np.flatnonzero(allowed)


def _matrix(seconds: npt.ArrayLike) -> npt.NDArray[np.floating]:
    given = np.asarray(seconds)
    if given.ndim != 2:
        raise InputError(f"travel times have {given.ndim} dimensions; give a matrix, n x m.")
    if given.dtype not in (np.float32, np.float64):
        given = given.astype(np.float64)
    if given.size and not given.min() >= 0:
        raise InputError("a travel time is negative or no number; give seconds, or inf for cannot.")
    return given


def _weights(weights: npt.ArrayLike | None, n: int) -> Floats:
    if weights is None:
        return np.ones(n)
    given = np.asarray(weights, np.float64)
    if given.shape != (n,):
        raise InputError(f"there are {n} rows but weights of shape {given.shape}; give one a row.")
    if n and not (given.min() >= 0 and np.isfinite(given.max())):
        raise InputError("a weight is negative or not finite; give 0 or more for each row.")
    return given


def _rules(constraints: SiteConstraints, m: int) -> tuple[Bools, Bools]:
    """Return (m,) which columns are forced, and (m,) which are allowed."""
    masks = []
    for what, columns in (("forced", constraints.forced), ("banned", constraints.banned)):
        mask = np.zeros(m, np.bool_)
        for column in columns:
            if not 0 <= column < m:
                raise InputError(f"the {what} site {column} does not exist; there are {m} sites.")
            mask[column] = True
        masks.append(mask)
    forced, banned = masks
    both = np.flatnonzero(forced & banned)
    if both.size:
        raise InputError(f"site {both[0]} is both forced and banned; drop one of the two.")
    return forced, ~banned


def _check_count(p: int | None, forced: int, allowed: int) -> None:
    if p is None:
        return
    if p < 1:
        raise InputError(f"{p} sites cannot be chosen; ask for 1 or more.")
    if p > allowed:
        raise InputError(f"{p} sites were asked for but only {allowed} are allowed; ask for fewer.")
    if p < forced:
        raise InputError(f"{forced} sites are forced but only {p} asked for; force fewer.")


def _order(lines: npt.NDArray[np.floating]) -> Rows:
    """Sort the lines of a contiguous matrix by their bytes: any order will do, if always the same.

    Stable, so equal lines stay in their order.
    """
    if lines.shape[1] == 0:
        return np.arange(len(lines))
    raw = lines.view(np.dtype((np.void, lines.itemsize * lines.shape[1])))
    return np.argsort(raw.ravel(), kind="stable")


def _begins_group(lines: npt.NDArray[np.floating], order: Rows) -> Bools:
    """Return, in this order, whether a line differs from the one before."""
    begins = np.ones(len(lines), np.bool_)
    for k in range(1, len(lines)):
        begins[k] = not np.array_equal(lines[order[k]], lines[order[k - 1]])
    return begins


def _compact(values: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Return the same numbers in half the room if they fit in it: rows are sorted faster then."""
    small = values.astype(np.float32, copy=False)
    return small if small is values or np.array_equal(small, values) else values


def _merge_rows(by_row: npt.NDArray[np.floating], weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Merge equal rows, drop those that reach no site, and sort.

    Returns (c, r) the rows that are left, by site, and (r,) their weights and numbers.
    """
    reach = np.isfinite(by_row.min(axis=1, initial=np.inf))
    lines = by_row if reach.all() else by_row[reach]
    lines = np.ascontiguousarray(lines + 0.0)  # -0.0 and 0.0 are one number
    order = _order(lines)
    begins = _begins_group(lines, order)
    group = np.cumsum(begins) - 1
    sorted_weights = weights[reach][order]
    sorted_weights = sorted_weights[np.lexsort((sorted_weights, group))]
    starts = np.flatnonzero(begins)
    if starts.size == 0:
        return np.zeros(lines.shape[::-1]), np.zeros(0), np.zeros(0)
    people = np.diff(starts, append=len(lines)).astype(np.float64)
    by_site = _turned(lines, order[starts])
    return by_site, np.add.reduceat(sorted_weights, starts), people


def _turned(lines: npt.NDArray[np.floating], order: Rows) -> Floats:
    """Return (c, r) some lines as columns, in this order; in blocks, which caches like."""
    turned = np.empty((lines.shape[1], order.size))
    for begin in range(0, order.size, _BLOCK):
        some = order[begin : begin + _BLOCK]
        turned[:, begin : begin + _BLOCK] = lines[some].T
    return turned


def _first_of_equals(by_site: Floats, forced: Bools) -> Bools:
    """Return (c,) which columns to keep: the forced, and the first of those that are equal."""
    order = _order(by_site)
    group = np.empty(len(by_site), np.intp)
    group[order] = np.cumsum(_begins_group(by_site, order)) - 1
    keep = forced.copy()
    taken = set(group[forced].tolist())
    for column, key in enumerate(group.tolist()):
        if key not in taken:
            taken.add(key)
            keep[column] = True
    return keep
