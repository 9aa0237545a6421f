"""Links to other maps. They carry the destination alone, never where somebody starts."""

from __future__ import annotations

from urllib.parse import quote

from geo.model import Place

_TYPES = {"n": "node", "w": "way", "r": "relation"}


def osm_path(osm_id: str) -> str:
    """Return an id as OpenStreetMap's pages write it.

    Examples
    --------
    >>> osm_path("n123")
    'node/123'
    """
    return f"{_TYPES[osm_id[0]]}/{osm_id[1:]}"


def map_links(place: Place) -> dict[str, str]:
    """Return links that show the place or the way to it, by the service's name.

    The forms are those documented by each service: Google Maps URLs, Apple Map Links, Waze deep
    links, and RFC 5870 for ``geo:`` with the ``q`` that Android understands.
    """
    lat_lon = f"{place.point.lat:.6f},{place.point.lon:.6f}"
    label = quote(place.name or place.kind, safe="")
    return {
        "osm": f"https://www.openstreetmap.org/{osm_path(place.osm_id)}",
        "google": f"https://www.google.com/maps/dir/?api=1&destination={quote(lat_lon, safe='')}",
        "apple": f"https://maps.apple.com/?daddr={quote(lat_lon, safe='')}",
        "waze": f"https://waze.com/ul?ll={quote(lat_lon, safe='')}&navigate=yes",
        "geo": f"geo:{lat_lon}?q={lat_lon}({label})",
    }


def edit_link(place: Place) -> str:
    """Return the link that opens the place in OpenStreetMap's editor, to mend what is wrong."""
    kind, number = osm_path(place.osm_id).split("/")
    return f"https://www.openstreetmap.org/edit?{kind}={number}"
