"""What the map shows: a scene that a page hands to it, with the bands as GeoJSON, and its events.

A scene is all that the browser needs and nothing else. Every pin has a twin in the list beside the
map, because both are one `Card`. Texts arrive finished: this module knows no locale.

Isochrones lie inside each other; tinted one over the other they would mix their colours. So each
band is cut to the ring that no smaller one covers. The map outlines the rings too: where two meet,
the smaller band is drawn last and its outline shows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import cycle
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import BadCoordinates
from geo.model import BBox, Point
from geo.palette import BAND_COLORS
from geo.texts import MapTexts

Tone = Literal["open", "closed", "unknown", ""]


@dataclass(frozen=True, slots=True)
class MapLink:
    """A link on a card; the browser follows only http, https, geo, mailto and tel."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Drive:
    """One person's drive on a card.

    Attributes
    ----------
    initials, color
        As on that person's marker.
    text
        As ``"24 min"``.
    title
        Who that is, for whoever hovers or listens.
    """

    initials: str
    color: str
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One result: a pin on the map and a card in the list.

    Attributes
    ----------
    id
        Any text that names it among its siblings, as an OpenStreetMap id.
    point
        Where the pin stands.
    label
        What is on the pin, as ``"1"``.
    color
        Of the pin; white text must be readable on it.
    title, kind
        Its name and what it is.
    headline, detail
        The drive in large, as ``"14 min"``, and in small, as ``"back 15 · 12 km"``.
    status, tone
        As ``"Open until 18:00"`` and ``"open"``.
    facts
        What is known, a few words each, as ``"Wi-Fi"``.
    drives
        Each person's drive, where several meet.
    notes
        Sentences that show when the card is open, as why it ranks where it does.
    links
        Shown when the card is open.
    """

    id: str
    point: Point
    label: str
    color: str
    title: str
    kind: str = ""
    headline: str = ""
    detail: str = ""
    status: str = ""
    tone: Tone = ""
    facts: Sequence[str] = ()
    drives: Sequence[Drive] = ()
    notes: Sequence[str] = ()
    links: Sequence[MapLink] = ()


@dataclass(frozen=True, slots=True)
class PersonMarker:
    """A round marker with initials; where it stands is as coarse as privacy asks."""

    point: Point
    initials: str
    color: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class AttendeeLines:
    """Straight lines from a meetup to those who come."""

    center: Point
    ends: Sequence[Point]
    color: str


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """What one band's colour means."""

    label: str
    color: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that one map shows.

    Attributes
    ----------
    region
        The box of the region.
    tiles
        Address of the basemap with ``{z}``, ``{x}`` and ``{y}``, below the app's own address
        (`geo.ui.web.routes.tiles_url`) or, where an operator set a remote one, with its scheme;
        without the three it is that of a MapLibre style. None for no basemap.
    attribution
        Always shown, as ``"© OpenStreetMap contributors"``.
    fit_id, fit
        The camera goes to the box ``fit`` when, and only when, ``fit_id`` differs from before;
        None is the whole region.
    origin
        The star; None for none.
    areas_url, legend
        Address of the bands (`geo.ui.web.tokens`), and what their colours mean.
    next_areas_url
        Where the bands will be that another start brings; None where it brings none.
    cards, selected
        The results, best first, and the id of the one that is open.
    people, attendee_lines
        Markers and lines.
    route
        The line to draw; None for none.
    heading, hint
        Above the list; without a list the hint stands on the map.
    lists
        Whether the list is shown.
    picks
        Whether the person can choose a point by click, long press, drag or Enter.
    locates
        Whether to offer the browser's own position.
    miles
        Of the scale.
    height_px
        Height on a wide screen; None fills the window.
    texts
        The component's own words.
    """

    region: BBox
    tiles: str | None = None
    attribution: str = "© OpenStreetMap contributors"
    fit_id: str = ""
    fit: BBox | None = None
    origin: Point | None = None
    areas_url: str | None = None
    next_areas_url: str | None = None
    legend: Sequence[LegendEntry] = ()
    cards: Sequence[Card] = ()
    selected: str | None = None
    people: Sequence[PersonMarker] = ()
    attendee_lines: Sequence[AttendeeLines] = ()
    route: Sequence[Point] | None = None
    heading: str = ""
    hint: str = ""
    lists: bool = True
    picks: bool = True
    locates: bool = False
    miles: bool = False
    height_px: int | None = None
    texts: MapTexts = field(default_factory=MapTexts)

    def to_json(self) -> dict[str, Any]:
        """Return the scene as the browser reads it: positions are ``[lon, lat]``."""
        return {
            "region": _box(self.region),
            "tiles": self.tiles,
            "attribution": self.attribution,
            "fit": {"id": self.fit_id, "box": _box(self.fit) if self.fit else None},
            "origin": _position(self.origin) if self.origin else None,
            "areas": {
                "url": self.areas_url,
                "next": self.next_areas_url,
                "legend": [asdict(entry) for entry in self.legend],
            },
            "cards": [_card(card) for card in self.cards],
            "selected": self.selected,
            "people": [_person(person) for person in self.people],
            "attendee_lines": [_attendee_lines_json(one) for one in self.attendee_lines],
            "route": [_position(point) for point in self.route] if self.route else None,
            "heading": self.heading,
            "hint": self.hint,
            "lists": self.lists,
            "picks": self.picks,
            "locates": self.locates,
            "units": "imperial" if self.miles else "metric",
            "height": self.height_px,
            "texts": asdict(self.texts),
        }


@dataclass(frozen=True, slots=True)
class MapEvent:
    """What the person did; each is reported once.

    Attributes
    ----------
    picked
        The point that was chosen or that the star was dragged to; None where it was not that.
    selected
        Id of the card that was opened; None where one was closed, or it was not that.
    """

    picked: Point | None = None
    selected: str | None = None

    @classmethod
    def from_json(cls, value: Any) -> MapEvent | None:
        """Read what the browser sent; None where it is nothing that the map sends."""
        match value:
            case {"type": "pick", "point": [int() | float() as lon, int() | float() as lat]}:
                try:
                    return cls(picked=Point(float(lon), float(lat)))
                except BadCoordinates:
                    return None
            case {"type": "select", "id": str() | None as chosen}:
                return cls(selected=chosen)
        return None


def _position(point: Point) -> list[float]:
    return [round(point.lon, 6), round(point.lat, 6)]


def _box(box: BBox) -> list[float]:
    return [box.west, box.south, box.east, box.north]


def _person(person: PersonMarker) -> dict[str, Any]:
    return {**asdict(person), "point": _position(person.point)}


def _card(card: Card) -> dict[str, Any]:
    """Return a card; written out, because there may be hundreds and `asdict` copies deeply."""
    return {
        "id": card.id,
        "point": _position(card.point),
        "label": card.label,
        "color": card.color,
        "title": card.title,
        "kind": card.kind,
        "headline": card.headline,
        "detail": card.detail,
        "status": {"text": card.status, "tone": card.tone},
        "facts": list(card.facts),
        "drives": [asdict(drive) for drive in card.drives],
        "notes": list(card.notes),
        "links": [[link.label, link.url] for link in card.links],
    }


def _attendee_lines_json(lines: AttendeeLines) -> dict[str, Any]:
    center = _position(lines.center)
    return {"color": lines.color, "lines": [[center, _position(end)] for end in lines.ends]}


_EMPTY_AREA = shapely.MultiPolygon()
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
    area: BaseGeometry = _EMPTY_AREA
    color: str | None = None


def legend(bands: Sequence[Band]) -> list[LegendEntry]:
    """Return what the colours mean, the smallest band first."""
    return [LegendEntry(band.label, color) for band, color in _with_colors(bands)]


def bands_geojson(bands: Sequence[Band], *, disjoint: bool = False) -> bytes:
    """Return the bands as a GeoJSON FeatureCollection in UTF-8.

    Parameters
    ----------
    bands
        The smallest first; each is tinted where no earlier one is.
    disjoint
        Whether no two of them overlap, so that nothing has to be cut.

    Returns
    -------
    bytes
        A feature with ``label`` and ``color`` for each band, the largest first, so that smaller
        ones are drawn over it. Nothing for an empty area.
    """
    features = ",".join(reversed([*_features(bands, disjoint)]))
    return f'{{"type":"FeatureCollection","features":[{features}]}}'.encode()


def _features(bands: Sequence[Band], disjoint: bool) -> Iterator[str]:
    covered: BaseGeometry = shapely.MultiPolygon()
    for band, color in _with_colors(bands):
        area = _simplify(band.area)
        ring = area if disjoint else shapely.difference(area, covered)
        if not disjoint and band is not bands[-1]:
            covered = shapely.union(covered, area)
        properties = json.dumps({"label": band.label, "color": color}, ensure_ascii=False)
        if not ring.is_empty:
            geometry = shapely.to_geojson(shapely.transform(ring, _round_corners))
            yield f'{{"type":"Feature","properties":{properties},"geometry":{geometry}}}'


def _simplify(area: BaseGeometry) -> BaseGeometry:
    """Return an area with no more corners than one can see.

    Its corners are not set on a grid: with a precision model GEOS takes twice the time for each
    difference and three times for the setting (measured: 25 ms for three bands, 9 ms without).
    """
    simple = shapely.simplify(area, _LEVEL_DEG, preserve_topology=False)
    # The quick way tears some outlines.
    if shapely.is_valid(simple):
        return simple
    return shapely.make_valid(simple, method="structure", keep_collapsed=False)


def _round_corners(corners: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.round(corners, _DIGITS)


def _with_colors(bands: Sequence[Band]) -> list[tuple[Band, str]]:
    palette = cycle(BAND_COLORS)
    return [(band, band.color or next(palette)) for band in bands]
