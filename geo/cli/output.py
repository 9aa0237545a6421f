"""Files that commands write: what was there stays until the new one is whole."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from geo.errors import InputError, SetupError


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
