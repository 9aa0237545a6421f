"""A listing as KML 2.2 (OGC 07-147r2), for Google Earth, Google My Maps and Organic Maps."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geo.export.links import map_links
from geo.export.listing import Area, Entry, Listing, Start
from geo.export.text import plain
from geo.model import Point

_NAMESPACE = "http://www.opengis.net/kml/2.2"


def listing_kml(listing: Listing) -> str:
    """Return the listing as KML: one placemark for each place, start and area."""
    root = ET.Element("kml", xmlns=_NAMESPACE)
    document = ET.SubElement(root, "Document")
    _text(document, "name", listing.title)
    _text(document, "description", " ".join([*listing.notes, listing.source.line]))
    for area in listing.areas:
        _add_area(document, area)
    for start in listing.starts:
        if start.point:
            _add_start(document, start, start.point)
    for entry in listing.entries:
        _add_entry(document, listing, entry)
    ET.indent(root, " ")
    return ET.tostring(root, encoding="unicode", xml_declaration=False).join(
        ['<?xml version="1.0" encoding="UTF-8"?>\n', "\n"]
    )


def _add_entry(document: ET.Element, listing: Listing, entry: Entry) -> None:
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


def _add_start(document: ET.Element, start: Start, point: Point) -> None:
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


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = plain(text)
