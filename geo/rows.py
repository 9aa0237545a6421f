"""Tables as people save them: CSV with commas, semicolons or tabs, any line ends, a BOM or none.

Every bad row is found and told with its line, so that a file is mended in one go.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Literal

from geo.errors import BadCoordinates, BadTable, InputError
from geo.model import Point

_LARGEST_CELL = 10_000
"""Characters; no name, address or number is longer."""

_LARGEST_FILE = 64_000_000
"""Bytes; a roster of a million people is smaller."""

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-"})
"""Word processors turn a minus into a sign of their own or into a dash."""

_QUOTED = re.compile("'[=+\\-@\t\r\n＝＋－＠]")
"""What `geo.export.tables` makes of a cell that begins like a formula."""

csv.field_size_limit(_LARGEST_FILE)  # a huge cell is told with its row; it must not end the reading


def clean_line(text: str, longest: int) -> str:
    r"""Return a text as one line without signs that drive terminals or turn the writing round.

    Examples
    --------
    >>> clean_line(" Zoë\u202e\x1b[31m  Smith ", 120)
    'Zoë[31m Smith'
    """
    kept = (sign for sign in text if sign.isspace() or unicodedata.category(sign)[0] != "C")
    return " ".join("".join(kept).split())[:longest].rstrip()


def unquoted(text: str) -> str:
    """Return a cell without the apostrophe that our exports put before what spreadsheets would run.

    Examples
    --------
    >>> unquoted("'=1+1"), unquoted("'t Hooft")
    ('=1+1', "'t Hooft")
    """
    return text[1:] if _QUOTED.match(text) else text


@dataclass(frozen=True, slots=True)
class Upload:
    """A table that came from a browser: it is read from memory and never written to disk.

    Attributes
    ----------
    name
        What the sender calls it.
    content
        Its bytes.
    """

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
class Row:
    """One row of a table.

    Attributes
    ----------
    line
        Where it stands in the file, counting from 1.
    values
        Cell by column name (small letters), without outer blanks.
    decimal_comma
        Whether numbers may be written with a comma, as files with semicolons do.
    fault
        Why the row as a whole cannot be used; empty where it can.
    """

    line: int
    values: dict[str, str]
    decimal_comma: bool = False
    fault: str = ""

    def check(self) -> None:
        """Refuse a row that cannot be used as a whole.

        Raises
        ------
        ValueError
            It has a fault; the text is that.
        """
        if self.fault:
            raise ValueError(self.fault)

    def number(self, column: str) -> float:
        """Return a cell as a number.

        Raises
        ------
        ValueError
            It is none; the text names the column and the cell.
        """
        text = self.values[column]
        plain = text.translate(_MINUS).rstrip("\u00b0 ")
        if self.decimal_comma:
            plain = plain.replace(",", ".")
        if not _NUMBER.fullmatch(plain):
            shown = text if len(text) <= 40 else text[:40] + "..."
            raise ValueError(f"{column} {shown!r} is not a number")
        return float(plain)


@dataclass(frozen=True, slots=True)
class IdentifiedPoint:
    """A point with the id that its row gives it."""

    id: str
    point: Point
    line: int


def read_rows(path: Table, required: Sequence[str]) -> list[Row]:
    """Read a CSV file whose first line names its columns; empty lines are passed over.

    Raises
    ------
    InputError
        The file cannot be read as text.
    BadTable
        A required column is missing.
    """
    lines = io.StringIO(_decode(path), newline="")
    delimiter = _delimiter(lines)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        columns = [cell.strip().casefold() for cell in _first_filled(reader)]
        missing = [name for name in required if name not in columns]
        if missing:
            lacks = f"{path.name} has no column {' and no column '.join(map(repr, missing))}"
            raise BadTable([f"{lacks}; its first line must name the columns {','.join(required)}."])
        twice = sorted({name for name in columns if name and columns.count(name) > 1})
        if twice:
            raise BadTable([f"{path.name} has the column {twice[0]!r} twice; leave one of them."])
        return list(_rows(reader, columns, decimal_comma=delimiter == ";"))
    except csv.Error as error:
        told = f"{path.name}, line {reader.line_num}: {error}; look for a quote that is not closed."
        raise BadTable([told]) from error


def _delimiter(lines: io.StringIO) -> str:
    """Return what parts the cells; a spreadsheet's own ``sep=;`` line is read and passed."""
    first = lines.readline()
    while first and not first.strip():
        first = lines.readline()
    if first.lower().startswith("sep=") and len(first.strip()) == 5:
        return first[4]
    lines.seek(0)
    return max(",;\t", key=first.count)


def _first_filled(reader: Iterable[list[str]]) -> list[str]:
    return next((cells for cells in reader if any(cell.strip() for cell in cells)), [])


def read_points(path: Path) -> tuple[list[IdentifiedPoint], list[str]]:
    """Read a CSV with the columns ``id,lat,lon``.

    Returns
    -------
    points
        The good rows.
    problems
        One sentence for each bad row, with its line.

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
                raise ValueError(f"the id stands already on line {seen[identity]}")
        except (ValueError, BadCoordinates) as error:
            problems.append(f"{path.name}, line {row.line}: {str(error).rstrip('.')}.")
            continue
        seen[identity] = row.line
        points.append(IdentifiedPoint(identity, point, row.line))
    return points, problems


def _rows(reader: Any, columns: list[str], *, decimal_comma: bool) -> Iterator[Row]:
    for cells in reader:
        if any(cell.strip() for cell in cells):
            padded = [cell.strip() for cell in cells] + [""] * (len(columns) - len(cells))
            values = dict(zip(columns, padded, strict=False))
            yield Row(reader.line_num, values, decimal_comma, fault_of(padded, len(columns)))


def fault_of(cells: Sequence[str], expected: int) -> str:
    """Return why a row of some cells cannot be used; empty where it can."""
    if any(cells[expected:]):
        return f"there are {len(cells)} cells and only {expected} columns"
    if any(len(cell) > _LARGEST_CELL for cell in cells):
        return f"a cell has more than {_LARGEST_CELL:,} characters"
    return ""


def _decode(path: Table) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; check the path.") from error
    if len(data) > _LARGEST_FILE:
        raise InputError(f"{path.name} is larger than {_LARGEST_FILE // 10**6} MB; divide it.")
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    encoding = "utf-16" if wide else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")  # what spreadsheets on Windows save
    if "\0" in text:
        raise InputError(f"{path.name} is not a text file; save it as CSV and try again.")
    return text
