"""A listing as JSON, GeoJSON, KML and GPX.

The fields of JSON and GeoJSON are part of the command line's contract. KML is 2.2 (OGC 07-147r2),
for Google Earth, Google My Maps and Organic Maps; GPX is 1.1
(https://www.topografix.com/GPX/1/1/), for satnavs and hiking apps.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree as ET

from shapely.geometry import MultiPolygon, Polygon, mapping
from shapely.geometry.base import BaseGeometry

from geo.export.links import map_links
from geo.export.listing import Area, Listing, ListingRow, StartLabel
from geo.model import Point
from geo.text import strip_controls
from geo.texts import exports

_NAMESPACE = "http://www.topografix.com/GPX/1/1"


def listing_gpx(listing: Listing) -> str:
    """Return the listing as GPX: one waypoint for each place; the format has no areas."""
    root = ET.Element("gpx", xmlns=_NAMESPACE, version="1.1", creator=exports.PRODUCT)
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
    copyright_ = ET.SubElement(
        metadata, "copyright", author=strip_controls(listing.source.attribution)
    )
    if listing.source.osm_timestamp:
        _text(copyright_, "year", str(listing.source.osm_timestamp.year))
    _text(copyright_, "license", "https://opendatacommons.org/licenses/odbl/")


def _add_entry(root: ET.Element, listing: Listing, entry: ListingRow) -> None:
    point = _waypoint(root, entry.place.point.lat, entry.place.point.lon)
    _text(point, "name", str(entry.values["name"]))
    _text(point, "desc", " · ".join(listing.facts(entry)))
    ET.SubElement(point, "link", href=map_links(entry.place)["osm"])
    _text(point, "type", entry.place.kind)


def _waypoint(root: ET.Element, lat: float, lon: float) -> ET.Element:
    return ET.SubElement(root, "wpt", lat=f"{lat:.6f}", lon=f"{lon:.6f}")


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = strip_controls(text)


_KML = "http://www.opengis.net/kml/2.2"


def listing_kml(listing: Listing) -> str:
    """Return the listing as KML: one placemark for each place, start and area."""
    root = ET.Element("kml", xmlns=_KML)
    document = ET.SubElement(root, "Document")
    _text(document, "name", listing.title)
    _text(document, "description", " ".join([*listing.notes, listing.source.line]))
    for area in listing.areas:
        _add_area(document, area)
    for start in listing.starts:
        if start.point:
            _add_start(document, start, start.point)
    for entry in listing.entries:
        _kml_add_entry(document, listing, entry)
    ET.indent(root, " ")
    return ET.tostring(root, encoding="unicode", xml_declaration=False).join(
        ['<?xml version="1.0" encoding="UTF-8"?>\n', "\n"]
    )


def _kml_add_entry(document: ET.Element, listing: Listing, entry: ListingRow) -> None:
    mark = ET.SubElement(document, "Placemark")
    _text(mark, "name", str(entry.values["name"]))
    links = map_links(entry.place)
    _text(mark, "description", " · ".join([*listing.facts(entry), links["osm"]]))
    extended = ET.SubElement(mark, "ExtendedData")
    for column in listing.columns:
        value = entry.cell(column)
        if value is not None and column.name not in {"name", "lat", "lon"}:
            data = ET.SubElement(extended, "Data", name=column.name)
            _text(data, "displayName", column.title)
            _text(data, "value", str(value))
    _point(mark, entry.place.point)


def _add_start(document: ET.Element, start: StartLabel, point: Point) -> None:
    mark = ET.SubElement(document, "Placemark")
    _text(mark, "name", start.label)
    _point(mark, point)


def _add_area(document: ET.Element, area: Area) -> None:
    mark = ET.SubElement(document, "Placemark")
    _text(mark, "name", area.label)
    style = ET.SubElement(mark, "Style")
    _text(ET.SubElement(style, "LineStyle"), "color", "ff9e7f2a")  # aabbggrr
    _text(ET.SubElement(style, "PolyStyle"), "color", "339e7f2a")
    shapes = ET.SubElement(mark, "MultiGeometry")
    for polygon in polygons(area.shape):
        shape = ET.SubElement(shapes, "Polygon")
        _ring(shape, "outerBoundaryIs", polygon.exterior.coords)
        for hole in polygon.interiors:
            _ring(shape, "innerBoundaryIs", hole.coords)


def polygons(shape: BaseGeometry) -> list[Polygon]:
    """Return the polygons of a shape; none where it has no area."""
    if isinstance(shape, Polygon):
        return [] if shape.is_empty else [shape]
    return list(shape.geoms) if isinstance(shape, MultiPolygon) else []


def _ring(parent: ET.Element, name: str, coordinates: Iterable[tuple[float, ...]]) -> None:
    ring = ET.SubElement(ET.SubElement(parent, name), "LinearRing")
    _text(ring, "coordinates", " ".join(f"{lon:.6f},{lat:.6f}" for lon, lat, *_ in coordinates))


def _point(parent: ET.Element, point: Point) -> None:
    _text(ET.SubElement(parent, "Point"), "coordinates", f"{point.lon:.6f},{point.lat:.6f}")


_POSITION = ("lat", "lon")


def listing_values(listing: Listing) -> dict[str, Any]:
    """Return the listing as JSON values."""
    return {
        **listing.summary,
        **listing.source.values(),
        "places": [_row_values(entry) for entry in listing.entries],
    }


def listing_geojson(listing: Listing) -> dict[str, Any]:
    """Return the listing as a GeoJSON FeatureCollection (RFC 7946): areas, then points."""
    places = [
        {
            "type": "Feature",
            "id": entry.place.osm_id,
            "geometry": {
                "type": "Point",
                "coordinates": [entry.place.point.lon, entry.place.point.lat],
            },
            "properties": {
                key: value for key, value in _row_values(entry).items() if key not in _POSITION
            },
        }
        for entry in listing.entries
    ]
    areas = [area_feature(area) for area in listing.areas]
    return {
        "type": "FeatureCollection",
        **listing.source.values(),
        "features": [*areas, *places],
    }


def _row_values(entry: ListingRow) -> dict[str, Any]:
    return {**entry.values, "links": map_links(entry.place)}


def area_feature(area: Area) -> dict[str, Any]:
    """Return an area as a GeoJSON Feature with ``minutes`` in its properties."""
    minutes = int(area.minutes) if area.minutes == int(area.minutes) else area.minutes
    return {
        "type": "Feature",
        "properties": {"minutes": minutes},
        "geometry": mapping(area.shape),
    }


def listing_json(listing: Listing) -> str:
    """Return the listing as JSON text for people: indented."""
    return json.dumps(listing_values(listing), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def listing_geojson_text(listing: Listing) -> str:
    """Return the listing as GeoJSON text."""
    return json.dumps(listing_geojson(listing), ensure_ascii=False, allow_nan=False) + "\n"
