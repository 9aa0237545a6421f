"""What an operator may set: environment variables that begin with ``CROSSROADS_``, read once.

A name that is not known is refused, so that a typing mistake cannot pass unnoticed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from geo.errors import InputError, UnknownName, shorten
from geo.tables import checkout

_PREFIX = "CROSSROADS_"
_TILES = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?/(?=\S*\{z\})(?=\S*\{x\})(?=\S*\{y\})[^\s\"'<>;,]*"
)


_CONTACT = re.compile(r"[!-~]{1,100}@[!-~]{1,100}|https?://[!-~]{1,190}")
_SERVICES = ("geofabrik_index_url", "overpass_url", "nominatim_url")
_LONGEST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one run.

    Attributes
    ----------
    data_dir
        Where regions, the database and caches live (``CROSSROADS_DATA_DIR``).
    hosts
        Names that the app may be called by, besides this computer's own (``CROSSROADS_HOSTS``,
        divided by commas; ``*.example.org`` for all below, ``*`` for any).
    basemap
        Address of somebody else's tiles (``CROSSROADS_BASEMAP``), with ``{z}``, ``{x}`` and
        ``{y}``; empty, as it is unless an operator chose otherwise, for the region's own. With it
        visitors' browsers tell that server which part of the map they look at.
    basemap_attribution
        Whose tiles those are, shown on the map (``CROSSROADS_BASEMAP_ATTRIBUTION``).
    contact
        Mail or web address that the services below are told (``CROSSROADS_CONTACT``); without one
        only servers of one's own are asked.
    geofabrik_index_url
        The catalogue of extracts (``CROSSROADS_GEOFABRIK_INDEX_URL``).
    overpass_url
        Whom to ask for fresh places and small areas (``CROSSROADS_OVERPASS_URL``).
    nominatim_url
        Whom to ask for addresses, when asked to (``CROSSROADS_NOMINATIM_URL``).
    stale_days
        How old a region's data may grow before an update is due (``CROSSROADS_STALE_DAYS``).
    """

    data_dir: Path
    hosts: tuple[str, ...] = ()
    basemap: str = ""
    basemap_attribution: str = ""
    contact: str = ""
    geofabrik_index_url: str = "https://download.geofabrik.de/index-v1.json"
    overpass_url: str = "https://overpass-api.de/api/interpreter"
    nominatim_url: str = "https://nominatim.openstreetmap.org"
    stale_days: int = 90

    @property
    def downloads_dir(self) -> Path:
        """The folder of what is being downloaded."""
        return self.data_dir / "downloads"

    @property
    def cache_dir(self) -> Path:
        """The folder of answers from the internet that need not be asked for again."""
        return self.data_dir / "cache"

    @property
    def regions_dir(self) -> Path:
        """The folder that holds one folder for each region."""
        return self.data_dir / "regions"

    @property
    def basemap_origin(self) -> str:
        """The server of the remote basemap, as ``"https://tiles.example.org"``; empty for none."""
        parts = urlsplit(self.basemap)
        return f"{parts.scheme}://{parts.netloc}" if self.basemap else ""


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from environment variables; those without the prefix are not looked at.

    Without ``CROSSROADS_DATA_DIR`` everything lives in the checkout's own ``data/`` or, where
    Crossroads was installed as a package, in ``data/`` below the current folder.

    Raises
    ------
    UnknownName
        A variable begins with ``CROSSROADS_`` and is no setting.
    InputError
        The address of the basemap is none of tiles, the data cannot live where they should, or
        a value is not what its setting takes.
    """
    known = {_PREFIX + field.name.upper() for field in fields(Settings)}
    for name in environ:
        if name.startswith(_PREFIX) and name not in known:
            raise UnknownName("setting", name, known)
    data_dir = environ.get(_PREFIX + "DATA_DIR")
    hosts = (host.strip() for host in environ.get(_PREFIX + "HOSTS", "").split(","))
    return Settings(
        data_dir=_data_dir(data_dir) if data_dir else (checkout() or Path()) / "data",
        hosts=tuple(host for host in hosts if host),
        basemap=_basemap(environ.get(_PREFIX + "BASEMAP", "")),
        basemap_attribution=environ.get(_PREFIX + "BASEMAP_ATTRIBUTION", ""),
        contact=_contact(environ.get(_PREFIX + "CONTACT", "").strip()),
        stale_days=_days(environ.get(_PREFIX + "STALE_DAYS", "") or str(_default("stale_days"))),
        **{name: _service(name, environ) for name in _SERVICES},
    )


def _data_dir(text: str) -> Path:
    """Return the folder, if there can be one of that name."""
    try:
        folder = Path(text).expanduser()
        folder.exists()
    except PermissionError:
        return folder  # told where it is used, with what was wanted of it
    except RuntimeError as error:
        raise _no_data_dir(text, "there is no such user; write the path out") from error
    except (OSError, ValueError) as error:
        raise _no_data_dir(text, "it must be a path that this system allows") from error
    return folder


def _no_data_dir(text: str, advice: str) -> InputError:
    return InputError(f"CROSSROADS_DATA_DIR is {shorten(text)!r}; {advice}.")


def _basemap(url: str) -> str:
    """Return the address if it is one of tiles: its host goes into a header."""
    if url and not _TILES.fullmatch(url):
        raise InputError(
            f"CROSSROADS_BASEMAP is {url!r}; it must look like https://host/{{z}}/{{x}}/{{y}}.png."
        )
    return url


def _contact(text: str) -> str:
    """Return the contact if it can stand in a header, and somebody can be reached by it."""
    if text and not _CONTACT.fullmatch(text):
        raise InputError(
            "CROSSROADS_CONTACT must be a mail or web address, as maps@example.org: the services"
            " write there if something is wrong."
        )
    return text


def _service(name: str, environ: Mapping[str, str]) -> str:
    """Return the address of a service; where none is given, the public one."""
    variable = _PREFIX + name.upper()
    url = environ.get(variable, "").strip()
    default = str(_default(name))
    if not url:
        return default
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and url.isprintable()
        parts.port  # noqa: B018 - raises where it is no port
    except ValueError:
        good = False
    if not good:
        raise InputError(
            f"{variable} is {shorten(url)!r}; it must be an address such as {default}."
        )
    if name == "overpass_url" and not parts.path.rstrip("/").endswith("/interpreter"):
        raise InputError(f"{variable} is {shorten(url)!r}; it must end in /api/interpreter.")
    return url.rstrip("/")


def _default(name: str) -> object:
    return next(field.default for field in fields(Settings) if field.name == name)


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= _LONGEST_DAYS):
        raise InputError(
            f"CROSSROADS_STALE_DAYS is {shorten(text)!r}; it must be a number of days, as 90."
        )
    return int(text)
