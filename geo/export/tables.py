"""CSV that spreadsheets open without running anything in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from geo.export.listing import Listing
from geo.export.text import plain

_DANGEROUS = re.compile("[=+\\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a CSV text (RFC 4180, but with plain line feeds), its text cells neutralised."""
    return csv_lines([header]) + csv_lines(rows)


def csv_lines(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as lines of CSV without a header, their text cells neutralised."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in rows:
        writer.writerow([_text(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue()


def listing_csv(listing: Listing) -> str:
    """Return a listing as CSV, one line for each place; the last column says whose data it is."""
    header = [*(column.name for column in listing.columns), "source"]
    source = listing.source.line
    rows = (
        [*(_cell(entry.cell(column)) for column in listing.columns), source]
        for entry in listing.entries
    )
    return csv_text(header, rows)


def neutral(text: str) -> str:
    r"""Return a cell that no spreadsheet takes for a formula; numbers are none and stay.

    An apostrophe goes before it, as OWASP advises
    (https://owasp.org/www-community/attacks/CSV_Injection).

    Examples
    --------
    >>> neutral('=HYPERLINK("http://example.org")')
    '\'=HYPERLINK("http://example.org")'
    >>> neutral("-12"), neutral("-12+cmd|' /C calc'!A0")
    ('-12', "'-12+cmd|' /C calc'!A0")
    """
    return f"'{text}" if _DANGEROUS.match(text) and not _NUMBER.fullmatch(text) else text


def _text(cell: str) -> str:
    """Return a text neutralised, its line ends as one: Python 3.11 quotes no lone CR."""
    return neutral(cell.replace("\r\n", "\n").replace("\r", "\n"))


def _cell(value: object) -> object:
    """Return a cell's value: a text as one line, ``inf`` for a drive that there is not."""
    if isinstance(value, str):
        return plain(value)
    return "inf" if value is None else value
