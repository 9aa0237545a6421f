"""Groups as the answer of a solver: given rows and columns, and the limits as they were given."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo.facility_location.effort import Effort
from geo.facility_location.group_size import GroupSize, Sizes, rooms_of
from geo.facility_location.instance import Instance
from geo.facility_location.siting import Floats, Rows, Siting, total

Bools = npt.NDArray[np.bool_]


def sizes_of(instance: Instance, size: GroupSize) -> Sizes:
    """Return what the groups of an instance must keep to."""
    most = rooms_of(size, instance.given.shape)[instance.columns]
    return Sizes(size.least, most.astype(np.int64), instance.forced)


def weighted(instance: Instance) -> Floats:
    """Return (c, r) travel times times the weight of the row; ``inf`` = cannot."""
    cost = np.full_like(instance.seconds, np.inf)
    finite = np.isfinite(instance.seconds)
    np.multiply(instance.seconds, instance.weights, out=cost, where=finite)
    return cost


def group_siting(instance: Instance, chosen: Bools, site: Rows, effort: Effort) -> Siting:
    """Return the siting of chosen sites to which (r,) rows go, -1 = nowhere.

    Its objective is the weighted total, of which nothing is proven.
    """
    assignment = np.full(len(instance.given), -1, np.intp)
    placed = site >= 0
    rows = instance.rows[placed]
    assignment[rows] = instance.columns[site[placed]]
    drive = instance.given[rows, assignment[rows]].astype(np.float64)
    return Siting(
        sites=instance.columns[chosen],
        assignment=assignment,
        objective=total(instance.given_weights[rows] * drive),
        bound=0.0,
        proven=False,
        elapsed_s=effort.elapsed_s,
        worst_s=float(drive.max(initial=0.0)),
    )


def no_siting(instance: Instance, effort: Effort, *, proven: bool) -> Siting:
    """Return that no groups keep the limits, or that none were found."""
    nowhere = np.full(len(instance.given), -1, np.intp)
    bound = float("inf") if proven else 0.0
    return Siting(np.zeros(0, np.intp), nowhere, float("inf"), bound, proven, effort.elapsed_s)
