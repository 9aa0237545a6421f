"""What commands print and write: listings, progress, and files that are whole or not there.

Progress is a bar on a terminal, and a line for each step where stderr is a file or a pipe.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from geo.cancellation import Progress
from geo.cli.options import print_message, printable
from geo.errors import InputError, SetupError
from geo.model import BBox
from geo.region import Manifest

if TYPE_CHECKING:
    from geo.export.listing import Listing


def output_path(text: str, inputs: Sequence[Path]) -> Path | None:
    """Return where to write; None for stdout, which ``-`` stands for.

    Links are followed, so that the file is replaced and not the link.

    Raises
    ------
    InputError
        It is no path for a file, or it is one of the inputs.
    """
    if text == "-":
        return None
    if not text.strip() or "\0" in text:
        raise InputError("the path to write is empty or damaged; give one like drives.csv.")
    try:
        path = Path(text).resolve()
        taken = path.is_dir()
        same = any(path == given.resolve() for given in inputs)
    except (OSError, RuntimeError) as error:
        raise InputError(f"cannot write {text[:80]!r}; choose another path.") from error
    if taken:
        raise InputError(f"{text!r} is a folder; name a file in it.")
    if same:
        raise InputError(f"{text!r} is also read from; choose another file to write.")
    return path


def write_bytes(path: Path | None, content: bytes) -> None:
    """Write a whole file as `write_lines` does.

    Raises
    ------
    SetupError
        The disk is full, or the path may not be written.
    """
    if path is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        return
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)
        else:
            _replace(path, content)
    except OSError as error:
        raise SetupError(f"cannot write {str(path)[:80]}: {error.strerror}.") from error


def write_lines(path: Path | None, lines: Iterable[str]) -> None:
    """Write lines to a file, or to stdout where the path is None.

    A regular file is written beside itself and renamed, so that a stop half-way leaves what was
    there; a device or a pipe is written to, and never replaced.

    Raises
    ------
    SetupError
        The disk is full, or the path may not be written.
    """
    if path is None:
        sys.stdout.writelines(lines)
        return
    try:
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8") as device:
                device.writelines(lines)
        else:
            _replace(path, lines)
    except OSError as error:
        raise SetupError(f"cannot write {str(path)[:80]}: {error.strerror}.") from error


def _replace(path: Path, content: Iterable[str] | bytes) -> None:
    temporary = path.with_name(f".{path.name}.part")
    try:
        if isinstance(content, bytes):
            temporary.write_bytes(content)
        else:
            with temporary.open("w", encoding="utf-8") as file:
                file.writelines(content)
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


_SHOWN = 5


def print_built(manifest: Manifest, *, as_json: bool) -> None:
    """Tell that a region was built, or print all of it as JSON.

    Parameters
    ----------
    manifest
        What was built.
    as_json
        Print JSON on stdout.
    """
    if as_json:
        print_manifest(manifest)
        return
    counts = manifest.counts
    print_message(
        f"Built {manifest.name} in {sum(manifest.step_seconds.values()):.1f} s:"
        f" {counts['junctions']:,} junctions, {counts['places']:,} places,"
        f" {counts['names']:,} names, {manifest.bytes / 1e6:.1f} MB."
    )
    if cut := counts.get("cut_roads", 0):
        leave = "road leaves the extract and is" if cut == 1 else "roads leave the extract and are"
        print_message(f"{cut:,} {leave} cut off at its edge.")


def print_missing(missing: Sequence[BBox], reason: str) -> None:
    """Say which boxes are missing, and why; nothing where none is.

    Parameters
    ----------
    missing
        Boxes that were not answered.
    reason
        Why not, as a sentence.
    """
    if not missing:
        return
    shown = "; ".join(
        f"{box.south:.2f},{box.west:.2f} to {box.north:.2f},{box.east:.2f}"
        for box in missing[:_SHOWN]
    )
    more = f"; and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    print_message(
        f"Not answered: {len(missing)} of the boxes ({shown}{more}), because {reason}"
        " What was answered is kept for a day, so run it again later to fill the gaps."
    )


def print_manifest(manifest: Manifest) -> None:
    """Print all that is known of a region as JSON.

    Parameters
    ----------
    manifest
        The region's.
    """
    click.echo(json.dumps(manifest.to_json(), indent=1, ensure_ascii=False))


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
    from geo.export.geo_formats import listing_geojson, listing_values
    from geo.export.tables import listing_csv

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
    from geo.cli.options import print_table

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
        print_message(note)
    print_message(f"Map data: {listing.source.line}.")


@contextmanager
def progress_bar(title: str) -> Iterator[Progress]:
    """Show a bar with the current step while the block runs."""
    if not sys.stderr.isatty():
        yield _Waits(title)
        return
    from rich import progress as rich_progress
    from rich.console import Console

    columns = (
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.TaskProgressColumn(),
        rich_progress.TextColumn("{task.fields[step]}"),
    )
    stderr = Console(stderr=True)
    with rich_progress.Progress(*columns, console=stderr, transient=True) as bar:
        task = bar.add_task(title, total=1.0, step="")
        yield lambda step, done: bar.update(task, step=step, completed=done)


class _Waits:
    """Prints what is waited for, once a wait; a step that waits says so after a semicolon."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._last = ""

    def __call__(self, step: str, _done: float) -> None:
        wait = step if ";" in step else ""
        reason = wait.partition(";")[0]
        if reason and reason != self._last:
            click.echo(printable(f"{self._title}: {wait}"), err=True)
        self._last = reason
