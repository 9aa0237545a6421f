"""The body of an extract as it arrives: begun as one, no longer than was said, and not too slow."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing

import requests

from geo.disk import disk_errors
from geo.errors import BadAnswer, Interrupted
from geo.online.clock import Told
from geo.online.hosts import host_of
from geo.online.partial import Differs, PartialFile
from geo.online.remote import Remote
from geo.online.session import Client

_MAGIC = b"OSMHeader"
_MAGIC_WITHIN = 64
_SLOW_BYTES, _SLOW_S = 64 << 10, 60.0
"""A download that brings less than this in so many seconds has stalled."""


def take(
    client: Client,
    response: requests.Response,
    file: PartialFile,
    remote: Remote,
    *,
    progress: Told,
    check_room: Callable[[int], None],
) -> None:
    """Append a body to what is here of a file.

    Parameters
    ----------
    client
        Who opened the answer.
    response
        The answer, not read yet.
    file
        What is here.
    remote
        What it shall become.
    progress
        Is told how much is here; may raise to stop.
    check_room
        Called once a minute with how much is here; raises where the rest has no room.

    Raises
    ------
    BadAnswer
        It begins as no extract does, or is longer than the server said.
    Interrupted
        It broke off, or next to nothing came.
    SetupError
        The disk is full.
    """
    arrived, host = file.arrived, host_of(response.url)
    mark, marked_s = arrived, client.clock.monotonic_s()
    parts = _extract_parts(client, response, is_start=arrived == 0)
    with disk_errors(file.path.parent), file.part.open("ab") as target, closing(parts):
        for part in parts:
            target.write(part)
            arrived += len(part)
            if remote.size is not None and arrived > remote.size:
                raise Differs(f"{host} sends more than it said; try again later.")
            _tell(progress, arrived, remote)
            now_s = client.clock.monotonic_s()
            if now_s - marked_s > _SLOW_S:
                if arrived - mark < _SLOW_BYTES:
                    raise Interrupted(f"{host} sends next to nothing; try again later.")
                mark, marked_s = arrived, now_s
                check_room(arrived)
    if remote.size is not None and arrived < remote.size:
        raise Interrupted(f"the connection to {host} broke off; try again.")


def _extract_parts(
    client: Client, response: requests.Response, *, is_start: bool
) -> Generator[bytes]:
    """Yield the body of an extract as it comes; ``is_start`` if it begins at its first byte."""
    head = b""
    with closing(client.read(response)) as body:
        for part in body:
            if is_start and len(head) < _MAGIC_WITHIN:
                head += part
                if len(head) < _MAGIC_WITHIN:
                    continue
                _check_magic(head, response)
                yield head
            else:
                yield part
    if is_start and 0 < len(head) < _MAGIC_WITHIN:
        _check_magic(head, response)
        yield head


def _check_magic(head: bytes, response: requests.Response) -> None:
    if _MAGIC not in head[:_MAGIC_WITHIN]:
        raise BadAnswer(
            f"{host_of(response.url)} sends something that is no OpenStreetMap extract; check the"
            " address."
        )


def _tell(progress: Told, arrived: int, remote: Remote) -> None:
    if remote.size:
        said = f"{arrived / 1e6:,.1f} of {remote.size / 1e6:,.1f} MB"
        progress(said, arrived / remote.size)
    else:
        progress(f"{arrived / 1e6:,.1f} MB", 0.0)
