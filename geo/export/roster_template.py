"""An empty roster to fill in: its columns, and what goes into them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from geo.export import words
from geo.export.spreadsheet import write_cell
from geo.export.tables import csv_text

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

_ROWS = 1000
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
    book.properties.creator = words.PRODUCT
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
            for row in range(2, _ROWS + 2):
                sheet.cell(row, number).number_format = "@"
    sheet.freeze_panes = "A2"
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 14, 80
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
