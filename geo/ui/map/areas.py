"""The bands of the map: areas that can be reached, as one GeoJSON text.

Isochrones lie inside each other; tinted one over the other they would mix their colours. So each
band is cut to the ring that no smaller one covers. The map outlines the rings too: where two meet,
the smaller band is drawn last and its outline shows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.ui.map.palette import BAND_COLORS
from geo.ui.map.scene import LegendEntry

_NOTHING = shapely.MultiPolygon()
_DIGITS = 5
"""About a metre: finer than any isochrone, coarser than the numbers shapely writes."""
_LEVEL_DEG = 5e-5
"""About five metres, a tenth of the finest cell that isochrones are made of: nobody sees it."""


@dataclass(frozen=True, slots=True)
class Band:
    """An area with what it means.

    Attributes
    ----------
    label
        As ``"30 min"``; shown in the legend and along the outline.
    area
        In degrees; nothing where it is not known yet, as for a legend.
    color
        None takes the palette's colours in turn.
    """

    label: str
    area: BaseGeometry = _NOTHING
    color: str | None = None


def legend(bands: Sequence[Band]) -> list[LegendEntry]:
    """Return what the colours mean, the smallest band first."""
    return [LegendEntry(band.label, color) for band, color in _colored(bands)]


def bands_geojson(bands: Sequence[Band]) -> bytes:
    """Return the bands as a GeoJSON FeatureCollection in UTF-8.

    Parameters
    ----------
    bands
        The smallest first; each is tinted where no earlier one is.

    Returns
    -------
    bytes
        A feature with ``label`` and ``color`` for each band, the largest first, so that smaller
        ones are drawn over it. Nothing for an empty area.
    """
    features = ",".join(reversed([*_features(bands)]))
    return f'{{"type":"FeatureCollection","features":[{features}]}}'.encode()


def _features(bands: Sequence[Band]) -> Iterator[str]:
    covered: BaseGeometry = shapely.MultiPolygon()
    for band, color in _colored(bands):
        area = _plain(band.area)
        ring = shapely.difference(area, covered)
        if band is not bands[-1]:
            covered = shapely.union(covered, area)
        properties = json.dumps({"label": band.label, "color": color}, ensure_ascii=False)
        if not ring.is_empty:
            geometry = shapely.to_geojson(shapely.transform(ring, _rounded))
            yield f'{{"type":"Feature","properties":{properties},"geometry":{geometry}}}'


def _plain(area: BaseGeometry) -> BaseGeometry:
    """Return an area with no more corners than one can see.

    Its corners are not set on a grid: with a precision model GEOS takes twice the time for each
    difference and three times for the setting (measured: 25 ms for three bands, 9 ms without).
    """
    simple = shapely.simplify(area, _LEVEL_DEG, preserve_topology=False)
    # The quick way tears some outlines.
    if shapely.is_valid(simple):
        return simple
    return shapely.make_valid(simple, method="structure", keep_collapsed=False)


def _rounded(corners: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.round(corners, _DIGITS)


def _colored(bands: Sequence[Band]) -> list[tuple[Band, str]]:
    palette = cycle(BAND_COLORS)
    return [(band, band.color or next(palette)) for band in bands]
