"""Extracts that are odd or wrong, from a whole build: read right, or refused in one sentence."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from geo.errors import UnreadableExtract
from geo.model import BBox
from geo.region import load_region
from geo.region.build import build_region
from geo.region.extract import read_extract
from geo.region.manifest import Manifest

SIDE, STEP_DEG = 8, 0.004
ROADS = BBox(20.0, 10.0, 20.028, 10.028)


def write_town(
    path: Path,
    *,
    west: float = 20.0,
    south: float = 10.0,
    bounds: BBox | None = None,
    more: str = "",
) -> Path:
    """Write a town of streets that cross at right angles; ``more`` are further nodes."""
    head, nodes, ways = "", "", ""
    if bounds:
        head = (
            f"<bounds minlat='{bounds.south}' minlon='{bounds.west}' "
            f"maxlat='{bounds.north}' maxlon='{bounds.east}'/>"
        )
    for row in range(SIDE):
        for column in range(SIDE):
            lon = round((west + column * STEP_DEG + 180) % 360 - 180, 7)
            lat = round(south + row * STEP_DEG, 7)
            nodes += f"<node id='{1000 + row * SIDE + column}' lat='{lat}' lon='{lon}'/>"
    for line in range(2 * SIDE):
        first, step = (line * SIDE, 1) if line < SIDE else (line - SIDE, SIDE)
        refs = "".join(f"<nd ref='{1000 + first + step * k}'/>" for k in range(SIDE))
        ways += f"<way id='{1 + line}'>{refs}<tag k='highway' v='residential'/></way>"
    path.write_text(f"<osm version='0.6'>{head}{nodes}{more}{ways}</osm>", encoding="utf-8")
    return path


def build(extract: Path, folder: Path) -> Manifest:
    return build_region(extract, "town", regions_dir=folder / "regions")


@pytest.mark.parametrize(
    "bounds",
    [
        None,
        BBox(20.0, 10.0, 20.0, 10.0),  # no area
        BBox(20.0, 10.0, 20.028, 10.0),
        BBox(0.0, 50.0, 0.1, 50.1),  # elsewhere
        BBox(20.027, 10.027, 20.1, 10.1),  # holds one corner
        BBox(-180.0, -90.0, 180.0, 90.0),  # the whole world
    ],
)
def test_a_box_that_says_nothing_of_the_roads_is_not_believed(
    tmp_path: Path, bounds: BBox | None
) -> None:
    assert build(write_town(tmp_path / "town.osm", bounds=bounds), tmp_path).bbox == ROADS


@pytest.mark.parametrize(
    "bounds", [BBox(19.9, 9.95, 20.1, 10.1), BBox(20.003, 10.003, 20.026, 10.026)]
)
def test_a_box_around_most_of_the_roads_is_kept(tmp_path: Path, bounds: BBox) -> None:
    assert build(write_town(tmp_path / "town.osm", bounds=bounds), tmp_path).bbox == bounds


def test_roads_on_both_sides_of_the_180th_meridian_are_refused(tmp_path: Path) -> None:
    extract = write_town(tmp_path / "town.osm", west=179.986, south=-17.0)
    with pytest.raises(UnreadableExtract, match="crosses the 180th meridian") as caught:
        build(extract, tmp_path)
    assert str(caught.value).count("\n") == 0
    assert not (tmp_path / "regions" / "town").exists()


@pytest.mark.parametrize("upright", [True, False])
def test_a_region_of_roads_on_one_line_has_a_box_with_an_area(
    tmp_path: Path, upright: bool
) -> None:
    at = [(10 + k * STEP_DEG, 20.0) if upright else (20.0, 10 + k * STEP_DEG) for k in range(9)]
    nodes = "".join(f"<node id='{k}' lat='{y}' lon='{x}'/>" for k, (y, x) in enumerate(at, 1))
    street = "".join(f"<nd ref='{k}'/>" for k in range(1, 10))
    path = tmp_path / "line.osm"
    way = f"<way id='1'>{street}<tag k='highway' v='residential'/></way>"
    path.write_text(f"<osm version='0.6'>{nodes}{way}</osm>", "utf-8")
    box = build(path, tmp_path).bbox
    assert (box.east - box.west, box.north - box.south) == pytest.approx(
        (0.01, 0.032) if upright else (0.032, 0.01)
    )
    region = load_region("town", regions_dir=tmp_path / "regions")
    assert region.bbox == box
    assert np.isfinite(region.network.reach(box.center, cutoff_s=600).seconds).all()


@pytest.mark.parametrize("west", [179.97, -180.0])
def test_roads_on_one_side_of_the_180th_meridian_are_built(tmp_path: Path, west: float) -> None:
    manifest = build(write_town(tmp_path / "town.osm", west=west, south=-17.0), tmp_path)
    assert manifest.counts["junctions"] >= SIDE**2 - 4  # the corners only bend
    assert (manifest.bbox.west, manifest.bbox.east) == pytest.approx((west, west + 0.028))


@pytest.mark.parametrize("value", ["nan", "inf", "ten", ""])
def test_a_node_whose_place_is_no_number_is_refused(tmp_path: Path, value: str) -> None:
    more = f"<node id='2000' lat='{value}' lon='20'><tag k='amenity' v='cafe'/></node>"
    with pytest.raises(UnreadableExtract, match=r"town\.osm is no OpenStreetMap extract or is dam"):
        read_extract(write_town(tmp_path / "town.osm", more=more), [])


def test_a_node_beyond_the_earth_is_left_out(tmp_path: Path) -> None:
    more = "<node id='2000' lat='100' lon='200'><tag k='amenity' v='cafe'/></node>"
    manifest = build(write_town(tmp_path / "town.osm", more=more), tmp_path)
    assert (manifest.bbox, manifest.counts["places"]) == (ROADS, 0)


@pytest.mark.parametrize("name", ["change.osc", "change.osc.gz", "history.osh"])
def test_changes_and_histories_are_refused(tmp_path: Path, name: str) -> None:
    root = "osm" if ".osh" in name else "osmChange"
    text = f"<{root} version='0.6'></{root}>".encode()
    path = tmp_path / name
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    with pytest.raises(UnreadableExtract, match="contains history or changes"):
        read_extract(path, [])


def test_negative_ids_are_refused_with_what_to_do(tmp_path: Path) -> None:
    path = write_town(tmp_path / "town.osm")
    path.write_text(path.read_text("utf-8").replace("id='", "id='-").replace("ref='", "ref='-"))
    with pytest.raises(UnreadableExtract, match="negative ids"):
        build(path, tmp_path)
