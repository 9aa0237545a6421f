"""Every format by its key, as download buttons use them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from geo.export.formats import FORMATS, RenderOptions
from geo.export.listing import Listing


@pytest.mark.parametrize("key", FORMATS)
def test_every_format_says_whose_data_it_is(near: Callable[..., Listing], key: str) -> None:
    content = FORMATS[key].render(near("A"), RenderOptions(link="https://example.org/near"))
    assert content
    if key != "xlsx":
        assert "© OpenStreetMap contributors" in content.decode("utf-8-sig")


def test_csv_for_spreadsheets_says_that_it_is_utf_8(near: Callable[..., Listing]) -> None:
    assert FORMATS["csv"].render(near("Café")).startswith(b"\xef\xbb\xbf")
