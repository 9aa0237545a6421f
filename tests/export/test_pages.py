"""Every page is the same document as when ``pages.txt`` was written: elements, attributes, texts.

``WRITE_GOLDEN=1 python -m pytest tests/export/test_pages.py`` writes it again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest

from geo.export.html import listing_html
from geo.export.listing import Listing
from geo.export.plan_pack import plan_pack
from geo.export.results import halfway_listing
from geo.meetup import Halfway, PlanRequest, plan_meetups
from geo.region import Manifest, Region
from geo.roster import read_roster

GOLDEN = Path(__file__).with_name("pages.txt")
ROSTER = Path(__file__).parents[2] / "data" / "sample" / "roster.csv"
LINK = "https://example.org/near?from=42.5,1.52,Andorra&minutes=30"
MONDAY = datetime(2026, 5, 4, 10)


def outline(element: Element) -> Iterator[str]:
    """Yield a document's elements, attributes and texts, without its style and the hash of that."""
    tag = str(element.tag).rpartition("}")[2]
    values = {k: v for k, v in element.attrib.items() if "'sha256-" not in v}
    yield f"<{tag} {sorted(values.items())}>"
    if tag != "style":
        yield (element.text or "").strip()
    for child in element:
        if isinstance(child.tag, str):
            yield from outline(child)
        yield (child.tail or "").strip()
    yield f"</{tag}>"


def digest(page: str) -> str:
    root = html5lib.HTMLParser(strict=True).parse(page)
    return hashlib.sha256("\n".join(filter(None, outline(root))).encode()).hexdigest()[:16]


@pytest.fixture
def plan_pages(county: Region) -> dict[str, str]:
    people = read_roster(ROSTER, county.gazetteer).people
    request = PlanRequest(meetups=3, starts_at=MONDAY, cutoff_s=1200.0)
    plan = plan_meetups(request, region=county, people=people)
    assert plan.unplaced
    pack = plan_pack(plan, county, made_at=datetime(2026, 4, 1, tzinfo=UTC))
    return {path: data.decode() for path, data in pack.items() if path.endswith(".html")}


def test_pages_are_the_documents_that_they_were(
    near: Callable[..., Listing],
    halfway: Halfway,
    manifest: Manifest,
    plan_pages: dict[str, str],
) -> None:
    pages = {
        "near": listing_html(near("Bean", "Cup", areas=True), link=LINK),
        "nothing near": listing_html(near()),
        "many near": listing_html(near(*(f"Café {i}" for i in range(40)), miles=True)),
        "halfway": listing_html(halfway_listing(halfway, manifest, at=MONDAY)),
        **plan_pages,
    }
    text = "".join(f"{name}: {digest(page)}\n" for name, page in pages.items())
    if os.environ.get("WRITE_GOLDEN"):
        GOLDEN.write_text(text, "utf-8", newline="\n")
    assert text == GOLDEN.read_text("utf-8")
