"""The first sheet of a workbook as a table, from strangers: what it unpacks to is looked at first.

A workbook is a zip of XML. A few kilobytes can claim to unpack to gigabytes, a sheet of one cell to
reach to the last column of the last row, and a cell to hold a book.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from geo.errors import BadTable, InputError
from geo.rows import Row, Table, fault_of

_LARGEST_FILE = 32_000_000
_LARGEST_UNPACKED = 160_000_000
"""Bytes; a hundred thousand people with their addresses unpack to a third of it."""

_SMALL, _MOST_PACKED = 16_000_000, 100
"""Bytes of a part that may be packed at will, and how far a larger one may be: a table of people
packs to a tenth, a part of nothing but empty rows to a thousandth, and takes a minute to read."""

_MOST_ROWS = 200_000
_MOST_COLUMNS = 100
_DAMAGE = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    SyntaxError,
    EOFError,
    RuntimeError,
    zlib.error,
)
"""What reading a damaged workbook ends in; XML that is none is a SyntaxError, a zip with a password
or packed in a way that is not known a RuntimeError."""


def read_sheet(table: Table, required: str) -> list[Row]:
    """Read the rows of the first sheet, whose first line names its columns.

    Raises
    ------
    InputError
        It is no workbook, or unpacks to more than any table of people.
    BadTable
        The required column is missing, a column is there twice, or there are too many rows.
    """
    lines = _lines(table)
    header = [cell.casefold() for cell in next(lines, [])]
    if required not in header:
        raise BadTable(
            [f"{table.name} has no column {required!r}; its first line must name the columns."]
        )
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise BadTable([f"{table.name} has the column {twice[0]!r} twice; leave one of them."])
    return [
        Row(line, dict(zip(header, cells, strict=False)), fault=fault_of(cells, len(header)))
        for line, row in enumerate(lines, start=2)
        if any(cells := [*row, *[""] * (len(header) - len(row))])
    ]


def _lines(table: Table) -> Iterator[list[str]]:
    """Yield the cells of each row, empty rows too."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(_checked(table), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # it may claim any
        rows = sheet.iter_rows(values_only=True, max_row=_MOST_ROWS + 2, max_col=_MOST_COLUMNS)
        for number, row in enumerate(rows):
            if number > _MOST_ROWS:
                raise BadTable([f"{table.name} has more than {_MOST_ROWS:,} rows; divide it."])
            cells = [_text(cell) for cell in row]
            while cells and not cells[-1]:  # rows come as wide as they may be
                cells.pop()
            yield cells
    except BadTable:
        raise
    except (InvalidFileException, zipfile.BadZipFile, *_DAMAGE) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{table.name} is no workbook that can be read; save it anew, or as CSV."
        ) from error


def _checked(table: Table) -> io.BytesIO:
    """Return the bytes of a workbook that unpacks to a bearable size."""
    with table.open("rb") as file:
        data = file.read(_LARGEST_FILE + 1)
    if len(data) > _LARGEST_FILE:
        raise InputError(f"{table.name} is larger than {_LARGEST_FILE // 10**6} MB; divide it.")
    with zipfile.ZipFile(io.BytesIO(data)) as box:
        parts = box.infolist()
    unpacked = sum(part.file_size for part in parts)
    dense = any(part.file_size > max(_SMALL, _MOST_PACKED * part.compress_size) for part in parts)
    if dense or unpacked > _LARGEST_UNPACKED:
        raise InputError(
            f"{table.name} unpacks to {unpacked // 10**6:,} MB, more than any table of people;"
            " save it anew as CSV."
        )
    return io.BytesIO(data)


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
