"""Names and addresses to points, and back.

`geo.gazetteer.geocoder` makes a geopy geocoder of it; it stays out of here because geopy takes long
to import.
"""

from geo.gazetteer.address import PostalAddress
from geo.gazetteer.extent import Settlements
from geo.gazetteer.gazetteer import Gazetteer
from geo.gazetteer.model import Entry, Geocoding, House, Match, NameKind, name_kinds

__all__ = [
    "Entry",
    "Gazetteer",
    "Geocoding",
    "House",
    "Match",
    "NameKind",
    "PostalAddress",
    "Settlements",
    "name_kinds",
]
