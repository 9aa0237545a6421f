"""All services together, as one run uses them."""

from __future__ import annotations

import requests

from geo.cancellation import SYSTEM_CLOCK, Clock
from geo.online.cache import ResponseCache
from geo.online.download import Downloader
from geo.online.geofabrik import Catalogue, cached_catalogue, fetch_catalogue
from geo.online.hosts import host_of
from geo.online.http import Client
from geo.online.nominatim import AddressSearch
from geo.online.overpass import Overpass
from geo.settings import Settings


class Services:
    """The services of the internet, behind one client and one cache; a context manager."""

    def __init__(
        self,
        settings: Settings,
        *,
        session: requests.Session | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self.settings = settings
        urls = (settings.geofabrik_index_url, settings.overpass_url, settings.nominatim_url)
        self.client = Client(
            settings.contact, session=session, clock=clock, own_hosts=map(host_of, urls)
        )
        self.cache = ResponseCache(settings.cache_dir, clock=clock)
        self.downloader = Downloader(self.client, settings.downloads_dir)
        self.overpass = Overpass(
            self.client, settings.overpass_url, cache=self.cache, folder=settings.cache_dir
        )

    def __enter__(self) -> Services:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def catalogue(self) -> Catalogue:
        """Return the catalogue of extracts.

        Raises
        ------
        OnlineError
            It cannot be had, and there is no copy.
        MissingContact
            It is to be had from a public server only, and nobody said who asks.
        """
        return fetch_catalogue(self.client, self.settings.geofabrik_index_url, self.cache)

    def cached_catalogue(self) -> Catalogue | None:
        """Return the copy of that catalogue that is on this computer; None where there is none."""
        return cached_catalogue(self.settings.geofabrik_index_url, self.cache)

    def address_search(self) -> AddressSearch:
        """Return the search for addresses on the web."""
        return AddressSearch(
            self.client,
            self.settings.nominatim_url,
            cache=self.cache,
            folder=self.settings.cache_dir,
        )

    def close(self) -> None:
        """Close the connections and the cache."""
        self.client.close()
        self.cache.close()
