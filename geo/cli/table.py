"""Tables on a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence

import click


def print_table(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, right: Collection[str] = ()
) -> None:
    """Print rows below a header; columns named in ``right`` hold numbers.

    Names come from strangers: control characters, which could drive the terminal, are dropped.
    """
    cells = [[printable(cell) for cell in row] for row in (header, *rows)]
    widths = [max(_width(row[i]) for row in cells) for i in range(len(header))]
    for row in cells:
        parts = []
        for name, cell, width in zip(header, row, widths, strict=True):
            blanks = " " * (width - _width(cell))
            parts.append(blanks + cell if name in right else cell + blanks)
        click.echo("  ".join(parts).rstrip())


def printable(text: str) -> str:
    """Return a text without control characters, which could drive the terminal."""
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))


def _width(text: str) -> int:
    """Return how many columns a terminal gives a text (Unicode Standard Annex 11)."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
