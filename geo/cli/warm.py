"""``crossroads warm``."""

from __future__ import annotations

import click

from geo.cli.arguments import example
from geo.settings import read_settings


@click.command(epilog=example("crossroads warm"))
def warm() -> None:
    """Compile now what would make the first user wait.

    Where there is no region yet, the fictional sample county is built too.
    """
    from geo.cli.progress import progress_bar
    from geo.facility_location import warm as compile_solvers
    from geo.network import warm as compile_sweeps
    from geo.region.build import ensure_sample

    with progress_bar("Building the sample county") as progress:
        ensure_sample(read_settings().regions_dir, progress=progress)
    with progress_bar("Compiling the solvers, once for this computer") as progress:
        progress("", 0.0)
        compile_sweeps()
        compile_solvers()
