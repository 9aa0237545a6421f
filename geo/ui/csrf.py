"""Whose page a request comes from: what another site sends in a visitor's name is refused.

Browsers add cookies, and reach 127.0.0.1, for any page that asks them to. They also say which page
asked, in the ``Origin`` header (RFC 6454; always there on WebSockets, RFC 6455, section 10.2, and
on requests that change something) and in ``Sec-Fetch-Site`` (W3C Fetch Metadata). Scripts that are
no browser can write what they like there, but have nobody's cookies.

An origin is another as soon as its port or the spelling of its host differs: ``localhost`` and
``127.0.0.1`` are each their own, and so is every port of this computer.
"""

from __future__ import annotations

import re

from starlette.datastructures import Headers

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Those that change nothing (RFC 9110, section 9.2.1)."""

_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/?#@\[\]\\]+)(?::(\d{1,5}))?")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_same_origin(origin: str, host: str, *, secure: bool) -> bool:
    """Return whether an ``Origin`` header names the host and port of a ``Host`` header.

    Parameters
    ----------
    secure
        Whether the visitor came by https: it says which port a ``Host`` without one means.

    Examples
    --------
    >>> is_same_origin("http://localhost:8501", "localhost:8501", secure=False)
    True
    >>> is_same_origin("http://localhost:3000", "localhost:8501", secure=False)
    False
    >>> is_same_origin("https://meet.example.org", "meet.example.org:443", secure=True)
    True
    """
    scheme, separator, authority = origin.partition("://")
    default = _DEFAULT_PORTS.get(scheme.lower())
    if not separator or default is None:
        return False  # "null" too, of sandboxed frames and files
    ours = _host_and_port(host, _DEFAULT_PORTS["https" if secure else "http"])
    return ours is not None and _host_and_port(authority, default) == ours


def is_sent_by_ours(headers: Headers, *, secure: bool) -> bool:
    """Return whether headers prove that a page of this very origin sent a request."""
    origins, hosts = headers.getlist("origin"), headers.getlist("host")
    if len(origins) != 1 or len(hosts) != 1:
        return False
    return is_same_origin(origins[0], hosts[0], secure=secure)


def is_sent_by_another(headers: Headers, *, secure: bool) -> bool:
    """Return whether headers show that a page of another origin sent a request.

    For what a visitor may also open by hand or by a bookmark, where no page sends it.
    """
    if "origin" in headers and not is_sent_by_ours(headers, secure=secure):
        return True
    return headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}


def _host_and_port(authority: str, default: int) -> tuple[str, int] | None:
    match = _AUTHORITY.fullmatch(authority)
    return (match[1].lower(), int(match[2] or default)) if match else None
