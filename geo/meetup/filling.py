"""Groups of allowed sizes at given sites: the least drive that fills them.

With the sites given, who goes where is a transportation problem, whose linear program has whole
solutions (Hitchcock 1941, Journal of Mathematics and Physics 20: 224). A site that cannot be filled
is closed, and the rest solved again.
"""

from __future__ import annotations

import math

import numpy as np

from geo.facility_location.highs import Program, solve_program
from geo.meetup.problem import Answer, Floats, Problem, Rows


def fill_sites(problem: Problem, sites: Rows, time_limit_s: float) -> Answer:
    """Send people to given sites within the sizes; nothing is proven of the choice of sites.

    Parameters
    ----------
    problem
        Nobody is kept together or apart.
    sites
        Columns; those that cannot be filled are closed, unless forced.
    time_limit_s
        Seconds for each linear program.
    """
    people = len(problem.seconds)
    open_ = np.unique(sites)
    while len(open_):
        values, lacking = _transport(problem, open_, time_limit_s)
        if values is None:
            break
        short = np.where(np.isin(open_, problem.forced), 0.0, lacking)
        if lacking.max(initial=0.0) < 0.5:
            assignment = np.where(values >= 0, open_[np.maximum(values, 0)], -1)
            answer = Answer(open_, assignment, 0.0, 0.0, proven=False)
            return Answer(open_, assignment, problem.value("total", answer), 0.0, proven=False)
        if short.max(initial=0.0) < 0.5:
            break
        open_ = np.delete(open_, int(short.argmax()))
    return Answer.nobody(people, proven=False)


def _transport(problem: Problem, sites: Rows, time_limit_s: float) -> tuple[Rows | None, Floats]:
    """Return (n,) the position in ``sites`` where each goes, -1 = nowhere, and who lacks where.

    Variables are the ways, the people who go nowhere, and the people that a group lacks.
    """
    from scipy.sparse import csr_matrix

    seconds = problem.seconds[:, sites]
    person, site = np.nonzero(np.isfinite(seconds))
    n, k, ways = len(seconds), len(sites), len(person)
    drives = problem.weights[person] * seconds[person, site]
    penalty = 2.0 * (float(drives.max(initial=0.0)) + 1.0) * math.sqrt(max(1, n))
    nowhere, lacking = ways + np.arange(n), ways + n + np.arange(k)
    rows = np.concatenate([person, np.arange(n), n + site, n + np.arange(k)])
    columns = np.concatenate([np.arange(ways), nowhere, np.arange(ways), lacking])
    count = ways + n + k
    most = np.minimum(problem.most[sites], n)
    outcome = solve_program(
        Program(
            cost=np.concatenate([drives, np.full(n, penalty), np.full(k, 2 * penalty)]),
            upper=np.concatenate([np.ones(ways + n), np.full(k, float(n))]),
            integer=np.zeros(count, np.bool_),
            matrix=csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(n + k, count)),
            row_lower=np.concatenate([np.ones(n), np.minimum(problem.min_size, most)]),
            row_upper=np.concatenate([np.ones(n), np.maximum(most, problem.min_size)]),
        ),
        time_limit_s=time_limit_s,
    )
    if outcome.values is None:
        return None, np.zeros(k)
    going = np.full(n, -1, np.intp)
    used = outcome.values[:ways] > 0.5
    going[person[used]] = site[used]
    return going, np.asarray(outcome.values[lacking])
