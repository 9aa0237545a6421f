"""What gets coarser from zoom to zoom: joined, thinned, left out."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.region.basemap import generalise
from geo.region.basemap.encode import GeometryKind, Properties
from geo.region.basemap.generalise import (
    DEEPEST,
    Layer,
    area_pyramid,
    line_pyramid,
    point_layer,
    point_pyramid,
    simplified,
)
from geo.region.basemap.shapes import from_lines, from_polygons
from geo.region.basemap.tags import lake_zoom, road_detail

WOOD, GRASS = (("class", "wood"),), (("class", "grass"),)


def areas(*polygons: shapely.Polygon, rows: list[int] | None = None) -> Layer:
    return Layer(
        "landcover",
        GeometryKind.POLYGON,
        from_polygons(np.array(polygons, object)),
        np.array(rows or [0] * len(polygons)),
        (WOOD, GRASS),
    )


def roads(*lines: list[tuple[float, float]], table: tuple[Properties, ...]) -> Layer:
    shapes = from_lines(np.array([shapely.LineString(line) for line in lines], object))
    return Layer("road", GeometryKind.LINE, shapes, np.arange(len(lines)) % len(table), table)


def test_small_areas_are_left_out_and_large_ones_come_first() -> None:
    pyramid = area_pyramid(areas(shapely.box(0, 0, 16, 16), shapely.box(0, 0, 4000, 4000)))
    assert len(pyramid[DEEPEST].rows) == 2
    sizes = shapely.area(pyramid[DEEPEST].shapes.to_geometries())
    assert sizes[0] > sizes[1]
    assert len(pyramid[12].rows) == 1
    assert min(pyramid) == 5  # 4000 units are 8 there, one pixel


def test_neighbours_of_one_class_become_one() -> None:
    strips = [shapely.box(x, 0, x + 800, 6400) for x in range(0, 6400, 800)]
    pyramid = area_pyramid(areas(*strips, rows=[0, 0, 0, 0, 1, 1, 1, 1]), join=True)
    assert len(pyramid[12].rows) == 8
    assert len(pyramid[11].rows) == 2
    assert shapely.area(pyramid[11].shapes.to_geometries()).tolist() == [400 * 800.0] * 2


def test_shapes_become_the_same_however_many_are_simplified_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rings = [shapely.Point(90 * k, 0).buffer(30 + 9 * k) for k in range(10)]
    hole = rings[9].centroid.buffer(20).exterior
    rings.insert(4, shapely.Polygon(rings[9].exterior, [hole]))
    rings.insert(6, shapely.box(0, 0, 0.2, 0.2))
    for shapes in (areas(*rings).shapes, from_lines(shapely.boundary(rings[:4]))):
        at_once = simplified(shapes, 4.0)
        with monkeypatch.context() as few:
            few.setattr(generalise, "_CHUNK", 3)
            by_threes = simplified(shapes, 4.0)
        assert len(at_once.xy) < len(shapes.xy)
        for name in ("xy", "part_start", "shape_start", "hole"):
            np.testing.assert_array_equal(getattr(by_threes, name), getattr(at_once, name))


def test_roads_that_look_alike_are_joined() -> None:
    table: tuple[Properties, ...] = (
        (("class", "primary"), ("name", "A")),
        (("class", "primary"), ("name", "B")),
    )
    layer = roads([(0, 0), (5000, 0)], [(5000, 0), (9000, 50)], table=table)
    pyramid = line_pyramid(layer, road_detail)
    assert len(pyramid[12].rows) == 2  # names keep them apart
    assert len(pyramid[11].rows) == 1
    assert pyramid[11].table == ((("class", "primary"),),)
    assert min(pyramid) == 7


def test_tiny_pieces_of_road_stay_at_the_deepest_zoom() -> None:
    table: tuple[Properties, ...] = ((("class", "service"),),)
    pyramid = line_pyramid(roads([(0, 0), (7, 0)], table=table), road_detail)
    assert list(pyramid) == [14]


def test_ramps_and_sidings_wait() -> None:
    ramp: Properties = (("class", "motorway"), ("link", 1))
    siding: Properties = (("class", "rail"), ("siding", 1))
    assert road_detail(ramp, 9) is None
    assert road_detail(ramp, 10) == ramp
    assert road_detail(siding, 12) is None
    assert road_detail(siding, 13) == (("class", "rail"),)


def test_of_a_crowd_the_first_is_kept() -> None:
    xy = np.array([[100.0, 100], [110, 100], [90_000, 100]])
    table: list[Properties] = [(("name", name),) for name in "abc"]
    pyramid = point_pyramid(point_layer("place", xy, table), np.array([0, 0, 0]), cell_pixels=40)
    assert pyramid[14].rows.tolist() == [0, 1, 2]
    assert pyramid[13].rows.tolist() == [0, 2]
    assert pyramid[0].rows.tolist() == [0]


def test_points_begin_at_their_zoom() -> None:
    layer = point_layer("place", np.array([[5.0, 5.0]]), [()])
    assert sorted(point_pyramid(layer, np.array([9]), cell_pixels=40)) == list(range(9, 15))


def test_larger_lakes_get_their_name_earlier() -> None:
    zooms = [lake_zoom(side**2) for side in (1.0, 224.0, 448.0, 1e5, 1e9)]
    assert zooms == [14, 14, 13, 6, 0]
