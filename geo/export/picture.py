"""A listing as a map picture: SVG, drawn from nothing but the listing and a backdrop.

Everything is placed on the local plane of the middle of the map, north up. The picture needs no
script, font or image, and its texts are escaped; it stands alone or inside a page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.export import words
from geo.export.backdrop import Backdrop
from geo.export.kml import polygons
from geo.export.listing import Listing
from geo.export.text import plain
from geo.geometry import LocalPlane
from geo.model import BBox, Point
from geo.places import get_kind

WIDTH, HEIGHT = 720, 400
"""Pixels of the whole picture."""

_MARGIN = 34
_SMALLEST_M = 600.0
"""Metres across; a single place is not drawn as if on a football pitch."""

_BANDS = ("#2f8f8b", "#7fb069", "#e6a23c", "#d4663f", "#8f4a6b")
"""Colours of the areas, from the smallest to the largest."""

_ROADS = (("#e79a5b", 2.6), ("#edb06f", 2.3), ("#f0c987", 2.0), ("#e3d6ae", 1.6), ("#d9d4c7", 1.2))
"""Colour and width by rank; further ranks are drawn as the last."""

_PIN = "M0 0C-3-6-10-10-10-18A10 10 0 1 1 10-18C10-10 3-6 0 0Z"
_STAR = "M0-4.6 1.4-1.4 4.6-1.4 2 .8 3 4.2 0 2.2-3 4.2-2 .8-4.6-1.4-1.4-1.4Z"
_MOST_PINS = 99


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the picture lies on the Earth, and how large a metre is in it."""

    plane: LocalPlane
    pixels_per_m: float
    middle_x: float
    middle_y: float

    @classmethod
    def around(cls, box: BBox) -> Frame:
        """Return the frame that shows a box whole."""
        plane = LocalPlane(box.center)
        west, south = plane.to_xy(box.west, box.south)
        east, north = plane.to_xy(box.east, box.north)
        wide, tall = max(float(east - west), _SMALLEST_M), max(float(north - south), _SMALLEST_M)
        scale = min((WIDTH - 2 * _MARGIN) / wide, (HEIGHT - 2 * _MARGIN) / tall)
        return cls(plane, scale, WIDTH / 2, HEIGHT / 2)

    def to_pixels(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return (k, 2) pixels for (k, 2) lon, lat."""
        x, y = self.plane.to_xy(points[:, 0], points[:, 1])
        return np.column_stack(
            [self.middle_x + x * self.pixels_per_m, self.middle_y - y * self.pixels_per_m]
        )

    def pixel(self, point: Point) -> tuple[float, float]:
        """Return the pixel of one point."""
        x, y = self.to_pixels(np.array([[point.lon, point.lat]]))[0]
        return float(x), float(y)

    @property
    def shown(self) -> BBox:
        """What the whole picture shows, in degrees."""
        x, y = self.middle_x / self.pixels_per_m, self.middle_y / self.pixels_per_m
        lon, lat = self.plane.to_lon_lat([-x, x], [-y, y])
        return BBox(float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1]))


def listing_frame(listing: Listing) -> Frame:
    """Return the frame that shows the places, starts and areas of a listing."""
    points = [entry.place.point for entry in listing.entries[:_MOST_PINS]]
    points += [start.point for start in listing.starts if start.point]
    for area in listing.areas:
        if not area.shape.is_empty:
            west, south, east, north = area.shape.bounds
            points += [Point(west, south), Point(east, north)]
    return Frame.around(BBox.around(points) or BBox(-180, -60, 180, 75))


def listing_svg(listing: Listing, ground: Backdrop | None = None) -> str:
    """Return the map of a listing.

    Parameters
    ----------
    listing
        Its places are numbered from 1, as in its tables.
    ground
        What is drawn below; nothing if None.
    """
    frame = listing_frame(listing)
    ground = ground or Backdrop()
    size = f'width="{WIDTH}" height="{HEIGHT}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' font-family="system-ui, sans-serif"><title>{_text(listing.title)}</title>'
    )
    parts = [
        head,
        f'<rect {size} fill="#f6f4ef"/>',
        *_ground(frame, ground),
        *_areas(frame, listing),
        *_names(frame, ground),
        *_pins(frame, listing),
        *_starts(frame, listing),
        *_legend(listing),
        _scale(frame, listing),
        _north(),
        _credit(listing),
        "</svg>",
    ]
    return "\n".join(parts)


def _ground(frame: Frame, ground: Backdrop) -> Iterator[str]:
    for shape in ground.water:
        yield f'<path d="{_area_path(frame, shape)}" fill="#a9cfe0" fill-rule="evenodd"/>'
    for rank, lines in reversed(ground.roads):
        colour, width = _ROADS[min(rank, len(_ROADS) - 1)]
        path = "".join(_line_path(frame, line) for line in lines)
        if path:
            yield (
                f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"'
                ' stroke-linecap="round" stroke-linejoin="round"/>'
            )


def _areas(frame: Frame, listing: Listing) -> Iterator[str]:
    for colour, area in zip(_colours(listing), listing.areas, strict=True):
        yield (
            f'<path d="{_area_path(frame, area.shape)}" fill="{colour}" fill-opacity="0.22"'
            f' fill-rule="evenodd" stroke="{colour}" stroke-width="1.5" stroke-linejoin="round"/>'
        )


def _colours(listing: Listing) -> list[str]:
    """Return a colour for each area; the smallest always has the first one."""
    count = len(listing.areas)
    return [_BANDS[min(count - 1 - i, len(_BANDS) - 1)] for i in range(count)]


def _names(frame: Frame, ground: Backdrop) -> Iterator[str]:
    taken: list[tuple[float, float]] = []
    for name in ground.names:
        x, y = frame.pixel(name.point)
        if _is_free(taken, x, y, wide=90, tall=14) and 40 < x < WIDTH - 40 and 14 < y < HEIGHT - 30:
            taken.append((x, y))
            yield (
                f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" font-weight="600" fill="#3d4852"'
                ' text-anchor="middle" stroke="#fff" stroke-width="3" paint-order="stroke"'
                f' unicode-bidi="isolate">{_text(plain(name.text, longest=28))}</text>'
            )


def _pins(frame: Frame, listing: Listing) -> Iterator[str]:
    """Draw the places: a numbered pin each, a dot where it would cover one with a lower number."""
    taken: list[tuple[float, float]] = []
    dots, pins = [], []
    for number, entry in enumerate(listing.entries[:_MOST_PINS], start=1):
        x, y = frame.pixel(entry.place.point)
        colour = get_kind(entry.place.kind).colour
        if not _is_free(taken, x, y, wide=18, tall=20):
            dots.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}" stroke="#fff"'
                ' stroke-width="1.2"/>'
            )
            continue
        taken.append((x, y))
        pins.append(
            f'<g transform="translate({x:.1f} {y:.1f})"><path d="{_PIN}" fill="{colour}"'
            ' stroke="#fff" stroke-width="1.5"/><text y="-14" font-size="11" font-weight="700"'
            f' fill="#fff" text-anchor="middle">{number}</text></g>'
        )
    yield from dots
    yield from reversed(pins)


def _starts(frame: Frame, listing: Listing) -> Iterator[str]:
    several = len(listing.starts) > 1
    for start in listing.starts:
        if start.point is None:
            continue
        x, y = frame.pixel(start.point)
        label = plain(start.label, longest=24) if several else ""
        yield (
            f'<g transform="translate({x:.1f} {y:.1f})"><circle r="8" fill="#1b2430" stroke="#fff"'
            f' stroke-width="2.5"/><path d="{_STAR}" fill="#fff"/><text y="21" font-size="11"'
            ' font-weight="600" fill="#1b2430" text-anchor="middle" stroke="#fff"'
            f' stroke-width="3" paint-order="stroke" unicode-bidi="isolate">{_text(label)}'
            "</text></g>"
        )


def _legend(listing: Listing) -> Iterator[str]:
    if not listing.areas:
        return
    rows = list(zip(_colours(listing), listing.areas, strict=True))[::-1]
    width = 34 + 6.2 * max(len(plain(area.label, longest=30)) for area in listing.areas)
    top = HEIGHT - 14 - 18 * len(rows)
    yield f'<g font-size="11" fill="#1b2430"><rect x="10" y="{top - 6}" width="{width:.0f}"'
    yield f' height="{18 * len(rows) + 8}" rx="6" fill="#fff" fill-opacity="0.92"/>'
    for i, (colour, area) in enumerate(rows):
        y = top + 18 * i
        yield f'<rect x="18" y="{y}" width="12" height="12" rx="3" fill="{colour}"/>'
        yield f'<text x="36" y="{y + 10}">{_text(plain(area.label, longest=30))}</text>'
    yield "</g>"


def _scale(frame: Frame, listing: Listing) -> str:
    """Draw a scale bar of a round number of the reader's units, 60 to 150 pixels long."""
    unit_m = listing.measures.unit_m
    units = next(
        value * 10.0**power
        for power in range(-3, 6)
        for value in (1, 2, 5)
        if value * 10.0**power * unit_m * frame.pixels_per_m >= 60
    )
    length = units * unit_m * frame.pixels_per_m
    right, y = WIDTH - 16, HEIGHT - 34
    return (
        f'<g font-size="11" fill="#1b2430"><path d="M{right - length:.1f} {y - 5}v5H{right}v-5"'
        ' fill="none" stroke="#1b2430" stroke-width="1.5"/>'
        f'<text x="{right}" y="{y - 8}" text-anchor="end" stroke="#fff" stroke-width="3"'
        f' paint-order="stroke">{units:g} {listing.measures.unit}</text></g>'
    )


def _north() -> str:
    return (
        f'<g transform="translate({WIDTH - 26} 30)">'
        '<circle r="15" fill="#fff" fill-opacity="0.92"/>'
        '<path d="M0-11 4 0H-4Z" fill="#c0392b"/><text y="11" font-size="10" font-weight="700"'
        f' fill="#1b2430" text-anchor="middle">{words.NORTH}</text></g>'
    )


def _credit(listing: Listing) -> str:
    return (
        f'<text x="{WIDTH - 16}" y="{HEIGHT - 12}" font-size="10" fill="#1b2430" text-anchor="end"'
        f' stroke="#fff" stroke-width="3" paint-order="stroke">{_text(listing.source.line)}</text>'
    )


def _is_free(
    taken: Sequence[tuple[float, float]], x: float, y: float, *, wide: float, tall: float
) -> bool:
    return all(abs(x - a) >= wide or abs(y - b) >= tall for a, b in taken)


def _line_path(frame: Frame, line: npt.NDArray[np.float64]) -> str:
    pixels = frame.to_pixels(line)
    return _path(shapely.get_coordinates(shapely.simplify(shapely.linestrings(pixels), 0.4)))


def _area_path(frame: Frame, shape: BaseGeometry) -> str:
    drawn = shapely.transform(shape, frame.to_pixels).simplify(0.4)
    rings = [ring for part in polygons(drawn) for ring in (part.exterior, *part.interiors)]
    return "".join(_path(shapely.get_coordinates(ring)) + "Z" for ring in rings)


def _path(pixels: npt.NDArray[np.float64]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in pixels)


def _text(text: str) -> str:
    return escape(plain(text))
