"""``crossroads roster``: import, list, export, forget."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geo.cli import options
from geo.cli.options import current_settings, open_store, print_table
from geo.cli.output import output_path, write_bytes, write_lines
from geo.columns import chosen_columns
from geo.errors import BadTable, InputError

if TYPE_CHECKING:
    from geo.people.roster import Member
    from geo.people.roster_import import ImportPreview


@click.group(epilog=options.example("crossroads roster import staff.csv --region rutland"))
def roster() -> None:
    """Keep the people whom plans are made for; of their homes only areas are kept."""


@roster.command(
    "import",
    epilog=options.example(
        "crossroads roster import staff.csv --region rutland --preview",
        "crossroads roster import staff.xlsx --region rutland --planning",
        'crossroads roster import staff.csv --region rutland --column id="Employee No"',
    ),
)
@click.argument("file", metavar="FILE")
@options.region_option
@options.column_option
@click.option(
    "--preview", "preview", is_flag=True, help="Show what would change, and import nothing."
)
@click.option(
    "--planning", is_flag=True, help="Everyone in the file has agreed to be named in plans."
)
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
def import_(
    *,
    file: str,
    region_name: str | None,
    columns: tuple[str, ...],
    preview: bool,
    planning: bool,
    as_json: bool,
) -> None:
    """Enter the people of a CSV or XLSX file: id, name, email, team, and lat,lon or an address.

    The usual columns of personnel systems are known by their names. Where somebody lives becomes an
    area while the file is read; nothing finer is kept. People who are on the roster already are
    changed.
    """
    from geo.cli.output import progress_bar
    from geo.people.authorised import OPERATOR_ID
    from geo.people.roster_import import StaffTable, commit_import, preview_import

    path = options.existing_file(file)
    table = StaffTable(path, chosen_columns(columns))
    region = options.open_region(region_name)
    k = current_settings().homes_per_area
    with open_store() as store:
        with options.column_advice(), progress_bar(f"Reading {path.name}") as progress:
            found = preview_import(store, OPERATOR_ID, region, table, k=k, progress=progress)
        if read := options.mapped_columns_text(found.columns):
            options.print_message(read)
        if not found.rows:
            raise BadTable([*found.problems, f"{path.name} has nobody to enter."])
        for sentence in (*found.notes, *found.problems, *found.duplicates):
            options.print_message(f"crossroads: {sentence}")
        if not preview:
            commit_import(store, OPERATOR_ID, found, planning=planning)
    _print_import(found, path, as_json=as_json, preview=preview)


@roster.command(
    epilog=options.example(
        "crossroads roster template --out staff.xlsx", "crossroads roster template > staff.csv"
    )
)
@click.option("--out", default="-", metavar="FILE", help="Output file.  [default: stdout]")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "xlsx"]),
    help="File format.  [default: by the extension of FILE, or csv]",
)
def template(out: str, kind: str | None) -> None:
    """Write an empty table with the columns that a roster may have, to fill in."""
    from geo.export.tables import template_csv, template_xlsx

    path = output_path(out, [])
    if kind is None:
        kind = "xlsx" if path is not None and path.suffix.casefold() == ".xlsx" else "csv"
    if kind == "xlsx" and path is None and sys.stdout.isatty():
        raise InputError("an Excel file cannot be shown in a terminal; add --out staff.xlsx.")
    write_bytes(path, template_xlsx() if kind == "xlsx" else template_csv().encode())
    if path is not None:
        options.print_message(f"Wrote an empty roster to {path.name}.")


@roster.command("list", epilog=options.example("crossroads roster list"))
@click.option("--json", "as_json", is_flag=True, help="Print the roster as JSON.")
def list_(as_json: bool) -> None:
    """List who is on the roster; areas are shown of those who allow planning."""
    from geo.people.authorised import OPERATOR_ID
    from geo.people.roster import export_roster, list_roster

    with open_store() as store:
        if as_json:
            click.echo(json.dumps(export_roster(store, OPERATOR_ID), ensure_ascii=False, indent=1))
            return
        members = list_roster(store, OPERATOR_ID)
    if not members:
        options.print_message("Nobody yet: 'crossroads roster import FILE --region NAME'.")
        return
    header = ("id", "name", "team", "role", "status", "seen by", "planning", "area")
    print_table(header, [_row(one) for one in members])


@roster.command(epilog=options.example("crossroads roster export --out roster.csv"))
@click.option("--out", default="-", metavar="FILE", help="Output file.  [default: stdout]")
def export(out: str) -> None:
    """Write the roster as CSV, with areas of those who allow planning."""
    from geo.export.tables import csv_text
    from geo.people.authorised import OPERATOR_ID
    from geo.people.roster import EXPORT_COLUMNS, export_roster

    path = output_path(out, [])
    with open_store() as store:
        rows = export_roster(store, OPERATOR_ID)
    table = ([row[column] for column in EXPORT_COLUMNS] for row in rows)
    write_lines(path, [csv_text(EXPORT_COLUMNS, table)])
    if path is not None:
        shown = sum(bool(row["area"]) for row in rows)
        options.print_message(
            f"Wrote {len(rows):,} people to {path.name}, {shown:,} with their area (areas of those"
            " who allow planning)."
        )


@roster.command(
    "forget",
    epilog=options.example("crossroads roster forget p07", "crossroads roster forget p07 --yes"),
)
@click.argument("who", metavar="ID|E-MAIL")
@click.option("--yes", is_flag=True, help="Do not ask; a script has to say so.")
def forget_(who: str, yes: bool) -> None:
    """Delete somebody and all that is kept of them; past meetups keep a number only."""
    from geo.people.authorised import OPERATOR_ID
    from geo.people.profile import forget
    from geo.people.roster import find_member

    with open_store() as store:
        person = find_member(store, OPERATOR_ID, who)
        if not yes:
            options.ask_before(
                "Delete this person for good?",
                otherwise="nobody is deleted without being asked about; add --yes in a script.",
            )
        forget(store, OPERATOR_ID, person.id)
    options.print_message("Forgotten.")


def _print_import(found: ImportPreview, path: Path, *, as_json: bool, preview: bool) -> None:
    if found.own:
        options.print_message(
            f"{found.own:,} of them have signed in and set their own area, which stays as it is."
        )
    uncertain = sum(one.state == "uncertain" for one in found.checks)
    if uncertain:
        options.print_message(
            f"{options.partly_found_text(uncertain)}; the app's import page shows which."
        )
    if found.elsewhere:
        options.print_message(options.other_region_text(found.elsewhere))
    if found.kept:
        options.print_message(
            f"{found.kept:,} of them keep their area, which comes from a better source."
        )
    if found.unseen:
        options.print_message(
            f"{found.unseen:,} of them get the home area from this table. Theirs are hidden, as"
            " they do not allow planning, so whether that changes anything is not shown."
        )
    numbers = {
        "new": found.new,
        "changed": found.changed,
        "unchanged": found.same + found.unseen,
        "problems": len(found.problems),
    }
    click.echo(json.dumps(numbers) if as_json else _sentence(found, path.name, preview=preview))


def _sentence(found: ImportPreview, file: str, *, preview: bool) -> str:
    """Return what an import has done, or would do."""
    bad = f"rows that {'cannot' if preview else 'could not'} be used: {len(found.problems):,}."
    if found.new or found.changed:
        done = "Would enter {} and change {} of" if preview else "Entered {} and changed {} of"
        return f"{done.format(f'{found.new:,}', f'{found.changed:,}')} the people in {file}; {bad}"
    done = "Nothing would change" if preview else "Nothing changed"
    if found.unseen:
        done += ", except perhaps home areas that are hidden"
    return f"{done}: everyone in {file} is already on the roster; {bad}"


def _row(one: Member) -> tuple[str, ...]:
    person = one.person
    hidden = "not shown" if one.has_area else "not set"
    return (
        person.reference or person.id,
        person.name,
        person.team,
        person.role,
        person.status,
        "paused" if person.paused else person.audience,
        "yes" if person.planning and not person.paused else "no",
        one.area.label if one.area else hidden,
    )
