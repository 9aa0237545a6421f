"""Building in a process of its own, so that it can be stopped at once and holds up nobody else.

A build works for long in code that no other thread can break off, and takes the processor from
whoever else this process serves. A region that is got on a page is built beside it instead. Whoever
waits is asked four times a second whether they still do; if not, the process is ended, which a
build survives: the old region stays. Of a small extract the build is quicker than the start of a
process, so it is built here.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from geo.errors import SetupError
from geo.online.cancel import awaited
from geo.region.build import Progress, build_region
from geo.region.bundle import delete_stale_builds, lock_region, sweep_leftovers
from geo.region.manifest import DownloadInfo, Manifest
from geo.region.processes import answer_of, report, send, start_python

_LARGE_BYTES = 400_000
"""From what size of its sources on a region is built in a process of its own."""

_MAIN = "from geo.region.subprocess_build import serve; serve()"


def build_in_subprocess(
    paths: Sequence[Path],
    name: str,
    *,
    regions_dir: Path,
    origins: Sequence[DownloadInfo],
    progress: Progress,
    attend: Callable[[], None],
) -> Manifest:
    """Build a region as `geo.region.build.build_region` does, and be quick to stop.

    Parameters
    ----------
    paths
        Extracts, or answers of an Overpass server.
    name
        What the region will be called.
    regions_dir
        Where regions live.
    origins
        Where each of them can be had again.
    progress
        Is told each step; may raise to stop.
    attend
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
    with start_python(_MAIN) as process:
        try:
            report(process, (list(paths), name, regions_dir, list(origins)))
            while True:
                answer = awaited(lambda: answer_of(process), attend, leave=_ignore)
                if isinstance(answer, Manifest):
                    return answer
                progress(*answer)
        except EOFError as error:
            raise SetupError(
                f"region {name!r} was not finished, as the process that built it was ended from"
                " outside; close other programs if memory is short, and try again."
            ) from error
        finally:
            process.kill()
            process.wait()
            _sweep(name, regions_dir)


def serve() -> None:
    """Do the work that stands on standard input; the program of the second process."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us decides
    told, answers = os.fdopen(0, "rb"), os.fdopen(1, "wb")
    try:
        paths, name, regions_dir, origins = pickle.load(told)  # noqa: S301 - from who started us
        threading.Thread(target=_watch, args=(told,), daemon=True).start()
        manifest = build_region(
            paths,
            name,
            regions_dir=regions_dir,
            origins=origins,
            progress=lambda step, done: send((step, done), answers),
        )
        send(manifest, answers)
    except BaseException as error:  # noqa: BLE001 - whoever started us is to raise it
        send(error, answers)
    os._exit(0)  # and wait for nobody: the input is still being watched


def _watch(told: BinaryIO) -> None:
    """End this process with whoever started it."""
    told.read()
    os._exit(1)


def _sweep(name: str, regions_dir: Path) -> None:
    """Delete what a build that was ended has left."""
    with suppress(SetupError):
        if (regions_dir / name).is_dir():
            with lock_region(name, regions_dir):
                delete_stale_builds(regions_dir / name)
        sweep_leftovers(regions_dir)


def _ignore(_answer: object) -> None:
    """Nobody waits for it any more."""
