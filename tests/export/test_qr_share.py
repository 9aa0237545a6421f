"""A search as a link, and the link as a QR code that a real reader reads back."""

from __future__ import annotations

import io
import re
from datetime import datetime
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from geo.errors import InputError
from geo.export.links import qr_png, qr_svg
from geo.export.listing import StartLabel
from geo.export.share import SharedSearch, share_link
from geo.model import Point
from geo.text import strip_controls

LINK = (
    "https://maps.example.org/near?from=42.50000%2C1.52000%2CAndorra+la+Vella&minutes=30&kind=cafe"
)


def scan(picture: npt.NDArray[np.uint8]) -> str:
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)


def drawn(svg: str) -> npt.NDArray[np.uint8]:
    """Draw the lines of an SVG code: ``M`` and ``m`` move, ``h`` draws one row of modules."""
    size = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1])  # type: ignore[index]
    picture = np.full((size, size), 255, np.uint8)
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", re.search(r' d="([^"]+)"', svg)[1]):  # type: ignore[index]
        values = [float(one) for one in re.findall(r"-?[\d.]+", numbers)]
        if command == "h":
            picture[int(y), int(x) : int(x + values[0])] = 0
            x += values[0]
        else:
            x, y = (values[0], values[1]) if command == "M" else (x + values[0], y + values[1])
    return picture.repeat(6, axis=0).repeat(6, axis=1)


@pytest.mark.parametrize(
    "link", [LINK, "geo:42.5,1.52?q=42.5,1.52(Caf%C3%A9)", LINK + "&x=y" * 150]
)
def test_codes_are_read_back(link: str) -> None:
    assert scan(np.array(Image.open(io.BytesIO(qr_png(link))).convert("L"))) == link
    assert scan(drawn(qr_svg(link))) == link


def test_a_link_too_long_says_so() -> None:
    with pytest.raises(InputError, match="5000 characters"):
        qr_svg("x" * 5000)


labels = st.text(max_size=90).map(lambda text: strip_controls(text, longest=80))
starts = st.builds(
    lambda label, lat, lon: StartLabel(label, Point(lon / 1e5, lat / 1e5)),
    labels,
    st.integers(-90 * 10**5, 90 * 10**5),
    st.integers(-180 * 10**5, 180 * 10**5),
)
searches = st.builds(
    SharedSearch,
    page=st.just("halfway"),
    starts=st.lists(starts, max_size=30).map(tuple),
    region=st.sampled_from(["", "andorra", "new-england"]),
    minutes=st.none() | st.integers(1, 1440).map(float),
    kinds=st.lists(st.sampled_from(["cafe", "library", "pub"]), unique=True).map(tuple),
    open_at=st.none()
    | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(
        lambda at: at.replace(second=0, microsecond=0)
    ),
    conditions=st.sampled_from(["dry", "mud", "winter"]),
    ferries=st.booleans(),
    tolls=st.booleans(),
    objective=st.sampled_from(["", "fairest", "total"]),
)


@given(searches)
def test_a_link_opens_the_same_search(search: SharedSearch) -> None:
    link = share_link("http://localhost:8501/", search)
    parts = urlsplit(link)
    assert parts.path == "/halfway"
    assert SharedSearch.from_query("halfway", parts.query) == search


def test_a_link_holds_what_is_shown_and_no_more() -> None:
    search = SharedSearch("near", (StartLabel("Encamp", Point(1.58, 42.53)), StartLabel("hidden")))
    assert share_link("https://example.org/app", search) == (
        "https://example.org/app/near?from=42.53000%2C1.58000%2CEncamp"
    )


@pytest.mark.parametrize(
    "query",
    ["from=42", "from=a,b,c", "from=95,1,x", "minutes=soon", "minutes=inf", "minutes=-1",
     "open=now", "&".join(["kind=cafe"] * 300), "minutes=nan"],
)  # fmt: skip
def test_damaged_links_are_refused_in_one_sentence(query: str) -> None:
    with pytest.raises(InputError, match="damaged"):
        SharedSearch.from_query("near", query)


def test_unknown_fields_are_passed_over() -> None:
    assert SharedSearch.from_query("near", "utm_source=chat&minutes=20").minutes == 20


@pytest.mark.parametrize(
    "base", ["javascript:alert(1)", "localhost:8501", "", "file:///etc/passwd"]
)
def test_only_web_addresses_are_shared(base: str) -> None:
    with pytest.raises(InputError, match="http"):
        share_link(base, SharedSearch("near"))
