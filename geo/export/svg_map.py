"""A listing as a map picture: SVG, drawn from nothing but the listing and a backdrop.

Everything is placed on the local plane of the middle of the map, north up. The picture needs no
script, font or image, and its texts are escaped; it stands alone or inside a page. Paper has no
tiles to load: the backdrop is a few thousand points of the region's own roads, water and the names
of settlements, the largest class of road first, as long as the picture stays legible.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from geo.export.geo_formats import polygons
from geo.export.listing import Listing
from geo.files import read_table
from geo.geometry import LocalPlane
from geo.isochrone import WaterMask
from geo.model import BBox, Point
from geo.network import RoadGraph
from geo.palette import BAND_COLORS
from geo.places import get_kind
from geo.region import Region
from geo.text import strip_controls
from geo.texts import exports

Line = npt.NDArray[np.float64]

_CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified")
_MOST_ROADS = 4_000
_MOST_WATER_CELLS = 400
"""Cells along a side of the water's lattice; more are thinned out."""


@dataclass(frozen=True, slots=True)
class SettlementLabel:
    """A settlement to write on the map."""

    text: str
    point: Point


@dataclass(frozen=True, slots=True)
class Backdrop:
    """The ground of a printed map.

    Attributes
    ----------
    roads
        From the largest class down: its rank (0 = motorway) and the (k, 2) lon, lat of each road.
    water
        Polygons, in degrees.
    names
        The most important first.
    """

    roads: tuple[tuple[int, tuple[Line, ...]], ...] = ()
    water: tuple[Polygon, ...] = ()
    names: tuple[SettlementLabel, ...] = ()


def backdrop(region: Region, box: BBox, points: Iterable[Point] = ()) -> Backdrop:
    """Return the ground of a map.

    Parameters
    ----------
    region
        Where it is.
    box
        What the map shows.
    points
        Whose settlements are named.
    """
    return Backdrop(
        roads=tuple(_roads(region.network.graph, box)),
        water=tuple(_water(region.water, box)),
        names=tuple(_names(region, box, points)),
    )


def _roads(graph: RoadGraph, box: BBox) -> Iterable[tuple[int, tuple[Line, ...]]]:
    classes = list(read_table("speeds")["class"])
    lon, lat = np.asarray(graph.junction_lon), np.asarray(graph.junction_lat)
    inside = (lon >= box.west) & (lon <= box.east) & (lat >= box.south) & (lat <= box.north)
    seen = inside[graph.edge_tail()] | inside[np.asarray(graph.edge_head)]
    kinds, left = np.asarray(graph.edge_class), _MOST_ROADS
    for rank, name in enumerate(_CLASSES):
        codes = [classes.index(one) for one in (name, f"{name}_link") if one in classes]
        edges = np.flatnonzero(seen & np.isin(kinds, codes))
        _, first = np.unique(np.asarray(graph.edge_shape)[edges], return_index=True)
        if len(first) > left:
            return
        left -= len(first)
        yield rank, tuple(graph.shape(int(edge)) for edge in edges[first])


def _water(mask: WaterMask, box: BBox) -> Iterable[Polygon]:
    from contourpy import FillType, contour_generator

    window = mask.window
    west, south = (float(v) for v in window.plane.to_xy(box.west, box.south))
    east, north = (float(v) for v in window.plane.to_xy(box.east, box.north))
    columns = _cells(west, east, window.column, window.cell_m, window.columns)
    rows = _cells(south, north, window.row, window.cell_m, window.rows)
    share = mask.water[np.ix_(rows, columns)]
    if min(share.shape) < 2 or not share.any():
        return
    lon, lat = window.plane.to_lon_lat(
        (columns + window.column + 0.5) * window.cell_m, (rows + window.row + 0.5) * window.cell_m
    )
    padded = np.pad(share.astype(np.float64), 1)  # so that water at the rim is closed
    contours = contour_generator(
        _extend_ends(lon), _extend_ends(lat), padded, fill_type=FillType.OuterOffset
    )
    for points, offsets in zip(*contours.filled(127, 256), strict=True):
        rings = [points[a:b] for a, b in pairwise(offsets)]
        yield Polygon(rings[0], rings[1:])


def _cells(
    low_m: float, high_m: float, first: int, cell_m: float, count: int
) -> npt.NDArray[np.int64]:
    """Return the cells between two positions, thinned out to a number that can be drawn."""
    start = max(0, int(low_m // cell_m) - first)
    end = min(count, int(high_m // cell_m) - first + 2)
    return np.arange(start, end, max(1, (end - start) // _MOST_WATER_CELLS))


def _extend_ends(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return values with one more at each end, a thousandth of a step away."""
    step = (values[1] - values[0]) / 1000
    return np.concatenate([[values[0] - step], values, [values[-1] + step]])


def _names(region: Region, box: BBox, points: Iterable[Point]) -> Iterable[SettlementLabel]:
    seen: set[str] = set()
    for point in points:
        found = region.gazetteer.nearest_settlement(point)
        if found and found.name not in seen and found.point in box:
            seen.add(found.name)
            yield SettlementLabel(found.name, found.point)


MAP_WIDTH, MAP_HEIGHT = 720, 376
"""Pixels of the map."""

MOST_PLACES = 500
"""Places that are drawn."""

_MARGIN = 38
_SMALLEST_M = 600.0
"""Metres across; a single place is not drawn as if on a football pitch."""

Box = tuple[float, float, float, float]
"""West, north, east and south of something drawn, in pixels."""


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
        scale = min((MAP_WIDTH - 2 * _MARGIN) / wide, (MAP_HEIGHT - 2 * _MARGIN) / tall)
        return cls(plane, scale, MAP_WIDTH / 2, MAP_HEIGHT / 2)

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


def listing_frame(listing: Listing, more: Iterable[Point] = ()) -> Frame:
    """Return the frame that shows the places, starts and areas of a listing, and more points."""
    points = [entry.place.point for entry in listing.entries[:MOST_PLACES]]
    points += [start.point for start in listing.starts if start.point]
    points += more
    for area in listing.areas:
        if not area.shape.is_empty:
            west, south, east, north = area.shape.bounds
            points += [Point(west, south), Point(east, north)]
    return Frame.around(BBox.around(points) or BBox(-180, -60, 180, 75))


@dataclass(slots=True)
class LabelGrid:
    """Keeps what is put on a map from covering what lies there already."""

    taken: list[Box] = field(default_factory=list)

    def put(self, box: Box) -> None:
        """Take a place, whatever lies there."""
        self.taken.append(box)

    def put_if_free(self, box: Box) -> bool:
        """Take a place if it is free and on the map."""
        west, north, east, south = box
        on_map = west >= 0 and north >= 0 and east <= MAP_WIDTH and south <= MAP_HEIGHT
        if not on_map or any(
            west < e and w < east and north < s and n < south for w, n, e, s in self.taken
        ):
            return False
        self.taken.append(box)
        return True


def spiral(x: float, y: float, *, step: float, rounds: int) -> Iterator[tuple[float, float]]:
    """Yield a position and then others, ever farther from it."""
    yield x, y
    for ring in range(1, rounds + 1):
        count = 8 * ring
        for i in range(count):
            angle = 2 * math.pi * i / count - math.pi / 2
            yield x + ring * step * math.cos(angle), y + ring * step * math.sin(angle)


HEIGHT = MAP_HEIGHT + 24
"""Pixels of the picture: the map, and the line below it."""

_ROADS = (("#e79a5b", 2.6), ("#edb06f", 2.3), ("#f0c987", 2.0), ("#e3d6ae", 1.6), ("#d9d4c7", 1.2))
"""Colour and width by rank; further ranks are drawn as the last."""

_PIN = "M0 0C-3-6-10-10-10-18A10 10 0 1 1 10-18C10-10 3-6 0 0Z"
_STAR = "M0-4.6 1.4-1.4 4.6-1.4 2 .8 3 4.2 0 2.2-3 4.2-2 .8-4.6-1.4-1.4-1.4Z"


@dataclass(frozen=True, slots=True)
class AttendeeLine:
    """A line from where somebody starts, as far as that may be shown, to their place.

    Attributes
    ----------
    start, end
        The ends.
    colour
        As SVG writes it; one for each place.
    """

    start: Point
    end: Point
    color: str


def listing_svg(
    listing: Listing,
    ground: Backdrop | None = None,
    *,
    numbered: int = MOST_PLACES,
    attendee_lines: Sequence[AttendeeLine] = (),
) -> str:
    """Return the map of a listing.

    Parameters
    ----------
    ground
        What is drawn below; nothing if None.
    numbered
        So many places have a pin with their number, from 1 as in tables; the others are dots.
    attendee_lines
        Lines to draw below the pins.
    """
    frame = listing_frame(listing, [line.start for line in attendee_lines])
    ground = ground or Backdrop()
    table = LabelGrid()
    starts = [*_starts(frame, listing, table)]
    pins = [*_pins(frame, listing, table, numbered)]
    size = f'width="{MAP_WIDTH}" height="{MAP_HEIGHT}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {MAP_WIDTH} {HEIGHT}" role="img"'
        f' font-family="system-ui, sans-serif"><title>{_text(listing.title)}</title>'
    )
    parts = [
        head,
        f'<svg {size} viewBox="0 0 {MAP_WIDTH} {MAP_HEIGHT}"><rect {size} fill="#f6f4ef"/>',
        *_ground(frame, ground),
        *_areas(frame, listing),
        *_attendee_lines(frame, attendee_lines),
        *_labels(frame, ground, table),
        *pins,
        *starts,
        _scale(frame, listing),
        _north(),
        "</svg>",
        *_legend(listing),
        _credit(listing),
        "</svg>",
    ]
    return "\n".join(parts)


def _ground(frame: Frame, ground: Backdrop) -> Iterator[str]:
    for shape in ground.water:
        yield f'<path d="{_area_path(frame, shape)}" fill="#a9cfe0" fill-rule="evenodd"/>'
    for rank, lines in reversed(ground.roads):
        color, width = _ROADS[min(rank, len(_ROADS) - 1)]
        path = "".join(_line_path(frame, line) for line in lines)
        if path:
            yield (
                f'<path d="{path}" fill="none" stroke="{color}" stroke-width="{width}"'
                ' stroke-linecap="round" stroke-linejoin="round"/>'
            )


def _areas(frame: Frame, listing: Listing) -> Iterator[str]:
    for color, area in zip(_colors(listing), listing.areas, strict=True):
        yield (
            f'<path d="{_area_path(frame, area.shape)}" fill="{color}" fill-opacity="0.22"'
            f' fill-rule="evenodd" stroke="{color}" stroke-width="1.5" stroke-linejoin="round"/>'
        )


def _attendee_lines(frame: Frame, attendee_lines: Sequence[AttendeeLine]) -> Iterator[str]:
    for one in attendee_lines:
        x, y = frame.pixel(one.start)
        to_x, to_y = frame.pixel(one.end)
        yield (
            f'<path d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" stroke="{one.color}"'
            ' stroke-width="1.3" stroke-opacity="0.7"/>'
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{one.color}"/>'
        )


def _colors(listing: Listing) -> list[str]:
    """Return a colour for each area; the smallest always has the first one."""
    count = len(listing.areas)
    return [BAND_COLORS[(count - 1 - i) % len(BAND_COLORS)] for i in range(count)]


def _labels(frame: Frame, ground: Backdrop, table: LabelGrid) -> Iterator[str]:
    for name in ground.names:
        text = strip_controls(name.text, longest=28)
        half = 3.6 * len(text) + 3
        x, y = frame.pixel(name.point)
        for below in (4, 24, -30):
            at = y + below
            if table.put_if_free((x - half, at - 12, x + half, at + 4)):
                yield _label(x, at, text, size=12, color="#3d4852")
                break


def _pins(frame: Frame, listing: Listing, table: LabelGrid, numbered: int) -> Iterator[str]:
    """Draw the places as dots, the first ones with a numbered pin, moved aside where it is full."""
    dots, pins = [], []
    for number, entry in enumerate(listing.entries[:MOST_PLACES], start=1):
        x, y = frame.pixel(entry.place.point)
        color = get_kind(entry.place.kind).color
        dots.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{color}" stroke="#fff"'
            ' stroke-width="1.2"/>'
        )
        if number > numbered:
            continue
        for px, py in spiral(x, y, step=12, rounds=9):
            if table.put_if_free((px - 10, py - 29, px + 10, py)):
                leader = f"M{x:.1f} {y:.1f}L{px:.1f} {py:.1f}"
                dots.append(f'<path d="{leader}" stroke="{color}" stroke-width="1.2"/>')
                pins.append(_pin(px, py, color, number))
                break
    yield from dots
    yield from reversed(pins)


def _pin(x: float, y: float, color: str, number: int) -> str:
    return (
        f'<g transform="translate({x:.1f} {y:.1f})"><path d="{_PIN}" fill="{color}"'
        ' stroke="#fff" stroke-width="1.5"/><text y="-14" font-size="11" font-weight="700"'
        f' fill="#fff" text-anchor="middle">{number}</text></g>'
    )


def _starts(frame: Frame, listing: Listing, table: LabelGrid) -> Iterator[str]:
    several = len(listing.starts) > 1
    for start in listing.starts:
        if start.point is None:
            continue
        x, y = frame.pixel(start.point)
        table.put((x - 9, y - 9, x + 9, y + 9))
        yield (
            f'<g transform="translate({x:.1f} {y:.1f})"><circle r="8" fill="#1b2430" stroke="#fff"'
            f' stroke-width="2.5"/><path d="{_STAR}" fill="#fff"/></g>'
        )
        if several:
            text = strip_controls(start.label, longest=24)
            half = 3.4 * len(text) + 2
            table.put((x - half, y + 10, x + half, y + 25))
            yield _label(x, y + 21, text, size=11, color="#1b2430")


def _label(x: float, y: float, text: str, *, size: int, color: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="600" fill="{color}"'
        ' text-anchor="middle" stroke="#fff" stroke-width="3" paint-order="stroke"'
        f' unicode-bidi="isolate">{_text(text)}</text>'
    )


def _legend(listing: Listing) -> Iterator[str]:
    x, y = 2.0, MAP_HEIGHT + 7
    for color, area in reversed(list(zip(_colors(listing), listing.areas, strict=True))):
        text = strip_controls(area.label, longest=30)
        yield f'<rect x="{x:.0f}" y="{y}" width="12" height="12" rx="3" fill="{color}"/>'
        yield (
            f'<text x="{x + 17:.0f}" y="{y + 10}" font-size="11" fill="#1b2430">'
            f"{_text(text)}</text>"
        )
        x += 32 + 6.2 * len(text)


def _scale(frame: Frame, listing: Listing) -> str:
    """Draw a scale bar of a round number of the reader's units, at least 60 pixels long."""
    unit_m = listing.measures.unit_m
    units = next(
        value * 10.0**power
        for power in range(-3, 6)
        for value in (1, 2, 5)
        if value * 10.0**power * unit_m * frame.pixels_per_m >= 60
    )
    right, y = MAP_WIDTH - 16, MAP_HEIGHT - 14
    left = right - units * unit_m * frame.pixels_per_m
    text = f"{units:g} {listing.measures.unit}"
    return (
        f'<path d="M{left:.1f} {y - 5}v5H{right}v-5" fill="none" stroke="#1b2430"'
        ' stroke-width="1.5"/>' + _label((left + right) / 2, y - 5, text, size=11, color="#1b2430")
    )


def _north() -> str:
    return (
        f'<g transform="translate({MAP_WIDTH - 26} 26)">'
        '<circle r="15" fill="#fff" fill-opacity="0.92"/>'
        '<path d="M0-11 4 0H-4Z" fill="#c0392b"/><text y="11" font-size="10" font-weight="700"'
        f' fill="#1b2430" text-anchor="middle">{exports.NORTH}</text></g>'
    )


def _credit(listing: Listing) -> str:
    return (
        f'<text x="{MAP_WIDTH - 2}" y="{HEIGHT - 7}" font-size="10" fill="#55606b"'
        f' text-anchor="end">{_text(listing.source.line)}</text>'
    )


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
    return escape(strip_controls(text))
