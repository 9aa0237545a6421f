"""Telling the faults of a disk as what somebody can do about them."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo.errors import SetupError

_NO_ROOM_BYTES = 4 << 20
_IN_THE_WAY = "a file stands where a folder must be, or a folder where a file must be; move it away"
_NO_RIGHTS = "it may not be written; change its rights"
_REASONS = {
    errno.ENOSPC: "the disk is full; make room",
    errno.EDQUOT: "your share of the disk is used up; make room",
    errno.EFBIG: "a file may not grow so large here; lift the limit",
    errno.EACCES: _NO_RIGHTS,
    errno.EPERM: _NO_RIGHTS,
    errno.EROFS: "the disk is read-only; make it writable",
    errno.EISDIR: _IN_THE_WAY,
    errno.ENOTDIR: _IN_THE_WAY,
    errno.EEXIST: _IN_THE_WAY,
    errno.ENAMETOOLONG: "the path is too long; choose a shorter one",
    errno.ELOOP: "its symbolic links lead in a circle; mend them",
}


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Tell the faults of a disk that is written to as what somebody can do about them.

    Raises
    ------
    SetupError
        The disk is full, may not be written, or is at fault.
    """
    try:
        yield
    except OSError as error:
        reason = _REASONS[errno.ENOSPC] if _is_full(folder, error) else _reason(error)
        raise SetupError(
            f"cannot write to {folder}: {reason}, or set CROSSROADS_DATA_DIR."
        ) from error


def _is_full(folder: Path, error: OSError) -> bool:
    """Return whether room is what was missing: the short write of numpy bears no number."""
    if error.errno is None and "written" in str(error):
        return True
    if error.errno not in {None, errno.EIO}:
        return False
    try:
        return shutil.disk_usage(folder).free < _NO_ROOM_BYTES
    except OSError:
        return False


def _reason(error: OSError) -> str:
    if error.errno is None:
        return f"{error}; look at the disk"
    return _REASONS.get(error.errno, f"{os.strerror(error.errno)}; look at the disk")
