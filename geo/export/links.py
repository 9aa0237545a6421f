"""Links to other maps. They carry the destination alone, never where somebody starts."""

from __future__ import annotations

import re
from urllib.parse import quote

from geo.export.text import plain
from geo.model import Place

_TYPES = {"n": "node", "w": "way", "r": "relation"}
_OSM_ID = re.compile(r"[nwr]\d+")
_LONGEST_LABEL = 80


def osm_path(osm_id: str) -> str | None:
    """Return an id as OpenStreetMap's pages write it; None where the place is not from there.

    Examples
    --------
    >>> osm_path("n123")
    'node/123'
    """
    return f"{_TYPES[osm_id[0]]}/{osm_id[1:]}" if _OSM_ID.fullmatch(osm_id) else None


def map_links(place: Place) -> dict[str, str]:
    """Return links that show the place or the way to it, by the service's name.

    The forms are those documented by each service: Google Maps URLs, Apple Map Links, Waze deep
    links, and RFC 5870 for ``geo:`` with the ``q`` that Android understands. A place that is not
    from OpenStreetMap is shown there by its position.
    """
    lat, lon = f"{place.point.lat:.6f}", f"{place.point.lon:.6f}"
    lat_lon = f"{lat},{lon}"
    destination = quote(lat_lon, safe="")
    label = quote(plain(place.name or place.kind, longest=_LONGEST_LABEL), safe="")
    path = osm_path(place.osm_id) or f"?mlat={lat}&mlon={lon}#map=18/{lat}/{lon}"
    return {
        "osm": f"https://www.openstreetmap.org/{path}",
        "google": f"https://www.google.com/maps/dir/?api=1&destination={destination}",
        "apple": f"https://maps.apple.com/?daddr={destination}",
        "waze": f"https://waze.com/ul?ll={destination}&navigate=yes",
        "geo": f"geo:{lat_lon}?q={lat_lon}({label})",
    }


def edit_link(place: Place) -> str | None:
    """Return the link that opens the place in OpenStreetMap's editor, to mend what is wrong."""
    path = osm_path(place.osm_id)
    if path is None:
        return None
    kind, number = path.split("/")
    return f"https://www.openstreetmap.org/edit?{kind}={number}"
