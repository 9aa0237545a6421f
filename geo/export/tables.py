"""CSV that spreadsheets open without running anything in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a CSV text (RFC 4180, but with plain line feeds), its text cells neutralised."""
    return csv_lines([header]) + csv_lines(rows)


def csv_lines(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as lines of CSV without a header, their text cells neutralised."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in rows:
        writer.writerow([neutral(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue()


def neutral(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula (OWASP, "CSV injection").

    Examples
    --------
    >>> neutral('=HYPERLINK("http://example.org")')
    '\\'=HYPERLINK("http://example.org")'
    """
    return f"'{text}" if text.startswith(_DANGEROUS) else text
