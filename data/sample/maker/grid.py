"""Fields on the county's grid, smooth noise, and the grid as a graph for least-cost paths.

A noise field is a lattice of random numbers, stretched over a grid by cubic splines ("value noise",
Lewis 1989, "Algorithms for solid noise synthesis"); octaves of it added up make terrain.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import ndimage, sparse

Field = npt.NDArray[np.float64]
"""(rows, columns) values on the county's grid; row 0 is the south, column 0 the west."""


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], wavelength: float) -> Field:
    """Return one octave of noise, mean 0 and standard deviation 1.

    Parameters
    ----------
    wavelength
        Cells between two independent values; at least 1.
    """
    rows, columns = (np.arange(n) / wavelength + 1.5 for n in shape)
    lattice = rng.standard_normal([int(np.ceil(n / wavelength)) + 4 for n in shape])
    field = spline_surface(lattice, rows, columns)
    return np.asarray((field - field.mean()) / field.std(), np.float64)


def spline_surface(coefficients: Field, rows: Field, columns: Field) -> Field:
    """Return the cubic B-spline surface at all crossings of some rows and columns.

    Weights as in Unser 1999, "Splines: a perfect fit for signal and image processing", which are
    separable: one sparse product for each direction.
    """
    down = _spline_weights(rows, coefficients.shape[0])
    across = _spline_weights(columns, coefficients.shape[1])
    return np.asarray((across @ (down @ coefficients).T).T, np.float64)


def _spline_weights(positions: Field, size: int) -> sparse.csr_array:
    whole = np.floor(positions).astype(np.int64)
    t = positions - whole
    after = -3 * t**3 + 3 * t**2 + 3 * t + 1
    weights = [(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, after, t**3]
    index = np.stack([whole - 1, whole, whole + 1, whole + 2], axis=1)
    index = np.where(index < 0, -index, index)  # mirrored at both ends
    index = np.where(index >= size, 2 * size - 2 - index, index)
    rows = np.repeat(np.arange(len(positions)), 4)
    values = np.stack(weights, axis=1).ravel() / 6
    return sparse.csr_array((values, (rows, index.ravel())), shape=(len(positions), size))


def fractal_noise(
    rng: np.random.Generator, shape: tuple[int, int], wavelength: float, *, gain: float = 0.5
) -> Field:
    """Return octaves of noise, each half as long and ``gain`` times as high as the one before.

    The sum has mean 0 and standard deviation 1; the shortest octave is 2 cells long.
    """
    total, height = np.zeros(shape), 1.0
    while wavelength >= 2:
        total += height * smooth_noise(rng, shape, wavelength)
        wavelength, height = wavelength / 2, height * gain
    return np.asarray((total - total.mean()) / total.std(), np.float64)


def sample_field(field: Field, rows: npt.ArrayLike, columns: npt.ArrayLike) -> Field:
    """Return a field's values between its cells (bilinear); the edge goes on for ever."""
    rows, columns = np.asarray(rows), np.asarray(columns)
    where = [rows.reshape(-1), columns.reshape(-1)]
    values = ndimage.map_coordinates(field, where, order=1, mode="nearest")
    return np.asarray(values, np.float64).reshape(rows.shape)


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
