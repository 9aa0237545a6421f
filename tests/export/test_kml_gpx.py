"""KML and GPX, opened by GDAL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyogrio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from shapely import from_wkb

from geo.export.geo_formats import listing_gpx, listing_kml
from geo.export.listing import Listing
from geo.text import strip_controls

MakeListing = Callable[..., Listing]
KML = "{http://www.opengis.net/kml/2.2}"
GPX = "{http://www.topografix.com/GPX/1/1}"


def read(path: Path, text: str, layer: str | None = None) -> tuple[dict[str, Any], list[Any]]:
    path.write_text(text, "utf-8")
    meta, _, geometry, columns = pyogrio.raw.read(path, layer=layer)
    return dict(zip(meta["fields"], columns, strict=True)), [from_wkb(one) for one in geometry]


def test_gdal_reads_the_kml(near: MakeListing, tmp_path: Path, hostile: str) -> None:
    text = listing_kml(near(hostile, "B", areas=True))
    table, shapes = read(tmp_path / "x.kml", text)
    assert list(table["Name"]) == [
        "30 min",
        "15 min",
        "Andorra la Vella",
        strip_controls(hostile),
        "B",
    ]
    assert [one.geom_type for one in shapes[2:]] == ["Point"] * 3
    assert (shapes[4].x, shapes[4].y) == (1.522, 42.5)
    assert shapes[0].area > shapes[1].area > 0
    assert len(shapes[1].geoms[0].interiors) == 1


def test_kml_tells_the_drive_and_the_source(near: MakeListing) -> None:
    root = etree.fromstring(listing_kml(near("A", miles=True)).encode())
    assert "OpenStreetMap contributors, ODbL 1.0, Mon 1 Sep 2025" in root.findtext(
        f"{KML}Document/{KML}description"
    )
    mark = root.findall(f".//{KML}Placemark")[-1]
    description = mark.findtext(f"{KML}description")
    assert "Drive: 1 min · Drive back: 1 min · Distance: 0.6 mi · Open: open" in description
    data = {one.get("name"): one.findtext(f"{KML}value") for one in mark.iter(f"{KML}Data")}
    assert (data["osm_id"], data["minutes"], data["km"]) == ("n1", "1.0", "1.0")


def test_gdal_reads_the_gpx(near: MakeListing, tmp_path: Path, hostile: str) -> None:
    text = listing_gpx(near(hostile, "B", areas=True))
    table, shapes = read(tmp_path / "x.gpx", text, layer="waypoints")
    assert list(table["name"]) == ["Andorra la Vella", strip_controls(hostile), "B"]
    assert [(one.x, one.y) for one in shapes] == [(1.52, 42.5), (1.521, 42.5), (1.522, 42.5)]
    assert table["link1_href"][1] == "https://www.openstreetmap.org/node/1"


def test_gpx_names_the_licence_in_the_order_of_its_schema(near: MakeListing) -> None:
    root = etree.fromstring(listing_gpx(near("A")).encode())
    metadata = root.find(f"{GPX}metadata")
    assert [one.tag.removeprefix(GPX) for one in metadata] == ["name", "desc", "copyright"]
    copyright_ = metadata.find(f"{GPX}copyright")
    assert copyright_.get("author") == "© OpenStreetMap contributors"
    assert copyright_.findtext(f"{GPX}year") == "2025"
    waypoint = root.findall(f"{GPX}wpt")[-1]
    assert [one.tag.removeprefix(GPX) for one in waypoint] == ["name", "desc", "link", "type"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(min_size=1))
def test_every_name_comes_back(near: MakeListing, name: str) -> None:
    for text, mark, tag in (
        (listing_kml(near(name)), f"{KML}Placemark", f"{KML}name"),
        (listing_gpx(near(name)), f"{GPX}wpt", f"{GPX}name"),
    ):
        marks = etree.fromstring(text.encode()).iter(mark)
        assert [one.findtext(tag) for one in marks][-1] == strip_controls(name)
