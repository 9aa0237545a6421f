"""Colleagues on the map: home areas as circles, never a point that is a home."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo import texts
from geo.geometry import LocalPlane
from geo.model import BBox, Colleague, HomeArea
from geo.palette import BAND_COLORS, PEOPLE_COLORS
from geo.people.colleagues import NearbyColleague
from geo.privacy.access import bands
from geo.region import Region
from geo.texts import colleagues as colleagues_texts
from geo.ui import page
from geo.ui.map import Band, PersonMarker, Scene, bands_geojson, legend
from geo.ui.web.tokens import publish_areas

_SIDES = 64
_MAX_NAMES = 12
_OWN_COLOR = PEOPLE_COLORS[5]
_MARKER_COLORS = (PEOPLE_COLORS[0], PEOPLE_COLORS[2], PEOPLE_COLORS[1], PEOPLE_COLORS[4])
"""Of the bands' own hues, dark enough for white letters."""


def circle(area: HomeArea) -> shapely.Polygon:
    """Return an area as others see it, in degrees.

    Examples
    --------
    >>> from geo.model import Point
    >>> area = HomeArea("n1", "Oakham", "settlement", Point(-0.73, 52.67), 2000.0, 4000)
    >>> [round(side, 3) for side in circle(area).bounds]
    [-0.76, 52.652, -0.7, 52.688]
    """
    turns = np.linspace(0.0, 2 * np.pi, _SIDES, endpoint=False)
    lon, lat = LocalPlane(area.point).to_lon_lat(
        area.radius_m * np.cos(turns), area.radius_m * np.sin(turns)
    )
    return shapely.Polygon(np.column_stack([lon, lat]))


def own_band(area: HomeArea) -> Band:
    """Return the visitor's own area, as others see it."""
    return Band(colleagues_texts.OWN_AREA, circle(area), _OWN_COLOR)


def area_bands(found: Sequence[NearbyColleague]) -> list[Band]:
    """Return the areas of colleagues, one band for each band of drives, the nearest first."""
    areas: dict[int | None, dict[str, HomeArea]] = defaultdict(dict)
    for one in found:
        areas[one.band][one.colleague.area.id] = one.colleague.area
    return [
        Band(texts.minutes(minutes), _union(areas[minutes].values()), color)
        for minutes, color in zip(bands(), BAND_COLORS, strict=False)
        if minutes in areas
    ]


def colleague_bands(found: Sequence[NearbyColleague], color: str) -> list[Band]:
    """Return the areas of colleagues in one colour, for a map that shows other bands already."""
    areas = {one.colleague.area.id: one.colleague.area for one in found}
    return [Band(colleagues_texts.COLLEAGUES, _union(areas.values()), color)] if areas else []


def markers(found: Sequence[NearbyColleague], *, color: str | None = None) -> list[PersonMarker]:
    """Return one marker for each area, with how many live there, or whose initials it is."""
    by_area: dict[str, list[NearbyColleague]] = defaultdict(list)
    for one in found:
        by_area[one.colleague.area.id].append(one)
    return [
        PersonMarker(
            here[0].colleague.area.point,
            initials(here[0].colleague.name) if len(here) == 1 else str(len(here)),
            color or _marker_color(here[0].band),
            _title([one.colleague for one in here]),
        )
        for here in by_area.values()
    ]


def initials(name: str) -> str:
    """Return what stands for a name on a round marker.

    Examples
    --------
    >>> initials("Avis (fictional)"), initials("Zoë van der Berg"), initials("42")
    ('A', 'ZB', '4')
    """
    parts = [part for part in name.split() if part[:1].isalpha()]
    if not parts:
        return name[:1] or "?"
    ends = [parts[0], parts[-1]] if len(parts) > 1 else parts
    return "".join(part[0].upper() for part in ends)


def box_around(areas: Iterable[HomeArea]) -> BBox | None:
    """Return the box that holds whole areas; None where there are none."""
    shapes = [circle(area) for area in areas]
    return BBox(*shapely.union_all(shapes).bounds) if shapes else None


def _marker_color(minutes: int | None) -> str:
    order = bands()
    return _MARKER_COLORS[order.index(minutes) if minutes in order else -1]


def _union(areas: Iterable[HomeArea]) -> BaseGeometry:
    return shapely.union_all([circle(area) for area in areas])


def _title(here: Sequence[Colleague]) -> str:
    names = [one.name for one in here[:_MAX_NAMES]]
    more = len(here) - len(names)
    return colleagues_texts.area_residents(here[0].area.label, names, more)


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
        texts=colleagues_texts.MAP,
    )


def own_marker(own: HomeArea) -> PersonMarker:
    """Return the marker of one's own area."""
    return PersonMarker(
        own.point,
        colleagues_texts.YOU,
        own_band(own).color or "",
        f"{colleagues_texts.YOU}: {own.label}",
    )
