"""A listing as CSV and XLSX that spreadsheets open without running anything; empty rosters.

Every text cell is stored as text and marked with Excel's quote prefix (ECMA-376, ``quotePrefix``),
so that a name such as ``=1+1`` is shown as it is and stays text when somebody edits the cell.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from geo.export.listing import Column, Listing, ListingRow
from geo.text import strip_controls
from geo.texts import exports

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

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


def defuse_formula(text: str) -> str:
    r"""Return a cell that no spreadsheet takes for a formula; numbers are none and stay.

    An apostrophe goes before it, as OWASP advises
    (https://owasp.org/www-community/attacks/CSV_Injection).

    Examples
    --------
    >>> defuse_formula('=HYPERLINK("http://example.org")')
    '\'=HYPERLINK("http://example.org")'
    >>> defuse_formula("-12"), defuse_formula("-12+cmd|' /C calc'!A0")
    ('-12', "'-12+cmd|' /C calc'!A0")
    """
    return f"'{text}" if _DANGEROUS.match(text) and not _NUMBER.fullmatch(text) else text


def _text(cell: str) -> str:
    """Return a text neutralised, its line ends as one: Python 3.11 quotes no lone CR."""
    return defuse_formula(cell.replace("\r\n", "\n").replace("\r", "\n"))


def _cell(value: object) -> object:
    """Return a cell's value: a text as one line, ``inf`` for a drive that there is not."""
    if isinstance(value, str):
        return strip_controls(value)
    return "inf" if value is None else value


_LONGEST_CELL = 32_767
"""Characters; Excel's own limit."""

_WIDEST = 48
_FORMATS = {"minutes": '0" min"', "degrees": "0.00000"}


def listing_xlsx(listing: Listing, *, made_at: datetime) -> bytes:
    """Return the listing as a workbook.

    Parameters
    ----------
    made_at
        What the file says of when it was made.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.properties.creator = exports.PRODUCT
    book.properties.title = strip_controls(listing.title, longest=200)
    book.properties.created = book.properties.modified = made_at.replace(tzinfo=None)
    sheet = book.active
    sheet.title = exports.MEETUPS
    _fill_places(sheet, listing)
    _fill_about(book.create_sheet(exports.ABOUT), listing)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill_places(sheet: Worksheet, listing: Listing) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    bold = Font(bold=True)
    for number, column in enumerate(listing.columns, start=1):
        write_cell(sheet.cell(1, number), column.title)
        sheet.cell(1, number).font = bold
        widest = len(column.title)
        for row, entry in enumerate(listing.entries, start=2):
            cell = sheet.cell(row, number)
            write_cell(cell, _value(listing, entry, column))
            cell.number_format = _number_format(listing, column)
            if isinstance(cell.value, str):
                widest = max(widest, len(cell.value))
        sheet.column_dimensions[get_column_letter(number)].width = min(widest, _WIDEST) + 3
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = sheet.dimensions


def _fill_about(sheet: Worksheet, listing: Listing) -> None:
    source = listing.source
    lines = [listing.title, *listing.notes, source.line, source.licence, exports.PRODUCT]
    for row, line in enumerate(lines, start=1):
        write_cell(sheet.cell(row, 1), line)
    sheet.column_dimensions["A"].width = 100


def _value(listing: Listing, entry: ListingRow, column: Column) -> object:
    """Return what a cell holds: numbers in the reader's unit, kinds and states in words."""
    value = entry.cell(column)
    if column.quantity == "km" and value is not None:
        return round(value * 1000 / listing.measures.unit_m, 3)
    return listing.shown(entry, column) if column.quantity in {"kind", "open"} else value


def _number_format(listing: Listing, column: Column) -> str:
    if column.quantity == "km":
        return f'0.0" {listing.measures.unit}"'
    return _FORMATS.get(column.quantity, "General")


def write_cell(cell: Cell, value: object) -> None:
    """Write a value into a cell; a text stays text, whatever it begins with."""
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = strip_controls(value, longest=_LONGEST_CELL)
    cell.data_type = "s"  # a text that begins with "=" would be a formula
    cell.quotePrefix = True


COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "id": "Employee ID. Required, and different in every row.",
        "name": "Optional. Plans from a file list people by ID.",
        "email": "Optional. Work e-mail, to sign in with.",
        "team": "Optional.",
        "address": "House number and street. Leave it empty if the town is enough.",
        "town": "Town or city of the home.",
        "state": "State, province or canton.",
        "postcode": "ZIP or postal code. The cells are text, so leading zeros are kept.",
        "country": "Name or two-letter code.",
        "lat": "Latitude in degrees, as 44.26. With lat and lon no address is needed.",
        "lon": "Longitude in degrees, as -72.58.",
        "weight": "Optional. 2 makes this person's drive count twice.",
        "planning": "yes if this person agreed to be named in plans.",
        "conditions": "Optional. Any of paved, daylight, no-ferries, no-tolls, mud, winter.",
    }
)
"""Columns that a roster may have, with what goes into each."""

_TEMPLATE_ROWS = 1000
"""Rows whose cells are text already."""

_WIDTHS = {"address": 30, "email": 26, "name": 24, "town": 20}


def template_csv() -> str:
    """Return the header alone, so that no example is taken for a person."""
    return csv_text(list(COLUMNS), [])


def template_xlsx() -> bytes:
    """Return a workbook: the columns on the first sheet, what they are for on the second."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.properties.creator = exports.PRODUCT
    book.properties.created = book.properties.modified = datetime(2026, 1, 1)
    sheet, about = book.active, book.create_sheet("Columns")
    sheet.title = "Roster"
    bold = Font(bold=True)
    for number, (name, use) in enumerate(COLUMNS.items(), start=1):
        write_cell(sheet.cell(1, number), name)
        sheet.cell(1, number).font = bold
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS.get(name, 12)
        write_cell(about.cell(number, 1), name)
        about.cell(number, 1).font = bold
        write_cell(about.cell(number, 2), use)
        if name in {"id", "postcode"}:  # or a spreadsheet drops the zeros that they begin with
            for row in range(2, _TEMPLATE_ROWS + 2):
                sheet.cell(row, number).number_format = "@"
    sheet.freeze_panes = "A2"
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 14, 80
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
