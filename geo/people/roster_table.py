"""A table of staff, read row by row: each good or bad by itself, and no home left of any of them.

What a row says of where somebody lives stays in memory until all rows are read; then it becomes
areas, all at once. What was typed is kept beside what was found while a person compares both, in
memory alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from geo.errors import CrossroadsError
from geo.geocoding import (
    ADDRESS,
    OtherRegionError,
    RegionExtent,
    RowLocation,
    RowProblems,
    has_location_columns,
    has_position,
    row_address,
    row_location,
)
from geo.model import HomeArea
from geo.people.homes import areas_at
from geo.region import Region
from geo.roster import row_weight
from geo.store.people import AreaSource
from geo.tabular import ParsedTable, Row, strip_formula_quote
from geo.text import LONGEST_NAME, LONGEST_TEAM, clean_email, clean_line

_LONGEST_REFERENCE = 80
_YES = frozenset({"yes", "y", "true", "1", "x", "ja", "oui", "si", "sí"})
_LOCATION_COLUMNS = ("lat", "lon", *ADDRESS)

CheckState = Literal["uncertain", "not found", "elsewhere", "found"]
"""Of an address, in the order in which a person should look at them."""

_ORDER: tuple[str, ...] = ("uncertain", "not found", "elsewhere", "found")
_COARSEST_FIRST: tuple[str, ...] = ("", "postcode", "town", "address", "position")


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A good row of a table of staff.

    Attributes
    ----------
    name, email, team
        Empty where the table does not say.
    area
        Where they live, coarsely; None where the table says nothing. Where the area that is stored
        holds this home, it is that one, which is not to be shown.
    source
        What that is known by; empty for nothing.
    shown
        The label of the area that this row alone gives.
    """

    line: int
    reference: str
    name: str
    email: str
    team: str
    weight: float
    planning: bool
    area: HomeArea | None = field(repr=False)
    source: AreaSource = ""
    shown: str = ""


@dataclass(frozen=True, slots=True)
class AddressCheck:
    """What was typed of an address beside what was found: for a screen, never kept or logged.

    ``typed`` has the parts that say something, by column; ``found`` and ``source`` are what was
    found and what it is known by, empty where nothing was.
    """

    line: int
    typed: Mapping[str, str] = field(repr=False)
    state: CheckState
    found: str = field(default="", repr=False)
    source: AreaSource = ""

    @property
    def order(self) -> tuple[int, int, int]:
        """Sorts what a person should look at first to the top."""
        return _ORDER.index(self.state), _COARSEST_FIRST.index(self.source), self.line


class RosterTable:
    """Reads rows one by one, and remembers what was seen; homes stay in memory until `finish`."""

    def __init__(self, name: str, region: Region) -> None:
        self._region = region
        self._extent = RegionExtent(region.name, region.bbox)
        self._rows: list[ImportRow] = []
        self._homes: list[RowLocation | None] = []
        self._problems = RowProblems(name, self._extent)
        self._positions = 0
        self._seen: dict[tuple[str, str], int] = {}
        self._found: dict[tuple[str, ...], RowLocation] = {}
        self._checks: list[AddressCheck] = []

    def append(self, row: Row) -> None:
        """Read a row, or keep why it cannot be used."""
        self._positions += has_position(row)
        try:
            read = self._read(row)
            home = self._home(row)
        except (ValueError, CrossroadsError) as error:
            self._problems.add(row.line, error)
            return
        self._seen |= {
            (what, value): row.line
            for what, value in (("id", read.reference), ("e-mail address", read.email))
            if value
        }
        self._rows.append(read)
        self._homes.append(home)

    def finish(self, k: int, before: Callable[[ImportRow], HomeArea | None]) -> ReadRows:
        """Return what was read; no home is left of it.

        Everybody hides among k homes at least; ``before`` returns the area that somebody has
        already.
        """
        placed = [i for i, home in enumerate(self._homes) if home is not None]
        new_areas = self._areas(k, placed, {})
        known = {i: area for i in placed if (area := before(self._rows[i])) is not None}
        areas = new_areas | self._areas(k, list(known), known)
        rows = []
        for i, (row, home) in enumerate(zip(self._rows, self._homes, strict=True)):
            if home is None:
                rows.append(row)
            elif (area := areas[i]) is None:
                self._problems.add(row.line, self._off_roads(home))
            else:
                label = new_areas[i]
                shown = "" if label is None else label.label
                rows.append(replace(row, area=area, source=home.source, shown=shown))
        return ReadRows(
            rows=tuple(rows),
            problems=tuple(self._problems.sentences(positions=self._positions)),
            checks=tuple(sorted(self._checks, key=lambda one: one.order)),
            elsewhere=self._problems.elsewhere,
        )

    def _areas(
        self, k: int, rows: Sequence[int], before: Mapping[int, HomeArea]
    ) -> dict[int, HomeArea | None]:
        """Return the areas of the homes of some rows."""
        homes = [home.point for i in rows if (home := self._homes[i]) is not None]
        if not homes:
            return {}
        kept = [before.get(i) for i in rows]
        return dict(zip(rows, areas_at(self._region, homes, k=k, previous=kept), strict=True))

    def _off_roads(self, home: RowLocation) -> ValueError:
        if home.point in self._region.bbox:
            return ValueError("no road of the region is near the home")
        return OtherRegionError(f"the home is not in {self._extent.label}")

    def _read(self, row: Row) -> ImportRow:
        row.check()
        values = {column: strip_formula_quote(value) for column, value in row.values.items()}
        if any("\ufffd" in value for value in values.values()):
            raise ValueError("there are letters that cannot be read; save the file as UTF-8")
        reference = clean_line(values.get("id", ""), _LONGEST_REFERENCE + 1)
        if len(reference) > _LONGEST_REFERENCE:
            raise ValueError(f"the id is longer than {_LONGEST_REFERENCE} characters")
        email = clean_email(values["email"]) if values.get("email") else ""
        for what, value in (("id", reference), ("e-mail address", email)):
            if value and (what, value) in self._seen:
                raise ValueError(f"the {what} stands already on line {self._seen[what, value]}")
        name = clean_line(values.get("name", ""), LONGEST_NAME)
        if not (reference or email or name):
            raise ValueError("there is no id, no name and no e-mail address")
        return ImportRow(
            line=row.line,
            reference=reference,
            name=name,
            email=email,
            team=clean_line(values.get("team", ""), LONGEST_TEAM),
            weight=row_weight(row),
            planning=values.get("planning", "").casefold() in _YES,
            area=None,
        )

    def _home(self, row: Row) -> RowLocation | None:
        where = tuple(row.values.get(name, "") for name in _LOCATION_COLUMNS)
        if not (has_position(row) or row_address(row)):
            return None
        try:
            if where not in self._found:
                self._found[where] = row_location(row, self._region.gazetteer, self._extent)
        except ValueError as error:
            self._check(row, "elsewhere" if isinstance(error, OtherRegionError) else "not found")
            raise
        home = self._found[where]
        self._check(row, "found" if home.certain else "uncertain", home)
        return home

    def _check(self, row: Row, state: CheckState, home: RowLocation | None = None) -> None:
        """Keep an address for a person to check; a position needs no check."""
        typed = row_address(row)
        if has_position(row) or not typed:
            return
        found = AddressCheck(row.line, typed, state)
        if home is not None:
            found = replace(found, found=home.label, source=home.source)
        self._checks.append(found)


@dataclass(frozen=True, slots=True)
class ReadRows:
    """What a table of staff holds.

    ``problems`` has a sentence for each bad row, with its line; ``checks`` begins with the
    addresses that a person should look at.
    """

    rows: tuple[ImportRow, ...]
    problems: tuple[str, ...]
    checks: tuple[AddressCheck, ...] = field(repr=False)
    elsewhere: int


def check_columns(table: ParsedTable) -> None:
    """Refuse a table that says of nobody who or where they are.

    Raises
    ------
    UnmappedColumns
        It has no ``id``, or no other such column.
    """
    columns = table.columns
    columns.require(("id",), table.name)
    known = set(columns.positions)
    if not known & {"name", "first_name", "last_name", "email"} and not has_location_columns(known):
        raise columns.lacking(f"{table.name} has no column with names, e-mail addresses or homes")


def likely_duplicates(rows: Sequence[ImportRow]) -> Iterable[str]:
    """Yield a sentence for each set of rows of the same name and area."""
    lines: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        if row.name:
            key = row.name.casefold(), row.shown
            lines.setdefault(key, []).append(row.line)
    for same in lines.values():
        if len(same) > 1:
            shown = ", ".join(map(str, same[:10])) + (", …" if len(same) > 10 else "")
            yield f"lines {shown} have the same name and area; all are kept."
