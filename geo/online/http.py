"""The one HTTP client: every request to the internet goes through a `Client`.

It says who asks (name, version, contact) and asks nobody else than the operator's own servers
without a contact; follows redirects itself, never to a weaker protocol; keeps no cookies; and reads
no body without a limit in bytes and in seconds, whatever its headers say. What `requests` and
`urllib3` raise is translated here, once; the messages name the host and never the address that was
asked for, which may hold where somebody lives.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from geo.cancellation import SYSTEM_CLOCK, Clock, iter_cancellable, run_cancellable
from geo.errors import BadResponse, InputError, MissingContact, ServiceBusy, TransferInterrupted
from geo.oidc import is_loopback
from geo.online.hosts import (
    host_of,
    is_local_url,
    login_page_error,
    resolves_to_private,
    translate_errors,
)

_HTML_STARTS = (b"<!doc", b"<html")


@dataclass(frozen=True, slots=True)
class ResponseLimits:
    """How much of a response is taken, and how long is waited for it, to the last byte."""

    max_bytes: int = 64 << 20
    total_s: float = 120.0
    idle_s: float = 60.0


DEFAULT_LIMITS = ResponseLimits()
"""What will do for most responses."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: a GET, or a POST of the fields of a form; or ``method``, as HEAD.

    ``headers`` are more than those that every request carries.
    """

    url: str
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    method: str = ""

    @property
    def verb(self) -> str:
        """The method."""
        return self.method or ("GET" if self.form is None else "POST")


@dataclass(frozen=True, slots=True)
class Response:
    """What a service answered, whole.

    ``content_type`` is in small letters and without parameters, as ``"application/json"``.
    """

    url: str
    status: int
    content_type: str
    body: bytes = field(repr=False)
    at: datetime
    retry_after_s: float | None = None

    @property
    def is_html(self) -> bool:
        """Whether this is a page for people, whatever was asked for."""
        return "html" in self.content_type or self.body[:256].lstrip()[:5].lower() in _HTML_STARTS

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the body's JSON.

        Raises
        ------
        BadResponse
            It is a page for people, such as the login page of a hotel's network.
        TransferInterrupted
            It is cut off or no JSON.
        """
        host = host_of(self.url)
        if self.is_html:
            raise login_page_error(host)
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise TransferInterrupted(
                f"the answer of {host} is cut off or damaged; try again."
            ) from error


_CONNECT_S = 15.0
_CHUNK = 1 << 16
_MOST_REDIRECTS = 6
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BUSY = frozenset({429, 502, 503, 504})


class Client:
    """Asks services on the internet; one is shared by everything that does.

    ``contact`` is a mail or web address for the services; empty to ask only servers of one's own.
    Redirects may lead to ``own_hosts``, which the operator configured, wherever they are.
    """

    def __init__(
        self,
        contact: str = "",
        *,
        session: requests.Session | None = None,
        clock: Clock = SYSTEM_CLOCK,
        own_hosts: Iterable[str] = (),
    ) -> None:
        self.contact = contact
        self._own_hosts = frozenset(own_hosts)
        self.clock = clock
        self.user_agent = f"Crossroads/{version('crossroads')}" + (
            f" (+{contact})" if contact else ""
        )
        self._session = session or requests.Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def send(self, request: Request, limits: ResponseLimits = DEFAULT_LIMITS) -> Response:
        """Return the whole response, whatever its status.

        Raises
        ------
        InputError
            The address cannot be one.
        MissingContact
            The server is a public one and nobody said who asks.
        OnlineError
            There is no response, or none within the limits.
        """
        deadline_s = self.clock.monotonic_s() + limits.total_s
        with self.stream(request, idle_s=limits.idle_s, total_s=limits.total_s) as response:
            parts, size = [], 0
            with closing(self.iter_body(response)) as body:
                for part in body:
                    parts.append(part)
                    size += len(part)
                    self._check_limits(response, size, limits.max_bytes, deadline_s)
            return Response(
                url=response.url,
                status=response.status_code,
                content_type=response.headers.get("Content-Type", "")
                .partition(";")[0]
                .strip()
                .lower(),
                body=b"".join(parts),
                at=self.clock.now(),
                retry_after_s=self._retry_after_s(response),
            )

    @contextmanager
    def stream(
        self, request: Request, *, idle_s: float = 60.0, total_s: float = 600.0
    ) -> Iterator[requests.Response]:
        """Open a response, to be taken bit by bit with `iter_body`; redirects are followed.

        The response must begin within ``total_s``, however slowly its headers come.

        Raises
        ------
        InputError
            The address cannot be one.
        MissingContact
            The server is a public one and nobody said who asks.
        OnlineError
            There is no way to the server, or it redirects in circles.
        """
        deadline_s = self.clock.monotonic_s() + total_s
        for _ in range(_MOST_REDIRECTS):
            response = self._send_cancellable(request, idle_s, deadline_s)
            target = response.headers.get("Location")
            if response.status_code not in _REDIRECTS or not target:
                break
            response.close()
            request = _redirected(request, response, target)
            self._check_redirect(host_of(response.url), host_of(request.url))
        else:
            raise BadResponse(f"{host_of(request.url)} redirects in circles; try again later.")
        try:
            yield response
        finally:
            response.close()

    def raise_for_status(self, response: Response | requests.Response) -> None:
        """Let pass what is well, and raise what the status says otherwise.

        Raises
        ------
        ServiceBusy
            It is a 429, 502, 503 or 504.
        BadResponse
            It is anything else that is no success.
        """
        status = response.status if isinstance(response, Response) else response.status_code
        host = host_of(response.url)
        if 200 <= status < 300:
            return
        if status in _BUSY:
            wait_s = (
                response.retry_after_s
                if isinstance(response, Response)
                else self._retry_after_s(response)
            )
            raise ServiceBusy(f"{host} is busy ({status}); try again later.", retry_after_s=wait_s)
        raise BadResponse(f"{host} refused ({status}); check the address, or try again later.")

    def iter_body(self, response: requests.Response) -> Generator[bytes]:
        """Yield the body as it comes; to be closed by whoever does not take all of it.

        Yields
        ------
        bytes
            Decoded, never empty.

        Raises
        ------
        TransferInterrupted
            It broke off, or nothing came for too long.
        """
        return iter_cancellable(
            _parts(response), self.clock.check_cancelled, close=lambda: _shutdown(response)
        )

    def _send_cancellable(
        self, request: Request, idle_s: float, deadline_s: float
    ) -> requests.Response:
        """Send a request and wait until its response begins, or nobody wants it any more."""
        self._check_contact(request.url)
        host = host_of(request.url)

        def check_cancelled() -> None:
            self.clock.check_cancelled()
            if self.clock.monotonic_s() > deadline_s:
                raise TransferInterrupted(f"{host} takes too long to answer; try again later.")

        return run_cancellable(
            lambda: self._send(request, idle_s), check_cancelled, discard=requests.Response.close
        )

    def _send(self, request: Request, idle_s: float) -> requests.Response:
        headers = {"User-Agent": self.user_agent, **(request.headers or {})}
        host = host_of(request.url)
        with translate_errors(host):
            return self._session.request(
                request.verb,
                request.url,
                data=request.form,
                headers=headers,
                timeout=(_CONNECT_S, idle_s),
                proxies={"no_proxy": host} if is_loopback(host) else None,
                allow_redirects=False,
                stream=True,
            )

    def _check_contact(self, url: str) -> None:
        if not self.contact and not is_local_url(url):
            raise MissingContact(
                f"{host_of(url)} is a public service, which wants to know who asks: set"
                " CROSSROADS_CONTACT to your mail or web address."
            )

    def _check_redirect(self, host: str, target: str) -> None:
        """Refuse a redirect into this computer or its network, where nobody asked it to lead.

        A server could have us ask what only we can reach (server-side request forgery, CWE-918).
        """
        if target not in {host, *self._own_hosts} and resolves_to_private(target):
            raise BadResponse(
                f"{host} redirects to {target}, which is on this computer or its network; check"
                " the server's address in the settings."
            )

    def _check_limits(
        self, response: requests.Response, size: int, max_bytes: int, deadline_s: float
    ) -> None:
        host = host_of(response.url)
        if size > max_bytes:
            raise ResponseTooLarge(
                f"{host} answers with more than {max_bytes >> 20} MB; ask for less."
            )
        if self.clock.monotonic_s() > deadline_s:
            raise TransferInterrupted(f"{host} takes too long to answer; try again later.")

    def _retry_after_s(self, response: requests.Response) -> float | None:
        """Return what ``Retry-After`` says, in seconds or as a date (RFC 9110, 10.2.3)."""
        text = response.headers.get("Retry-After", "").strip()
        if text.isascii() and text.isdigit():
            return float(text[:9])
        with suppress(ValueError, TypeError):
            moment = parsedate_to_datetime(text)
            return max(0.0, moment.timestamp() - self.clock.epoch_s())
        return None


class ResponseTooLarge(BadResponse):
    """The body is larger than what is taken."""


def _parts(response: requests.Response) -> Iterator[bytes]:
    with translate_errors(host_of(response.url)):
        body: urllib3.HTTPResponse = response.raw
        while part := body.read1(_CHUNK, decode_content=True):
            yield part


def _shutdown(response: requests.Response) -> None:
    """Let whoever still reads a body come to its end; it may have ended just now."""
    with suppress(ValueError, RuntimeError, OSError):
        response.raw.shutdown()


def _redirected(request: Request, response: requests.Response, target: str) -> Request:
    """Return the request for where a redirect leads.

    Raises
    ------
    BadResponse
        It leads from https to http, or takes a POST to another place.
    """
    host = host_of(request.url)
    url = urljoin(request.url, target)
    with suppress(InputError):
        safe = urlsplit(request.url).scheme == "http" or urlsplit(url).scheme == "https"
        same_method = request.verb in {"GET", "HEAD"} or response.status_code in {307, 308}
        if host_of(url) and safe and same_method:
            return replace(request, url=url)
    raise BadResponse(
        f"{host} redirects to where it may not; if your network has a login page, open it in a"
        " browser first."
    )
