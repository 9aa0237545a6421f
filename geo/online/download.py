"""Downloading an extract: resumed where it broke off, checked against its MD5, whole or not there.

What has arrived lies in a file ending in ``.part``, beside a note of what it is a part of: the
address it came from in the end, its size, its ETag or date, and the MD5 that it shall have. A
process that is killed at any moment, and run again, goes on from there if the server still has
the same file (``Range`` with ``If-Range``, RFC 9110), and starts over if not. Only a file that
was checked gets its real name. MD5 is what Geofabrik publishes; it shows damage, not deceit. A body
that is no extract, is longer than announced, or next to nothing of which comes, is refused.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import get_ident

import requests

from geo.cancellation import Progress, no_progress
from geo.errors import (
    BadResponse,
    ConnectionRefused,
    OnlineError,
    ServiceBusy,
    SetupError,
    TransferInterrupted,
)
from geo.files import disk_errors, lock_file
from geo.online.hosts import host_of
from geo.online.http import Client, Request
from geo.online.remote_file import (
    ContentMismatch,
    PartialFile,
    Remote,
    check_file,
    file_name,
    is_continuation,
    parse_headers,
    published_md5,
    request_head,
)
from geo.online.retry import Backoff

_MAGIC = b"OSMHeader"
_MAGIC_BYTES = 64
_SLOW_BYTES, _SLOW_S = 64 << 10, 60.0
"""A download that brings less than this in so many seconds has stalled."""


def save_body(
    client: Client,
    response: requests.Response,
    file: PartialFile,
    remote: Remote,
    *,
    progress: Progress,
    check_disk_space: Callable[[int], None],
) -> None:
    """Append a body to what is here of a file.

    ``check_disk_space`` is called once a minute with how much is here; it raises where the rest has
    no room.

    Raises
    ------
    BadResponse
        It begins as no extract does, or is longer than the server said.
    TransferInterrupted
        It broke off, or next to nothing came.
    SetupError
        The disk is full.
    """
    received, host = file.received, host_of(response.url)
    mark, marked_s = received, client.clock.monotonic_s()
    parts = _extract_parts(client, response, is_start=received == 0)
    with disk_errors(file.path.parent), file.part.open("ab") as target, closing(parts):
        for part in parts:
            target.write(part)
            received += len(part)
            if remote.size is not None and received > remote.size:
                raise ContentMismatch(f"{host} sends more than it said; try again later.")
            _report(progress, received, remote)
            now_s = client.clock.monotonic_s()
            if now_s - marked_s > _SLOW_S:
                if received - mark < _SLOW_BYTES:
                    raise TransferInterrupted(f"{host} sends next to nothing; try again later.")
                mark, marked_s = received, now_s
                check_disk_space(received)
    if remote.size is not None and received < remote.size:
        raise TransferInterrupted(f"the connection to {host} broke off; try again.")


def _extract_parts(
    client: Client, response: requests.Response, *, is_start: bool
) -> Generator[bytes]:
    """Yield the body of an extract as it comes; ``is_start`` if it begins at its first byte."""
    head = b""
    with closing(client.iter_body(response)) as body:
        for part in body:
            if is_start and len(head) < _MAGIC_BYTES:
                head += part
                if len(head) < _MAGIC_BYTES:
                    continue
                _check_magic(head, response)
                yield head
            else:
                yield part
    if is_start and 0 < len(head) < _MAGIC_BYTES:
        _check_magic(head, response)
        yield head


def _check_magic(head: bytes, response: requests.Response) -> None:
    if _MAGIC not in head[:_MAGIC_BYTES]:
        raise BadResponse(
            f"{host_of(response.url)} sends something that is no OpenStreetMap extract; check the"
            " address."
        )


def _report(progress: Progress, received: int, remote: Remote) -> None:
    if remote.size:
        message = f"{received / 1e6:,.1f} of {remote.size / 1e6:,.1f} MB"
        progress(message, received / remote.size)
    else:
        progress(f"{received / 1e6:,.1f} MB", 0.0)


DISK_FACTOR = 8.0
"""Bytes of disk for each byte of an extract: the extract, and the bundle that is built of it."""

_SPARE_BYTES = 256 << 20
_FIRST_WAIT_S = 5.0
_STALE_S = 30 * 86_400
"""After so many seconds nobody comes back for what was left."""


@dataclass(frozen=True, slots=True)
class Download:
    """A file that is here, whole.

    ``md5`` is of what is here, also where none was published: by it an update is known.
    """

    path: Path
    remote: Remote
    md5: str


class Downloader:
    """Downloads extracts into a folder, one at a time for each."""

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

    def file_path(self, url: str) -> Path:
        """Return where the file of an address lies once it is whole.

        Raises
        ------
        InputError
            It is none of an extract.
        """
        key = hashlib.sha256(url.encode("utf-8")).hexdigest()[:12]
        return self._folder / key / file_name(url)

    def fetch(self, url: str, *, progress: Progress = no_progress) -> Download:
        """Download an extract, or go on with it, and check it.

        ``progress`` may raise to stop; what is here stays for the next time.

        Raises
        ------
        InputError
            There is no such file, or the address is none of an extract.
        SetupError
            There is too little room, or another process downloads the same file.
        OnlineError
            The server does not give it, or gives something else.
        """
        path = self.file_path(url)
        with self._locked(path):
            return self._fetch(url, path, progress)

    @contextmanager
    def lock(self, url: str) -> Iterator[None]:
        """Keep others from a file while it is brought and used.

        Raises
        ------
        SetupError
            Another process has it.
        """
        path = self.file_path(url)
        with self._locked(path):
            key = (get_ident(), path)
            self._held.add(key)
            try:
                yield
            finally:
                self._held.discard(key)

    def delete_old(self) -> None:
        """Delete what was begun long ago and is in nobody's hands."""
        if not self._folder.is_dir():
            return
        oldest_s = self._client.clock.epoch_s() - _STALE_S
        for folder in self._folder.iterdir():
            if folder.is_dir() and not folder.is_symlink() and folder.stat().st_mtime < oldest_s:
                shutil.rmtree(folder, ignore_errors=True)

    def discard(self, url: str) -> None:
        """Delete what is here of a file."""
        shutil.rmtree(self.file_path(url).parent, ignore_errors=True)

    def _fetch(self, url: str, path: Path, progress: Progress) -> Download:
        file = PartialFile(path)
        backoff = Backoff(first_s=_FIRST_WAIT_S)
        is_second = False
        while True:
            before = file.received
            try:
                remote = self._find_complete(url, file) or self._transfer(url, file, progress)
                return Download(
                    path, remote, remote.md5 or file.md5(self._client.clock.check_cancelled)
                )
            except ContentMismatch:
                file.discard()
                if is_second:
                    raise
                is_second = True
            except (TransferInterrupted, ServiceBusy, ConnectionRefused) as error:
                if file.received > before:
                    backoff.reset()
                self._wait(backoff, error, file, progress)

    def _wait(
        self, backoff: Backoff, error: OnlineError, file: PartialFile, progress: Progress
    ) -> None:
        """Wait before going on; raise the error where there is no time left to wait."""
        wait_s = backoff.next_s(getattr(error, "retry_after_s", None))
        if wait_s is None:
            raise error
        message, share = str(error).partition(";")[0], _fraction(file)
        self._client.clock.wait(
            wait_s, lambda left_s: progress(f"{message}; going on in {left_s:.0f} s", share)
        )

    def _find_complete(self, url: str, file: PartialFile) -> Remote | None:
        """Return what the file is, if all of it is here and the server has no other one."""
        known = file.read_note()
        if known is None:
            return None
        if file.path.is_file():
            try:
                now = request_head(self._client, url)
            except OnlineError:
                return known  # it was checked; that nobody can be asked for a newer one is no fault
            if now.validator and (now.size, now.validator) == (known.size, known.validator):
                return known
            file.discard()
        elif known.size and file.received == known.size:
            file.finish(known, self._client.clock.check_cancelled)
            return known
        return None

    def _transfer(self, url: str, file: PartialFile, progress: Progress) -> Remote:
        """Bring what is missing of the file, check it, and return what it is."""
        known, received = file.read_note(), file.received
        progress(f"asking {host_of(url)}", _fraction(file))
        headers = {"Accept-Encoding": "identity"}
        if known is not None and known.validator and received:
            headers |= {"Range": f"bytes={received}-", "If-Range": known.validator}
        with self._client.stream(Request(url, headers=headers)) as response:
            if response.status_code == 416:  # Range Not Satisfiable: the file there is shorter
                file.discard()
                raise TransferInterrupted(f"{host_of(url)} has another file now; starting over.")
            check_file(self._client, response)
            if known is not None and is_continuation(response, known, received):
                remote = known
            else:
                file.discard()
                received = 0
                found = parse_headers(response)
                remote = replace(found, md5=published_md5(self._client, url, found.url))
                file.write_note(remote)
            self._check_disk_space(remote, received)
            save_body(
                self._client,
                response,
                file,
                remote,
                progress=progress,
                check_disk_space=lambda now: self._check_disk_space(remote, now),
            )
        file.finish(remote, self._client.clock.check_cancelled)
        return remote

    def _check_disk_space(self, remote: Remote, received: int) -> None:
        with disk_errors(self._folder):
            free = self._free_bytes(self._folder)
        need = int((remote.size or 0) * DISK_FACTOR) - received + _SPARE_BYTES
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
        busy = f"{path.name} is being downloaded by another process; wait until it has finished."
        with lock_file(path.with_name(f".{path.name}.lock"), busy):
            yield


def _fraction(file: PartialFile) -> float:
    """Return how much of a file is here; 0 where that cannot be known."""
    known = file.read_note()
    return min(1.0, file.received / known.size) if known is not None and known.size else 0.0
