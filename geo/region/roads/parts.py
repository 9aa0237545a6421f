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
    for small in np.flatnonzero(keep & (metres < rules["surely_km"] * 1000)):
        if small != largest:
            sizes = (piece[part_of_edge == small], piece[part_of_edge == largest])
            keep[small] = _gap_m(ways, pieces, *sizes) >= rules["apart_m"]
    return np.asarray(inside & keep[part_of_edge])


def _large(metres: Floats, junctions: Ints, largest: int) -> Bools:
    """Return which parts are large enough, for themselves or beside the largest part."""
    rules = read_table("speeds")["component"]
    least_m = min(rules["least_km"] * 1000, rules["least_share"] * metres[largest])
    some = min(rules["least_junctions"], rules["least_share"] * junctions[largest])
    keep = (metres >= least_m) & (junctions >= max(some, rules["fewest_junctions"]))
    keep[largest] = True
    return np.asarray(keep)


def _gap_m(ways: Ways, pieces: Pieces, one: Ints, other: Ints) -> float:
    """Return the metres between the nearest points of two sets of pieces."""
    from scipy.spatial import KDTree  # slow to import, and few regions have such parts

    near, far = (_points(ways, pieces, np.unique(chosen)) for chosen in (one, other))
    return float(KDTree(far).query(near)[0].min())


def _points(ways: Ways, pieces: Pieces, chosen: Ints) -> Floats:
    """Return the (k, 2) metres east and north of all points of some pieces."""
    points = spread(pieces.start[chosen], pieces.end[chosen] - pieces.start[chosen] + 1)
    squeeze = np.cos(np.radians(ways.lat_e7.mean() / 1e7))
    degrees = np.stack([ways.lon_e7[points] * squeeze, ways.lat_e7[points]], axis=1) / 1e7
    return np.asarray(degrees * METRES_PER_DEGREE)
