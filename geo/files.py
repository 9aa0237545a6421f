"""Files: errors of disks, locks between processes, JSON with a checksum, the tables of ``data/``.

The CRC-32 that JSON carries shows a file that was cut off or edited. It is no signature: whoever
can write a file can compute it, so readers check every value.

The tables of ``data/`` lie in ``data/`` in a checkout and inside the package in a wheel.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import tomllib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from geo.errors import SetupError

_MIN_FREE_BYTES = 4 << 20
_WRONG_FILE_TYPE = (
    "a file stands where a folder must be, or a folder where a file must be; move it away"
)
_NO_PERMISSION = "it may not be written; change its rights"
_REASONS = {
    errno.ENOSPC: "the disk is full; make room",
    errno.EDQUOT: "your share of the disk is used up; make room",
    errno.EFBIG: "a file may not grow so large here; lift the limit",
    errno.EACCES: _NO_PERMISSION,
    errno.EPERM: _NO_PERMISSION,
    errno.EROFS: "the disk is read-only; make it writable",
    errno.EISDIR: _WRONG_FILE_TYPE,
    errno.ENOTDIR: _WRONG_FILE_TYPE,
    errno.EEXIST: _WRONG_FILE_TYPE,
    errno.ENAMETOOLONG: "the path is too long; choose a shorter one",
    errno.ELOOP: "its symbolic links lead in a circle; mend them",
}


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Raise `SetupError` for the faults of a disk that is written to: full, read-only, broken."""
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
        return shutil.disk_usage(folder).free < _MIN_FREE_BYTES
    except OSError:
        return False


def _reason(error: OSError) -> str:
    if error.errno is None:
        return f"{error}; look at the disk"
    return _REASONS.get(error.errno, f"{os.strerror(error.errno)}; look at the disk")


@contextmanager
def lock_file(path: Path, busy_message: str) -> Iterator[None]:
    """Hold a lock between processes; released by the system if this process is killed.

    Raises
    ------
    SetupError
        Another process holds it, or its folder cannot be written.
    """
    from filelock import FileLock, Timeout  # slow to import, and most only read files

    lock = FileLock(path, timeout=0)
    with disk_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
        except Timeout as error:
            raise SetupError(busy_message) from error
    try:
        yield
    finally:
        lock.release()


_LARGEST_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 20


def json_crc32(values: dict[str, Any]) -> int:
    """Return the sum of some values of JSON, whatever their order."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False)
    return zlib.crc32(text.encode("utf-8"))


def write_json(path: Path, values: dict[str, Any], *, temporary: Path) -> None:
    """Write values to a file by one atomic rename of a temporary one beside it."""
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(values, file, indent=1, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read_json(path: Path) -> Any:
    """Read a small file of JSON.

    Raises
    ------
    ValueError
        It is no JSON, or larger than any that we write.
    """
    with path.open("rb") as file:
        content = file.read(_LARGEST_BYTES + 1)
    if len(content) > _LARGEST_BYTES:
        raise ValueError("larger than any that is written")
    return json.loads(content.decode("utf-8"))


def parse_timestamp(text: str) -> datetime:
    """Read a moment in ISO format.

    Raises
    ------
    ValueError
        It is none, or names no time zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} names no time zone")
    return moment


_FAILURES = ("error", "timed out", "timeout", "out of memory")
_FIRST_YEAR = 2004
"""When OpenStreetMap began; an Overpass server that was never told its time says 1970."""


def reports_failure(remark: str) -> bool:
    """Return whether the remark of an Overpass response says that it is not whole."""
    return any(word in remark.casefold() for word in _FAILURES)


def overpass_timestamp(text: object) -> datetime | None:
    """Return of when an Overpass server's data are, UTC where it names no zone; None if unknown."""
    try:
        moment = datetime.fromisoformat(text if isinstance(text, str) else "")
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if moment.year >= _FIRST_YEAR else None


def crc32(path: Path) -> int:
    """Return the sum of a file's content."""
    total = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            total = zlib.crc32(chunk, total)
    return total


_PACKAGE = Path(__file__).resolve().parent


def checkout_root() -> Path | None:
    """Return the root of the checkout that this package is part of, or None for a wheel."""
    root = _PACKAGE.parent
    return root if (root / "data" / "speeds.toml").is_file() else None


def table_path(name: str) -> Path:
    """Return the path of a table or shipped file, as ``"speeds.toml"`` or ``"sample"``."""
    root = checkout_root()
    return (root or _PACKAGE) / "data" / name


def app_path() -> Path:
    """Return the path of ``app.py``, whose folder also holds the app's ``.streamlit/``."""
    root = checkout_root()
    return root / "app.py" if root else _PACKAGE / "data" / "app.py"


@cache
def read_table(name: str) -> dict[str, Any]:
    """Return a table by its file's name, as ``"speeds"``; cached, so treat it as read-only."""
    with table_path(f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
