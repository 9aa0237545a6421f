"""The grid as a graph, for least-cost paths: water and roads both look for the easiest way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import sparse

from data.sample.maker.noise import Field

Steps = tuple[tuple[int, int], ...]
Cells = npt.NDArray[np.int64]
CostOf = Callable[[Cells, Cells, Field], Field]
"""(tails, heads, length in cells) -> cost of each step; ``inf`` where there is no way."""

NEIGHBOURS_8: Steps = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))
KNIGHTS: Steps = ((-2, -1), (-2, 1), (-1, -2), (-1, 2), (1, -2), (1, 2), (2, -1), (2, 1))
NEIGHBOURS_16: Steps = NEIGHBOURS_8 + KNIGHTS


def grid_steps(shape: tuple[int, int], steps: Steps) -> tuple[Cells, Cells, Field]:
    """Return tail, head and length (in cells) of every step within the grid."""
    rows, columns = shape
    tails, heads, lengths = [], [], []
    cells = np.arange(rows * columns).reshape(shape)
    for down, right in steps:
        from_rows = slice(max(0, -down), rows - max(0, down))
        from_columns = slice(max(0, -right), columns - max(0, right))
        to_rows = slice(max(0, down), rows - max(0, -down))
        to_columns = slice(max(0, right), columns - max(0, -right))
        tails.append(cells[from_rows, from_columns].ravel())
        heads.append(cells[to_rows, to_columns].ravel())
        lengths.append(np.full(tails[-1].size, np.hypot(down, right)))
    return np.concatenate(tails), np.concatenate(heads), np.concatenate(lengths)


def grid_graph(shape: tuple[int, int], steps: Steps, cost_of: CostOf) -> sparse.csr_array:
    """Return the steps and their costs as a square sparse matrix; impossible steps left out."""
    tail, head, length = grid_steps(shape, steps)
    cost = cost_of(tail, head, length)
    possible = np.isfinite(cost)
    size = shape[0] * shape[1]
    return sparse.csr_array((cost[possible], (tail[possible], head[possible])), shape=(size, size))
