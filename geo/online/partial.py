"""A file that is still arriving: the part that is here, and a note of what it is a part of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from geo.disk import disk_errors
from geo.errors import BadAnswer
from geo.online.hosts import host_of
from geo.online.remote import Remote

_CHUNK = 1 << 20


class Differs(BadAnswer):
    """What arrived is not the file that was published."""


class PartialFile:
    """The part of a file that is here, and the note beside it.

    Parameters
    ----------
    path
        What the file will be called when it is whole.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.part = path.with_name(f"{path.name}.part")
        self._note = path.with_name(f"{path.name}.note.json")

    @property
    def arrived(self) -> int:
        """Bytes that are here."""
        return self.part.stat().st_size if self.part.is_file() else 0

    def read(self) -> Remote | None:
        """Return what the part is a part of; None where that is not known."""
        try:
            return Remote(**json.loads(self._note.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, remote: Remote) -> None:
        """Note what the part is a part of; before the first byte of it is written."""
        temporary = self._note.with_suffix(".new")
        with disk_errors(self.path.parent):
            temporary.write_text(json.dumps(asdict(remote)), "utf-8")
            temporary.replace(self._note)

    def finish(self, remote: Remote, attend: Callable[[], None]) -> None:
        """Give the file its real name, if it is what was published.

        Parameters
        ----------
        remote
            What it shall be.
        attend
            Called while it is read; may raise to stop.

        Raises
        ------
        Differs
            Its MD5 is not the published one.
        """
        if remote.md5 and _md5(self.part, attend) != remote.md5:
            raise Differs(
                f"what {host_of(remote.url)} sent is not the file it published (its MD5 differs);"
                " try again later."
            )
        with disk_errors(self.path.parent):
            self.part.replace(self.path)

    def discard(self) -> None:
        """Delete all that is here of the file."""
        for path in (self.part, self.path, self._note):
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def md5(self, attend: Callable[[], None]) -> str:
        """Return the MD5 of the file, which is here whole.

        Parameters
        ----------
        attend
            Called while it is read; may raise to stop.
        """
        return _md5(self.path, attend)


def _md5(path: Path, attend: Callable[[], None]) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with disk_errors(path.parent), path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            attend()
            digest.update(chunk)
    return digest.hexdigest()
