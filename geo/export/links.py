"""Links to other maps, and links as QR codes (ISO/IEC 18004).

A link to a map carries the destination alone, never where somebody starts.
"""

from __future__ import annotations

import io
import re
from typing import Any
from urllib.parse import quote

from geo.errors import InputError
from geo.model import Place
from geo.text import strip_controls

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
    label = quote(strip_controls(place.name or place.kind, longest=_LONGEST_LABEL), safe="")
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


_BORDER = 4
"""Modules of quiet zone that the standard asks for."""


def qr_svg(link: str) -> str:
    """Return a link as an SVG picture to stand inside a page.

    Raises
    ------
    InputError
        The link is too long for any QR code.
    """
    return str(_make_qr(link).svg_inline(border=_BORDER, omitsize=True))


def qr_png(link: str, *, scale: int = 8) -> bytes:
    """Return a link as a PNG picture.

    Parameters
    ----------
    scale
        Pixels of one module.

    Raises
    ------
    InputError
        The link is too long for any QR code.
    """
    out = io.BytesIO()
    _make_qr(link).save(out, kind="png", scale=scale, border=_BORDER)
    return out.getvalue()


def _make_qr(link: str) -> Any:
    import segno

    try:
        return segno.make_qr(link, error="m", boost_error=False)
    except segno.DataOverflowError as error:
        raise InputError(
            f"a link of {len(link)} characters does not fit into a QR code; share it as text,"
            " or with fewer starting points."
        ) from error
