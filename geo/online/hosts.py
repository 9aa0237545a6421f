"""Hosts: what an address names, whose it is, and what to say when its answer is a page."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from geo.errors import BadAnswer, InputError, shorten

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


def is_own(url: str) -> bool:
    """Return whether an address is one of this computer or of the operator's own network.

    Examples
    --------
    >>> is_own("http://127.0.0.1:8080/x"), is_own("https://download.geofabrik.de/")
    (True, False)
    """
    host = host_of(url).removesuffix(".")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_OWN_ENDINGS)
    return address.is_loopback or address.is_private or address.is_link_local


def leads_inside(host: str) -> bool:
    """Return whether a host is, or is found at, an address of this computer or its own network."""
    if is_own(f"http://[{host}]" if ":" in host else f"http://{host}"):
        return True
    try:
        found = socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        return False  # whoever asks it will learn so
    addresses = {ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found}
    return any(not address.is_global for address in addresses)


def is_loopback(host: str) -> bool:
    """Return whether a host is this computer, which no proxy can reach for us."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def portal(host: str) -> BadAnswer:
    """Return the error for a page for people where data were asked for."""
    return BadAnswer(
        f"{host} answered with a page for people; if your network has a login page,"
        " open it in a browser first, else try again later."
    )
