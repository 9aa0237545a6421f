"""By what to answer: the quicker a way is, the longer it takes to load.

The first searches of a process are done in Python, since SciPy's import takes a third of a second,
and the next ones by SciPy and numpy, since compiled loops take half a second. Whoever goes on
asking, or has loaded the loops for a matrix, is answered by them: many times faster than arrays.
All of them give the same numbers to the last digit.
"""

from __future__ import annotations

import sys
from itertools import count
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", bound=np.generic)

_PATIENCE = 10
"""Questions before the loops are loaded: "near me" asks three, with the way back five."""

_FEW = 2
"""Searches that Python may do: "near me" with the way back needs two."""

_SMALL = 50_000
"""Junctions of a network all of which Python looks at within the time of SciPy's import."""

_asked, _searched = count(), count()


def loops_pay() -> bool:
    """Tell whether to answer this question by `geo.network.compiled_search`."""
    return "geo.network.sweeps" in sys.modules or next(_asked) >= _PATIENCE


def scipy_pays(junctions: int) -> bool:
    """Tell whether to search a network of so many junctions by SciPy."""
    ready = "scipy.sparse.csgraph" in sys.modules
    return ready or junctions > _SMALL or next(_searched) >= _FEW


def read_only(array: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """Return a view that cannot be written to.

    A loop is compiled once for arrays that can and once for those that cannot, as mapped files.
    """
    if type(array) is np.ndarray and not array.flags.writeable:
        return array
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view
