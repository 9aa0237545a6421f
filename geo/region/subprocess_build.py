"""Building in a process of its own, so that it can be stopped at once and holds up nobody else.

A build works for long in code that no other thread can break off, and takes the processor from
whoever else this process serves. So a large one that a page started runs in a child, which is
ended when nobody waits for it any more; a build survives that: the old region stays.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from geo.cancellation import Progress, run_cancellable
from geo.errors import SetupError
from geo.region.build import build_region
from geo.region.bundle import delete_stale_builds, lock_region, sweep_leftovers
from geo.region.manifest import DownloadInfo, Manifest
from geo.region.processes import ChildProcess, ParentConnection

_LARGE_BYTES = 400_000
"""Of sources below this size a build is quicker than the start of a process."""


def build_in_subprocess(
    paths: Sequence[Path],
    name: str,
    *,
    regions_dir: Path,
    origins: Sequence[DownloadInfo],
    progress: Progress,
    check_cancelled: Callable[[], None],
) -> Manifest:
    """Build a region as `geo.region.build.build_region` does, and be quick to stop.

    Parameters
    ----------
    check_cancelled
        Called four times a second; may raise to stop.

    Raises
    ------
    CrossroadsError
        As `geo.region.build.build_region`.
    SetupError
        The process was ended from outside.
    """
    if sum(path.stat().st_size for path in paths) < _LARGE_BYTES or not sys.executable:
        return build_region(
            paths, name, regions_dir=regions_dir, origins=origins, progress=progress
        )
    if_killed = (
        f"region {name!r} was not finished, as the process that built it was ended from"
        " outside; close other programs if memory is short, and try again."
    )
    try:
        with ChildProcess(_build, if_killed=if_killed) as child:
            child.send((list(paths), name, regions_dir, list(origins)))
            while True:
                message = run_cancellable(child.receive, check_cancelled)
                if isinstance(message, Manifest):
                    return message
                progress(*message)
    finally:
        _delete_leftovers(name, regions_dir)


def _build(parent: ParentConnection) -> Manifest:
    paths, name, regions_dir, origins = parent.receive()
    return build_region(
        paths,
        name,
        regions_dir=regions_dir,
        origins=origins,
        progress=lambda step, done: parent.send((step, done)),
    )


def _delete_leftovers(name: str, regions_dir: Path) -> None:
    """Delete what a build that was ended has left."""
    with suppress(SetupError):
        if (regions_dir / name).is_dir():
            with lock_region(name, regions_dir):
                delete_stale_builds(regions_dir / name)
        sweep_leftovers(regions_dir)
