"""Printing a listing in the format that was asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from geo.cli.arguments import tell

if TYPE_CHECKING:
    from geo.export.listing import Listing

Command = TypeVar("Command", bound=Callable[..., Any])


def format_option(command: Command) -> Command:
    """Add ``--format``."""
    return click.option(
        "--format",
        "output",
        type=click.Choice(["table", "json", "geojson", "csv"]),
        default="table",
        show_default=True,
    )(command)


def print_listing(listing: Listing, output: str) -> None:
    """Print a listing; the notes and the source of a table go to stderr."""
    from geo.export.tables import listing_csv
    from geo.export.values import listing_geojson, listing_values

    if output == "json":
        click.echo(json.dumps(listing_values(listing), ensure_ascii=False, indent=1))
    elif output == "geojson":
        click.echo(json.dumps(listing_geojson(listing), ensure_ascii=False))
    elif output == "csv":
        click.echo(listing_csv(listing), nl=False)
    else:
        _print_table(listing)


def _print_table(listing: Listing) -> None:
    """Print the numbers first and the name last, so that long names break no column."""
    from geo.cli.table import print_table

    shown = [column for column in listing.columns if column.shown and column.key != "name"]
    shown.sort(key=lambda column: column.quantity in {"kind", "open"})
    shown += [column for column in listing.columns if column.key == "name"]
    titles = [column.short for column in shown]
    if listing.entries:
        print_table(
            titles,
            [[listing.brief(entry, column) for column in shown] for entry in listing.entries],
            right=[c.short for c in shown if c.quantity in {"minutes", "km"}],
        )
    for note in listing.notes:
        tell(note)
    tell(f"Map data: {listing.source.line}.")
