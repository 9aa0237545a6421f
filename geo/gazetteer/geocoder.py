"""The gazetteer as a geocoder of geopy; it never goes online."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geopy.geocoders.base import DEFAULT_SENTINEL, Geocoder
from geopy.location import Location

from geo.coordinates import parse_coordinates
from geo.gazetteer.address import PostalAddress
from geo.gazetteer.gazetteer import Gazetteer
from geo.gazetteer.model import Match

_STRUCTURED = ("street", "city", "county", "state", "postalcode", "country")


class GazetteerGeocoder(Geocoder):  # type: ignore[misc]  # geopy has no types
    """Geocodes from a region's own names and addresses."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        super().__init__()
        self._gazetteer = gazetteer

    def geocode(
        self,
        query: str | Mapping[str, str],
        *,
        exactly_one: bool = True,
        timeout: Any = DEFAULT_SENTINEL,  # noqa: ARG002 - part of geopy's promise; nothing waits
        limit: int | None = None,
    ) -> Location | list[Location] | None:
        """Return where a name or an address is; None where nothing fits.

        The query is a text, or its parts as Nominatim names them (``street``, ``city``...).
        """
        address: str | PostalAddress
        if isinstance(query, str):
            address = query
        else:
            address = PostalAddress(*(query.get(name) or "" for name in _STRUCTURED))
        if exactly_one or isinstance(address, PostalAddress):
            match = self._gazetteer.geocode(address).match
            found = [match] if match else []
        else:
            found = self._gazetteer.search(address, limit=limit or 8)
        return _answer(found, exactly_one=exactly_one)

    def reverse(
        self,
        query: Any,
        *,
        exactly_one: bool = True,
        timeout: Any = DEFAULT_SENTINEL,  # noqa: ARG002 - part of geopy's promise; nothing waits
    ) -> Location | list[Location] | None:
        """Return the address at a position, or else its settlement; None where nothing is near.

        The query is ``(lat, lon)``, a text of both, or a point of geopy.

        Raises
        ------
        ValueError
            The query is no position.
        """
        given = self._coerce_point_to_string(query, "%(lat)s,%(lon)s")
        point = parse_coordinates(given)
        if point is None:
            raise ValueError(f"{given!r} is no position; give it as 'lat,lon'.")
        found = [
            match
            for match in (
                self._gazetteer.nearest_address(point),
                self._gazetteer.nearest_settlement(point),
            )
            if match is not None
        ]
        return _answer(found, exactly_one=exactly_one)


def _answer(found: list[Match], *, exactly_one: bool) -> Location | list[Location] | None:
    locations = [_location(match) for match in found]
    if not locations:
        return None
    return locations[0] if exactly_one else locations


def _location(match: Match) -> Location:
    raw = {
        "kind": match.kind,
        "name": match.name,
        "settlement": match.settlement,
        "osm_id": match.osm_id,
        "unmatched": list(match.unmatched),
    }
    return Location(match.label, (match.point.lat, match.point.lon), raw)
