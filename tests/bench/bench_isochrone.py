"""Four isochrone bands beside Valhalla's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from geo.isochrone import WaterMask, isochrones
from geo.model import Point
from tests.bench import peers
from tests.bench.bench_network import near_junctions, network_of
from tests.bench.table import Row, best_ms

_MINUTES = (15, 30, 45, 60)


def rows() -> Iterator[Row]:
    """Yield the rows of the table."""
    for name in ("andorra", "rutland"):
        extract = peers.EXTRACTS / f"{name}.osm.pbf"
        if extract.is_file():
            yield _row(name, extract, _water_of(extract))


def _row(name: str, extract: Path, water: WaterMask) -> Row:
    network = network_of(extract)
    lon, lat = near_junctions(network, 1)
    point = Point(float(lon[0]), float(lat[0]))
    cutoffs_s = [60.0 * minutes for minutes in _MINUTES]

    def ours() -> object:
        return isochrones(network.reach(point, cutoff_s=cutoffs_s[-1]), cutoffs_s, water=water)

    actor = peers.valhalla(extract)
    theirs = None
    if actor:
        request = json.dumps(
            {
                "locations": [{"lon": point.lon, "lat": point.lat}],
                "costing": "auto",
                "contours": [{"time": minutes} for minutes in _MINUTES],
                "polygons": True,
            }
        )
        theirs = best_ms(lambda: actor.isochrone(request))
    what = f"reach and four isochrones, {name}"
    return Row(what, best_ms(ours), "Valhalla isochrone", theirs, bar=1.0)


def _water_of(extract: Path) -> WaterMask:
    from geo.region.collect_water import WaterCollector
    from geo.region.extract import read_extract

    water = WaterCollector()
    read_extract(extract, [water])
    return water.mask()
