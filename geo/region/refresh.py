"""Refreshing the places of a region: what OpenStreetMap says now of the boxes that it touches."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from geo.errors import InputError
from geo.model import BBox
from geo.online import Services, places_wish
from geo.region.area import MOST_BOXES
from geo.region.build import Progress
from geo.region.bundle import find_region
from geo.region.fresh import merge_places
from geo.region.freshness import Freshness
from geo.region.manifest import Manifest, read_manifest
from geo.region.provision import untold
from geo.world_grid import boxes_of


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh of places brought.

    Attributes
    ----------
    fresh
        What is known of the region's places now.
    missing
        Boxes that the server did not answer for; there the places are as they were.
    reason
        Why not, as a sentence; empty if nothing is missing.
    answered_at
        When the oldest of the answers was given: not now, where it was kept from before.
    """

    fresh: Freshness
    missing: tuple[BBox, ...]
    reason: str
    answered_at: datetime


def refresh_places(
    name: str,
    *,
    services: Services,
    regions_dir: Path,
    boxes: Iterable[BBox] | None = None,
    kinds: Sequence[str] | None = None,
    progress: Progress = untold,
) -> Refreshed:
    """Ask what places there are now, and lay them over those of a region.

    Parameters
    ----------
    name
        The region.
    services
        The services of the internet.
    regions_dir
        Where regions live.
    boxes
        Boxes of `geo.world_grid`; None for all that the region touches.
    kinds
        Keys of kinds of place; None for all.
    progress
        Is told each step; may raise to stop.

    Raises
    ------
    UnknownName
        There is no such region or kind.
    InputError
        The area is too large, or none of the region.
    SetupError
        The disk is full or may not be written, or another process is at it.
    OnlineError
        The server answers for none of the boxes.
    """
    manifest = read_manifest(find_region(name, regions_dir))
    if manifest.fictional:
        raise InputError(f"region {name!r} is invented; OpenStreetMap knows nothing of it.")
    asked = _boxes_to_refresh(manifest, boxes)
    folder = services.settings.downloads_dir / f"places-{name}"
    fetched = services.overpass.fetch(asked, places_wish(kinds), folder, progress=progress)
    fresh = merge_places(name, fetched.paths, fetched.boxes, regions_dir=regions_dir, kinds=kinds)
    shutil.rmtree(folder, ignore_errors=True)
    return Refreshed(fresh, fetched.missing, fetched.reason, fetched.at)


def _boxes_to_refresh(manifest: Manifest, boxes: Iterable[BBox] | None) -> list[BBox]:
    """Return the boxes to ask about: those of the region, or of it those that are wanted."""
    of_region = boxes_of(manifest.bbox)
    wanted = of_region if boxes is None else [box for box in boxes if box in set(of_region)]
    if not wanted:
        raise InputError(f"that is not in region {manifest.name!r}; refresh the region of it.")
    if len(wanted) > MOST_BOXES:
        raise InputError(
            f"region {manifest.name!r} is too large to refresh at once; refresh a part of it."
        )
    return wanted
