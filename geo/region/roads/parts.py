"""Which parts of the roads are large enough to live in.

Roads fall apart into parts within which every place can be reached from every other. An island is
one to keep. A car park, a barracks behind its gate or a road cut off by the extract's edge would
only catch people who then could drive nowhere. What tells them apart is their size, and that water
lies around an island, while the roads of a fragment end a few steps from those of everybody.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from geo.geometry import METRES_PER_DEGREE
from geo.region.roads.pace import spread
from geo.region.roads.ways import Bools, Floats, Ints, Pieces, Ways
from geo.tables import read_table


def lived_in(ways: Ways, pieces: Pieces, piece: Ints, tail: Ints, head: Ints) -> Bools:
    """Return which (m,) edges lie in parts to keep; the largest part stays whatever its size.

    Parameters
    ----------
    ways, pieces
        The roads.
    piece, tail, head
        (m,) piece, and vertices at both ends, of each edge.
    """
    vertices = len(pieces.vertex_point)
    links = csr_array((np.ones(len(tail), np.int8), (tail, head)), (vertices, vertices))
    parts, part = connected_components(links, connection="strong")
    inside = part[tail] == part[head]
    part_of_edge = np.where(inside, part[tail], -1)
    metres = np.bincount(part[tail][inside], pieces.length_m[piece[inside]], parts) / 2
    junctions = np.bincount(part, minlength=parts)
    largest = int(np.argmax(metres))
    keep = _large(metres, junctions, largest)
    rules = read_table("speeds")["component"]
    doubtful = np.flatnonzero(keep & (metres < rules["surely_km"] * 1000))
    doubtful = doubtful[doubtful != largest]
    if len(doubtful):
        nearby = _near(ways, pieces, piece, part_of_edge, (doubtful, largest), rules["apart_m"])
        keep[doubtful[nearby]] = False
    return np.asarray(inside & keep[part_of_edge])


def _large(metres: Floats, junctions: Ints, largest: int) -> Bools:
    """Return which parts are large enough, for themselves or beside the largest part."""
    rules = read_table("speeds")["component"]
    least_m = min(rules["least_km"] * 1000, rules["least_share"] * metres[largest])
    some = min(rules["least_junctions"], rules["least_share"] * junctions[largest])
    keep = (metres >= least_m) & (junctions >= max(some, rules["fewest_junctions"]))
    keep[largest] = True
    return np.asarray(keep)


def _near(
    ways: Ways,
    pieces: Pieces,
    piece: Ints,
    part_of_edge: Ints,
    parts: tuple[Ints, int],
    distance_m: float,
) -> Bools:
    """Return which of some parts have a point less than a distance from one of another part.

    Parameters
    ----------
    parts
        The (k,) parts, and the other one.
    """
    from scipy.spatial import KDTree  # slow to import, and few regions have such parts

    some, other = parts
    number = np.full(int(part_of_edge.max()) + 2, -1)  # the last one for edges in no part
    number[some] = np.arange(len(some))
    theirs = np.flatnonzero(number[part_of_edge] >= 0)
    chosen, first = np.unique(piece[theirs], return_index=True)
    points = _points(ways, pieces, chosen)
    owner = np.repeat(
        number[part_of_edge[theirs[first]]], pieces.end[chosen] - pieces.start[chosen] + 1
    )
    far = _points(ways, pieces, np.unique(piece[part_of_edge == other]))
    # A tree of a mainland's points takes long, and few of them lie near such parts.
    far = far[_in_cells_of(points, far, distance_m)]
    near = np.zeros(len(some), np.bool_)
    if len(far):
        near[owner[KDTree(far).query(points)[0] < distance_m]] = True
    return near


def _in_cells_of(points: Floats, far: Floats, size_m: float) -> Bools:
    """Return which far points lie in a cell of a grid that holds a point, or in one beside it."""
    low = np.minimum(points.min(axis=0), far.min(axis=0)) - size_m
    column, row = ((points - low) // size_m).astype(np.int64).T
    stride = int((far[:, 1].max() - low[1]) // size_m) + int(row.max()) + 3
    beside = np.arange(-1, 2)
    cells = (column[:, None, None] + beside[:, None]) * stride + row[:, None, None] + beside
    far_column, far_row = ((far - low) // size_m).astype(np.int64).T
    return np.isin(far_column * stride + far_row, cells)


def _points(ways: Ways, pieces: Pieces, chosen: Ints) -> Floats:
    """Return the (k, 2) metres east and north of all points of some pieces."""
    points = spread(pieces.start[chosen], pieces.end[chosen] - pieces.start[chosen] + 1)
    squeeze = np.cos(np.radians(ways.lat_e7.mean() / 1e7))
    degrees = np.stack([ways.lon_e7[points] * squeeze, ways.lat_e7[points]], axis=1) / 1e7
    return np.asarray(degrees * METRES_PER_DEGREE)
