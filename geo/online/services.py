"""All services together, as one run uses them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import requests

from geo.online.cache import AnswerCache
from geo.online.clock import WALL, Clock
from geo.online.download import Downloader
from geo.online.geofabrik import Catalogue, fetch_catalogue
from geo.online.nominatim import AddressSearch
from geo.online.overpass import Overpass
from geo.online.session import Client


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the services are, and who asks them.

    Attributes
    ----------
    geofabrik_index
        The catalogue of extracts.
    overpass
        The interpreter of an Overpass server.
    nominatim
        A Nominatim server.
    contact
        Mail or web address of whoever asks; empty to ask only servers of one's own.
    """

    geofabrik_index: str
    overpass: str
    nominatim: str
    contact: str = ""


class Services:
    """The services of the internet, behind one client and one cache; a context manager.

    Parameters
    ----------
    addresses
        Where they are.
    downloads_dir
        Where extracts arrive.
    cache_dir
        Where answers and locks are kept.
    session
        Sends the requests; a new one where none is given.
    clock
        Counts the seconds.
    """

    def __init__(
        self,
        addresses: Addresses,
        *,
        downloads_dir: Path,
        cache_dir: Path,
        session: requests.Session | None = None,
        clock: Clock = WALL,
    ) -> None:
        self.addresses = addresses
        self.downloads_dir = downloads_dir
        self.client = Client(addresses.contact, session=session, clock=clock)
        self.cache = AnswerCache(cache_dir, clock=clock)
        self.downloader = Downloader(self.client, downloads_dir)
        self.overpass = Overpass(
            self.client, addresses.overpass, cache=self.cache, folder=cache_dir
        )
        self._cache_dir = cache_dir

    def __enter__(self) -> Services:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def catalogue(self) -> Catalogue:
        """Return the catalogue of extracts.

        Raises
        ------
        OnlineError
            It cannot be had, and there is no copy.
        NoContact
            It is to be had from a public server only, and nobody said who asks.
        """
        return fetch_catalogue(self.client, self.addresses.geofabrik_index, self.cache)

    def address_search(self) -> AddressSearch:
        """Return the search for addresses on the web."""
        return AddressSearch(
            self.client, self.addresses.nominatim, cache=self.cache, folder=self._cache_dir
        )

    def close(self) -> None:
        """Close the connections and the cache."""
        self.client.close()
        self.cache.close()
