"""Every format that a listing can be saved in, for download buttons and packs of files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from geo.export.geo_formats import listing_geojson_text, listing_gpx, listing_json, listing_kml
from geo.export.html import listing_html
from geo.export.listing import Listing
from geo.export.svg_map import Backdrop
from geo.export.tables import listing_csv, listing_xlsx


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """What some formats can show beside the listing.

    Attributes
    ----------
    link
        Opens the search in the app.
    ground
        What a printed map shows below the places.
    """

    link: str | None = None
    ground: Backdrop | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Attributes
    ----------
    key
        Its name in code, and the ending of its files.
    label
        Its name on screen.
    media_type
        As registered with IANA.
    write
        Renders a listing.
    """

    key: str
    label: str
    media_type: str
    write: Callable[[Listing, RenderOptions], str | bytes]

    def render(self, listing: Listing, extras: RenderOptions | None = None) -> bytes:
        """Return a file's content."""
        content = self.write(listing, extras or RenderOptions())
        return content.encode("utf-8", "replace") if isinstance(content, str) else content


def _xlsx(listing: Listing, _: RenderOptions) -> bytes:
    return listing_xlsx(listing, made_at=datetime.now(UTC))


def _html(listing: Listing, extras: RenderOptions) -> str:
    return listing_html(listing, ground=extras.ground, link=extras.link)


def _csv(listing: Listing, _: RenderOptions) -> str:
    return "\ufeff" + listing_csv(listing)  # the mark by which spreadsheets know UTF-8


_ALL = (
    Format("html", "Page to print", "text/html", _html),
    Format(
        "xlsx",
        "Excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _xlsx,
    ),
    Format("csv", "CSV", "text/csv", _csv),
    Format("geojson", "GeoJSON", "application/geo+json", lambda one, _: listing_geojson_text(one)),
    Format("kml", "KML", "application/vnd.google-earth.kml+xml", lambda one, _: listing_kml(one)),
    Format("gpx", "GPX", "application/gpx+xml", lambda one, _: listing_gpx(one)),
    Format("json", "JSON", "application/json", lambda one, _: listing_json(one)),
)

FORMATS = MappingProxyType({one.key: one for one in _ALL})
"""Every format by its key."""
