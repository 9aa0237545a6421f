"""The drawings of docs/architecture.md show modules and imports that exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
DRAWINGS = re.findall(r"```mermaid\n(.*?)```", PAGE, re.DOTALL)
_BOX = re.compile(r'(\w+)\["(geo[\w.]*)"\]')
_ARROW = re.compile(r'(\w+)(?:\[".*?"\])? --> (\w+)')


def _arrows() -> list[tuple[str, str]]:
    found = []
    for drawing in DRAWINGS:
        boxes = dict(_BOX.findall(drawing))
        found += [(boxes[start], boxes[end]) for start, end in _ARROW.findall(drawing)]
    return found


@cache
def _imports() -> grimp.ImportGraph:
    """Return the imports of the package and of the pages, which are scripts in no package."""
    graph = grimp.build_graph("geo", cache_dir=None)
    for page in (ROOT / "geo" / "ui" / "views").glob("*.py"):
        name = f"geo.ui.views.{page.stem}"
        graph.add_module(name)
        for imported in _imported_by(page) & graph.modules:
            graph.add_import(importer=name, imported=imported)
    return graph


def _imported_by(script: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(script.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return found


def test_there_are_two_drawings_with_arrows() -> None:
    assert len(DRAWINGS) == 2
    assert len(_arrows()) == sum(drawing.count("-->") for drawing in DRAWINGS)


def test_each_module_that_the_page_names_exists() -> None:
    named = set(re.findall(r"\bgeo(?:\.[a-z_]+)+", PAGE))
    assert named
    assert named - _imports().modules == set()


@pytest.mark.parametrize(("importer", "imported"), _arrows())
def test_each_solid_arrow_is_an_import(importer: str, imported: str) -> None:
    chain = _imports().find_shortest_chain(importer, imported, as_packages=True)
    assert chain is not None, f"{importer} does not import {imported}"
