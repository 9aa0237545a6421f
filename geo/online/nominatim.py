"""Looking an address up on the web, with Nominatim through geopy: only when somebody asks for it.

The text that was typed goes to the server, so a page says so before. At most one request a second
is asked by all processes together, as the public server's rules demand; responses are kept, so that
the same address is asked for once. https://operations.osmfoundation.org/policies/nominatim/
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from geopy.adapters import AdapterHTTPError, BaseSyncAdapter
from geopy.exc import GeopyError
from geopy.geocoders import Nominatim
from geopy.location import Location

from geo.errors import BadCoordinates, BadResponse, InputError, ServiceBusy
from geo.files import disk_errors
from geo.model import Point
from geo.online.cache import ResponseCache
from geo.online.hosts import host_of
from geo.online.http import Client, Request, Response, ResponseLimits
from geo.online.retry import process_lock

ATTRIBUTION = "Addresses © OpenStreetMap contributors (ODbL), found by Nominatim"

_EXPIRE_AFTER = timedelta(days=30)
_LIMITS = ResponseLimits(max_bytes=4 << 20, total_s=30, idle_s=20)
_MIN_INTERVAL_S = 1.0
_MAX_TEXT_LENGTH = 200
_LOCK_S = 30.0
_MAX_RESULTS = 8


@dataclass(frozen=True, slots=True)
class NominatimAddress:
    """An address as a service tells it."""

    label: str
    point: Point
    at: datetime


class AddressSearch:
    """Looks addresses up with Nominatim; ``url`` is the server's without ``/search``."""

    def __init__(self, client: Client, url: str, *, cache: ResponseCache, folder: Path) -> None:
        parts = urlsplit(url)
        self.host = host_of(url)
        self._adapter = _SessionAdapter(client, cache, folder)
        self._geocoder = Nominatim(
            user_agent=client.user_agent,
            scheme=parts.scheme,
            domain=f"{parts.netloc}{parts.path}".rstrip("/").removesuffix("/search"),
            timeout=_LIMITS.total_s,
            adapter_factory=lambda **_options: self._adapter,
        )

    def search(self, text: str, *, language: str = "", limit: int = 5) -> list[NominatimAddress]:
        """Return the addresses that a text may mean, likeliest first; [] for none.

        The text is sent to the server. ``language`` is a code of the reader, as ``"ca"``; empty for
        the local one.

        Raises
        ------
        InputError
            The text is too short or too long to be an address.
        MissingContact
            The server is a public one and nobody said who asks.
        OnlineError
            The server did not answer as it should.
        """
        wanted = " ".join(text.split())
        if not 2 < len(wanted) <= _MAX_TEXT_LENGTH:
            raise InputError(
                f"an address has 3 to {_MAX_TEXT_LENGTH} characters; give street, number and town."
            )
        with self._translate_errors():
            found = self._geocoder.geocode(
                wanted,
                exactly_one=False,
                limit=min(limit, _MAX_RESULTS),
                language=language or False,
            )
        return [address for one in found or () if (address := self._address(one)) is not None]

    def reverse(self, point: Point, *, language: str = "") -> NominatimAddress | None:
        """Return the address at a point; None where there is none, as on the sea.

        The point is sent to the server.

        Raises
        ------
        MissingContact
            The server is a public one and nobody said who asks.
        OnlineError
            The server did not answer as it should.
        """
        with self._translate_errors():
            found = self._geocoder.reverse((point.lat, point.lon), language=language or False)
        return None if found is None else self._address(found)

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """Translate geopy's errors, which may hold the address; keep what was understood."""
        try:
            yield
            self._adapter.cache_response()
        except GeopyError as error:
            response = self._adapter.response
            if response is not None and response.status in {429, 502, 503, 504}:
                raise ServiceBusy(
                    f"{self.host} is busy ({response.status}); try again later.",
                    retry_after_s=response.retry_after_s,
                ) from error
            status = (
                f" ({response.status})" if response is not None and response.status != 200 else ""
            )
            raise BadResponse(
                f"{self.host} could not look it up{status}; try again later, or give a position."
            ) from error
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise BadResponse(
                f"{self.host} does not answer as Nominatim does; check CROSSROADS_NOMINATIM_URL."
            ) from error

    def _address(self, location: Location) -> NominatimAddress | None:
        try:
            point = Point(location.longitude, location.latitude)
        except BadCoordinates:
            return None
        return NominatimAddress(str(location.address), point, self._adapter.at)


class _SessionAdapter(BaseSyncAdapter):  # type: ignore[misc]  # geopy has no types
    """Lets geopy ask through our client, once a second, and remember."""

    def __init__(self, client: Client, cache: ResponseCache, folder: Path) -> None:
        super().__init__(proxies=None, ssl_context=None)
        self._client = client
        self._cache = cache
        self._folder = folder
        self.response: Response | None = None
        self._new: tuple[Request, Response] | None = None

    @property
    def at(self) -> datetime:
        """When the latest response was given."""
        return self.response.at if self.response is not None else self._client.clock.now()

    def get_json(self, url: str, **_options: Any) -> Any:
        """Return the JSON of a response; our client knows its own limits and headers."""
        return self._ask(url).json()

    def get_text(self, url: str, **_options: Any) -> str:
        """Return the text of a response."""
        return self._ask(url).text

    def _ask(self, url: str) -> Response:
        request, self._new = Request(url), None
        self.response = self._cache.get(request, max_age=_EXPIRE_AFTER)
        if self.response is not None:
            return self.response
        with self._rate_limit():
            response = self.response = self._client.send(request, _LIMITS)
        if response.status >= 400:
            raise AdapterHTTPError(
                f"status {response.status}", status_code=response.status, headers={}, text=None
            )
        self._new = (request, response)
        return response

    def cache_response(self) -> None:
        """Keep the latest response, if it is new: it was understood."""
        if self._new is not None:
            self._cache.put(*self._new, expire_after=_EXPIRE_AFTER)
            self._new = None

    @contextmanager
    def _rate_limit(self) -> Iterator[None]:
        """Wait until a second has passed since any process asked."""
        path = self._folder / "nominatim.turn"
        clock = self._client.clock
        with process_lock(
            self._folder / "nominatim.turn.lock",
            clock,
            max_wait_s=_LOCK_S,
            busy_message="too many look up addresses at once; try again.",
        ):
            since_s = clock.epoch_s() - _last_request_s(path)
            if since_s < _MIN_INTERVAL_S:
                clock.wait(_MIN_INTERVAL_S - max(0.0, since_s))
            try:
                yield
            finally:
                with disk_errors(self._folder):
                    path.touch()
                    os.utime(path, (clock.epoch_s(), clock.epoch_s()))


def _last_request_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
