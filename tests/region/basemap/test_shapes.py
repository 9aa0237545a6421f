"""Cutting shapes into tiles: known cuts, areas and lengths that add up, borders that meet."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geo.region.basemap.shapes import (
    BUFFER,
    EXTENT,
    RaggedShapes,
    TiledShapes,
    cut_half_plane,
    cut_into_tiles,
    from_lines,
    from_polygons,
)


def multipolygon(shape: BaseGeometry) -> shapely.MultiPolygon:
    """Return the polygons of an area as one geometry."""
    return shapely.MultiPolygon(
        [part for part in shapely.get_parts(shape) if isinstance(part, shapely.Polygon)]
    )


def polygons(*shapes: shapely.Polygon | shapely.MultiPolygon) -> RaggedShapes:
    return from_polygons(np.array(shapes, object))


def lines(*shapes: shapely.LineString) -> RaggedShapes:
    return from_lines(np.array(shapes, object))


def visible_area(pieces: TiledShapes) -> float:
    """Return the area of all pieces, each within its own tile, without the buffers."""
    shapes = pieces.shapes
    for axis in (0, 1):
        low = (pieces.tile[:, axis] * float(EXTENT)).astype(np.float64)
        shapes = cut_half_plane(shapes, axis, low, above=True)
        shapes = cut_half_plane(shapes, axis, low + EXTENT, above=False)
    areas = np.abs(shapes.ring_areas())
    return float(areas[~shapes.hole].sum() - areas[shapes.hole].sum())


def test_half_of_a_square() -> None:
    half = cut_half_plane(polygons(shapely.box(0, 0, 10, 10)), 0, np.array([4.0]), above=False)
    assert (
        half.to_geometries()[0].normalize()
        == shapely.MultiPolygon([shapely.box(0, 0, 4, 10)]).normalize()
    )


def test_a_line_that_leaves_and_returns_becomes_two() -> None:
    zigzag = lines(shapely.LineString([(0, 0), (10, 5), (0, 10)]))
    cut = cut_half_plane(zigzag, 0, np.array([6.0]), above=False)
    assert shapely.get_parts(cut.to_geometries()[0]).tolist() == [
        shapely.LineString([(0, 0), (6, 3)]),
        shapely.LineString([(6, 7), (0, 10)]),
    ]


def test_what_lies_on_the_other_side_leaves_no_part() -> None:
    cut = cut_half_plane(polygons(shapely.box(5, 0, 9, 9)), 0, np.array([4.0]), above=False)
    assert len(cut) == 1
    assert len(cut.hole) == 0


def test_a_polygon_that_the_cut_touches_along_a_line_keeps_its_area() -> None:
    # The intersection of such a comb with a box is a GeometryCollection of polygons and a line.
    comb = shapely.Polygon([(0, 0), (9, 0), (9, 9), (6, 9), (6, 4), (3, 4), (3, 9), (0, 9)])
    cut = cut_half_plane(polygons(comb), 1, np.array([4.0]), above=True)
    assert shapely.make_valid(cut.to_geometries()[0]).area == 30


def test_a_geometry_collection_keeps_its_polygons() -> None:
    mixed = shapely.GeometryCollection(
        [
            shapely.Point(1, 1),
            shapely.box(0, 0, 2, 2),
            shapely.MultiPolygon([shapely.box(5, 0, 6, 1), shapely.box(8, 0, 9, 1)]),
            shapely.LineString([(0, 0), (1, 1)]),
        ]
    )
    shapes = from_polygons(np.array([mixed, shapely.Point(0, 0)], object))
    assert shapely.area(shapes.to_geometries()).tolist() == [6, 0]


def test_a_small_shape_lies_in_its_one_tile() -> None:
    middle = EXTENT * 2.5
    pieces = cut_into_tiles(polygons(shapely.Point(middle, middle).buffer(100)), 2)
    assert pieces.tile.tolist() == [[2, 2]]
    assert pieces.source.tolist() == [0]


def test_what_lies_in_a_buffer_lies_in_both_tiles() -> None:
    near = EXTENT + BUFFER / 2
    pieces = cut_into_tiles(polygons(shapely.box(near, 10, near + 10, 20)), 1)
    assert sorted(pieces.tile.tolist()) == [[0, 0], [1, 0]]


def test_the_world_has_no_tiles_beyond_it() -> None:
    world = shapely.box(-500, -500, 4 * EXTENT + 500, 4 * EXTENT + 500)
    pieces = cut_into_tiles(polygons(world), 2)
    assert sorted(map(tuple, pieces.tile.tolist())) == [(x, y) for x in range(4) for y in range(4)]
    assert visible_area(pieces) == (4 * EXTENT) ** 2


coordinate = st.floats(-300, 4 * EXTENT + 300, allow_nan=False).map(round)
blob = st.builds(
    lambda x, y, radius, sides: shapely.Point(x, y).buffer(radius, quad_segs=sides),
    coordinate,
    coordinate,
    st.integers(20, 3 * EXTENT),
    st.integers(1, 8),
)


@given(outer=st.lists(blob, min_size=1, max_size=4), inner=blob)
def test_areas_of_all_tiles_add_up(outer: list[shapely.Polygon], inner: shapely.Polygon) -> None:
    world = shapely.box(0, 0, 4 * EXTENT, 4 * EXTENT)
    whole = multipolygon(shapely.union_all(outer).difference(inner).simplify(1))
    pieces = cut_into_tiles(polygons(whole), 2)
    expected = whole.intersection(world).area
    assert visible_area(pieces) == pytest.approx(expected, rel=1e-9, abs=1e-3)


@given(st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=12, unique=True))
def test_lengths_of_all_tiles_add_up(points: list[tuple[float, float]]) -> None:
    line = shapely.LineString(points)
    total = 0.0
    pieces = cut_into_tiles(lines(line), 2)
    for geometry, tile in zip(pieces.shapes.to_geometries(), pieces.tile, strict=True):
        # Half open, as a line along a border is in the tiles on both sides.
        frame = shapely.box(*(tile * EXTENT), *((tile + 1) * EXTENT - 1e-6))
        total += sum(length_within(part, frame) for part in geometry.geoms)
    world = shapely.box(0, 0, 4 * EXTENT, 4 * EXTENT)
    assert total == pytest.approx(length_within(line, world), abs=0.1)


def length_within(line: shapely.LineString, frame: shapely.Polygon) -> float:
    """Return the length in a frame; what is gone twice counts twice."""
    pieces = (shapely.LineString(pair) for pair in pairwise(line.coords))
    return float(sum(piece.intersection(frame).length for piece in pieces))


@given(st.lists(blob, min_size=1, max_size=3))
def test_tiles_meet_at_their_borders(blobs: list[shapely.Polygon]) -> None:
    """Both sides of a border draw the same stretch of it, so that no crack shows."""
    whole = multipolygon(shapely.union_all(blobs).simplify(1))
    pieces = cut_into_tiles(polygons(whole), 1)
    drawn = {
        tuple(tile): shapely.make_valid(geometry, method="structure", keep_collapsed=False)
        for geometry, tile in zip(pieces.shapes.to_geometries(), pieces.tile.tolist(), strict=True)
    }
    border = shapely.LineString([(EXTENT, 0), (EXTENT, EXTENT)])
    nothing = shapely.Polygon()
    left = drawn.get((0, 0), nothing).intersection(border).length
    right = drawn.get((1, 0), nothing).intersection(border).length
    assert left == pytest.approx(right, abs=1e-6)
