"""A bar on a terminal; where stderr is a file or a pipe, a line for each thing waited for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from geo.cli.table import printable


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[str, float], None]]:
    """Show a bar with the current step while the block runs.

    Yields
    ------
    Callable[[str, float], None]
        To be told the step's name and the fraction that is done.
    """
    if not sys.stderr.isatty():
        yield _Waits(title)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[step]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
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
