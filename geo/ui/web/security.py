"""What every request must pass: known Hosts and Origins, strict headers, safe cookies, sign-in.

A page elsewhere can point a name of its own at 127.0.0.1 and read a local server through the
visitor's browser (DNS rebinding); it cannot choose the Host header, so unknown Hosts are refused,
WebSockets included. Nor can it choose the ``Origin`` header (RFC 6454; always there on WebSockets,
RFC 6455, section 10.2, and on requests that change something) or ``Sec-Fetch-Site`` (W3C Fetch
Metadata), so WebSockets and whatever changes something come from a page of the very host and port
that they go to, or are refused. An origin is another as soon as its port or the spelling of its
host differs: ``localhost`` and ``127.0.0.1`` are each their own. Scripts that are no browser can
write what they like there, but have nobody's cookies.

The content security policy lets the page talk to this server and to nobody else: that no request
leaves is enforced by the browser, not only promised. What belongs to somebody (uploads, files that
pages offer, bands around a start) is for those whose sign-in lives at this moment. An app without
sign-in answers this computer alone; what was reached from elsewhere all the same, through another
server or a proxy, is refused too.

Over https a cookie that nobody but this server may read, and no script, goes out with ``Secure``
and under a name that begins with ``__Host-``: a browser lets no other host of the domain, and no
page over plain http, set one of that name (RFC 6265bis, section 4.1.3). Coming back, only such
names are believed, and they lose the beginning, so that whoever reads cookies inside need not know.
One cookie keeps its name: Streamlit's script reads it, to repeat it in a header (the token against
forged requests). It is ``Secure`` all the same.

The headers and cookies are those that OWASP ASVS 5.0 asks for at level 2 (3.3, 3.4, 14.3).
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo.errors import SetupError
from geo.oidc import is_loopback

BROWSER_COOKIE = "crossroads_browser"
"""Tells one browser from another; random, for as long as the browser runs."""

INVITATION_COOKIE = "crossroads_invitation"
"""Carries an invitation through the sign-in."""

RETURN_COOKIE = "crossroads_wanted"
"""The address that somebody came for before they signed in."""

USER_COOKIE = "_streamlit_user"
"""Streamlit's: who is signed in, sealed."""

_OWN_COOKIES = "|".join((BROWSER_COOKIE, INVITATION_COOKIE, RETURN_COOKIE))
_PRIVATE_COOKIE = re.compile(
    rf"(?:{USER_COOKIE}(?:_tokens)?(?:_\d+)?|_streamlit_session|{_OWN_COOKIES})"
)
_HOST_PREFIX, _SECURE_PREFIX = "__Host-", "__Secure-"


def secure_set_cookie(cookie: str) -> str:
    """Return a ``Set-Cookie`` header as it leaves over https.

    Examples
    --------
    >>> secure_set_cookie("_streamlit_user=abc; HttpOnly; Path=/; SameSite=lax")
    '__Host-_streamlit_user=abc; HttpOnly; Path=/; SameSite=lax; Secure'
    """
    name, _, rest = cookie.partition("=")
    attributes = [part.strip().casefold() for part in cookie.split(";")[1:]]
    if "secure" not in attributes:
        rest += "; Secure"
    if not _PRIVATE_COOKIE.fullmatch(name):
        return f"{name}={rest}"
    prefix = _HOST_PREFIX if "path=/" in attributes else _SECURE_PREFIX
    return f"{prefix}{name}={rest}"


def strip_cookie_prefixes(header: str) -> str:
    """Return a ``Cookie`` header as it is read inside, if it came over https.

    A private name without its beginning was set by somebody else, and is dropped.

    Examples
    --------
    >>> strip_cookie_prefixes("_streamlit_user=forged; __Host-_streamlit_user=abc; theme=dark")
    '_streamlit_user=abc; theme=dark'
    """
    return "; ".join(_trusted_cookies(header.split(";")))


def set_cookie_header(name: str, value: str, *, max_age_s: int | None = None) -> str:
    """Return a ``Set-Cookie`` header for a cookie of ours, for the browser's run unless told."""
    age = "" if max_age_s is None else f"; Max-Age={max_age_s}"
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}"


def parse_cookies(header: str) -> dict[str, str]:
    """Return the cookies of a ``Cookie`` header by name; what breaks the rules is left out.

    Examples
    --------
    >>> parse_cookies("a=1; b=x=y; nonsense")
    {'a': '1', 'b': 'x=y'}
    """
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return {name: value.strip('"') for name, sign, value in pairs if sign and name}


def _trusted_cookies(cookies: Iterable[str]) -> Iterable[str]:
    for cookie in cookies:
        name, _, value = cookie.strip().partition("=")
        bare = name.removeprefix(_HOST_PREFIX).removeprefix(_SECURE_PREFIX)
        if not _PRIVATE_COOKIE.fullmatch(bare):
            yield cookie.strip()
        elif bare != name:
            yield f"{bare}={value}"


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


def is_same_origin_request(headers: Headers, *, secure: bool) -> bool:
    """Return whether headers prove that a page of this very origin sent a request."""
    origins, hosts = headers.getlist("origin"), headers.getlist("host")
    if len(origins) != 1 or len(hosts) != 1:
        return False
    return is_same_origin(origins[0], hosts[0], secure=secure)


def is_cross_origin_request(headers: Headers, *, secure: bool) -> bool:
    """Return whether headers show that a page of another origin sent a request.

    For what a visitor may also open by hand or by a bookmark, where no page sends it.
    """
    if "origin" in headers and not is_same_origin_request(headers, secure=secure):
        return True
    return headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}


def _host_and_port(authority: str, default: int) -> tuple[str, int] | None:
    match = _AUTHORITY.fullmatch(authority)
    return (match[1].lower(), int(match[2] or default)) if match else None


LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")

_HOST_HEADER = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/\[\]]+))(?::\d{1,5})?")
_MEDIA = re.compile(r"(?:^|/)media/")
_AREAS = re.compile(r"(?:^|/)crossroads/areas/")
_UPLOAD = re.compile(r"(?:^|/)_stcore/upload_file(?:/|$)")
_CORE = re.compile(r"(?:^|/)_stcore/+([^/]*)")
_ALLOWED_CORE_PATHS = frozenset(
    {"health", "host-config", "stream", "upload_file", "bidi-components"}
)
"""What of Streamlit's own addresses the page needs; its metrics and the like answer nobody."""
_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_HSTS = "max-age=31536000; includeSubDomains"
_UNKNOWN_HOST = "This server does not answer to that name; see CROSSROADS_HOSTS in the manual."
_LOCAL_ONLY = (
    "Without sign-in this app answers the computer that it runs on alone; docs/hosting.md says how"
    " to configure sign-in."
)
_NOT_FOUND = "Not found"
_CROSS_ORIGIN = (
    "This request came from a page at another address; open Crossroads itself. Behind a proxy, pass"
    " on the Host header as docs/hosting.md explains."
)
_SIGN_IN_FIRST = "Sign in first: you are not signed in, or your sign-in has ended."
_UNAVAILABLE = (
    "The database cannot be reached, so nobody can sign in; try again later, or ask your"
    " Crossroads administrator."
)
_STATUS = {
    _UNKNOWN_HOST: 400,
    _LOCAL_ONLY: 403,
    _NOT_FOUND: 404,
    _CROSS_ORIGIN: 403,
    _SIGN_IN_FIRST: 403,
    _UNAVAILABLE: 503,
}
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class SecurityMiddleware:
    """ASGI middleware around the whole app.

    Parameters
    ----------
    app
        What it protects.
    hosts
        Names that the app may be called by, without port; ``*.example.org`` stands for every name
        below, ``*`` for any.
    sources
        Origins that the map may fetch from besides this server; none unless an operator chose a
        remote basemap.
    local
        Nobody signs in, so only this computer is answered.
    https
        Visitors come by https, even where a proxy speaks plain http to us.
    knows
        Says of a ``Cookie`` header whether somebody is signed in at this moment; what belongs to
        somebody is for those alone. Everybody is, unless there is a sign-in. It may ask the
        database, so it is called in a thread, and raises `SetupError` where that fails.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Sequence[str] = LOCAL_HOSTS,
        sources: Sequence[str] = (),
        local: bool = True,
        https: bool = False,
        knows: Callable[[str], bool] = lambda _cookie: True,
    ) -> None:
        self.app = app
        self.hosts = tuple(host.casefold() for host in hosts)
        self.headers = security_headers(sources)
        self.local = local
        self.https = https
        self.knows = knows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on with our headers on its answer."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        secure = self.https or scope["scheme"] in {"https", "wss"}
        if scope["type"] == "http":
            send = self._adorning(scope["path"], secure, send)
        if secure:
            scope = {**scope, "headers": _headers_without_prefixes(scope)}
        why = self._refusal(scope, secure) or await self._private_refusal(scope)
        if why is not None:
            await _refuse(why, scope, receive, send)
        else:
            await self.app(_align_host_with_origin(scope), receive, self._marking(scope, send))

    def _refusal(self, scope: Scope, secure: bool) -> str | None:
        """Return why a request is refused whoever sends it; None where it is not."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not is_known_host(hosts[0], self.hosts):
            return _UNKNOWN_HOST
        if self.local and is_remote_request(scope):
            return _LOCAL_ONLY
        core = _CORE.search(scope["path"])
        if core is not None and core[1] not in _ALLOWED_CORE_PATHS:
            return _NOT_FOUND
        if scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS:
            return None if is_same_origin_request(headers, secure=secure) else _CROSS_ORIGIN
        if is_private(scope["path"]) and is_cross_origin_request(headers, secure=secure):
            return _CROSS_ORIGIN
        return None

    async def _private_refusal(self, scope: Scope) -> str | None:
        """Return why somebody's own is not for whoever asks; None where it is, or is nobody's."""
        if not is_private(scope["path"]):
            return None
        try:
            known = await run_in_threadpool(self.knows, _cookie_of(scope))
        except SetupError:
            return _UNAVAILABLE
        if known:
            return None
        return _SIGN_IN_FIRST if _UPLOAD.search(scope["path"]) else _NOT_FOUND

    def _adorning(self, path: str, secure: bool, send: Send) -> Send:
        """Return a ``send`` that adds our headers to the answer, and makes its cookies safe."""

        async def adorn(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    answer.setdefault(name, value)
                if secure:
                    answer["strict-transport-security"] = _HSTS
                    message["headers"] = [
                        (name, secure_set_cookie(value.decode("latin-1")).encode("latin-1"))
                        if name == b"set-cookie"
                        else (name, value)
                        for name, value in message["headers"]
                    ]
                if is_media_download(path):
                    answer["cache-control"] = "no-store"
                answer.setdefault("cache-control", "no-store")
            await send(message)

        return adorn

    def _marking(self, scope: Scope, send: Send) -> Send:
        """Return a ``send`` that gives a browser its cookie with the first page."""
        if scope["type"] == "websocket" or BROWSER_COOKIE in parse_cookies(_cookie_of(scope)):
            return send

        async def mark(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                if answer.get("content-type", "").startswith("text/html"):
                    value = secrets.token_urlsafe(24)
                    answer.append("set-cookie", set_cookie_header(BROWSER_COOKIE, value))
            await send(message)

        return mark


def is_remote_request(scope: Scope) -> bool:
    """Return whether a request reached us by another address than this computer's, or a proxy."""
    ends = (scope.get("server"), scope.get("client"))
    headers = Headers(scope=scope)
    return any(end and end[1] is not None and not is_loopback(end[0]) for end in ends) or any(
        name in headers for name in _PROXY_HEADERS
    )


def is_known_host(header: str, hosts: Sequence[str]) -> bool:
    """Return whether a Host header names one of the hosts.

    Examples
    --------
    >>> is_known_host("127.0.0.1:8501", LOCAL_HOSTS), is_known_host("evil.example", LOCAL_HOSTS)
    (True, False)
    >>> is_known_host("map.example.org", ["*.example.org"])
    True
    """
    match = _HOST_HEADER.fullmatch(header)
    if match is None:
        return False
    name = (match[1] or match[2]).casefold().removesuffix(".")
    return any(
        host in {"*", name} or (host.startswith("*.") and name.endswith(host[1:])) for host in hosts
    )


def security_headers(sources: Sequence[str] = ()) -> dict[str, str]:
    """Return the headers of every answer.

    Streamlit needs inline styles (its CSS-in-JS) and scripts from ``blob:`` (components); its one
    inline script is allowed by its hash. MapLibre's worker is a ``blob:``.
    """
    ours = " ".join(["'self'", *sources])
    policy = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", "blob:", *_script_hashes()]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": f"{ours} data: blob:",
        "font-src": "'self' data:",
        "connect-src": ours,
        "worker-src": "'self' blob:",
        "frame-src": "'none'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return {
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "permissions-policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }


def is_private(path: str) -> bool:
    """Return whether a path is that of what belongs to somebody: uploads, files, bands."""
    return is_media_download(path) or bool(_UPLOAD.search(path) or _AREAS.search(path))


def is_media_download(path: str) -> bool:
    """Return whether a path is that of a file which a page offers; those of its looks are not."""
    own = path.rpartition("/static/media/")[2] in _streamlit_media_names()
    return bool(_MEDIA.search(path)) and not own


@cache
def _streamlit_media_names() -> frozenset[str]:
    """Return the names of the fonts and pictures of Streamlit's page, which the door shows too."""
    folder = Path(streamlit.__file__).parent / "static" / "static" / "media"
    return frozenset(file.name for file in folder.iterdir())


@cache
def _script_hashes() -> tuple[str, ...]:
    """Return the sources that stand for the inline scripts of Streamlit's page."""
    page = Path(streamlit.__file__).parent / "static" / "index.html"
    scripts = _INLINE_SCRIPT.findall(page.read_text("utf-8"))
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def _cookie_of(scope: Scope) -> str:
    return Headers(scope=scope).get("cookie", "")


def _headers_without_prefixes(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return the headers of a request that came by https, its cookies called as inside."""
    return [
        (name, strip_cookie_prefixes(value.decode("latin-1")).encode("latin-1"))
        if name == b"cookie"
        else (name, value)
        for name, value in scope["headers"]
    ]


def _align_host_with_origin(scope: Scope) -> Scope:
    """Return a WebSocket's request with its Host spelled as its Origin is, which was found equal.

    A proxy may add the port that a browser leaves out; Streamlit compares letter by letter, and
    asks a server elsewhere where two differ.
    """
    if scope["type"] != "websocket":
        return scope
    authority = Headers(scope=scope)["origin"].partition("://")[2].encode("latin-1")
    headers = [(name, authority if name == b"host" else value) for name, value in scope["headers"]]
    return {**scope, "headers": headers}


async def _refuse(why: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
        return
    await PlainTextResponse(why, status_code=_STATUS[why])(scope, receive, send)
