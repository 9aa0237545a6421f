"""A file on a server: what its headers say of it, and the MD5 that is published beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import requests

from geo.errors import BadAnswer, InputError
from geo.online.exchange import Limits, Question
from geo.online.hosts import host_of, portal
from geo.online.session import Client, read

RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
"""What ``Content-Range`` says: from which byte on, and of how many."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.osm\.pbf")
_MD5 = re.compile(r"\s*\\?([0-9a-fA-F]{32})(?:\s|$)")
_MAGIC = b"OSMHeader"
_MAGIC_WITHIN = 64
_GONE = frozenset({404, 410})
_SMALL = Limits(most_bytes=1 << 16, total_s=60)


@dataclass(frozen=True, slots=True)
class Remote:
    """A file on a server, as its headers describe it.

    Attributes
    ----------
    url
        Where it is in the end, after redirects.
    size
        Bytes; None where the server does not say.
    etag
        What changes with the file; empty where there is none that tells every change.
    modified
        The server's date of it, as text; empty where it does not say.
    md5
        Its published MD5 in small hexadecimal; empty where none is.
    """

    url: str
    size: int | None = None
    etag: str = ""
    modified: str = ""
    md5: str = ""

    @property
    def validator(self) -> str:
        """What ``If-Range`` takes: a strong ETag, or the date."""
        return self.etag or self.modified


def look_at(client: Client, url: str) -> Remote:
    """Return what a server says of a file, without downloading it.

    Parameters
    ----------
    client
        Asks.
    url
        The file's address.

    Raises
    ------
    InputError
        There is no such file.
    OnlineError
        The server cannot be asked.
    """
    question = Question(url, method="HEAD", headers={"Accept-Encoding": "identity"})
    with client.open(question, idle_s=_SMALL.idle_s) as response:
        if response.status_code in {405, 501}:
            return Remote(url)
        check_file(client, response)
        return describe(response)


def published_md5(client: Client, url: str) -> str:
    """Return the MD5 that lies beside a file; empty where there is none.

    Parameters
    ----------
    client
        Asks.
    url
        The address of the file itself.

    Raises
    ------
    BadAnswer
        Something else lies there.
    OnlineError
        The server cannot be asked.
    """
    parts = urlsplit(url)
    answer = client.ask(Question(parts._replace(path=f"{parts.path}.md5").geturl()), _SMALL)
    if answer.status in _GONE:
        return ""
    client.raise_for_status(answer)
    if answer.is_html:
        raise portal(host_of(url))
    found = _MD5.match(answer.text)
    return found[1].lower() if found else ""


def file_name(url: str) -> str:
    """Return what to call the file of an address, as ``"vermont-latest.osm.pbf"``.

    Parameters
    ----------
    url
        The address.

    Raises
    ------
    InputError
        It is none of an extract.
    """
    host_of(url)
    name = PurePosixPath(unquote(urlsplit(url).path)).name
    if not _NAME.fullmatch(name):
        raise InputError("that address names no extract; it must end in .osm.pbf.")
    return name


def check_file(client: Client, response: requests.Response) -> None:
    """Let pass an answer that brings a file.

    Parameters
    ----------
    client
        Who asked.
    response
        The answer, not read yet.

    Raises
    ------
    InputError
        There is no such file.
    BadAnswer
        A page for people came instead.
    """
    host = host_of(response.url)
    if response.status_code in _GONE:
        raise InputError(f"{host} has no such file ({response.status_code}); check the address.")
    client.raise_for_status(response)
    if "html" in response.headers.get("Content-Type", ""):
        raise portal(host)


def describe(response: requests.Response) -> Remote:
    """Return what the headers of an answer say of a file.

    Parameters
    ----------
    response
        To a HEAD or GET, whole or in part.
    """
    headers = response.headers
    encoded = headers.get("Content-Encoding", "identity") != "identity"
    size = headers.get("Content-Length", "")
    if ranged := RANGE.fullmatch(headers.get("Content-Range", "")):
        size = ranged[2]
    etag = headers.get("ETag", "")
    return Remote(
        url=response.url,
        size=int(size) if size.isascii() and size.isdigit() and not encoded else None,
        etag="" if encoded or etag.startswith("W/") else etag,
        modified="" if encoded else headers.get("Last-Modified", ""),
    )


def extract_parts(response: requests.Response, *, is_start: bool) -> Iterator[bytes]:
    """Yield the body of an extract as it comes.

    Parameters
    ----------
    response
        As `Client.open` gives it.
    is_start
        Whether it begins at the file's first byte.

    Yields
    ------
    bytes
        Never empty.

    Raises
    ------
    BadAnswer
        It begins as no extract does, whatever its headers say.
    Interrupted
        It broke off.
    """
    head = b""
    for part in read(response):
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
