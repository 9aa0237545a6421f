"""Words mean one thing: a class name stands once, and no public name has a word to avoid."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
    if line.startswith("|")
][2:]
ALLOWED = {
    "ledger": "the command line takes --ledger, as released",
    "ledger_csv": "the same",
}
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): ast.parse(
        path.read_text("utf-8")
    )
    for path in sorted((ROOT / "geo").rglob("*.py"))
}


def _public_names(module: str, tree: ast.Module) -> Iterator[str]:
    """Yield the names of a module that others may write: its own, and of what it defines."""
    yield module.rpartition(".")[2]
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name[0] != "_":
            yield node.name
            arguments = node.args
            every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
            yield from (one.arg for one in every)


def _words(name: str) -> list[str]:
    """Return the parts of a name in snake_case or CamelCase.

    >>> _words("HomeArea"), _words("travel_time_s")
    (['home', 'area'], ['travel', 'time', 's'])
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")


def test_a_class_name_stands_once() -> None:
    classes = Counter(
        node.name
        for tree in MODULES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in classes.items() if count > 1] == []


def test_no_public_name_has_a_word_that_the_glossary_replaces() -> None:
    avoided = {word.strip() for row in ROWS for word in row[3].split(",")} - {""}
    assert avoided
    found = {
        f"{module}: {name}"
        for module, tree in MODULES.items()
        for name in _public_names(module, tree)
        if avoided & set(_words(name)) and name not in ALLOWED
    }
    assert found == set()


def test_each_term_says_where_it_is_in_the_code() -> None:
    named = {name for row in ROWS for name in re.findall(r"`(geo[\w.]*)`", row[2])}
    assert all(row[1] and "`geo" in row[2] for row in ROWS)
    assert named - set(MODULES) == set()
