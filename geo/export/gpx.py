"""A listing as GPX 1.1 (https://www.topografix.com/GPX/1/1/), for satnavs and hiking apps."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from geo.export import words
from geo.export.links import map_links
from geo.export.listing import Entry, Listing
from geo.export.text import plain

_NAMESPACE = "http://www.topografix.com/GPX/1/1"


def listing_gpx(listing: Listing) -> str:
    """Return the listing as GPX: one waypoint for each place; the format has no areas."""
    root = ET.Element("gpx", xmlns=_NAMESPACE, version="1.1", creator=words.PRODUCT)
    _add_metadata(root, listing)
    for start in listing.starts:
        if start.point:
            point = _waypoint(root, start.point.lat, start.point.lon)
            _text(point, "name", start.label)
    for entry in listing.entries:
        _add_entry(root, listing, entry)
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _add_metadata(root: ET.Element, listing: Listing) -> None:
    metadata = ET.SubElement(root, "metadata")
    _text(metadata, "name", listing.title)
    _text(metadata, "desc", " ".join([*listing.notes, listing.source.line]))
    copyright_ = ET.SubElement(metadata, "copyright", author=plain(listing.source.attribution))
    if listing.source.osm_timestamp:
        _text(copyright_, "year", str(listing.source.osm_timestamp.year))
    _text(copyright_, "license", "https://opendatacommons.org/licenses/odbl/")


def _add_entry(root: ET.Element, listing: Listing, entry: Entry) -> None:
    point = _waypoint(root, entry.place.point.lat, entry.place.point.lon)
    _text(point, "name", str(entry.values["name"]))
    _text(point, "desc", " · ".join(listing.facts(entry)))
    ET.SubElement(point, "link", href=map_links(entry.place)["osm"])
    _text(point, "type", entry.place.kind)


def _waypoint(root: ET.Element, lat: float, lon: float) -> ET.Element:
    return ET.SubElement(root, "wpt", lat=f"{lat:.6f}", lon=f"{lon:.6f}")


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = plain(text)
