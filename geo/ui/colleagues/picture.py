"""Colleagues on a map of their own: areas in the colours of their bands, one's own among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from geo.model import HomeArea
from geo.people import NearbyColleague
from geo.region import Region
from geo.ui import page
from geo.ui.colleagues.areas import area_bands, box_around, markers, own_band
from geo.ui.map import Person, Scene, bands_geojson, legend
from geo.ui.session import publish_areas
from geo.ui.words import colleagues as said


def nearby_scene(region: Region, own: HomeArea, found: Sequence[NearbyColleague]) -> Scene:
    """Return the map of those who are near, and of one's own area as they see it."""
    shown = [own_band(own), *area_bands(found)]
    areas = {one.colleague.area.id: one.colleague.area for one in found}
    people = markers(found) if own.id in areas else [*markers(found), own_marker(own)]
    return replace(
        page.empty_scene(region, ""),
        fit_id=f"{region.name} {own.id} {sorted(areas)}",
        fit=box_around([own, *areas.values()]),
        areas_url=publish_areas(bands_geojson(shown)),
        legend=legend(shown),
        people=people,
        lists=False,
        picks=False,
        locates=False,
        texts=said.MAP,
    )


def own_marker(own: HomeArea) -> Person:
    """Return the marker of one's own area."""
    return Person(own.point, said.YOU, own_band(own).color or "", f"{said.YOU}: {own.label}")
