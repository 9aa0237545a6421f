"""Extracts with water: nobody is joined to a road beyond it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from geo.cli import main
from geo.errors import AcrossWater
from geo.geometry import METRES_PER_DEGREE
from geo.model import Point
from geo.region import load_region
from geo.region.build import build_region
from geo.region.bundle import Region

LAT, LON = 44.0, 12.0

Line = Sequence[tuple[float, float]]


def _at(east_m: float, north_m: float) -> Point:
    squeeze = np.cos(np.radians(LAT))
    return Point(LON + east_m / METRES_PER_DEGREE / squeeze, LAT + north_m / METRES_PER_DEGREE)


def _extract(folder: Path, roads: Sequence[Line], water: Sequence[tuple[Line, str]]) -> Path:
    """Write roads and water; water is an area where it is closed, and else a coast."""
    nodes: list[str] = []
    ways: list[str] = []
    count = 0
    drawn = [(line, '<tag k="highway" v="residential"/>') for line in roads]
    drawn += [(line, f'<tag k="natural" v="{kind}"/>') for line, kind in water]
    known: dict[tuple[float, float], int] = {}
    for line, tag in drawn:
        for spot in line:
            if spot not in known:
                count += 1
                known[spot] = count
                point = _at(*spot)
                nodes.append(f'<node id="{count}" lat="{point.lat:.7f}" lon="{point.lon:.7f}"/>')
        refs = "".join(f'<nd ref="{known[spot]}"/>' for spot in line)
        ways.append(f'<way id="{len(ways) + 1}">{refs}{tag}</way>')
    path = folder / "shore.osm"
    path.write_text(f'<osm version="0.6">{"".join(nodes + ways)}</osm>', "utf-8")
    return path


def _ring(west: float, south: float, east: float, north: float) -> Line:
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


GRID = [[(x, y) for x in range(0, 2001, 500)] for y in range(0, 2001, 500)] + [
    [(x, y) for y in range(0, 2001, 500)] for x in range(0, 2001, 500)
]


@pytest.fixture
def river(tmp_path: Path) -> Region:
    """Return a town south of a river of 80 m, and a lone road 900 m north of it with a bridge."""
    north = [[(0, 2000), (0, 3100)], [(0, 3100), (2000, 3100)]]
    banks = _ring(-3000, 2060, 5000, 2140)
    path = _extract(tmp_path, GRID + north, [(banks, "water")])
    build_region(path, "river", regions_dir=tmp_path / "regions")
    return load_region("river", regions_dir=tmp_path / "regions")


def test_a_home_beyond_a_river_joins_the_road_of_its_own_bank(river: Region) -> None:
    home = _at(1250, 2200)  # 200 m from the town's northern street, 900 m from the lone road
    snap = river.network.snap_point(home)
    north_m = (snap.road_lat[0] - LAT) * METRES_PER_DEGREE
    assert north_m == pytest.approx(3100, abs=5)
    near_bridge = river.network.snap_point(_at(300, 2200))
    assert near_bridge.road_lon[0] == pytest.approx(LON, abs=1e-6)


def test_a_home_on_the_town_s_bank_joins_the_town(river: Region) -> None:
    snap = river.network.snap_point(_at(1250, 2045))
    assert snap.snap_m[0] == pytest.approx(45, abs=1)


@pytest.mark.parametrize("kind", ["water", "coastline"])
def test_an_island_without_roads_is_reached_by_no_drive(
    tmp_path: Path,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    island = _ring(800, 2300, 1200, 2600)
    if kind == "water":
        # A lake of two halves, so that the island needs no multipolygon.
        west: Line = [(-2000, 2100), (1000, 2100), (1000, 2300), (800, 2300), (800, 2600)]
        east: Line = [(4000, 2100), (1000, 2100), (1000, 2300), (1200, 2300), (1200, 2600)]
        water: list[tuple[Line, str]] = [
            ([*west, (1000, 2600), (1000, 5000), (-2000, 5000), west[0]], "water"),
            ([*east, (1000, 2600), (1000, 5000), (4000, 5000), east[0]], "water"),
        ]
    else:
        shore: Line = [(5000, 2100), (-3000, 2100)]  # land lies to the left of a coast
        water = [(shore, kind), (island, kind)]
    path = _extract(tmp_path, GRID, water)
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(tmp_path))
    build_region(path, "lake", regions_dir=tmp_path / "regions")
    region = load_region("lake", regions_dir=tmp_path / "regions")
    home, town = _at(1000, 2450), _at(1000, 1000)
    with pytest.raises(AcrossWater):
        region.network.snap_point(home)
    assert region.network.matrix([home], [town]).seconds[0, 0] == np.inf
    for name, point in (("a", home), ("b", town)):
        row = f"{name},{point.lat},{point.lon}"
        (tmp_path / f"{name}.csv").write_text(f"id,lat,lon\n{row}\n", "utf-8")
    files = [str(tmp_path / name) for name in ("a.csv", "b.csv", "m.csv")]
    arguments = ["--region", "lake", "--origins", files[0], "--destinations", files[1]]
    assert main(["matrix", *arguments, "--out", files[2]]) == 0
    assert (tmp_path / "m.csv").read_text("utf-8").splitlines()[-1] == "a,b,inf"
    assert "water separates the position from every" in capsys.readouterr().err
    assert main(["near", f"{home.lat},{home.lon}", "--region", "lake"]) == 2
    assert "water separates the position from every" in capsys.readouterr().err
