"""Lines that meet: crossings become shared points, and points in one place become one node."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

Coordinates = npt.NDArray[np.float64]

_CENTIMETRES = 100


def simplify(lines: Sequence[Coordinates], tolerance_m: float) -> list[Coordinates]:
    """Leave out points that lie within a tolerance of the line; ends stay."""
    sizes = np.array([len(line) for line in lines])
    owner = np.repeat(np.arange(len(lines)), sizes)
    shapes = np.asarray(shapely.linestrings(np.concatenate(lines), indices=owner))
    return [shapely.get_coordinates(line) for line in shapely.simplify(shapes, tolerance_m)]


def length_m(xy: Coordinates) -> float:
    """Return the length of a line."""
    return float(np.hypot(*np.diff(xy, axis=0).T).sum())


def crossings(
    lines: Sequence[Coordinates], others: Sequence[Coordinates] | None = None
) -> tuple[npt.NDArray[np.int64], Coordinates]:
    """Find where segments of lines cross (touching ends do not count).

    Parameters
    ----------
    others
        None to cross the lines with each other.

    Returns
    -------
    where
        (k, 2) the number of the segment in each of the two, counted over all lines in order.
    xy
        (k, 2) the points.
    """
    one = _segments(lines)
    other = one if others is None else _segments(others)
    tree = shapely.STRtree(np.asarray(shapely.linestrings(other)))
    first, second = tree.query(shapely.linestrings(one), predicate="crosses")
    if others is None:
        first, second = first[first < second], second[first < second]
    order = np.lexsort((second, first))
    first, second = first[order], second[order]
    a, b = one[first], other[second]
    ab, cd, ac = a[:, 1] - a[:, 0], b[:, 1] - b[:, 0], b[:, 0] - a[:, 0]
    along = (ac[:, 0] * cd[:, 1] - ac[:, 1] * cd[:, 0]) / (
        ab[:, 0] * cd[:, 1] - ab[:, 1] * cd[:, 0]
    )
    return np.stack([first, second], axis=1), a[:, 0] + along[:, None] * ab


def join_crossings(lines: Sequence[Coordinates]) -> list[Coordinates]:
    """Put a point into both lines wherever two lines cross."""
    where, xy = crossings(lines)
    segment, points = where.T.ravel(), np.concatenate([xy, xy])
    starts = np.concatenate([[0], np.cumsum([len(line) - 1 for line in lines])])
    owner = np.searchsorted(starts, segment, side="right") - 1
    joined = list(lines)
    for line in np.unique(owner).tolist():
        mine = owner == line
        xy_line = lines[line]
        at = segment[mine] - starts[line]
        step = np.hypot(*(points[mine] - xy_line[at]).T)
        order = np.lexsort((step, at))
        joined[line] = np.insert(xy_line, at[order] + 1, points[mine][order], axis=0)
    return joined


def _segments(lines: Sequence[Coordinates]) -> npt.NDArray[np.float64]:
    if not lines:
        return np.empty((0, 2, 2))
    return np.concatenate([np.stack([line[:-1], line[1:]], axis=1) for line in lines])


def shared_nodes(xy: Coordinates) -> tuple[Coordinates, npt.NDArray[np.int64]]:
    """Merge (k, 2) points that lie in one place, to the centimetre.

    Returns
    -------
    unique
        (n, 2) points, in the order in which they first come.
    number
        (k,) row of each point in ``unique``.
    """
    keys = np.round(xy * _CENTIMETRES).astype(np.int64)
    packed = keys[:, 0] * 2**32 + keys[:, 1]
    _, first, inverse = np.unique(packed, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return xy[np.sort(first)], rank[inverse]
