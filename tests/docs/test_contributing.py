"""CONTRIBUTING names what every dependency saves us."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8").lower()


def _dependencies() -> Iterator[str]:
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    for requirement in (one for group in groups for one in group):
        yield re.split(r"[^A-Za-z0-9_-]", requirement)[0].lower()


@pytest.mark.parametrize("name", sorted(set(_dependencies())))
def test_every_dependency_has_its_reason(name: str) -> None:
    assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", PAGE)


def test_every_dependency_has_a_lower_bound() -> None:
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    assert [one for group in groups for one in group if ">=" not in one] == []
