"""Tables as people save them: one header finder and one row reader for CSV and workbooks.

Every bad row is found and reported with its line, so that a file is mended in one go.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from geo.columns import ColumnMapping, count_known_columns, map_columns
from geo.errors import BadCoordinates
from geo.model import Point
from geo.records import Record, Table, read_records

_LARGEST_CELL = 10_000
"""Characters; no name, address or number is longer."""

_HEADER_SEARCH_ROWS = 30
"""Filled rows among which the one that names the columns is searched for."""

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_FRACTION = re.compile(r"([+-]?)(?:(\d+)[ +])?(\d+)/(\d+)", re.ASCII)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
"""What may be thousands as well as a fraction."""

_DEGREES = frozenset({"lat", "lon"})
_CHARACTER_REPLACEMENTS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2044": "/"})
"""Word processors turn a minus into a sign of their own or into a dash."""

_QUOTED = re.compile("'[=+\\-@\t\r\n＝＋－＠]")
"""What `geo.export.tables` makes of a cell that begins like a formula."""


def strip_formula_quote(text: str) -> str:
    """Return a cell without the apostrophe that our exports put before what spreadsheets would run.

    Examples
    --------
    >>> strip_formula_quote("'=1+1"), strip_formula_quote("'t Hooft")
    ('=1+1', "'t Hooft")
    """
    return text[1:] if _QUOTED.match(text) else text


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table.

    Attributes
    ----------
    line
        Where it stands in the file, counting from 1.
    values
        Cell by our name of its column, or by the file's in small letters where we have none.
    decimal_comma
        Whether a comma in a number can only be a decimal one.
    fault
        Why the row as a whole cannot be used; empty where it can.
    """

    line: int
    values: dict[str, str]
    decimal_comma: bool = False
    fault: str = ""

    def check(self) -> None:
        """Raise a `ValueError` with the fault of a row that cannot be used as a whole."""
        if self.fault:
            raise ValueError(self.fault)

    def number(self, column: str) -> float:
        """Return a cell as a number: with a decimal point or comma, or a fraction.

        Raises
        ------
        ValueError
            It is none; the text names the column and the cell.
        """
        text = self.values[column]
        plain = text.translate(_CHARACTER_REPLACEMENTS).rstrip("\u00b0 ")
        shown = text if len(text) <= 40 else text[:40] + "..."
        if "," in plain and "." not in plain:
            if not self.decimal_comma and column not in _DEGREES and _GROUPED.fullmatch(plain):
                raise ValueError(f"{column} {shown!r} may be thousands; write it without a comma")
            plain = plain.replace(",", ".")
        value = float(plain) if _NUMBER.fullmatch(plain) else _fraction(plain)
        if value is None:
            raise ValueError(f"{column} {shown!r} is not a number")
        return value


def _fraction(text: str) -> float | None:
    """Return ``3/4``, ``1 1/2`` or ``1½`` as a number; None for anything else."""
    if text and not text[-1].isascii() and unicodedata.category(text[-1]) == "No":
        whole = text[:-1].strip()
        fraction = unicodedata.numeric(text[-1])
        if fraction >= 1 or not re.fullmatch(r"[+-]?\d*", whole, re.ASCII):
            return None  # "²" is a digit too
        value = fraction + abs(int(whole.strip("+-") or 0))
        return -value if whole.startswith("-") else value
    match = _FRACTION.fullmatch(text)
    if match is None or int(match[4]) == 0:
        return None
    value = int(match[2] or 0) + int(match[3]) / int(match[4])
    return -value if match[1] == "-" else value


@dataclass(frozen=True, slots=True)
class IdentifiedPoint:
    """A point with the id that its row gives it."""

    id: str
    point: Point
    line: int


@dataclass(frozen=True, slots=True)
class ParsedTable:
    """A table that was read, with all filled rows below that which names the columns."""

    name: str
    columns: ColumnMapping
    rows: list[Row]


def parse_table(table: Table, chosen: Mapping[str, str] | None = None) -> ParsedTable:
    """Read a CSV file or the first sheet of a workbook.

    What stands above the row that names the columns, as a title or a date, is passed over, and so
    are empty rows everywhere. ``chosen`` is what the file calls some of our columns.

    Raises
    ------
    InputError
        The file cannot be read.
    BadTable
        It is damaged, or a column that was chosen or is needed is missing or there twice.
    """
    stream = read_records(table, chosen)
    head = list(islice(stream.records, _HEADER_SEARCH_ROWS))
    header = _header_index(head, chosen)
    columns = map_columns(head[header].cells if head else (), chosen, file=table.name)
    body = chain(head[header + 1 :], stream.records)
    return ParsedTable(table.name, columns, list(_rows(body, columns, stream.decimal_comma)))


def read_headings(table: Table) -> tuple[str, ...]:
    """Return what a file calls its columns; what is wrong with its rows does not matter.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    head = list(islice(read_records(table).records, _HEADER_SEARCH_ROWS))
    cells = head[_header_index(head, None)].cells if head else ()
    return tuple(" ".join(cell.split()) for cell in cells)


def read_rows(table: Table, required: Sequence[str]) -> list[Row]:
    """Read the rows of a CSV file or workbook that has some columns.

    Raises
    ------
    InputError
        The file cannot be read.
    UnmappedColumns
        A required column is missing.
    """
    parsed = parse_table(table)
    parsed.columns.require(required, table.name)
    return parsed.rows


def _header_index(head: Sequence[Record], chosen: Mapping[str, str] | None) -> int:
    """Return which record names the columns: it has most of the known names.

    Where no name is known it is the first that fills at least half as many cells as any.
    """
    known = [count_known_columns(record.cells, chosen) for record in head]
    if any(known):
        return known.index(max(known))
    filled = [sum(map(bool, record.cells)) for record in head]
    return next((row for row, count in enumerate(filled) if 2 * count >= max(filled)), 0)


def _rows(records: Iterator[Record], columns: ColumnMapping, decimal_comma: bool) -> Iterator[Row]:
    expected = len(columns.headings)
    for record in records:
        cells = record.cells + ("",) * (expected - len(record.cells))
        fault = _row_fault(cells, expected)
        yield Row(record.line, columns.values(cells), decimal_comma, fault)


def _row_fault(cells: Sequence[str], expected: int) -> str:
    """Return why a row of some cells cannot be used; empty where it can."""
    if any(cells[expected:]):
        return f"there are {len(cells)} cells and only {expected} columns"
    if any(len(cell) > _LARGEST_CELL for cell in cells):
        return f"a cell has more than {_LARGEST_CELL:,} characters"
    return ""


def read_points(path: Path) -> tuple[list[IdentifiedPoint], list[str]]:
    """Read a table with the columns ``id,lat,lon``.

    Returns the good rows, and one sentence for each bad one, with its line.

    Raises
    ------
    InputError
        The file cannot be read, or a column is missing.
    """
    points: list[IdentifiedPoint] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for row in read_rows(path, ("id", "lat", "lon")):
        try:
            row.check()
            point = Point(lon=row.number("lon"), lat=row.number("lat"))
            identity = row.values["id"]
            if not identity:
                raise ValueError("the id is empty")
            if identity in seen:
                raise ValueError(f"duplicate of the id on line {seen[identity]}")
        except (ValueError, BadCoordinates) as error:
            problems.append(f"{path.name}, line {row.line}: {str(error).rstrip('.')}.")
            continue
        seen[identity] = row.line
        points.append(IdentifiedPoint(identity, point, row.line))
    return points, problems
