"""Hosts: which one an address names, whether it is local, and the errors of reaching it."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests
import urllib3

from geo.errors import (
    BadResponse,
    ConnectionRefused,
    InputError,
    Offline,
    OnlineError,
    TransferInterrupted,
    UntrustedCertificate,
    shorten,
)

_UNREACHABLE = (
    urllib3.exceptions.NameResolutionError,
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.ProxyError,
)
_TLS = (urllib3.exceptions.SSLError, ssl.SSLError)
_BAD_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    urllib3.exceptions.LocationValueError,
    UnicodeError,
)


@contextmanager
def translate_errors(host: str) -> Iterator[None]:
    """Translate what goes wrong on the way to a host while the block runs.

    Raises
    ------
    InputError
        The address cannot be one.
    OnlineError
        The host cannot be reached, is not to be trusted, or broke off.
    """
    try:
        yield
    except _BAD_ADDRESS as error:
        raise InputError(f"the address of {host} cannot be one; check it.") from error
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise _translate(host, error) from error


def _translate(host: str, error: BaseException) -> OnlineError:
    chain = list(_causes(error))
    if any(isinstance(one, _TLS) for one in chain):
        return UntrustedCertificate(
            f"{host} cannot be trusted: its certificate does not hold, or it speaks no TLS; check"
            " this computer's clock and the address, or ask whoever runs your network."
        )
    if any(isinstance(one, urllib3.exceptions.NameResolutionError) for one in chain):
        return Offline(f"cannot find {host}; is this computer connected to the internet?")
    if any(isinstance(one, ConnectionRefusedError) for one in chain) and not any(
        isinstance(one, urllib3.exceptions.ProxyError) for one in chain
    ):
        return ConnectionRefused(
            f"cannot reach {host}, which refuses connections; check its address, and whether this"
            " computer is connected to the internet."
        )
    if any(isinstance(one, (*_UNREACHABLE, requests.ConnectTimeout)) for one in chain):
        return Offline(f"cannot reach {host}; is this computer connected to the internet?")
    if any(isinstance(one, TimeoutError | requests.Timeout) for one in chain) or any(
        isinstance(one, urllib3.exceptions.ReadTimeoutError) for one in chain
    ):
        return TransferInterrupted(f"{host} does not answer in time; try again later.")
    return TransferInterrupted(f"the connection to {host} broke off; try again.")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what is behind it: its arguments, reasons and causes."""
    seen: set[int] = set()
    left = [error]
    while left:
        one = left.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        left += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]


_OWN_ENDINGS = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test")


def host_of(url: str) -> str:
    """Return the host that an address names, as messages may repeat it.

    Raises
    ------
    InputError
        It is no address of the web.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
        parts.port  # noqa: B018 - raises where it is no port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"} or not url.isprintable():
        raise InputError(
            f"{shorten(url)!r} is no web address; it must begin with https:// or http://."
        )
    return shorten(host)


def is_local_url(url: str) -> bool:
    """Return whether an address is one of this computer or of the operator's own network.

    Examples
    --------
    >>> is_local_url("http://127.0.0.1:8080/x"), is_local_url("https://download.geofabrik.de/")
    (True, False)
    """
    host = host_of(url).removesuffix(".")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_OWN_ENDINGS)
    return address.is_loopback or address.is_private or address.is_link_local


def resolves_to_private(host: str) -> bool:
    """Return whether a host is, or is found at, an address of this computer or its own network."""
    if is_local_url(f"http://[{host}]" if ":" in host else f"http://{host}"):
        return True
    try:
        found = socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        return False  # whoever asks it will learn so
    addresses = {ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found}
    return any(not address.is_global for address in addresses)


def login_page_error(host: str) -> BadResponse:
    """Return the error for a page for people where data were asked for."""
    return BadResponse(
        f"{host} answered with a page for people; if your network has a login page,"
        " open it in a browser first, else try again later."
    )
