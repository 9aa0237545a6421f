"""docs/settings.md lists every setting, as geo.settings has them; WRITE_DOCS=1 writes it."""

from __future__ import annotations

import os
from pathlib import Path

from geo.settings import setting_table

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
INTRODUCTION = """\
# Settings

Environment variables, read once at the start. None is required; unknown names that begin with
`CROSSROADS_` are refused, so that a typing mistake cannot pass unnoticed.

This page is generated from `geo/settings.py`: `WRITE_DOCS=1 pytest tests/docs/test_settings.py`.
"""
SIGN_IN = "Sign-in\n\n[Hosting Crossroads for a team](hosting.md) shows them in use."
SECTIONS = {
    "CROSSROADS_DATA_DIR": "Data",
    "CROSSROADS_CONTACT": "Maps and map services",
    "CROSSROADS_HOMES_PER_AREA": "Privacy",
    "CROSSROADS_URL": SIGN_IN,
}
"""The headings, by the first setting below each."""


def _shown(default: object) -> str:
    """Return a default as it would be written in the environment; empty for none."""
    if isinstance(default, bool):
        return "`yes`" if default else "`no`"
    if isinstance(default, float):
        return f"`{default:g}`"
    return f"`{default}`" if default not in ("", ()) else ""


def _page() -> str:
    lines = [INTRODUCTION]
    for setting in setting_table():
        if setting.name in SECTIONS:
            lines += [f"\n## {SECTIONS[setting.name]}\n"]
            lines += ["\n| variable | meaning | default |\n| --- | --- | --- |\n"]
        lines += [f"| `{setting.name}` | {setting.help} | {_shown(setting.default)} |\n"]
    return "".join(lines)


def test_the_page_lists_the_settings() -> None:
    if os.environ.get("WRITE_DOCS"):
        PAGE.write_text(_page(), "utf-8")
    assert PAGE.read_text("utf-8") == _page()


def test_every_heading_has_its_settings() -> None:
    assert {setting.name for setting in setting_table()} >= set(SECTIONS)
