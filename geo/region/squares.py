"""The squares of the world's grid that are a region's own: what a refresh may ask about.

Roads leave a region, so the box around all of them reaches over its border. There a server knows
places to which the region has no roads, and drives to them would be made up of roads that lead
back. A region that was asked for by squares has just those; any other has those in which it has
junctions.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from geo.model import BBox
from geo.region.manifest import PARTS, Manifest
from geo.world_grid import boxes_holding

_NETWORK = PARTS[0]


def box_of(url: str) -> BBox | None:
    """Return the box that a source was asked for by; None for an extract."""
    try:
        west, south, east, north = map(float, urlsplit(url).fragment.split(","))
    except ValueError:
        return None
    return BBox(west, south, east, north)


def own_squares(folder: Path, manifest: Manifest) -> tuple[BBox, ...]:
    """Return the squares of a region, from south-west to north-east.

    Parameters
    ----------
    folder
        The region's.
    manifest
        What it says of itself.

    Raises
    ------
    OSError, ValueError
        Its files are damaged.
    """
    boxes = [box_of(source.url) for source in manifest.sources]
    asked = [box for box in boxes if box is not None]
    if asked and len(asked) == len(boxes):  # a square may have come by its quarters
        centers = [box.center for box in asked]
        return tuple(boxes_holding([one.lon for one in centers], [one.lat for one in centers]))
    return _squares_of_junctions(folder / manifest.build / _NETWORK)


@lru_cache(maxsize=16)
def _squares_of_junctions(files: Path) -> tuple[BBox, ...]:
    lon, lat = (
        np.load(files / f"junction_{name}.npy", mmap_mode="r", allow_pickle=False)
        for name in ("lon", "lat")
    )
    return tuple(boxes_holding(lon, lat))
