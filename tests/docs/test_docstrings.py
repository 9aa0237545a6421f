"""Every public name says what it takes, gives and raises, in a form that a tool can check."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest
from numpydoc.validate import validate

import geo

ALLOWED = {
    "ES01",  # no extended summary: the first line is often all
    "EX01",  # no example: shown where one helps
    "SA01",  # no See Also
    "YD01", "RT01",  # no Returns section: the first line says it
    "PR01", "PR02", "PR04",  # parameters: types stand in the signature, the obvious is left out
    "GL08",  # ruff's D1 rules say which objects need a docstring
    "SS06", "GL01", "GL02", "GL03",  # where lines break is ruff's business
    "RT02", "RT03", "RT04", "RT05", "PR06", "PR07", "PR08", "PR09", "PR10",
}  # fmt: skip


_SCRIPTS = ("geo.ui.main", "geo.ui.views")
"""What Streamlit runs from top to bottom; importing it would run it."""


def _modules() -> Iterator[str]:
    for module in pkgutil.walk_packages(geo.__path__, "geo."):
        if not module.name.startswith(_SCRIPTS) and not module.name.endswith("__main__"):
            yield module.name


def _public(module_name: str) -> Iterator[str]:
    module = importlib.import_module(module_name)
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module_name:
            continue
        if inspect.isclass(value) or inspect.isfunction(value):
            yield f"{module_name}.{name}"


@pytest.mark.parametrize("module_name", sorted(_modules()))
def test_docstrings_are_well_formed(module_name: str) -> None:
    problems = [
        f"{name}: {code} {text}"
        for name in _public(module_name)
        for code, text in validate(name)["errors"]
        if code not in ALLOWED
    ]
    assert problems == []
