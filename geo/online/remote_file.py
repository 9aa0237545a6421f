"""A file on a server, by its headers and the MD5 beside it, and the part of it that is here."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import requests

from geo.errors import BadResponse, InputError
from geo.files import disk_errors
from geo.online.hosts import host_of, login_page_error
from geo.online.http import Client, Request, ResponseLimits

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.osm\.pbf")
_MD5 = re.compile(r"\s*\\?([0-9a-fA-F]{32})(?:\s|$)")
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_GONE = frozenset({404, 410})
_NO_MD5 = frozenset({403, 404, 410})
"""What servers answer where nothing lies; object stores say 403 to who may not list what does."""

_NO_HEAD = frozenset({403, 405, 501})
_SMALL_LIMITS = ResponseLimits(max_bytes=1 << 16, total_s=60)


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


def request_head(client: Client, url: str) -> Remote:
    """Return what a server says of a file, without downloading it.

    Raises
    ------
    InputError
        There is no such file.
    OnlineError
        The server cannot be asked.
    """
    request = Request(url, method="HEAD", headers={"Accept-Encoding": "identity"})
    with client.stream(request, idle_s=_SMALL_LIMITS.idle_s) as response:
        if response.status_code in _NO_HEAD:
            return Remote(url)  # it will be seen when it is downloaded
        check_file(client, response)
        return parse_headers(response)


def published_md5(client: Client, url: str, final_url: str) -> str:
    """Return the MD5 that lies beside a file; empty where there is none.

    What lies at the end of the redirects is looked at first.

    Raises
    ------
    BadResponse
        Something else lies there.
    OnlineError
        The server cannot be asked.
    """
    for address in dict.fromkeys((final_url, url)):
        parts = urlsplit(address)
        response = client.send(
            Request(parts._replace(path=f"{parts.path}.md5").geturl()), _SMALL_LIMITS
        )
        if response.status in _NO_MD5:
            continue
        client.raise_for_status(response)
        if response.is_html:
            raise login_page_error(host_of(address))
        if found := _MD5.match(response.text):
            return found[1].lower()
    return ""


def file_name(url: str) -> str:
    """Return what to call the file of an address, as ``"vermont-latest.osm.pbf"``.

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
    """Let pass a response that brings a file.

    Raises
    ------
    InputError
        There is no such file.
    BadResponse
        A page for people came instead.
    """
    host = host_of(response.url)
    if response.status_code in _GONE:
        raise InputError(f"{host} has no such file ({response.status_code}); check the address.")
    client.raise_for_status(response)
    if "html" in response.headers.get("Content-Type", ""):
        raise login_page_error(host)


def parse_headers(response: requests.Response) -> Remote:
    """Return what the headers of a response say of a file."""
    headers = response.headers
    encoded = headers.get("Content-Encoding", "identity") != "identity"
    size = headers.get("Content-Length", "")
    if ranged := _RANGE.fullmatch(headers.get("Content-Range", "")):
        size = ranged[2]
    etag = headers.get("ETag", "")
    return Remote(
        url=response.url,
        size=int(size) if size.isascii() and size.isdigit() and not encoded else None,
        etag="" if encoded or etag.startswith("W/") else etag,
        modified="" if encoded else headers.get("Last-Modified", ""),
    )


def is_continuation(response: requests.Response, known: Remote, received: int) -> bool:
    """Return whether a response brings the rest of a file of which some bytes are here."""
    ranged = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    return (
        response.status_code == 206
        and ranged is not None
        and int(ranged[1]) == received
        and parse_headers(response).size in {known.size, None}
    )


_CHUNK = 1 << 20


class ContentMismatch(BadResponse):
    """What arrived is not the file that was published."""


class PartialFile:
    """The part of a file that is here, and the note beside it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.part = path.with_name(f"{path.name}.part")
        self._note = path.with_name(f"{path.name}.note.json")

    @property
    def received(self) -> int:
        """Bytes that are here."""
        return self.part.stat().st_size if self.part.is_file() else 0

    def read_note(self) -> Remote | None:
        """Return what the part is a part of; None where that is not known."""
        try:
            return Remote(**json.loads(self._note.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write_note(self, remote: Remote) -> None:
        """Note what the part is a part of; before the first byte of it is written."""
        temporary = self._note.with_suffix(".new")
        with disk_errors(self.path.parent):
            temporary.write_text(json.dumps(asdict(remote)), "utf-8")
            temporary.replace(self._note)

    def finish(self, remote: Remote, check_cancelled: Callable[[], None]) -> None:
        """Give the file its real name, if it is what was published.

        Raises
        ------
        ContentMismatch
            Its MD5 is not the published one.
        """
        if remote.md5 and _md5(self.part, check_cancelled) != remote.md5:
            raise ContentMismatch(
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

    def md5(self, check_cancelled: Callable[[], None]) -> str:
        """Return the MD5 of the file, which is here whole."""
        return _md5(self.path, check_cancelled)


def _md5(path: Path, check_cancelled: Callable[[], None]) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with disk_errors(path.parent), path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            check_cancelled()
            digest.update(chunk)
    return digest.hexdigest()
