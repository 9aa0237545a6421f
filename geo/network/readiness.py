"""When to answer by compiled loops: many times faster than arrays, and slow to load.

Loading them takes half a second, more than all of the first answer. So the first questions of a
process are answered by SciPy and numpy; whoever goes on asking, or has loaded them for a matrix,
is answered by the loops. Both give the same numbers to the last digit.
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

_asked = count()


def loops_pay() -> bool:
    """Tell whether to answer this question by `geo.network.loops`."""
    return "geo.network.sweeps" in sys.modules or next(_asked) >= _PATIENCE


def read_only(array: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """Return a view that cannot be written to.

    A loop is compiled once for arrays that can and once for those that cannot, as mapped files.
    """
    if type(array) is np.ndarray and not array.flags.writeable:
        return array
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view
