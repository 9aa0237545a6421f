"""The basemap's tiles, read from the PMTiles file of a region's bundle.

The address of a tile names the region and the build, so it never changes its meaning and a browser
may keep it. Tiles are map data alone; nothing about a person is in them or in their address.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from geo.errors import UnreadableRegion
from geo.tiles import TileArchive
from geo.ui.map.assets import PREFIX

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_OPEN = 16


def tiles_url(region: str, build: str) -> str:
    """Return the address of a region's tiles, with ``{z}``, ``{x}`` and ``{y}`` to be filled in.

    Parameters
    ----------
    region
        Its name.
    build
        The build that its manifest names.
    """
    return f"{PREFIX}/tiles/{region}/{build}/{{z}}/{{x}}/{{y}}.mvt"


def open_archive(regions_dir: Path, region: str, build: str) -> TileArchive | None:
    """Return the tiles of a build; None where there are none of that name."""
    if not (_NAME.fullmatch(region) and _NAME.fullmatch(build)):
        return None
    try:
        return _open(regions_dir / region / build / "basemap.pmtiles")
    except UnreadableRegion:
        return None


@lru_cache(maxsize=_OPEN)
def _open(path: Path) -> TileArchive:
    return TileArchive.open(path)
