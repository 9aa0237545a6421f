"""The map's modules one by one, in the engine that runs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from geo.ui.map.assets import asset_url

pytestmark = pytest.mark.browser


@pytest.fixture
def call(desktop: BrowserContext, stage: str) -> Callable[..., Any]:
    """Return a function that runs JavaScript with one module, named ``m``."""
    page = desktop.pages[0]
    page.goto(f"{stage}crossroads/health")

    def run(module: str, script: str, argument: object = None) -> Any:
        body = f"async ([url, x]) => {{ const m = await import(url); {script} }}"
        return page.evaluate(body, [f"/{asset_url(module)}", argument])

    return run


def test_protobuf_is_written_as_its_specification_shows(call) -> None:
    script = """const w = new m.ProtobufWriter();
        w.unsigned(1, 150).string(2, 'testing').signed(3, -1).signed(4, 2).unsigned(15, 0);
        return [...w.finish()];"""
    expected = "08 96 01 12 07 74 65 73 74 69 6e 67 18 01 20 04 78 00"
    assert bytes(call("protobuf.js", script)).hex(" ") == expected


def test_a_field_counts_pixels_from_the_edge(call) -> None:
    script = """const [w, h] = [16, 5];
        const pixels = new Uint8ClampedArray(4 * w * h);
        for (let i = 0; i < w * h; i++) pixels[4 * i + 3] = i % w < 8 ? 255 : 0;
        return [...m.distanceField(pixels, w, h).slice(2 * w, 3 * w)];"""
    row = call("field.js", script)
    # 255 * (1 - 1/4 - distance / 8), a pixel's centre being half a pixel further than its edge
    outside = [max(0, round(255 * (0.75 - (i - 7) / 8))) for i in range(8, 16)]
    inside = [min(255, round(255 * (0.75 + (8 - i) / 8))) for i in range(8)]
    assert row == [*inside, *outside]
    assert row == sorted(row, reverse=True)


def test_pins_join_the_best_one_within_reach(call) -> None:
    pins = [{"id": i, "x": x} for i, x in enumerate([0, 40, 20, 95, 61])]
    script = "return m.cluster(x, (p) => ({ x: p.x, y: 0 }), 30).map((g) => g.map((p) => p.id));"
    assert call("clusters.js", script, pins) == [[0, 2], [1, 4], [3]]
    alone = script.replace("30)", "30, (p) => p.id === 2)")
    assert call("clusters.js", alone, pins) == [[0], [1, 4], [2], [3]]


@pytest.mark.parametrize("count", [2, 5, 40])
def test_a_fan_keeps_its_pins_apart(call, count: int) -> None:
    spots = [complex(x, y) for x, y in call("clusters.js", "return m.fan(x);", count)]
    assert len(spots) == count
    assert min(abs(a - b) for i, a in enumerate(spots) for b in spots[:i]) >= 30


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.org/a", True), ("http://example.org", True), ("geo:42.5,1.5", True),
        ("tel:+376123456", True), ("mailto:a@example.org", True),
        ("javascript:alert(1)", False), (" java\nscript:alert(1)", False),
        ("data:text/html,<script>", False), ("vbscript:x", False), ("www.example.org", False),
        ("", False),
    ],
)  # fmt: skip
def test_only_harmless_addresses_are_followed(call, url: str, safe: bool) -> None:
    assert call("element.js", "return m.isSafe(x);", url) is safe


@pytest.mark.parametrize("stack", ["Regular", "Medium", "Bold", "Italic"])
def test_glyphs_are_drawn_for_a_whole_range(call, stack: str) -> None:
    script = """let answer;
        m.registerGlyphs({ addProtocol: (name, handler) => (answer = handler) }, 'sans-serif');
        const { data } = await answer({ url: `glyphs://${x}/0-255` });
        return [...new Uint8Array(data)];"""
    message = bytes(call("glyphs.js", script, stack))
    assert message[0] == 0x0A  # one font stack
    assert stack.encode() in message[:24]
    assert b"0-255" in message[:24]
    assert len(message) > 60_000


def test_surrogates_have_no_glyphs_and_break_nothing(call) -> None:
    script = """let answer;
        m.registerGlyphs({ addProtocol: (name, handler) => (answer = handler) }, 'sans-serif');
        return (await answer({ url: 'glyphs://Regular/55296-55551' })).data.byteLength;"""
    assert call("glyphs.js", script) < 60
