"""The records of CSV files and workbooks from strangers, before anybody knows what they mean.

CSV comes with commas, semicolons, tabs or bars, any line ends, a BOM or none. A workbook is a zip
of XML: a few kilobytes can claim to unpack to gigabytes, a sheet of one cell to reach to the last
column of the last row, and a cell to hold a book; what it unpacks to is checked first.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

from geo.columns import count_known_columns
from geo.errors import BadTable, InputError

_LARGEST_TEXT = 64_000_000
"""Bytes; a roster of a million people is smaller."""

_DELIMITERS = ",;\t|"
_SAMPLE_CHARACTERS = 64_000
"""Characters by which it is found out what divides the cells."""

_SAMPLE_RECORDS = 30
"""Records of these that are compared."""

_LARGEST_WORKBOOK = 32_000_000
_LARGEST_UNPACKED = 160_000_000
"""Bytes; a hundred thousand people with their addresses unpack to a third of it."""

_SMALL_PART, _LARGEST_RATIO = 16_000_000, 100
"""Bytes of a part that may be packed at will, and how far a larger one may be: a table of people
packs to a tenth, a part of nothing but empty rows to a thousandth, and takes a minute to read."""

_MOST_ROWS = 200_000
_MOST_COLUMNS = 100
_WORKBOOK_ERRORS = (
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

csv.field_size_limit(_LARGEST_TEXT)  # a huge cell is reported with its row


@dataclass(frozen=True, slots=True)
class Upload:
    """A table that came from a browser: it is read from memory and never written to disk."""

    name: str
    content: bytes

    @property
    def suffix(self) -> str:
        """The ending of its name, with the dot."""
        return PurePath(self.name).suffix

    def open(self, _mode: Literal["rb"]) -> io.BytesIO:
        """Return its bytes as `pathlib.Path.open` does."""
        return io.BytesIO(self.content)


Table = Path | Upload
"""A table on disk, or one in memory."""


@dataclass(frozen=True, slots=True)
class Record:
    """A line of cells without outer blanks, never all of them empty.

    ``line`` is where it ends in the file, counting from 1.
    """

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordStream:
    """The records of a file; reading them may raise `BadTable` or `InputError`.

    If ``decimal_comma``, a comma in a number can only be a decimal one, as where it divides no
    cells.
    """

    records: Iterator[Record]
    decimal_comma: bool


def read_records(table: Table, chosen: Mapping[str, str] | None = None) -> RecordStream:
    """Read a CSV file, or the first sheet of a workbook; empty records are passed over.

    ``chosen`` are names of columns that a person chose: a CSV file's delimiter is found by them
    too.

    Raises
    ------
    InputError
        It is no such file, or too large.
    """
    if table.suffix.casefold() in {".xlsx", ".xlsm"}:
        return RecordStream(_sheet_records(table), decimal_comma=False)
    lines = io.StringIO(_decode(table), newline="")
    delimiter = _delimiter(lines, chosen)
    return RecordStream(_csv_records(lines, delimiter, table.name), delimiter in ";\t")


def _csv_records(lines: io.StringIO, delimiter: str, name: str) -> Iterator[Record]:
    start = lines.tell()
    lines.seek(0)
    before = len(lines.read(start).splitlines())  # what names the delimiter is a line too
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Record(before + reader.line_num, tuple(cell.strip() for cell in cells))
    except csv.Error as error:
        line = before + reader.line_num
        problem = f"{name}, line {line}: {error}; check for a quote that is not closed."
        raise BadTable([problem]) from error


def _delimiter(lines: io.StringIO, chosen: Mapping[str, str] | None) -> str:
    """Return what divides the cells; a spreadsheet's own ``sep=;`` line is read and passed."""
    first = lines.readline()
    while first and not first.strip():
        first = lines.readline()
    named = first.strip().strip("\"'")
    if named.lower() == "sep=" and "\t" in first:
        return "\t"
    if named.lower().startswith("sep=") and len(named) == 5:
        return named[4]
    lines.seek(0)
    sample = lines.read(_SAMPLE_CHARACTERS)
    lines.seek(0)
    return max(_DELIMITERS, key=lambda one: _delimiter_score(sample, one, chosen))


def _delimiter_score(
    sample: str, delimiter: str, chosen: Mapping[str, str] | None
) -> tuple[int, bool, float, int]:
    """Return how well a delimiter fits: columns that it makes known, then how even the rows are.

    Records are parsed before they are compared, so that what is within quotes divides nothing.
    """
    records = _parse_sample(sample, delimiter)
    known = [count_known_columns(cells, chosen) for cells in records]
    if not any(known):
        width, _ = Counter(map(len, records)).most_common(1)[0] if records else (0, 0)
        return (0, width > 1, sum(len(one) == width for one in records), width)
    header = known.index(max(known))
    width, below = len(records[header]), records[header + 1 :]
    even = sum(len(cells) <= width for cells in below) / len(below) if below else 1.0
    return (known[header], width > 1, even, width)


def _parse_sample(sample: str, delimiter: str) -> list[list[str]]:
    """Return the first filled records of a text, without empty cells at their ends."""
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    records = []
    try:
        for cells in reader:
            while cells and not cells[-1].strip():
                cells.pop()
            if cells:
                records.append(cells)
            if len(records) == _SAMPLE_RECORDS:
                break
    except csv.Error:
        return []
    return records


def _decode(table: Table) -> str:
    try:
        with table.open("rb") as file:
            data = file.read(_LARGEST_TEXT + 1)
    except OSError as error:
        raise InputError(f"cannot read {table}: {error.strerror}; check the path.") from error
    if len(data) > _LARGEST_TEXT:
        raise InputError(f"{table.name} is larger than {_LARGEST_TEXT // 10**6} MB; split it.")
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    encoding = "utf-16" if wide else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")  # what spreadsheets on Windows save
    if "\0" in text:
        raise InputError(f"{table.name} is not a text file; save it as CSV and try again.")
    return text


def _sheet_records(table: Table) -> Iterator[Record]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(_read_workbook(table), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # it may claim any
        rows = sheet.iter_rows(values_only=True, max_row=_MOST_ROWS + 2, max_col=_MOST_COLUMNS)
        for number, row in enumerate(rows, start=1):
            if number > _MOST_ROWS + 1:
                raise BadTable([f"{table.name} has more than {_MOST_ROWS:,} rows; split it."])
            cells = [_text(cell) for cell in row]
            while cells and not cells[-1]:  # rows come as wide as they may be
                cells.pop()
            if cells:
                yield Record(number, tuple(cells))
    except BadTable:
        raise
    except (InvalidFileException, zipfile.BadZipFile, *_WORKBOOK_ERRORS) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{table.name} cannot be read as an Excel file; save it again, or as CSV."
        ) from error


def _read_workbook(table: Table) -> io.BytesIO:
    """Return the bytes of a workbook that unpacks to a bearable size."""
    with table.open("rb") as file:
        data = file.read(_LARGEST_WORKBOOK + 1)
    if len(data) > _LARGEST_WORKBOOK:
        raise InputError(f"{table.name} is larger than {_LARGEST_WORKBOOK // 10**6} MB; split it.")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    dense = any(
        part.file_size > max(_SMALL_PART, _LARGEST_RATIO * part.compress_size) for part in parts
    )
    if dense or unpacked > _LARGEST_UNPACKED:
        raise InputError(
            f"{table.name} unpacks to {unpacked // 10**6:,} MB, which is too large; save it as CSV."
        )
    return io.BytesIO(data)


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
