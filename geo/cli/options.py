"""Options that several commands have, and what they mean: a region, a position, minutes, files."""

from __future__ import annotations

import math
import sys
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from geo.errors import BadTable, InputError, OutsideRegion, UnmappedColumns
from geo.model import Point
from geo.network import CONDITIONS, Conditions
from geo.region import Region, list_regions, load_region
from geo.settings import Settings, read_settings
from geo.venues import Venue, read_venues, with_venues

if TYPE_CHECKING:
    from geo.export.listing import StartLabel
    from geo.store import Store


def current_settings() -> Settings:
    """Return the installation's settings, read when a command first needs them.

    Raises
    ------
    InputError
        One of them cannot be used.
    """
    root = click.get_current_context().find_root()
    if root.obj is None:
        root.obj = read_settings()
    settings: Settings = root.obj
    return settings


@contextmanager
def open_store(*, upgrade: bool = True) -> Iterator[Store]:
    """Open the store that the settings name.

    Raises
    ------
    SetupError
        It cannot be reached or written.
    """
    from geo.store import Store

    store = Store.open(current_settings().store_url, upgrade=upgrade)
    try:
        yield store
    finally:
        store.close()


def print_table(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, right: Collection[str] = ()
) -> None:
    """Print rows below a header; columns named in ``right`` hold numbers.

    Names come from strangers: control characters, which could drive the terminal, are dropped.
    """
    cells = [[printable(cell) for cell in row] for row in (header, *rows)]
    widths = [max(_width(row[i]) for row in cells) for i in range(len(header))]
    for row in cells:
        parts = []
        for name, cell, width in zip(header, row, widths, strict=True):
            blanks = " " * (width - _width(cell))
            parts.append(blanks + cell if name in right else cell + blanks)
        click.echo("  ".join(parts).rstrip())


def printable(text: str) -> str:
    """Return a text without control characters, which could drive the terminal."""
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))


def _width(text: str) -> int:
    """Return how many columns a terminal gives a text (Unicode Standard Annex 11)."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


Command = TypeVar("Command", bound=Callable[..., Any])

LONGEST_MIN = 24 * 60
"""Minutes; nobody drives longer to a meetup, and a larger number is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class TypedOrigin:
    """Where somebody starts, as it was typed.

    Attributes
    ----------
    label
        What was found; the numbers of a position.
    unmatched
        The words of the text that it does not account for.
    """

    point: Point
    label: str = ""
    unmatched: tuple[str, ...] = ()

    def shown(self, name: str | None = None) -> StartLabel:
        """Return what a listing says of it: whoever types a position may see it again.

        Parameters
        ----------
        name
            What the listing calls it; None for the usual.
        """
        from geo.export.listing import StartLabel

        start = StartLabel(point=self.point, address=self.label, unmatched=self.unmatched)
        return start if name is None else replace(start, label=name)


def example(*commands: str) -> str:
    """Return the end of a help text that shows how a command is typed, unwrapped."""
    return "\b\nExample:\n  " + "\n  ".join(commands)


def region_option(command: Command) -> Command:
    """Add ``--region``."""
    return click.option(
        "--region", "region_name", metavar="NAME", help="The region; optional with one region."
    )(command)


def condition_options(command: Command) -> Callable[..., None]:
    """Add ``--conditions``, ``--no-ferries`` and ``--no-tolls``, as one parameter."""

    @click.option(
        "--conditions",
        default="dry",
        show_default=True,
        metavar="|".join(CONDITIONS),
        help="The state of the roads.",
    )
    @click.option("--no-ferries", is_flag=True, help="Avoid ferries.")
    @click.option("--no-tolls", is_flag=True, help="Avoid toll roads.")
    @wraps(command)
    def call(*, conditions: str, no_ferries: bool, no_tolls: bool, **parameters: Any) -> None:
        allowed = Conditions(conditions, ferries=not no_ferries, tolls=not no_tolls)
        command(conditions=allowed, **parameters)

    return call


def column_option(command: Command) -> Command:
    """Add ``--column``."""
    return click.option(
        "--column", "columns", multiple=True, metavar="COLUMN=NAME",
        help="The name of a column in the file: id=\"Employee No\"; can be repeated.",
    )(command)  # fmt: skip


@contextmanager
def column_advice() -> Iterator[None]:
    """Say how a column is mapped where one is missing.

    Raises
    ------
    BadTable
        One is.
    """
    try:
        yield
    except UnmappedColumns as error:
        advice = 'To map a column, add --column, for example --column id="Employee No".'
        raise BadTable([*error.problems, advice]) from error


def mapped_columns_text(headings: Mapping[str, str]) -> str:
    """Return which columns of a file are read for ours; empty where all have our names."""
    others = [f"{column} from {heading!r}" for column, heading in headings.items()
              if heading.casefold() != column]  # fmt: skip
    return f"Columns: {', '.join(others)}." if others else ""


def other_region_text(count: int) -> str:
    """Return how many people of a roster live in another region."""
    return f"{count:,} {'person lives' if count == 1 else 'people live'} in another region."


def partly_found_text(count: int) -> str:
    """Return how many addresses of a roster are known by their town or postcode alone."""
    addresses = "address was" if count == 1 else "addresses were"
    return f"{count:,} {addresses} only partly found, for example by town"


def open_region(name: str | None, *, compiled: bool = True) -> Region:
    """Open the region of that name, or the only one.

    A command that asks one question leaves ``compiled`` off: loading the loops takes longer.

    Raises
    ------
    InputError
        No name was given and there is not exactly one region.
    """
    regions_dir = current_settings().regions_dir
    if name is None:
        names = list_regions(regions_dir)
        if len(names) != 1:
            advice = (
                f"add --region with one of {', '.join(names)}"
                if names
                else "build one with 'crossroads region build EXTRACT --name NAME'"
            )
            raise InputError(f"which region? There are {len(names) or 'none'}; {advice}.")
        name = names[0]
    return load_region(name, regions_dir=regions_dir, compiled=compiled)


def find_origin(text: str, region: Region) -> TypedOrigin:
    """Return where a ``lat,lon`` or a name or address of the region is, and what was found.

    Raises
    ------
    InputError
        The region knows no such name, or it is elsewhere.
    BadCoordinates
        The numbers are no position.
    OutsideRegion
        No road of the region is near the position.
    """
    point = region.gazetteer.parse_position(text)
    if point:
        _check_inside(point, region)
        return TypedOrigin(point, f"{point.lat:.5f}, {point.lon:.5f}")
    found = region.gazetteer.geocode(text)
    if found.match is None:
        raise InputError(_not_found(region.name, found.elsewhere))
    match = found.match
    print_message(f"Starting from {match.label}{_unmatched(match.unmatched)}.")
    return TypedOrigin(match.point, match.label, match.unmatched)


def _not_found(region: str, elsewhere: str) -> str:
    """Return the sentence for an address that is not in a region; it does not repeat the text."""
    if elsewhere:
        return (
            f"the address is not in region {region!r}: it is in {elsewhere};"
            " choose another region with --region."
        )
    return (
        f"region {region!r} knows no place or address like the one given;"
        " check the spelling, or give a position as LAT,LON."
    )


def _unmatched(words: Sequence[str]) -> str:
    if not words:
        return ""
    quoted = ", ".join(f"'{word}'" for word in words)
    return f"; {quoted} {'is' if len(words) == 1 else 'are'} not on the map"


def print_message(message: str) -> None:
    """Say something on stderr; names in it come from strangers and may not drive the terminal."""
    click.echo(printable(message), err=True)


def _check_inside(point: Point, region: Region) -> None:
    try:
        region.network.snap_point(point)
    except OutsideRegion as error:
        if abs(point.lon) <= 90 and Point(point.lat, point.lon) in region.bbox:
            raise OutsideRegion(
                f"{point.lat:g},{point.lon:g} is not in region {region.name!r}, but"
                f" {point.lon:g},{point.lat:g} is; give the latitude first.",
                snap_m=error.snap_m,
            ) from error
        raise


def parse_minutes(minutes: float) -> float:
    """Return a cutoff in seconds.

    Raises
    ------
    InputError
        It is not a sensible number of minutes.
    """
    if not math.isfinite(minutes) or not 0 < minutes <= LONGEST_MIN:
        raise InputError(
            f"{minutes!r} is no number of minutes to drive; give more than 0"
            f" and at most {LONGEST_MIN}."
        )
    return minutes * 60


def parse_time(text: str | None) -> datetime:
    """Return the moment that an ISO text means: without a zone, the local time of each place.

    Raises
    ------
    InputError
        It is no ISO date and time.
    """
    if text is None:
        return datetime.now().astimezone()
    try:
        at = datetime.fromisoformat(text)
        if not 1900 < at.year < 2200:
            raise ValueError("no opening hours are known so long ago or ahead")
    except ValueError as error:
        raise InputError(f"{text!r} is no date and time; write it as 2026-05-04T10:00.") from error
    return at


def ask_before(question: str, *, otherwise: str) -> None:
    """Ask whoever sits at the terminal before something that nobody can undo.

    Parameters
    ----------
    otherwise
        What to say where nobody sits there.

    Raises
    ------
    InputError
        Nobody does.
    Abort
        They would rather not.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        raise InputError(otherwise)
    click.confirm(question, abort=True, err=True)


def existing_file(text: str) -> Path:
    """Return the path of a file that exists.

    Raises
    ------
    InputError
        There is none.
    """
    path = Path(text)
    if path.is_dir():
        raise InputError(f"{text!r} is a folder, not a file; check the path.")
    if not path.exists():
        raise InputError(f"there is no file {text!r}; check the path.")
    return path


def venues_option(command: Command) -> Command:
    """Add ``--venues``."""
    return click.option(
        "--venues", metavar="VENUES", help="CSV or XLSX of own venues: id, name, lat,lon, kind."
    )(command)


def read_venue_file(path: str | None, region: Region) -> list[Venue]:
    """Return the venues of a file; bad rows are told on stderr. [] where none is given.

    Raises
    ------
    InputError
        There is no such file.
    """
    if path is None:
        return []
    venues, problems = read_venues(existing_file(path), region.gazetteer)
    for problem in problems:
        print_message(f"crossroads: {problem}")
    return venues


def with_own_venues(region: Region, path: str | None) -> Region:
    """Return the region as if its map knew the venues of a file.

    Raises
    ------
    InputError
        There is no such file.
    """
    return region if path is None else with_venues(region, read_venue_file(path, region))
