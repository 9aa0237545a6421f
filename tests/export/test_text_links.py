"""Text from strangers, and links to other maps."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.export.links import edit_link, map_links, osm_path
from geo.model import Place, Point
from geo.text import strip_controls


@given(st.text())
def test_plain_text_is_one_line_without_controls(text: str) -> None:
    line = strip_controls(text)
    assert strip_controls(line) == line
    assert line == line.strip()
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in line)
    line.encode("utf-8")


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_ordinary_text_stays(text: str) -> None:
    assert strip_controls(text) == text


@given(st.text(), st.integers(1, 50))
def test_long_text_is_cut(text: str, longest: int) -> None:
    assert len(strip_controls(text, longest=longest)) <= longest


def test_links_lead_to_the_place(make_place: Callable[..., Place]) -> None:
    links = map_links(make_place("Bean & Gone"))
    assert links["osm"] == "https://www.openstreetmap.org/node/1"
    assert parse_qs(urlsplit(links["google"]).query)["destination"] == ["42.500000,1.521000"]
    assert parse_qs(urlsplit(links["apple"]).query)["daddr"] == ["42.500000,1.521000"]
    assert parse_qs(urlsplit(links["waze"]).query)["ll"] == ["42.500000,1.521000"]
    assert unquote(links["geo"]) == "geo:42.500000,1.521000?q=42.500000,1.521000(Bean & Gone)"


@pytest.mark.parametrize(
    ("osm_id", "path"),
    [("n1", "node/1"), ("w22", "way/22"), ("r3", "relation/3"), ("own-7", None), ("n1/../x", None)],
)
def test_ids(osm_id: str, path: str | None) -> None:
    assert osm_path(osm_id) == path


def test_a_place_of_our_own_is_shown_by_its_position() -> None:
    office = Place("own-7", "Office", "coworking", Point(-70.5, -33.25))
    assert map_links(office)["osm"] == (
        "https://www.openstreetmap.org/?mlat=-33.250000&mlon=-70.500000#map=18/-33.250000/-70.500000"
    )
    assert edit_link(office) is None


def test_edit_link(make_place: Callable[..., Place]) -> None:
    assert edit_link(make_place("A")) == "https://www.openstreetmap.org/edit?node=1"


def test_hostile_names_are_quoted_in_links(make_place: Callable[..., Place], hostile: str) -> None:
    for link in map_links(make_place(hostile)).values():
        assert set(link) <= set(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#=&%,()+"
        )
        assert len(link) < 1500
