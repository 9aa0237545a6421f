"""Small files of JSON that are believed only if they are whole: written at once, sealed by a sum.

The seal tells a file that was cut off or edited. It is no signature: whoever can write a file can
seal it, so every value is looked at by whoever reads it.
"""

from __future__ import annotations

import json
import os
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any

_LARGEST_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 20


def seal(values: dict[str, Any]) -> int:
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


def read_moment(text: str) -> datetime:
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


def crc32(path: Path) -> int:
    """Return the sum of a file's content."""
    total = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            total = zlib.crc32(chunk, total)
    return total
