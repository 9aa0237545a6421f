"""Addresses that somebody typed, and what geocoding one of them gives."""

from __future__ import annotations

from dataclasses import dataclass

from geo.gazetteer.entry import Match


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """An address by its parts; a part that is not known is empty.

    Attributes
    ----------
    street
        House number and street in either order, with apartment or unit.
    state
        A state, province or canton, by name or code.
    country
        By name or code of ISO 3166-1.
    """

    street: str = ""
    town: str = ""
    county: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""

    def __bool__(self) -> bool:
        return any((self.street, self.town, self.county, self.state, self.postcode, self.country))


@dataclass(frozen=True, slots=True)
class Geocoding:
    """What is known of where an address is.

    Attributes
    ----------
    match
        None where the region has nothing that agrees with the address. ``match.unmatched`` holds
        the words that it does not account for, as a house number that the map lacks.
    elsewhere
        Where the address is, as "Ohio", if it is known to be outside the region; else empty.
    """

    match: Match | None
    elsewhere: str = ""
