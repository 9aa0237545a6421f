from __future__ import annotations

import re
import sys

import pytest

from geo.ui.map.assets import asset_url, assets_digest, read_assets

OURS = sorted(name for name in read_assets() if name.endswith(".js") and "maplibre" not in name)


def test_the_library_is_the_whole_of_maplibre_5() -> None:
    script = read_assets()["maplibre-gl.js"].content
    assert re.search(rb"maplibre-gl-js/blob/v5\.\d+\.\d+/", script[:400])
    assert len(script) > 700_000
    assert "maplibre" not in sys.modules  # found, not imported


def test_an_address_holds_the_digest() -> None:
    assert asset_url("main.js") == f"crossroads/assets/{assets_digest()}/main.js"
    with pytest.raises(KeyError):
        asset_url("nothing.js")


@pytest.mark.parametrize("name", OURS)
def test_a_module_is_short_and_imports_what_exists(name: str) -> None:
    text = read_assets()[name].content.decode()
    assert text.startswith("/**")
    assert text.count("\n") <= 350
    for other in re.findall(r'from "\./([\w.]+)"', text):
        assert other in OURS


@pytest.mark.parametrize("name", OURS)
def test_no_module_can_make_markup_of_text_or_speak_to_others(name: str) -> None:
    text = read_assets()[name].content.decode()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|setHTML\b", text)
    assert not re.search(
        r"\beval\(|new Function|localStorage|sessionStorage|document\.cookie", text
    )
    code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    addresses = set(re.findall(r"https?://[^\s\"'`)]+", code))
    assert addresses <= {"https://www.openstreetmap.org/copyright", "http://www.w3.org/2000/svg"}
