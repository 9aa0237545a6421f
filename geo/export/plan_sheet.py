"""A plan as an XLSX workbook: its meetups, who goes where, who goes nowhere, and what it is."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from geo.export import plan_words, words
from geo.export.listing import Listing
from geo.export.plan import PEOPLE_COLUMNS, people_rows
from geo.export.spreadsheet import listing_xlsx, write_cell
from geo.meetup import MeetupPlan

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_PLACED = PEOPLE_COLUMNS[:-1]
_LEFT_OUT = ("id", "reason")
_WIDTHS = {"name": 36, "reason": 60, "osm_id": 16, "id": 16}


def plan_xlsx(plan: MeetupPlan, listing: Listing, *, made_at: datetime) -> bytes:
    """Return a plan as a workbook.

    Parameters
    ----------
    plan
        The plan.
    listing
        Its meetups.
    made_at
        What the file says of when it was made.
    """
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(listing_xlsx(listing, made_at=made_at)))
    book.worksheets[0].title = plan_words.PLACES
    rows = people_rows(plan)
    placed = [row[: len(_PLACED)] for row in rows if row[1] != ""]
    left_out = [[row[0], row[-1]] for row in rows if row[1] == ""]
    _fill(book.create_sheet(plan_words.PEOPLE, 1), _PLACED, placed)
    if left_out:
        _fill(book.create_sheet(plan_words.UNPLACED, 2), _LEFT_OUT, left_out)
    book.properties.created = book.properties.modified = made_at.replace(tzinfo=None)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Worksheet, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    titles = {**words.TITLES, **plan_words.TITLES}
    for number, key in enumerate(columns, start=1):
        write_cell(sheet.cell(1, number), titles[key])
        sheet.cell(1, number).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS.get(key, 13)
        for line, row in enumerate(rows, start=2):
            cell = sheet.cell(line, number)
            write_cell(cell, None if row[number - 1] == "" else row[number - 1])
            if key.endswith("minutes"):
                cell.number_format = '0.0" min"'
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
