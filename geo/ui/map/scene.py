"""What the map shows: the nouns that a page hands to it, and what comes back.

A scene is all that the browser needs and nothing else. Every pin has a twin in the list beside the
map, because both are one `Card`. Words arrive finished: this module knows no locale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from geo.errors import BadCoordinates
from geo.model import BBox, Point
from geo.ui.words.map import MapTexts

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
class Person:
    """A round marker with initials; where it stands is as coarse as privacy asks."""

    point: Point
    initials: str
    color: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Spider:
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
        (`geo.ui.tiles.tiles_url`) or, where an operator set a remote one, with its scheme; without
        the three it is that of a MapLibre style. None for no basemap.
    attribution
        Always shown, as ``"© OpenStreetMap contributors"``.
    fit_id, fit
        The camera goes to the box ``fit`` when, and only when, ``fit_id`` differs from before;
        None is the whole region.
    origin
        The star; None for none.
    areas_url, legend
        Address of the bands (`geo.ui.tokens`), and what their colours mean.
    next_areas_url
        Where the bands will be that another start brings; None where it brings none.
    cards, selected
        The results, best first, and the id of the one that is open.
    people, spiders
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
    people: Sequence[Person] = ()
    spiders: Sequence[Spider] = ()
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
            "spiders": [_spider(spider) for spider in self.spiders],
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


def _person(person: Person) -> dict[str, Any]:
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


def _spider(spider: Spider) -> dict[str, Any]:
    center = _position(spider.center)
    return {"color": spider.color, "lines": [[center, _position(end)] for end in spider.ends]}
