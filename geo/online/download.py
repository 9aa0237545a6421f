"""Downloading an extract: resumed where it broke off, checked against its MD5, whole or not there.

What has arrived lies in a file ending in ``.part``, beside a note of what it is a part of: the
address it came from in the end, its size, its ETag or date, and the MD5 that it shall have. A
process that is killed at any moment, and run again, goes on from there if the server still has
the same file (``Range`` with ``If-Range``, RFC 9110), and starts over if not. Only a file that
was checked gets its real name. MD5 is what Geofabrik publishes; it tells damage, not deceit.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import get_ident

from filelock import FileLock, Timeout

from geo.disk import disk_errors
from geo.errors import Interrupted, OnlineError, Refused, ServiceBusy, SetupError
from geo.online.arrival import take
from geo.online.clock import Told, untold
from geo.online.exchange import Question
from geo.online.hosts import host_of
from geo.online.partial import Differs, PartialFile
from geo.online.patience import Patience
from geo.online.remote import (
    Remote,
    check_file,
    describe,
    file_name,
    is_rest_of,
    look_at,
    published_md5,
)
from geo.online.session import Client

SPACE_TIMES = 8.0
"""Bytes of disk for each byte of an extract: the extract, and the bundle that is built of it."""

_SPARE_BYTES = 256 << 20
_FIRST_WAIT_S = 5.0
_LEFT_S = 30 * 86_400
"""After so many seconds nobody comes back for what was left."""


@dataclass(frozen=True, slots=True)
class Download:
    """A file that is here, whole.

    Attributes
    ----------
    path
        Where.
    remote
        What it was downloaded from.
    md5
        The MD5 of what is here, also where none was published: by it an update is known.
    """

    path: Path
    remote: Remote
    md5: str

    @property
    def is_verified(self) -> bool:
        """Whether a published MD5 was there to check it against."""
        return bool(self.remote.md5)


class Downloader:
    """Downloads extracts into a folder, one at a time for each.

    Parameters
    ----------
    client
        Asks the servers.
    folder
        Where files lie while they arrive, and until they are built.
    free_bytes
        Returns how much room a folder's disk has.
    """

    def __init__(
        self,
        client: Client,
        folder: Path,
        *,
        free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        self._client = client
        self._folder = folder
        self._free_bytes = free_bytes
        self._held: set[tuple[int, Path]] = set()

    def path_of(self, url: str) -> Path:
        """Return where the file of an address lies once it is whole.

        Parameters
        ----------
        url
            The address.

        Raises
        ------
        InputError
            It is none of an extract.
        """
        key = hashlib.sha256(url.encode("utf-8")).hexdigest()[:12]
        return self._folder / key / file_name(url)

    def fetch(self, url: str, *, progress: Told = untold) -> Download:
        """Download an extract, or go on with it, and check it.

        Parameters
        ----------
        url
            Its address; redirects are followed.
        progress
            Is told how much is here; may raise to stop, and what is here stays for the next time.

        Raises
        ------
        InputError
            There is no such file, or the address is none of an extract.
        SetupError
            There is too little room, or another process downloads the same file.
        OnlineError
            The server does not give it, or gives something else.
        """
        path = self.path_of(url)
        with self._locked(path):
            return self._fetch(url, path, progress)

    @contextmanager
    def holding(self, url: str) -> Iterator[None]:
        """Keep others from a file while it is brought and used.

        Parameters
        ----------
        url
            Its address.

        Raises
        ------
        SetupError
            Another process has it.
        """
        path = self.path_of(url)
        with self._locked(path):
            key = (get_ident(), path)
            self._held.add(key)
            try:
                yield
            finally:
                self._held.discard(key)

    def sweep(self) -> None:
        """Delete what was begun long ago and is in nobody's hands."""
        if not self._folder.is_dir():
            return
        oldest_s = self._client.clock.epoch_s() - _LEFT_S
        for folder in self._folder.iterdir():
            if folder.is_dir() and not folder.is_symlink() and folder.stat().st_mtime < oldest_s:
                shutil.rmtree(folder, ignore_errors=True)

    def discard(self, url: str) -> None:
        """Delete what is here of a file.

        Parameters
        ----------
        url
            Its address.
        """
        shutil.rmtree(self.path_of(url).parent, ignore_errors=True)

    def _fetch(self, url: str, path: Path, progress: Told) -> Download:
        file = PartialFile(path)
        patience = Patience(first_s=_FIRST_WAIT_S)
        is_second = False
        while True:
            before = file.arrived
            try:
                remote = self._already_here(url, file) or self._bring(url, file, progress)
                return Download(path, remote, remote.md5 or file.md5(self._client.clock.attend))
            except Differs:
                file.discard()
                if is_second:
                    raise
                is_second = True
            except (Interrupted, ServiceBusy, Refused) as error:
                if file.arrived > before:
                    patience.calm()
                self._wait(patience, error, file, progress)

    def _wait(
        self, patience: Patience, error: OnlineError, file: PartialFile, progress: Told
    ) -> None:
        """Wait before going on; raise the error where patience is at its end."""
        wait_s = patience.next_s(getattr(error, "retry_after_s", None))
        if wait_s is None:
            raise error
        said, share = str(error).partition(";")[0], _share(file)
        self._client.clock.wait(
            wait_s, lambda left_s: progress(f"{said}; going on in {left_s:.0f} s", share)
        )

    def _already_here(self, url: str, file: PartialFile) -> Remote | None:
        """Return what the file is, if all of it is here and the server has no other one."""
        known = file.read()
        if known is None:
            return None
        if file.path.is_file():
            try:
                now = look_at(self._client, url)
            except OnlineError:
                return known  # it was checked; that nobody can be asked for a newer one is no fault
            if now.validator and (now.size, now.validator) == (known.size, known.validator):
                return known
            file.discard()
        elif known.size and file.arrived == known.size:
            file.finish(known, self._client.clock.attend)
            return known
        return None

    def _bring(self, url: str, file: PartialFile, progress: Told) -> Remote:
        """Bring what is missing of the file, check it, and return what it is."""
        known, arrived = file.read(), file.arrived
        progress(f"asking {host_of(url)}", _share(file))
        headers = {"Accept-Encoding": "identity"}
        if known is not None and known.validator and arrived:
            headers |= {"Range": f"bytes={arrived}-", "If-Range": known.validator}
        with self._client.open(Question(url, headers=headers)) as response:
            if response.status_code == 416:  # Range Not Satisfiable: the file there is shorter
                file.discard()
                raise Interrupted(f"{host_of(url)} has another file now; starting over.")
            check_file(self._client, response)
            if known is not None and is_rest_of(response, known, arrived):
                remote = known
            else:
                file.discard()
                arrived = 0
                found = describe(response)
                remote = replace(found, md5=published_md5(self._client, url, found.url))
                file.write(remote)
            self._check_room(remote, arrived)
            take(
                self._client,
                response,
                file,
                remote,
                progress=progress,
                check_room=lambda now: self._check_room(remote, now),
            )
        file.finish(remote, self._client.clock.attend)
        return remote

    def _check_room(self, remote: Remote, arrived: int) -> None:
        with disk_errors(self._folder):
            free = self._free_bytes(self._folder)
        need = int((remote.size or 0) * SPACE_TIMES) - arrived + _SPARE_BYTES
        if free < need:
            raise SetupError(
                f"{self._folder} has {free / 1e9:.1f} GB free and about {need / 1e9:.1f} GB are"
                " needed; make room, or set CROSSROADS_DATA_DIR."
            )

    @contextmanager
    def _locked(self, path: Path) -> Iterator[None]:
        if (get_ident(), path) in self._held:
            yield
            return
        lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=0)
        with disk_errors(self._folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire()
            except Timeout as error:
                raise SetupError(
                    f"{path.name} is being downloaded by another process; wait until it has"
                    " finished."
                ) from error
        try:
            yield
        finally:
            lock.release()


def _share(file: PartialFile) -> float:
    """Return how much of a file is here; 0 where that cannot be known."""
    known = file.read()
    return min(1.0, file.arrived / known.size) if known is not None and known.size else 0.0
