"""Vector tiles, read back by another's reader."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.region.basemap.encode import (
    GeometryKind,
    Properties,
    clean,
    encode_geometries,
    encode_layers,
    varint,
    varints,
)
from geo.region.basemap.generalise import point_layer
from geo.region.basemap.shapes import RaggedShapes, from_lines, from_polygons


def read_back(
    shapes: RaggedShapes, kind: GeometryKind, table: tuple[Properties, ...] = ((),)
) -> list[dict[str, Any]]:
    rows = np.arange(len(shapes)) % len(table)
    (data,) = encode_layers("test", shapes, kind, rows, table, np.array([0, len(shapes)]))
    layer = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})["test"]
    assert layer["version"] == 2
    assert layer["extent"] == 4096
    features: list[dict[str, Any]] = layer["features"]
    return features


def polygons(*shapes: Any) -> RaggedShapes:
    return from_polygons(np.array(shapes, object))


def signed_areas(polygon: list[list[list[int]]]) -> list[float]:
    """Return the surveyor's formula for each ring, as the specification writes it."""
    return [sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2 for ring in polygon]


def test_the_bytes_of_the_specification() -> None:
    # Vector Tile Specification 2.1, section 4.3.5: a point, a line, and a polygon.
    point = point_layer("p", np.array([[25.0, 17.0]]), [()]).shapes
    assert encode_geometries(point, GeometryKind.POINT).to_list() == [bytes([9, 50, 34])]
    line = from_lines(np.array([shapely.LineString([(2, 2), (2, 10), (10, 10)])], object))
    assert encode_geometries(line, GeometryKind.LINE).to_list() == [
        bytes([9, 4, 4, 18, 0, 16, 16, 0])
    ]
    triangle = RaggedShapes(
        np.array([[3.0, 6], [8, 12], [20, 34]]),
        np.array([0, 3]),
        np.array([0, 1]),
        np.array([False]),
        closed=True,
    )
    assert encode_geometries(triangle, GeometryKind.POLYGON).to_list() == [
        bytes([9, 6, 12, 18, 10, 12, 24, 44, 15])
    ]


def test_several_parts_go_on_from_the_last_point() -> None:
    # Section 4.3.5.5: the multiline of the specification.
    multi = shapely.MultiLineString([[(2, 2), (2, 10), (10, 10)], [(1, 1), (3, 5)]])
    encoded = encode_geometries(from_lines(np.array([multi], object)), GeometryKind.LINE)
    assert encoded.to_list() == [bytes([9, 4, 4, 18, 0, 16, 16, 0, 9, 17, 17, 10, 4, 8])]


def test_exteriors_and_holes_run_against_each_other() -> None:
    island = shapely.Polygon(
        [(0, 0), (0, 100), (100, 100), (100, 0)], [[(20, 20), (80, 20), (80, 80), (20, 80)]]
    )
    for shape in (island, shapely.orient_polygons(island), island.reverse()):
        (feature,) = read_back(clean(polygons(shape)), GeometryKind.POLYGON)
        assert signed_areas(feature["geometry"]["coordinates"]) == [10000, -3600]


def test_a_hole_goes_with_its_ring() -> None:
    tiny = shapely.Polygon(
        [(0, 0), (0.4, 0), (0.4, 0.4), (0, 0.4)], [[(0.1, 0.1), (0.2, 0.1), (0.2, 0.2)]]
    )
    both = shapely.MultiPolygon([shapely.box(10, 10, 20, 20), tiny])
    cleaned = clean(polygons(both, tiny))
    assert cleaned.hole.tolist() == [False]
    assert np.diff(cleaned.shape_start).tolist() == [1, 0]


def test_a_hole_as_large_as_its_ring_leaves_nothing() -> None:
    frame = shapely.Polygon(
        [(0, 0), (100, 0), (100, 100), (0, 100)],
        [[(0.2, 0.2), (99.8, 0.2), (99.8, 99.8), (0.2, 99.8)]],
    )
    assert len(clean(polygons(frame)).hole) == 0


def test_a_line_that_falls_on_one_point_goes() -> None:
    short = from_lines(
        np.array([shapely.LineString([(1, 1), (1.2, 1.1)]), shapely.LineString([(0, 0), (9, 9)])])
    )
    assert np.diff(clean(short).shape_start).tolist() == [0, 1]


def test_attributes_keep_their_type_and_script() -> None:
    names = ["<img src=x onerror=alert(1)>", "Καφέ 東京 عَمّان", "a\0b\n", "=1+1", "🗺️"]
    table: tuple[Properties, ...] = tuple(
        (("height", -3), ("name", name), ("ratio", 0.5), ("size", 300)) for name in names
    )
    points = point_layer("test", np.arange(10.0).reshape(5, 2), table).shapes
    features = read_back(points, GeometryKind.POINT, table)
    assert [feature["properties"] for feature in features] == [dict(row) for row in table]


def test_one_and_one_point_nought_are_two_values() -> None:
    table: tuple[Properties, ...] = ((("a", 1),), (("a", 1.0),))
    points = point_layer("test", np.zeros((2, 2)), table).shapes
    values = [row["properties"]["a"] for row in read_back(points, GeometryKind.POINT, table)]
    assert [type(value) for value in values] == [int, float]


@pytest.mark.parametrize(
    ("value", "encoded"), [(0, "00"), (1, "01"), (127, "7f"), (128, "8001"), (300, "ac02")]
)
def test_varints(value: int, encoded: str) -> None:
    assert varint(value).hex() == encoded
    assert [one.hex() for one in varints(np.array([7, value])).to_list()] == ["07", encoded]


def test_each_tile_lists_its_own_keys_and_values() -> None:
    table = ((), (("class", "path"),), (("class", "road"), ("name", "Mill Lane"), ("tunnel", 1)))
    shapes = point_layer("p", np.array([[1.0, 2], [3, 4], [5, 6], [7, 8]]), [()] * 4).shapes
    rows, start = np.array([2, 0, 1, 2]), np.array([0, 2, 3, 4])
    tiles = encode_layers("test", shapes, GeometryKind.POINT, rows, table, start)
    found = [mapbox_vector_tile.decode(tile)["test"]["features"] for tile in tiles]
    properties = [[feature["properties"] for feature in features] for features in found]
    assert properties == [[dict(table[2]), {}], [dict(table[1])], [dict(table[2])]]
    assert b"Mill Lane" not in tiles[1]


unit = st.integers(-64, 4160)


@given(st.lists(st.lists(st.tuples(unit, unit), min_size=2, max_size=9, unique=True), min_size=1))
def test_lines_come_back_as_they_went(lines: list[list[tuple[int, int]]]) -> None:
    shapes = from_lines(np.array([shapely.LineString(line) for line in lines], object))
    features = read_back(shapes, GeometryKind.LINE)
    found = [feature["geometry"]["coordinates"] for feature in features]
    assert found == [[list(point) for point in line] for line in lines]


@given(
    st.lists(st.tuples(unit, unit, st.floats(0, 900), st.integers(1, 6)), min_size=1, max_size=5)
)
def test_areas_come_back_as_they_went(blobs: list[tuple[int, int, float, int]]) -> None:
    rings = [shapely.Point(x, y).buffer(radius, quad_segs=sides) for x, y, radius, sides in blobs]
    shapes = clean(polygons(shapely.union_all(rings[:-1]).difference(rings[-1])))
    shapes = shapes.take(np.diff(shapes.shape_start) > 0)
    expected = shapely.area(shapes.to_geometries()).sum()
    found = 0.0
    for feature in read_back(shapes, GeometryKind.POLYGON):
        geometry = feature["geometry"]
        parts = geometry["coordinates"]
        for part in parts if geometry["type"] == "MultiPolygon" else [parts]:
            areas = signed_areas(part)
            assert areas[0] > 0
            assert all(area < 0 for area in areas[1:])
            found += sum(areas)
    assert found == pytest.approx(expected)
