"""What all exports have in common: a list of places with columns, starting points and areas.

A result (what is near, where to meet) becomes a `Listing` once; each format renders a listing. So a
new result needs one function and a new format one module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from shapely.geometry.base import BaseGeometry

from geo.model import Place, Point
from geo.places import get_kind
from geo.region import Manifest
from geo.texts import exports
from geo.units import Measures, day, drive

Quantity = Literal["text", "degrees", "minutes", "km", "kind", "open"]


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose data an export holds, and of when; every format says so.

    Attributes
    ----------
    attribution, licence
        As OpenStreetMap asks for them (https://www.openstreetmap.org/copyright).
    osm_timestamp
        When OpenStreetMap looked like this; None where the extract does not say.
    fictional
        Whether it is the invented sample county, and not OpenStreetMap's.
    refreshed_at
        When it looked as the places do, where all of them were refreshed since; else None.
    """

    attribution: str
    licence: str
    osm_timestamp: datetime | None
    fictional: bool = False
    refreshed_at: datetime | None = None

    @classmethod
    def of(cls, manifest: Manifest) -> Attribution:
        """Return the source of a region."""
        return cls(
            manifest.attribution,
            manifest.licence,
            manifest.osm_timestamp,
            manifest.fictional,
            manifest.refreshed_at,
        )

    @property
    def line(self) -> str:
        """The source in one line."""
        if self.fictional:
            return self.attribution
        return ", ".join(filter(None, (self.attribution, "ODbL 1.0", self.age)))

    @property
    def age(self) -> str:
        """Of when the data are; empty where that is not known."""
        known = [day(self.osm_timestamp)] if self.osm_timestamp else []
        if self.refreshed_at:
            known.append(f"places of {day(self.refreshed_at)}")
        return ", ".join(known)

    def values(self) -> dict[str, Any]:
        """Return the source as JSON values."""
        stamp = self.osm_timestamp.isoformat() if self.osm_timestamp else None
        return {
            "attribution": self.attribution,
            "licence": self.licence,
            "osm_timestamp": stamp,
            "places_timestamp": self.refreshed_at.isoformat() if self.refreshed_at else stamp,
        }


@dataclass(frozen=True, slots=True)
class StartLabel:
    """What an export may say of where somebody starts.

    Attributes
    ----------
    label
        A name; of the person, or of the settlement that stands for the home.
    point
        The position to show: the home only if its owner chose that, else its settlement's; None
        shows none.
    address
        What was found for what was typed; empty where nothing was.
    unmatched
        The words of that address which it does not account for.
    """

    label: str = exports.START
    point: Point | None = None
    address: str = ""
    unmatched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a listing.

    Attributes
    ----------
    name
        What machine-readable tables call it.
    title
        What people read.
    quantity
        How its cells are shown.
    key, index
        Where the cell lies: ``values[key]``, or ``values[key][index]``.
    shown
        Whether a table for people has it.
    short
        What a narrow table calls it; the name if empty.
    """

    name: str
    title: str
    quantity: Quantity
    key: str
    index: int | None = None
    shown: bool = True
    short: str = ""

    @classmethod
    def simple(cls, key: str, quantity: Quantity, *, shown: bool = True) -> Column:
        """Return the column of a value that is no list."""
        return cls(key, exports.TITLES[key], quantity, key, None, shown, exports.SHORT_TITLES[key])


@dataclass(frozen=True, slots=True)
class ListingRow:
    """One place of a listing.

    Attributes
    ----------
    place
        The place.
    values
        Its JSON values; the command line's contract names them.
    """

    place: Place
    values: Mapping[str, Any]

    def cell(self, column: Column) -> Any:
        """Return the value of a column; None where there is none."""
        value = self.values.get(column.key)
        return value if column.index is None or value is None else value[column.index]


@dataclass(frozen=True, slots=True)
class Area:
    """A shape to draw below the places, as an isochrone.

    Attributes
    ----------
    label
        What people read.
    minutes
        Its cutoff.
    shape
        In degrees.
    """

    label: str
    minutes: float
    shape: BaseGeometry


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of places, ready for every format.

    Attributes
    ----------
    title
        The heading.
    summary
        JSON values of the whole, as ``{"region": "andorra"}``.
    source
        Whose data.
    starts
        Where people start, as far as may be said.
    columns
        The columns of its tables.
    entries
        The places, best first.
    areas
        The largest first.
    notes
        Sentences to stand below the title.
    measures
        How the reader measures; machine-readable formats stay metric.
    """

    title: str
    summary: Mapping[str, Any]
    source: Attribution
    starts: tuple[StartLabel, ...]
    columns: tuple[Column, ...]
    entries: tuple[ListingRow, ...]
    areas: tuple[Area, ...] = ()
    notes: tuple[str, ...] = ()
    measures: Measures = field(default_factory=Measures)

    def shown(self, entry: ListingRow, column: Column) -> str:
        """Return a cell as people read it; empty where there is none."""
        value = entry.cell(column)
        if value is None:
            return ""
        match column.quantity:
            case "minutes":
                return drive(value * 60)
            case "km":
                return self.measures.distance(value * 1000)
            case "kind":
                return get_kind(value).label
            case "open":
                return exports.OPEN_STATES[value]
            case _:
                return str(value)

    def brief(self, entry: ListingRow, column: Column) -> str:
        """Return a cell for a narrow table: numbers with one decimal and no unit."""
        value = entry.cell(column)
        if column.quantity == "km" and value is not None:
            value = value * 1000 / self.measures.unit_m
        if column.quantity in {"minutes", "km"}:
            return "–" if value is None else f"{value:.1f}"
        return self.shown(entry, column)

    def facts(self, entry: ListingRow) -> list[str]:
        """Return what is known of a place beside its name, as "Drive: 12 min"."""
        return [
            f"{column.title}: {text}"
            for column in self.columns
            if column.shown and column.key != "name" and (text := self.shown(entry, column))
        ]


def place_columns() -> tuple[tuple[Column, ...], Column]:
    """Return the columns that every list of places begins with, and the one that it ends with."""
    first = (
        Column.simple("osm_id", "text", shown=False),
        Column.simple("name", "text"),
        Column.simple("kind", "kind"),
        Column.simple("lat", "degrees", shown=False),
        Column.simple("lon", "degrees", shown=False),
    )
    return first, Column.simple("open", "open")
