"""What a gazetteer is made of, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from geo.model import Point
from geo.tables import read_table


@dataclass(frozen=True, slots=True)
class NameKind:
    """A kind of name, a row of ``[names]`` in ``data/kinds.toml``.

    Attributes
    ----------
    importance
        0..1; what goes first among equally good matches.
    influence
        How far a settlement's name reaches against a village's; None for what is no settlement.
    twin_m
        Two of one name and kind closer than this are one thing, drawn twice.
    """

    key: str
    label: str
    importance: float
    influence: float | None
    twin_m: float


@cache
def name_kinds() -> Mapping[str, NameKind]:
    """Return the kinds of names by their key."""
    rows = read_table("kinds")["names"]
    return MappingProxyType(
        {
            key: NameKind(
                key, row["label"], row["importance"], row.get("influence"), row.get("twin_m", 300.0)
            )
            for key, row in rows.items()
        }
    )


@dataclass(frozen=True, slots=True)
class House:
    """A house number of a street or settlement; ``lon`` and ``lat`` in degrees."""

    number: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Entry:
    """A name that can be found.

    Attributes
    ----------
    name
        As it is written on the map.
    kind
        A key of `name_kinds`.
    lon, lat
        Where it is, in degrees.
    settlement
        The settlement that it belongs to, which tells it from others of its name; None for none.
    other_names
        In other languages, old, short.
    words
        What else a person may add to be precise: postcodes, towns of its addresses.
    importance
        0..1.
    osm_id
        As ``"n123"``; None for what is made of many things, as a street.
    houses
        Its house numbers.
    territory
        The country and, where it is known, the state: ``"AD"``, ``"US-VT"``; empty if unknown.
    postal_towns
        Towns that the post may deliver to it by, though it does not lie in them.
    """

    name: str
    kind: str
    lon: float
    lat: float
    settlement: str | None
    importance: float
    other_names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    osm_id: str | None = None
    houses: tuple[House, ...] = ()
    territory: str = ""
    postal_towns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """An answer of the gazetteer.

    Attributes
    ----------
    label
        What to show, as "12 High Street, Oakham".
    kind
        A key of `name_kinds`, as "street", "address" or "coordinates".
    point
        Where it is.
    name
        The name alone.
    settlement
        The settlement that it belongs to; None for none.
    osm_id
        As ``"n123"``; None where it is not one thing on the map.
    unmatched
        The words of the text that the match does not account for; empty for a sure match.
    """

    label: str
    kind: str
    point: Point
    name: str
    settlement: str | None = None
    osm_id: str | None = None
    unmatched: tuple[str, ...] = ()
