"""The only code that speaks HTTP: extracts, fresh places and small areas, and addresses.

Everything goes through the `Client` of `http`: who asks is said, limits hold, and what goes wrong
is raised as an `OnlineError`. `geofabrik` is the catalogue of extracts and `download` brings one;
`overpass` asks about boxes and `nominatim` about an address; `services` holds them together.
"""

from geo.online.cache import ResponseCache
from geo.online.download import Download, Downloader
from geo.online.geofabrik import Catalogue, CatalogueEntry, fetch_catalogue
from geo.online.http import Client, Request, Response, ResponseLimits
from geo.online.nominatim import AddressSearch, NominatimAddress
from geo.online.overpass import FetchResult, Overpass
from geo.online.overpass_query import OverpassQuery, area_query, places_query
from geo.online.remote_file import Remote, file_name, published_md5, request_head
from geo.online.services import Services

__all__ = [
    "AddressSearch",
    "Catalogue",
    "CatalogueEntry",
    "Client",
    "Download",
    "Downloader",
    "FetchResult",
    "NominatimAddress",
    "Overpass",
    "OverpassQuery",
    "Remote",
    "Request",
    "Response",
    "ResponseCache",
    "ResponseLimits",
    "Services",
    "area_query",
    "fetch_catalogue",
    "file_name",
    "places_query",
    "published_md5",
    "request_head",
]
