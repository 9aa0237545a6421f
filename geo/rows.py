"""Tables as people save them: CSV with commas, semicolons or tabs, any line ends, a BOM or none.

Every bad row is found and told with its line, so that a file is mended in one go.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from geo.errors import BadCoordinates, BadTable, InputError
from geo.model import Point

_LARGEST_CELL = 10_000
"""Characters; no name, address or number is longer."""


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
    """

    line: int
    values: dict[str, str]
    decimal_comma: bool = False

    def number(self, column: str) -> float:
        """Return a cell as a number.

        Raises
        ------
        ValueError
            It is none; the text names the column and the cell.
        """
        text = self.values[column]
        try:
            return float(text.replace(",", ".") if self.decimal_comma else text)
        except ValueError:
            shown = text if len(text) <= 40 else text[:40] + "..."
            raise ValueError(f"{column} {shown!r} is not a number") from None


@dataclass(frozen=True, slots=True)
class IdentifiedPoint:
    """A point with the id that its row gives it."""

    id: str
    point: Point
    line: int


def read_rows(path: Path, required: Sequence[str]) -> list[Row]:
    """Read a CSV file whose first line names its columns; empty lines are passed over.

    Raises
    ------
    InputError
        The file cannot be read as text.
    BadTable
        A required column is missing.
    """
    text = _decode(path)
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        columns = [cell.strip().casefold() for cell in next(reader, [])]
        missing = [name for name in required if name not in columns]
        if missing:
            lacks = f"{path.name} has no column {' and no column '.join(map(repr, missing))}"
            raise BadTable([f"{lacks}; its first line must name the columns {','.join(required)}."])
        return list(_rows(reader, columns, decimal_comma=delimiter == ";"))
    except csv.Error as error:
        raise BadTable([f"{path.name}, line {reader.line_num}: {error}."]) from error


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


def _rows(reader: Iterator[list[str]], columns: list[str], *, decimal_comma: bool) -> Iterator[Row]:
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        padded = cells[: len(columns)] + [""] * (len(columns) - len(cells))
        values = {
            name: cell.strip()[:_LARGEST_CELL] for name, cell in zip(columns, padded, strict=True)
        }
        yield Row(reader.line_num, values, decimal_comma)  # type: ignore[attr-defined]


def _decode(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; check the path.") from error
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    encoding = "utf-16" if wide else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")  # what spreadsheets on Windows save
    if "\0" in text:
        raise InputError(f"{path.name} is not a text file; save it as CSV and try again.")
    return text
