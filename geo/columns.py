"""Which columns of a table are which of ours, by our names or those of other systems.

``data/columns.toml`` holds the names. A file may have several columns that could be the same thing,
as a home and an office address: people are never placed at an office, so columns of a home go first
and those of a workplace are not taken at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from geo.errors import BadTable, UnknownName, UnmappedColumns, shorten
from geo.files import read_table

LOCATION = (
    "lat", "lon", "address", "address_2", "house_number",
    "town", "postcode", "county", "state", "country",
)  # fmt: skip
"""The columns that say where somebody is."""

_LOCAL = frozenset({"address", "address_2", "house_number", "town", "postcode"})
"""Parts that must be of one and the same address."""

_PEOPLE = (
    "id", "name", "first_name", "last_name", "email", "team", "weight", "planning", "conditions",
)  # fmt: skip
_VENUES = ("kind", "status", "capacity", "cost", "hours", "staff")
COLUMNS = (*_PEOPLE, *LOCATION, *_VENUES, "minutes")
"""Every column that some table of ours has."""

MAPPABLE = (*_PEOPLE, *LOCATION)
"""The columns of a roster, which a person may map to those of a file."""

_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)")
_NON_WORD = re.compile(r"[\W_]+")
_PARENTHESES = re.compile(r"\([^)]*\)")
_DATA = re.compile(r"@|^\W*[\d.,+-]+\W*$|^\d+\s+\w|\d{5}")
"""What cells of data hold and names of columns do not."""

_LONGEST_HEADING = 60
_MOST_LISTED = 60


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which columns of a file are which of ours.

    ``labels`` has what the values of each column are called: our name, or the file's in small
    letters; empty for what is not read. ``notes`` is a sentence for each of ours that several could
    be.
    """

    headings: tuple[str, ...]
    positions: Mapping[str, int]
    labels: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def used(self) -> dict[str, str]:
        """What the file calls each of our columns that it has."""
        return {column: self.headings[i] for column, i in self.positions.items()}

    def values(self, cells: Sequence[str]) -> dict[str, str]:
        """Return the cells of a row by our names; what has none keeps the file's."""
        found = dict(zip(self.labels, cells, strict=False))
        found.pop("", None)
        for column, position in self.positions.items():  # one column may be chosen for two of ours
            found[column] = cells[position]
        return _join_parts(found)

    def require(self, columns: Sequence[str], file: str) -> None:
        """Raise `UnmappedColumns` for a file that lacks one of some columns."""
        missing = [repr(column) for column in columns if column not in self.positions]
        if missing:
            raise self.lacking(f"{file} has no column {' and no column '.join(missing)}")

    def lacking(self, problem: str) -> UnmappedColumns:
        """Return the error of a file that lacks something, with the columns that it has."""
        return UnmappedColumns(f"{problem}; {_columns_hint(self.headings)}", self.headings)


def count_known_columns(headings: Sequence[str], chosen: Mapping[str, str] | None = None) -> int:
    """Return how many of our columns the cells of a row would name."""
    by_hand = {heading.strip() for heading in (chosen or {}).values() if heading.strip()}
    named = {match.column for one in headings if (match := _match_heading(one))}
    return len(named) + len(by_hand.intersection(one.strip() for one in headings))


def map_columns(
    headings: Sequence[str], chosen: Mapping[str, str] | None = None, *, file: str = "the file"
) -> ColumnMapping:
    """Return which columns of a file are which of ours.

    ``chosen`` is the file's name for some of ours, as a person chose it; an empty name for none.

    Raises
    ------
    UnknownName
        A column of ours was chosen for that there is not.
    UnmappedColumns
        A column was chosen that the file does not have.
    BadTable
        A column that is needed is there twice under one name.
    """
    names = tuple(" ".join(heading.split()) for heading in headings)
    positions, notes = _chosen_positions(names, chosen or {}, file), []
    taken = set(positions.values())
    matches = [
        match
        for position, name in enumerate(names)
        if position not in taken and (match := _match_heading(name, position))
    ]
    local = [match for match in matches if match.column in _LOCAL]
    at_home = {match.column for match in local if match.home}
    two_addresses = not at_home.isdisjoint(one.column for one in local if not one.home)
    for column in COLUMNS:
        found = sorted(one for one in matches if one.column == column)
        if column in positions or column in (chosen or {}) or not found:
            continue
        if two_addresses and column in _LOCAL:
            found = [one for one in found if one.home]
        if not found:
            continue
        best, *others = found
        _check_unique(names, best, others, file)
        positions[column] = best.position
        notes += [
            f"{file}: {column} is read from the column {names[best.position]!r}, not from"
            f" {names[one.position]!r}."
            for one in others[:1]
        ]
    ours = {position: column for column, position in positions.items()}
    labels = [ours.get(i, "" if (own := name.casefold()) in COLUMNS else own)
              for i, name in enumerate(names)]  # fmt: skip
    return ColumnMapping(names, positions, tuple(labels), tuple(notes))


@dataclass(frozen=True, slots=True, order=True)
class _HeadingMatch:
    """What one heading may mean; the least of several is the best."""

    elsewhere: bool
    alias: int
    position: int
    column: str

    @property
    def home(self) -> bool:
        return not self.elsewhere


def _match_heading(heading: str, position: int = 0) -> _HeadingMatch | None:
    """Return what a heading means; None where nobody knows."""
    found = _match_words(_words(heading)) or _match_words(_words_outside_parentheses(heading))
    if found is None:
        return None
    column, alias, home = found
    if column in LOCATION:  # parts of one address stand together, so the first goes first
        return _HeadingMatch(not home, min(alias, 1), position, column)
    return _HeadingMatch(False, alias, position, column)


def _words_outside_parentheses(heading: str) -> tuple[str, ...]:
    """Return the words of a heading whose parentheses explain it; none where they may change it."""
    parts = _PARENTHESES.findall(heading)
    explains = parts and _explanatory_words().issuperset(
        word for part in parts for word in _words(part)
    )
    return _words(_PARENTHESES.sub(" ", heading)) if explains else ()


@cache
def _explanatory_words() -> frozenset[str]:
    lists = read_table("columns")["words"]
    words = {word for name in _column_names() for word in name}
    return frozenset(words | set(lists["explaining"])) - set(lists["work"])


def _match_words(words: tuple[str, ...]) -> tuple[str, int, bool] | None:
    names, lists = _column_names(), read_table("columns")["words"]
    at_work = not set(lists["work"]).isdisjoint(words)
    if (found := names.get(words)) and not (at_work and found[0] in LOCATION):
        return found
    if at_work:
        return None
    home = bool(set(words) & set(lists["home"]))
    for left_out in (lists["neutral"], lists["home"], lists["address"]):
        words = tuple(word for word in words if word not in left_out)
        if found := names.get(words):
            column, alias, of_home = found
            if not home or column in LOCATION:
                return column, alias, home or of_home
    return None


@cache
def _column_names() -> dict[tuple[str, ...], tuple[str, int, bool]]:
    """Return column, place in its list (0 for our own name) and whether of a home, by words."""
    table = read_table("columns")
    found: dict[tuple[str, ...], tuple[str, int, bool]] = {}
    for column in COLUMNS:
        found[_words(column)] = (column, 0, False)
    for section, home in (("home", True), ("columns", False)):
        for column, names in table[section].items():
            for number, name in enumerate(names, start=1):
                found.setdefault(_words(name), (column, number, home))
    return found


def _words(heading: str) -> tuple[str, ...]:
    """Return a heading as words that can be compared."""
    lists = read_table("columns")["words"]
    text = _CAMEL_CASE.sub(" ", heading[:200].replace("#", " number "))
    text = unicodedata.normalize("NFKD", text).casefold()
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    words = [
        "number" if word in lists["number"] else word
        for word in _NON_WORD.split(text)
        if word and word not in lists["articles"]
    ]
    return tuple(word for i, word in enumerate(words) if i == 0 or word != words[i - 1])


def _chosen_positions(names: Sequence[str], chosen: Mapping[str, str], file: str) -> dict[str, int]:
    positions = {}
    folded = [name.casefold() for name in names]
    for column, heading in chosen.items():
        if column not in COLUMNS:
            raise UnknownName("column", column, MAPPABLE)
        wanted = " ".join(heading.split()).casefold()
        if wanted and wanted not in folded:
            lacks = f"{file} has no column {shorten(heading, _LONGEST_HEADING)!r}"
            raise UnmappedColumns(f"{lacks} to read for {column}; {_columns_hint(names)}", names)
        if wanted:
            positions[column] = folded.index(wanted)
    return positions


def _columns_hint(headings: Sequence[str]) -> str:
    """Return which columns there are, or that there are none: data may be of people."""
    if any(map(_DATA.search, headings)) or not any(headings):
        return "its first row must name the columns."
    listed = [repr(shorten(one, _LONGEST_HEADING)) for one in headings if one]
    more = ", …" if len(listed) > _MOST_LISTED else ""
    shown = ", ".join(listed[:_MOST_LISTED])
    return f"its columns are {shown}{more}. Rename the right one, or map it."


def _check_unique(
    names: Sequence[str], best: _HeadingMatch, others: Sequence[_HeadingMatch], file: str
) -> None:
    name = names[best.position].casefold()
    if any(names[one.position].casefold() == name for one in others):
        raise BadTable([f"{file} has the column {name!r} twice; remove one of them."])


def _join_parts(values: dict[str, str]) -> dict[str, str]:
    """Return values with the parts of names and of streets put together."""
    first, last = values.pop("first_name", None), values.pop("last_name", None)
    if first is not None and last is not None:
        values["name"] = " ".join(filter(None, (first, last))) or values.get("name", "")
    elif first is not None or last is not None:  # then "Name" is the other half
        values["name"] = " ".join(filter(None, (first, values.get("name", ""), last)))
    house = values.pop("house_number", "")
    if house and values.get("address"):
        values["address"] = f"{values['address']} {house}"
    return values


def chosen_columns(texts: Sequence[str]) -> dict[str, str]:
    """Return what ``column=heading`` texts choose, as a command line takes them.

    Raises
    ------
    UnknownName
        There is no such column.
    BadTable
        A text has no equals sign.
    """
    return dict(_parse_pairs(texts))


def _parse_pairs(texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    for text in texts:
        column, equals, heading = text.partition("=")
        if not equals:
            raise BadTable([f'--column {text!r} is not a pair; write it as id="Employee No".'])
        if column.strip() not in MAPPABLE:
            raise UnknownName("column", column.strip(), MAPPABLE)
        yield column.strip(), heading
