"""The page to print: parsed as browsers parse, whole in itself, and safe."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from lxml import etree

from geo.export.html import ROWS, listing_html
from geo.export.listing import Listing, StartLabel
from geo.export.results import halfway_listing
from geo.export.svg_map import MAP_HEIGHT, MAP_WIDTH, listing_svg
from geo.meetup import Halfway
from geo.model import Point
from geo.region import Manifest
from geo.text import strip_controls

MakeListing = Callable[..., Listing]
XHTML, SVG = "{http://www.w3.org/1999/xhtml}", "{http://www.w3.org/2000/svg}"
LINK = "https://example.org/near?from=42.5,1.52,Andorra&minutes=30"


def parse(page: str) -> Element:
    return html5lib.HTMLParser(strict=True).parse(page)


def texts(root: Element, path: str) -> list[str]:
    return ["".join(one.itertext()) for one in root.iterfind(path)]


def outside(root: Element) -> Iterator[str]:
    """Yield every address that a browser would fetch by itself."""
    for one in root.iter():
        for name in ("src", "srcset", "poster", "data", "background", "action"):
            if name in one.attrib:
                yield one.attrib[name]
        if "href" in one.attrib and one.tag != f"{XHTML}a":
            yield one.attrib["href"]


def test_a_page_has_heading_table_map_code_and_source(near: MakeListing) -> None:
    root = parse(listing_html(near("Bean", "Cup", areas=True), link=LINK))
    assert texts(root, f".//{XHTML}h1") == ["Places within 30 min of Andorra la Vella"]
    rows = [texts(row, "*") for row in root.iterfind(f".//{XHTML}tr")]
    assert rows[0][:4] == ["No.", "Name", "Kind", "Drive"]
    assert rows[1] == ["1", "Bean", "café", "1 min", "1 min", "1.0 km", "open"]
    assert len(list(root.iterfind(f".//{XHTML}div/{SVG}svg"))) == 1
    assert len(list(root.iterfind(f".//{XHTML}a/{SVG}svg"))) == 1
    footer = texts(root, f".//{XHTML}footer")[0]
    assert "© OpenStreetMap contributors" in footer
    assert "Mon 1 Sep 2025" in footer


def test_a_page_asks_nothing_of_anybody(near: MakeListing) -> None:
    page = listing_html(near("Bean", areas=True), link=LINK)
    root = parse(page)
    assert list(outside(root)) == []
    assert list(root.iter(f"{XHTML}script")) == []
    assert "url(" not in page
    (policy,) = [m.attrib["content"] for m in root.iter(f"{XHTML}meta") if "http-equiv" in m.attrib]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    (style,) = texts(root, f".//{XHTML}style")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy
    assert not [one for one in root.iter() if "style" in one.attrib]


def test_hostile_names_are_shown_as_they_are(near: MakeListing, hostile: str) -> None:
    listing = near(hostile, "after")
    listing = Listing(hostile, {}, listing.source, (StartLabel(hostile, Point(1.5, 42.5)),),
                      listing.columns, listing.entries, notes=(hostile,))  # fmt: skip
    root = parse(listing_html(listing, link=LINK))
    assert texts(root, f".//{XHTML}h1") == [strip_controls(hostile)]
    assert texts(root, f".//{XHTML}td//{XHTML}bdi")[0] == strip_controls(hostile, longest=80)
    tags = {str(one.tag).rpartition("}")[2] for one in root.iter()}
    assert tags.isdisjoint({"script", "img", "iframe", "object", "foreignObject"})
    assert not [n for one in root.iter() for n in one.attrib if n.startswith("on")]


def test_long_lists_are_cut_and_say_so(near: MakeListing) -> None:
    root = parse(listing_html(near(*(f"Café {i}" for i in range(40)))))
    assert len(texts(root, f".//{XHTML}tbody/{XHTML}tr")) == ROWS
    assert "and 28 more, shown as dots" in texts(root, f".//{XHTML}p")


def test_nothing_found_is_said(near: MakeListing) -> None:
    root = parse(listing_html(near()))
    assert "No places found." in texts(root, f".//{XHTML}p")
    assert list(root.iter(f"{SVG}svg")) == []


def test_people_stand_side_by_side(halfway: Halfway, manifest: Manifest) -> None:
    listing = halfway_listing(halfway, manifest, at=datetime(2026, 5, 4, 10))
    root = parse(listing_html(listing))
    heads = texts(root, f".//{XHTML}th")
    assert heads[-2:] == ["person 3", "Open"]
    assert "Shortest total: 4 min less, but person 1 drives 6 min more." in texts(
        root, f".//{XHTML}p"
    )
    first = texts(root, f".//{XHTML}tbody/{XHTML}tr[1]/{XHTML}td")
    assert first[3:8] == ["11 min", "21 min", "10 min", "11 min", ""]


def numbers(svg: etree._Element) -> list[str]:
    return [t.text for t in svg.iter(f"{SVG}text") if t.text and t.text.isdigit()]


def test_places_are_numbered_and_none_covers_another(near: MakeListing) -> None:
    svg = etree.fromstring(listing_svg(near(*(f"Café {i}" for i in range(30))), numbered=20))
    assert sorted(map(int, numbers(svg))) == list(range(1, 21))
    dots = [c for c in svg.iter(f"{SVG}circle") if c.get("r") == "3.5"]
    assert len(dots) == 30
    spots = [
        tuple(float(v) for v in re.findall(r"-?[\d.]+", g.get("transform"))[:2])
        for g in svg.iter(f"{SVG}g")
        if any((t.text or "").isdigit() for t in g.iterfind(f"{SVG}text"))
    ]
    assert all(0 < x < MAP_WIDTH and 0 < y <= MAP_HEIGHT for x, y in spots)
    assert all(
        abs(a[0] - b[0]) >= 19.9 or abs(a[1] - b[1]) >= 28.9
        for i, a in enumerate(spots)
        for b in spots[:i]
    )


def coordinates(path: str) -> Any:
    return [tuple(map(float, pair)) for pair in re.findall(r"(-?[\d.]+) (-?[\d.]+)", path)]


def test_bands_are_drawn_to_scale_with_their_holes(near: MakeListing) -> None:
    svg = etree.fromstring(listing_svg(near("A", areas=True)))
    bands = [p for p in svg.iter(f"{SVG}path") if p.get("fill-opacity")]
    assert [len(re.findall("M", p.get("d"))) for p in bands] == [1, 2]
    assert bands[0].get("fill") != bands[1].get("fill")
    ys = [y for _, y in coordinates(bands[0].get("d"))]
    assert 0 < min(ys) < max(ys) < MAP_HEIGHT
    # The larger band is 0.04 degrees high, 4.4 km; the scale bar tells the same.
    metres_per_pixel = 0.04 * 111_195 / (max(ys) - min(ys))
    bar = next(p.get("d") for p in svg.iter(f"{SVG}path") if "H704" in p.get("d"))
    label = next(t.text for t in svg.iter(f"{SVG}text") if t.text and t.text.endswith(" km"))
    pixels = 704 - coordinates(bar)[0][0]
    assert float(label.split()[0]) * 1000 == pytest.approx(pixels * metres_per_pixel, rel=0.02)
    assert {"15 min", "30 min", "N"} <= {t.text for t in svg.iter(f"{SVG}text")}


def test_the_scale_is_in_the_readers_unit(near: MakeListing) -> None:
    svg = etree.fromstring(listing_svg(near("A", "B", miles=True)))
    assert any(t.text and t.text.endswith(" mi") for t in svg.iter(f"{SVG}text"))
