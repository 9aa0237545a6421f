"""What building, opening and removing regions share: the lock, and sweeping up.

Only folders with the exact name of a build are ever deleted, never through a symbolic link: what
else lies beside them belongs to somebody.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from geo.disk import disk_errors
from geo.errors import SetupError
from geo.region.freshness import FRESH, read_freshness
from geo.region.manifest import BUILD_NAME, MANIFEST, REGION_NAME, current_build


@contextmanager
def lock_region(name: str, regions_dir: Path) -> Iterator[None]:
    """Hold the right to write a region; released by the system if this process is killed.

    Raises
    ------
    SetupError
        Another process holds it, or the folder cannot be written.
    """
    from filelock import FileLock, Timeout  # slow to import, and most only read regions

    path = regions_dir / f".{name}.lock"
    lock = FileLock(path, timeout=0)
    with disk_errors(regions_dir):
        regions_dir.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
        except Timeout as error:
            raise SetupError(
                f"region {name!r} is being built by another process; wait until it has finished."
            ) from error
    try:
        yield
    finally:
        # Whoever waits for a lock that is deleted while it is held takes a new one (st_nlink is 0).
        if not os.path.lexists(regions_dir / name):
            with suppress(OSError):
                path.unlink(missing_ok=True)
        lock.release()


def sweep(folder: Path, *, own: str | None = None) -> None:
    """Delete what killed or replaced builds have left; the folder too if nothing remains.

    Nothing is raised: what cannot be deleted now is left to the next sweep. Beside a manifest that
    cannot be read every build is left to be looked at.

    Parameters
    ----------
    folder
        A region's folder; its lock must be held.
    own
        The build of the caller: deleted also beside a manifest that cannot be read.
    """
    current, fresh = current_build(folder), read_freshness(folder)
    damaged = current is None and os.path.lexists(folder / MANIFEST)
    for path in _children(folder):
        temporary = path.name.removeprefix(f".{MANIFEST}.").removeprefix(f".{FRESH}.")
        if temporary in {current, fresh and fresh.folder} or (damaged and temporary != own):
            continue
        if not BUILD_NAME.fullmatch(temporary) or path.is_symlink():
            continue
        if path.name == temporary:
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()
    if fresh is None and not damaged:
        with suppress(OSError):
            (folder / FRESH).unlink(missing_ok=True)
    if current is None and not damaged:
        with suppress(OSError):
            folder.unlink() if folder.is_symlink() else folder.rmdir()


def sweep_leftovers(regions_dir: Path) -> None:
    """Delete what first builds that were killed have left and no living builder holds."""
    for path in _children(regions_dir):
        name = path.name.removeprefix(".").removesuffix(".lock")
        if REGION_NAME.fullmatch(name) and (
            path.name == f".{name}.lock" or is_leftover(regions_dir / name)
        ):
            folder = regions_dir / name
            if not folder.is_symlink() and not os.path.lexists(folder / MANIFEST):
                with suppress(SetupError), lock_region(name, regions_dir):
                    sweep(folder)


def is_leftover(folder: Path) -> bool:
    """Return whether a folder holds builds of which none was finished."""
    return not os.path.lexists(folder / MANIFEST) and any(
        BUILD_NAME.fullmatch(path.name) for path in _children(folder)
    )


def _children(folder: Path) -> list[Path]:
    """Return what is in a folder; [] where it cannot be looked into."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
