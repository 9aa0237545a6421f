"""``crossroads warm``."""

from __future__ import annotations

from collections.abc import Callable

import click

from geo.settings import read_settings


@click.command(epilog="Example: crossroads warm")
def warm() -> None:
    """Do now what would make the first user wait: compile, and build the sample county.

    The sample county is built only where there is no region yet.
    """
    from geo.cli.progress import progress_bar
    from geo.region.build import ensure_sample

    with progress_bar("Building the sample county") as progress:
        ensure_sample(read_settings().regions_dir, progress=progress)
    with progress_bar("Compiling") as progress:
        _compile(progress)


def _compile(progress: Callable[[str, float], None]) -> None:
    progress("solvers", 0.0)
