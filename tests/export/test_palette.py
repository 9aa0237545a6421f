"""One palette for screen and paper: a meetup or a band has the same colour on both."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geo
from geo.export.charts import attendee_lines
from geo.export.html import plan_html
from geo.export.listing import Listing
from geo.export.plan import plan_listing
from geo.export.svg_map import listing_svg
from geo.meetup import PlanRequest, plan_meetups
from geo.palette import BAND_COLORS, PEOPLE_COLORS, group_color
from geo.region import Region
from geo.roster import read_roster
from geo.settings import read_settings
from geo.ui.plan.plan_map import plan_scene
from geo.ui.session_state import keep_settings

ROOT = Path(geo.__file__).parent
ROSTER = ROOT.parent / "data" / "sample" / "roster.csv"
COLOR = re.compile("#[0-9a-f]{6}", re.IGNORECASE)


def color_lists(path: Path) -> list[str]:
    """Return the lists of colours that a module writes out."""
    return [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Tuple | ast.List)
        and len(node.elts) > 1
        and all(isinstance(e, ast.Constant) and COLOR.fullmatch(str(e.value)) for e in node.elts)
    ]


def test_only_the_palette_lists_colours() -> None:
    found = [one for path in ROOT.rglob("*.py") for one in color_lists(path)]
    assert {one.partition(":")[0] for one in found} == {"palette.py"}
    assert len(found) == 3


def test_colours_of_groups_begin_again() -> None:
    numbers = range(1, len(PEOPLE_COLORS) + 1)
    assert [group_color(number) for number in numbers] == list(PEOPLE_COLORS)
    assert group_color(len(PEOPLE_COLORS) + 1) == PEOPLE_COLORS[0]


def test_a_meetup_has_the_same_colour_on_screen_and_on_paper(county: Region) -> None:
    people = read_roster(ROSTER, county.gazetteer).people
    plan = plan_meetups(PlanRequest(meetups=3), region=county, people=people)
    listing = plan_listing(plan, county.manifest)
    page = plan_html(plan, listing, attendee_lines=attendee_lines(plan, county))
    on_paper = re.findall(r'<svg class="dot".*?fill="(#\w+)"', page)
    keep_settings(read_settings())  # as the page's run does
    on_screen = [lines.color for lines in plan_scene(county, plan, {}, None).attendee_lines]
    assert on_paper == on_screen == list(PEOPLE_COLORS[: len(plan.meetups)])


def test_a_band_has_the_same_colour_on_screen_and_on_paper(near: Callable[..., Listing]) -> None:
    listing = near("Bean", areas=True)
    areas = replace(listing, areas=(*listing.areas, *listing.areas))
    for one in (listing, areas):
        drawn = re.findall(r'fill="(#\w+)" fill-opacity="0.22"', listing_svg(one))
        assert drawn[::-1] == list(BAND_COLORS[: len(one.areas)])
