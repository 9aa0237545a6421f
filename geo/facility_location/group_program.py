"""Groups of limited size as an integer program over some of the pairs; see `capacitated`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geo.facility_location.highs import Program
from geo.facility_location.siting import Floats, Rows

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Groups:
    """A capacitated problem.

    Attributes
    ----------
    cost
        (c, r) by site; ``inf`` = cannot.
    least, most
        The smallest group, and (c,) the largest at each site.
    p
        How many sites.
    forced
        (c,) sites that must be chosen.
    """

    cost: Floats
    least: int
    most: Floats
    p: int
    forced: Bools


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of site and row that take part in a program."""

    site: Rows
    row: Rows


def group_program(groups: Groups, pairs: Pairs, unplaced: int | None = None) -> Program:
    """State the problem over some pairs: rows, largest and smallest groups, numbers, links.

    Variables are the pairs, the sites, and the rows that go nowhere.

    Parameters
    ----------
    groups, pairs
        What to choose from.
    unplaced
        Exactly so many rows go nowhere, and each pair is linked to its site; None for any number,
        and no links.
    """
    sites, rows = groups.cost.shape
    k = len(pairs.site)
    x = sparse.csr_matrix((np.ones(k), (pairs.row, np.arange(k))), shape=(rows, k))
    at = sparse.csr_matrix((np.ones(k), (pairs.site, np.arange(k))), shape=(sites, k))
    blocks = [
        [x, None, sparse.eye(rows)],
        [at, sparse.diags(-groups.most), None],
        [at, sparse.diags(np.full(sites, -float(groups.least))), None],
        [None, np.ones((1, sites)), None],
        [None, None, np.ones((1, rows))],
    ]
    nowhere = (-np.inf, np.inf) if unplaced is None else (unplaced, unplaced)
    lower: list[npt.ArrayLike] = [
        np.ones(rows),
        np.full(sites, -np.inf),
        np.zeros(sites),
        [groups.p, nowhere[0]],
    ]
    upper: list[npt.ArrayLike] = [
        np.ones(rows),
        np.zeros(sites),
        np.full(sites, np.inf),
        [groups.p, nowhere[1]],
    ]
    if unplaced is not None:
        y = sparse.csr_matrix((-np.ones(k), (np.arange(k), pairs.site)), shape=(k, sites))
        blocks.append([sparse.eye(k), y, None])
        lower.append(np.full(k, -np.inf))
        upper.append(np.zeros(k))
    able = (groups.most >= groups.least).astype(np.float64)
    kinds = np.repeat([False, True, False], [k, sites, rows])
    return Program(
        cost=np.concatenate([groups.cost[pairs.site, pairs.row], np.zeros(sites + rows)]),
        lower=np.concatenate([np.zeros(k), groups.forced, np.zeros(rows)]),
        upper=np.concatenate([np.ones(k), np.maximum(able, groups.forced), np.ones(rows)]),
        integer=kinds,
        matrix=sparse.bmat(blocks, format="csr"),
        row_lower=np.hstack(lower),
        row_upper=np.hstack(upper),
    )
