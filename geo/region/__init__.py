"""Regions: building them from OpenStreetMap extracts, and opening them.

`extract` streams a file to the collectors of `roads`, `names`, `basemap` and the modules
`collect_*`; `build` writes what they found; `manifest` describes and checks it; `bundle` opens it.
`acquire` gets regions from the internet; `refresh` lays newer places over those of a build.
Building is imported from `geo.region.build`: it needs the reader of extracts, opening does not.
"""

from geo.region.bundle import (
    RefreshManifest,
    Region,
    find_region,
    list_regions,
    load_region,
    read_freshness,
    remove_region,
)
from geo.region.manifest import Manifest, SourceFile, read_manifest

__all__ = [
    "Manifest",
    "RefreshManifest",
    "Region",
    "SourceFile",
    "find_region",
    "list_regions",
    "load_region",
    "read_freshness",
    "read_manifest",
    "remove_region",
]
