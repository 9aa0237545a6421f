"""A listing as an XLSX workbook: the places on one sheet, what they are on another.

Every text cell is stored as text and marked with Excel's quote prefix (ECMA-376, ``quotePrefix``),
so that a name such as ``=1+1`` is shown as it is and stays text when somebody edits the cell.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING

from geo.export import words
from geo.export.listing import Column, Entry, Listing
from geo.export.text import plain

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

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
    book.properties.creator = words.PRODUCT
    book.properties.title = plain(listing.title, longest=200)
    book.properties.created = book.properties.modified = made_at.replace(tzinfo=None)
    sheet = book.active
    sheet.title = words.PLACES
    _fill_places(sheet, listing)
    _fill_about(book.create_sheet(words.ABOUT), listing)
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
    lines = [listing.title, *listing.notes, source.line, source.licence, words.PRODUCT]
    for row, line in enumerate(lines, start=1):
        write_cell(sheet.cell(row, 1), line)
    sheet.column_dimensions["A"].width = 100


def _value(listing: Listing, entry: Entry, column: Column) -> object:
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
    cell.value = plain(value, longest=_LONGEST_CELL)
    cell.data_type = "s"  # a text that begins with "=" would be a formula
    cell.quotePrefix = True
