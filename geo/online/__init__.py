"""The only code that speaks HTTP: extracts, fresh places and small areas, and addresses.

Everything goes through the `Client` of `session`: who asks is said, limits hold, and what goes
wrong is told as an `OnlineError`. `geofabrik` is the catalogue of extracts and `download` brings
one; `overpass` asks about boxes and `nominatim` about an address; `services` holds them together.
"""

from geo.online.cache import AnswerCache
from geo.online.cancel import Clock
from geo.online.download import Download, Downloader
from geo.online.geofabrik import Catalogue, Offer, fetch_catalogue
from geo.online.http import Answer, Client, Limits, Question
from geo.online.nominatim import Address, AddressSearch
from geo.online.overpass import Fetched, Overpass
from geo.online.overpass_query import Wish, area_wish, places_wish
from geo.online.remote_file import Remote, file_name, look_at, published_md5
from geo.online.services import Services

__all__ = [
    "Address",
    "AddressSearch",
    "Answer",
    "AnswerCache",
    "Catalogue",
    "Client",
    "Clock",
    "Download",
    "Downloader",
    "Fetched",
    "Limits",
    "Offer",
    "Overpass",
    "Question",
    "Remote",
    "Services",
    "Wish",
    "area_wish",
    "fetch_catalogue",
    "file_name",
    "look_at",
    "places_wish",
    "published_md5",
]
