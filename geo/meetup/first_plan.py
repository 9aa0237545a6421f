"""A first plan that keeps every rule, at given sites: found at once, and proven of nothing.

Those whom a rule names are sent first, the largest units before others, each to the site that is
nearest to them and has room and nobody from whom they are kept apart. Then everybody else fills up
the groups.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo.meetup.problem import Answer, Floats, Problem, Rows


def first_plan(
    problem: Problem, members: Sequence[Rows], sites: Rows, p: int | None = None
) -> Answer:
    """Return a plan at some of the sites; nobody's where it finds none.

    Parameters
    ----------
    problem
        Who can drive where, and the rules.
    members
        The rows of each unit that drives as one.
    sites
        Columns; of those, the ones with the fewest people are left out until the groups fill.
    p
        How many sites at most: as long as there are fewer, one is added for whoever of those whom
        a rule names finds no room. None for any number.
    """
    named = _named(problem, members)
    most = problem.seconds.shape[1] if p is None else p
    open_ = _with_room(problem, named, np.union1d(sites, problem.forced).astype(np.intp), most)
    while len(open_):
        assignment = _sent(problem, named, open_)
        if assignment is not None:
            return Answer(open_, assignment, 0.0, 0.0, proven=False)
        free = ~np.isin(open_, problem.forced)
        if not free.any():
            break
        near = np.bincount(problem.seconds[:, open_].argmin(axis=1), minlength=len(open_)).astype(
            np.float64
        )
        open_ = np.delete(open_, int(np.where(free, near, np.inf).argmin()))
    return Answer.nobody(len(problem.seconds), proven=False)


def _named(problem: Problem, members: Sequence[Rows]) -> list[Rows]:
    """Return the units that a rule names, the largest first."""
    apart = {int(row) for rows in problem.apart for row in rows}
    named = [rows for rows in members if len(rows) > 1 or int(rows[0]) in apart]
    return sorted(named, key=lambda rows: -len(rows))


def _with_room(problem: Problem, named: Sequence[Rows], sites: Rows, most: int) -> Rows:
    """Return the sites, with more for those whom a rule names where they find no room."""
    everywhere = np.arange(problem.seconds.shape[1])
    assignment, room = np.full(len(problem.seconds), -1, np.intp), problem.most_whole.copy()
    for rows in named:
        drives = _drives(problem, rows, everywhere, assignment)
        drives[room < len(rows)] = np.inf
        here = drives[sites]
        if len(sites) < most and not np.isfinite(here).any() and np.isfinite(drives).any():
            sites = np.union1d(sites, [drives.argmin()]).astype(np.intp)
            here = drives[sites]
        if np.isfinite(here).any():
            assignment[rows] = sites[here.argmin()]
            room[sites[here.argmin()]] -= len(rows)
    return sites


def _sent(problem: Problem, named: Sequence[Rows], sites: Rows) -> Rows | None:
    """Send the units that a rule names, then everybody else; None where sizes forbid it."""
    from geo.facility_location.group_fill import fill_sites

    assignment = np.full(len(problem.seconds), -1, np.intp)
    most = problem.most_whole[sites].copy()
    least = np.full(len(sites), problem.min_size)
    for rows in named:
        drives = _drives(problem, rows, sites, assignment)
        drives[most < len(rows)] = np.inf
        best = int(drives.argmin())
        if np.isfinite(drives[best]):
            assignment[rows] = sites[best]
            most[best] -= len(rows)
            least[best] = max(0, least[best] - len(rows))
    others = np.setdiff1d(np.arange(len(assignment)), np.concatenate([*named, np.zeros(0, int)]))
    cost = np.where(
        np.isfinite(problem.seconds[others]),
        problem.weights[others, None] * np.nan_to_num(problem.seconds[others], posinf=0.0),
        np.inf,
    ).T
    going = fill_sites(cost, sites, least, most)
    if going is None:
        return None
    assignment[others] = going
    return assignment


def _drives(problem: Problem, rows: Rows, sites: Rows, assignment: Rows) -> Floats:
    """Return (k,) the drives of a unit; ``inf`` where somebody is whom they are kept apart from."""
    drives = problem.seconds[np.ix_(rows, sites)].sum(axis=0)
    for apart in problem.apart:
        if np.isin(rows, apart).any():
            drives[np.isin(sites, assignment[apart])] = np.inf
    return np.asarray(drives, np.float64)
