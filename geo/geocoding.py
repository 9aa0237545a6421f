"""Where the rows of a table are: by position, address, town or postcode.

Homes are private, so no message holds a cell: it says what is wrong, and of an address that is
elsewhere the state or country.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from geo.coordinates import parse_coordinates
from geo.errors import BadCoordinates
from geo.gazetteer import Gazetteer, Geocoding, Match, PostalAddress, name_kinds
from geo.gazetteer.model import fold
from geo.model import BBox, Point
from geo.tabular import Row

LocationSource = Literal["position", "address", "town", "postcode"]
"""What it is known by where somebody is, the best first."""

ADDRESS = ("address", "address_2", "town", "county", "state", "postcode", "country")
"""The columns of an address, as a person reads it."""

_LOCATING_COLUMNS = frozenset({"address", "town", "postcode"})
"""Without any of these an address is too coarse to say where somebody lives."""

_AREA_KINDS = frozenset({"suburb", "neighbourhood", "parish", "region", "locality"})
"""Kinds of name that are areas and no settlements."""

_FEATURE_KINDS = frozenset({"place", "station", "park", "water", "peak"})
"""Kinds of name that nobody has as their whole address."""

_EMPTY_VALUES = frozenset({"", "-", "--", "–", "?", "n/a", "#n/a", "na", "none", "null", "nil"})
_SHORT_ZIP = re.compile(r"\d{3,4}(\.0+)?", re.ASCII)
"""A ZIP code of five digits that began with a zero, as a spreadsheet leaves it."""

_SWAPPED_SHARE = 0.5
"""Share of positions that must look swapped before the file is said to be."""


@dataclass(frozen=True, slots=True)
class RegionExtent:
    """What messages call the region a roster is read for, empty for "this region", and its box.

    By the box swapped positions are noticed; None for anywhere.
    """

    name: str = ""
    bbox: BBox | None = None

    @property
    def label(self) -> str:
        """The region in a sentence."""
        return f"region {self.name}" if self.name else "this region"


@dataclass(frozen=True, slots=True)
class RowLocation:
    """Where a row says that somebody is, and what was found there; no label for a position.

    It is certain if all that was typed was found; not where an address's town alone is known.
    """

    point: Point
    source: LocationSource
    label: str = ""
    certain: bool = True


class OtherRegionError(ValueError):
    """A row is of a place outside of the region."""


class SwappedPositionError(ValueError):
    """The position of a row is in the region once its numbers are swapped."""


def has_location_columns(columns: Collection[str]) -> bool:
    """Return whether columns can say where people are; a state or country alone cannot."""
    return {"lat", "lon"} <= {*columns} or not _LOCATING_COLUMNS.isdisjoint(columns)


def has_position(row: Row) -> bool:
    """Return whether a row gives a position, right or wrong."""
    return bool(row.values.get("lat") or row.values.get("lon"))


class RowProblems:
    """Why rows of a file cannot be used, as sentences with their lines."""

    def __init__(self, file: str, region: RegionExtent) -> None:
        self.elsewhere = 0
        self._file = file
        self._region = region
        self._found: list[tuple[int, str]] = []
        self._swapped: list[int] = []

    def add(self, line: int, error: Exception | str) -> None:
        """Take note of a row that cannot be used."""
        self.elsewhere += isinstance(error, OtherRegionError)
        if isinstance(error, SwappedPositionError):
            self._swapped.append(line)
        else:
            self._found.append((line, str(error).rstrip(".")))

    def sentences(self, *, positions: int) -> list[str]:
        """Return the sentences; rows that are swapped alike are one.

        ``positions`` is how many rows of the file give a position.
        """
        swapped, found = self._swapped, self._found
        sentences_first = []
        if len(swapped) > 1 and len(swapped) > _SWAPPED_SHARE * positions:
            share = f"{len(swapped):,} of {positions:,} lines with a position"
            sentences_first.append(
                f"{self._file}: lat and lon look swapped on {share}: the other way round"
                f" they are in {self._region.label}; swap the names of the two columns."
            )
        else:
            found = [*found, *((line, "lat and lon look swapped") for line in swapped)]
        lines = (f"{self._file}, line {line}: {text}." for line, text in sorted(found))
        return [*sentences_first, *lines]


def row_point(row: Row, bbox: BBox | None = None) -> Point | None:
    """Return the position of a row; None where its cells are empty; ``bbox`` is the region's.

    Raises
    ------
    SwappedPositionError
        It is in the box the other way round, and not as it is.
    ValueError
        The cells are no position; the text holds no number, for it may be somebody's home.
    """
    lat, lon = row.values.get("lat", ""), row.values.get("lon", "")
    if not lat and not lon:
        return None
    try:
        numbers = row.number("lat"), row.number("lon")
    except (ValueError, KeyError):
        return _typed_point(lat, lon)
    point, other = _point(*numbers), _point(*reversed(numbers))
    is_inside = point is not None and bbox is not None and point in bbox
    if not is_inside and bbox is not None and other is not None and other in bbox:
        raise SwappedPositionError("lat and lon look swapped")
    if point is None:
        raise ValueError("lat and lon are not a position on Earth; check whether they are swapped")
    return point


def _point(lat: float, lon: float) -> Point | None:
    try:
        return Point(lon=lon, lat=lat)
    except BadCoordinates:
        return None


def _typed_point(lat: str, lon: str) -> Point:
    """Return the position of cells with degrees, as ``44°0'16" N``."""
    try:
        point = parse_coordinates(f"{lat}, {lon}" if lat and lon else lat or lon)
    except BadCoordinates:
        point = None
    if point is None:
        raise ValueError("lat or lon is not a number") from None
    return point


def row_location(
    row: Row, gazetteer: Gazetteer, region: RegionExtent = RegionExtent()
) -> RowLocation:
    """Return where a row is: its position, or what the gazetteer knows of its address.

    Raises
    ------
    OtherRegionError
        It is known to be elsewhere; the text says where, but repeats nothing that was typed.
    ValueError
        It says nothing, or nothing that the region knows.
    """
    point = row_point(row, region.bbox) or _pasted_point(row)
    if point is not None:
        return RowLocation(point, "position")
    address = row_address(row)
    if _LOCATING_COLUMNS.isdisjoint(address):
        raise ValueError("there is no position and no address, town or postcode")
    found = _find_address(address, gazetteer)
    match = found.match
    if match is None or found.elsewhere or _is_feature_without_town(match, address):
        raise _not_found_error(address, found.elsewhere, region)
    source = _source(match)
    is_coarse = bool(address.get("address")) and source in {"town", "postcode"}
    is_coarse = is_coarse or match.kind == "region"
    return RowLocation(match.point, source, match.label, not (match.unmatched or is_coarse))


def _pasted_point(row: Row) -> Point | None:
    """Return the position in an address cell, as a link of a map or degrees; None for none.

    Raises `ValueError` for one that holds none; the text does not repeat it, for it may be
    somebody's home.
    """
    try:
        return parse_coordinates(row.values.get("address", ""))
    except BadCoordinates:
        raise ValueError(
            "the address is a link or numbers without a position; enter it as lat,lon"
        ) from None


def _find_address(address: Mapping[str, str], gazetteer: Gazetteer) -> Geocoding:
    """Return what is known of an address; its second line may be the street, or the map lack it."""
    first = {name: text for name, text in address.items() if name != "address_2"}
    found = _geocode(first, gazetteer)
    if found.elsewhere or _is_exact(found.match):
        return found
    if second_line := address.get("address_2"):
        other = _geocode(first | {"address": second_line}, gazetteer)
        if other.match and (found.match is None or _is_exact(other.match)):
            return other
    without_street = {name: text for name, text in first.items() if name != "address"}
    if (
        found.match is None
        and "address" in first
        and not _LOCATING_COLUMNS.isdisjoint(without_street)
    ):
        return _geocode(without_street, gazetteer)
    return found


def row_address(row: Row) -> dict[str, str]:
    """Return the parts of a row's address that say something, by their columns."""
    parts = {name: row.values.get(name, "") for name in ADDRESS}
    return {name: text for name, text in parts.items() if text.casefold() not in _EMPTY_VALUES}


def _geocode(address: Mapping[str, str], gazetteer: Gazetteer) -> Geocoding:
    if set(address) == {"address"}:  # all of it in one cell
        return gazetteer.geocode(address["address"])
    return gazetteer.geocode(
        PostalAddress(
            street=address.get("address", ""),
            town=address.get("town", ""),
            county=address.get("county", ""),
            state=address.get("state", ""),
            postcode=address.get("postcode", ""),
            country=address.get("country", ""),
        )
    )


def _is_feature_without_town(match: Match, address: Mapping[str, str]) -> bool:
    """Whether a shop, lake or the like is found without a town that was typed too.

    Who gives "Barcelona" as their address does not live in a shop of that name.
    """
    if match.kind not in _FEATURE_KINDS or match.settlement is None:
        return False
    typed = {word for text in address.values() for word in fold(text).split()}
    named = {*fold(match.name).split()}
    return not {*fold(match.settlement).split()} <= typed - named and not address.get("postcode")


def _is_exact(match: Match | None) -> bool:
    return match is not None and not match.unmatched and _source(match) == "address"


def _source(match: Match) -> LocationSource:
    if match.kind in {"coordinates", "postcode"}:
        return "position" if match.kind == "coordinates" else "postcode"
    kind = name_kinds().get(match.kind)
    is_area = kind is not None and (kind.influence is not None or match.kind in _AREA_KINDS)
    return "town" if is_area else "address"


def _not_found_error(
    address: Mapping[str, str], elsewhere: str, region: RegionExtent
) -> ValueError:
    if elsewhere:
        place = elsewhere if _may_be_shown(elsewhere, address) else "another place"
        return OtherRegionError(f"the address is in {place}, not in {region.label}")
    hint = ""
    if _SHORT_ZIP.fullmatch(address.get("postcode", "")):
        hint = "; a ZIP code may have lost its leading zero"
    return ValueError(f"the address was not found in {region.label}{hint}")


def _may_be_shown(elsewhere: str, address: Mapping[str, str]) -> bool:
    """Return whether a name repeats neither street nor town, which are private."""
    private_words = " ".join(address.get(name, "") for name in ("address", "town"))
    return not set(fold(elsewhere).split()) & set(fold(private_words).split())
