"""Reading a table of staff: each row good or bad by itself, and no home left of any of them.

What a row says of where somebody lives stays in memory until all rows are read; then it becomes
areas, in one go, and is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from geo.errors import BadTable, CrossroadsError
from geo.model import HomeArea, Point
from geo.people.homes import areas_at
from geo.people.text import LONGEST_NAME, LONGEST_TEAM, clean_email
from geo.records import Table
from geo.region import Region
from geo.roster import row_place, row_weight
from geo.tabular import Row, clean_line, unquoted

_LONGEST_REFERENCE = 80
_YES = frozenset({"yes", "y", "true", "1", "x", "ja", "oui", "si", "sí"})
_WHERE = ("lat", "lon", "address", "town", "postcode")


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A good row of a table of staff.

    Attributes
    ----------
    line
        Where it stands in the file.
    reference
        Its ``id``; empty for none.
    name, email, team
        Empty where the table does not say.
    weight
        How much this person counts in a plan.
    planning
        Whether the table says that they allow planning.
    area
        Where they live, coarsely; None where the table says nothing.
    """

    line: int
    reference: str
    name: str
    email: str
    team: str
    weight: float
    planning: bool
    area: HomeArea | None


class Reading:
    """Reads rows one by one, and remembers what was seen; homes stay in memory until `finish`."""

    def __init__(self, name: str, region: Region) -> None:
        self._name = name
        self._region = region
        self._rows: list[ImportRow] = []
        self._homes: list[Point | None] = []
        self._problems: list[tuple[int, str]] = []
        self._seen: dict[tuple[str, str], int] = {}
        self._found: dict[tuple[str, ...], Point] = {}

    def take(self, row: Row) -> None:
        """Read a row, or say why it cannot be used."""
        try:
            read = self._read(row)
            home = self._home(row)
        except (ValueError, CrossroadsError) as error:
            self._problems.append((row.line, str(error).rstrip(".")))
            return
        self._seen |= {
            (what, value): row.line
            for what, value in (("id", read.reference), ("e-mail address", read.email))
            if value
        }
        self._rows.append(read)
        self._homes.append(home)

    def finish(
        self, k: int, before: Callable[[ImportRow], HomeArea | None]
    ) -> tuple[list[ImportRow], list[str]]:
        """Return the good rows with their areas, and a sentence for each bad one.

        Parameters
        ----------
        k
            Among how many homes everybody hides at least.
        before
            Returns the area that somebody has already; None for none.
        """
        found = [
            (home, before(row))
            for row, home in zip(self._rows, self._homes, strict=True)
            if home is not None
        ]
        known, kept = [home for home, _ in found], [area for _, area in found]
        areas = iter(areas_at(self._region, known, k=k, before=kept) if known else [])
        rows = []
        for row, home in zip(self._rows, self._homes, strict=True):
            area = None if home is None else next(areas)
            if home is not None and area is None:
                reason = "no road of the region is near that home; choose the region it is in"
                self._problems.append((row.line, reason))
            else:
                rows.append(replace(row, area=area))
        told = [f"{self._name}, line {line}: {text}." for line, text in sorted(self._problems)]
        return rows, told

    def _read(self, row: Row) -> ImportRow:
        row.check()
        values = {column: unquoted(value) for column, value in row.values.items()}
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

    def _home(self, row: Row) -> Point | None:
        where = tuple(row.values.get(name, "") for name in _WHERE)
        if not any(where):
            return None
        if where not in self._found:
            self._found[where] = row_place(row, self._region.gazetteer)
        return self._found[where]


def check_columns(table: Table, rows: Sequence[Row]) -> None:
    """Refuse a table that says of nobody who or where they are.

    Raises
    ------
    BadTable
        It has no such column.
    """
    columns = set(rows[0].values) if rows else {"id", "name"}
    if not columns & {"name", "email", *_WHERE}:
        raise BadTable(
            [f"{table.name} says of nobody who or where they are; add name, email or town."]
        )


def twins(rows: Sequence[ImportRow]) -> Iterable[str]:
    """Tell which rows have the same name and the same area."""
    lines: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        if row.name:
            key = row.name.casefold(), row.area.id if row.area else ""
            lines.setdefault(key, []).append(row.line)
    for same in lines.values():
        if len(same) > 1:
            shown = ", ".join(map(str, same[:10])) + (", …" if len(same) > 10 else "")
            yield f"lines {shown} have the same name and area; all are kept."
