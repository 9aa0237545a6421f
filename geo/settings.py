"""What an operator may set: environment variables that begin with ``CROSSROADS_``, read once.

A name that is not known is refused, so that a typing mistake cannot pass unnoticed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from geo.errors import InputError, UnknownName, shorten
from geo.files import checkout_root

_PREFIX = "CROSSROADS_"
_BASEMAP_URL = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?/"
    r"(?:(?=\S*\{z\})(?=\S*\{x\})(?=\S*\{y\})[^\s\"'<>;,]*|[^\s\"'<>;,{}]+)"
)
_DATABASES = ("postgresql://", "postgresql+psycopg://", "sqlite:///")
_SITE_URL = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?/?")
_CONTACT = re.compile(r"[!-~]{1,100}@[!-~]{1,100}|https?://[!-~]{1,190}")


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
    database_url
        Where people, plans and the audit are kept (``CROSSROADS_DATABASE_URL``), as
        ``postgresql://user@host/crossroads``; empty for a SQLite file in ``data_dir``.
    homes_per_area
        Among how many homes everybody hides at least (``CROSSROADS_HOMES_PER_AREA``).
    area_days
        A home area that nobody used for so many days is deleted (``CROSSROADS_AREA_DAYS``).
    origins_per_day
        From how many starts one person may look for colleagues in a day
        (``CROSSROADS_ORIGINS_PER_DAY``).
    invitation_days
        How long an invitation can be accepted (``CROSSROADS_INVITATION_DAYS``).
    url
        Where visitors find the app, as ``https://meet.example.org`` (``CROSSROADS_URL``).
    oidc_metadata_url, oidc_client_id, oidc_client_secret
        The OpenID provider that people sign in with, and what it calls this app
        (``CROSSROADS_OIDC_METADATA_URL`` and so on); `geo.oidc` says how they belong together.
    cookie_secret
        What the cookies of signed-in people are sealed with (``CROSSROADS_COOKIE_SECRET``).
    admins
        E-mail addresses of those who are admins whatever the store says (``CROSSROADS_ADMINS``,
        divided by commas).
    role_claim
        The provider's claim that lists somebody's groups (``CROSSROADS_ROLE_CLAIM``).
    admin_groups, planner_groups
        The groups of that claim whose members are admins or planners
        (``CROSSROADS_ADMIN_GROUPS``, ``CROSSROADS_PLANNER_GROUPS``, divided by commas).
    trust_email
        Take the provider's e-mail addresses for verified where it does not say
        (``CROSSROADS_TRUST_EMAIL``, ``yes`` or ``no``). Only for a provider whose addresses nobody
        can choose for themselves.
    sign_in_hours
        How long a sign-in lasts, used or not (``CROSSROADS_SIGN_IN_HOURS``).
    idle_minutes
        A sign-in that was not used for so long is over (``CROSSROADS_IDLE_MINUTES``).
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
    database_url: str = field(default="", repr=False)
    homes_per_area: int = 20
    area_days: int = 365
    origins_per_day: int = 100
    invitation_days: int = 14
    url: str = ""
    oidc_metadata_url: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    cookie_secret: str = field(default="", repr=False)
    admins: tuple[str, ...] = ()
    role_claim: str = ""
    admin_groups: tuple[str, ...] = ()
    planner_groups: tuple[str, ...] = ()
    trust_email: bool = False
    sign_in_hours: float = 12.0
    idle_minutes: int = 120
    contact: str = ""
    geofabrik_index_url: str = "https://download.geofabrik.de/index-v1.json"
    overpass_url: str = "https://overpass-api.de/api/interpreter"
    nominatim_url: str = "https://nominatim.openstreetmap.org"
    stale_days: int = 90

    @property
    def store_url(self) -> str:
        """Where the store is opened: the database that was named, or a file of our own."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'crossroads.sqlite').absolute()}"

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
        A value is none that its setting can have; the sentence names it.
    """
    # By names first: the text of each variable of the environment would be decoded too.
    names = sorted(name for name in environ if name.startswith(_PREFIX))
    return _read(tuple((name, environ[name].strip()) for name in names))


@lru_cache(maxsize=16)
def _read(said: tuple[tuple[str, str], ...]) -> Settings:
    """Read names and their texts; a page asks ten times for what stays the same."""
    fields_by_name = {_PREFIX + name.upper(): name for name in _setting_names()}
    read: dict[str, Any] = {"data_dir": (checkout_root() or Path()) / "data"}
    for name, text in said:
        if name not in fields_by_name:
            raise UnknownName("setting", name, fields_by_name)
        if text:
            setting = fields_by_name[name]
            read[setting] = _READERS.get(setting, str)(text)
    return Settings(**read)


def _setting_names() -> list[str]:
    return [one.name for one in fields(Settings)]


def _data_dir(text: str) -> Path:
    """Return the folder, if there can be one of that name."""
    try:
        folder = Path(text).expanduser()
        folder.exists()
    except PermissionError:
        return folder  # told where it is used, with what was wanted of it
    except RuntimeError as error:
        raise _data_dir_error(text, "there is no such user; write the path out") from error
    except (OSError, ValueError) as error:
        raise _data_dir_error(text, "it must be a path that this system allows") from error
    return folder


def _data_dir_error(text: str, advice: str) -> InputError:
    return InputError(f"CROSSROADS_DATA_DIR is {shorten(text)!r}; {advice}.")


def _basemap_url(url: str) -> str:
    """Return the address if it is one of tiles or a style: its host goes into a header."""
    if not _BASEMAP_URL.fullmatch(url):
        raise InputError(
            f"CROSSROADS_BASEMAP is {shorten(url)!r}; it must look like"
            " https://host/{z}/{x}/{y}.png, or https://host/style.json of a MapLibre style."
        )
    return url


def _integer_reader(name: str, least: int, most: int) -> Callable[[str], int]:
    """Return what reads a whole number within limits."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10) or not (
            least <= int(text) <= most
        ):
            raise InputError(
                f"{_PREFIX}{name.upper()} is {shorten(text)!r}; give a whole number from {least} to"
                f" {most:,}."
            )
        return int(text)

    return read


def _database_url(url: str) -> str:
    """Return the address of a database; it may hold a password, so no message repeats it."""
    if not url.startswith(_DATABASES):
        raise InputError(
            "CROSSROADS_DATABASE_URL names no database that is known here; write it like"
            " postgresql://user@host/crossroads, or leave it out."
        )
    return url


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.split(",") if (name := part.strip()))


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(address.casefold() for address in _names(text))


def _url(text: str) -> str:
    """Return the app's own address, without what would follow its host."""
    if not _SITE_URL.fullmatch(text):
        raise InputError(
            f"CROSSROADS_URL is {shorten(text)!r}; it must look like https://meet.example.org."
        )
    return text.rstrip("/")


def _boolean(text: str) -> bool:
    said = _YES_NO.get(text.casefold())
    if said is None:
        raise InputError(f"CROSSROADS_TRUST_EMAIL is {shorten(text)!r}; it must be yes or no.")
    return said


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = 0.0
    if not 0 < hours <= 720:
        raise InputError(
            f"CROSSROADS_SIGN_IN_HOURS is {shorten(text)!r}; it must be a number up to 720."
        )
    return hours


def _contact(text: str) -> str:
    """Return the contact if it can stand in a header, and somebody can be reached by it."""
    if not _CONTACT.fullmatch(text):
        raise InputError(
            "CROSSROADS_CONTACT must be a mail or web address, as maps@example.org: the services"
            " write there if something is wrong."
        )
    return text


def _service_url_reader(name: str) -> Callable[[str], str]:
    """Return what reads the address of a service."""
    example = next(str(field.default) for field in fields(Settings) if field.name == name)
    variable = _PREFIX + name.upper()

    def read(url: str) -> str:
        try:
            parts = urlsplit(url)
            good = parts.scheme in {"http", "https"} and bool(parts.hostname) and url.isprintable()
            parts.port  # noqa: B018 - raises where it is no port
        except ValueError:
            good = False
        if not good:
            raise InputError(
                f"{variable} is {shorten(url)!r}; it must be an address such as {example}."
            )
        if name == "overpass_url" and not parts.path.rstrip("/").endswith("/interpreter"):
            raise InputError(f"{variable} is {shorten(url)!r}; it must end in /api/interpreter.")
        return url.rstrip("/")

    return read


_YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_READERS: dict[str, Callable[[str], Any]] = {
    "data_dir": _data_dir,
    "hosts": _names,
    "basemap": _basemap_url,
    "url": _url,
    "admins": _addresses,
    "admin_groups": _names,
    "planner_groups": _names,
    "trust_email": _boolean,
    "sign_in_hours": _hours,
    "idle_minutes": _integer_reader("idle_minutes", 5, 43_200),
    "database_url": _database_url,
    "homes_per_area": _integer_reader("homes_per_area", 5, 10_000),
    "area_days": _integer_reader("area_days", 7, 3650),
    "origins_per_day": _integer_reader("origins_per_day", 1, 10_000),
    "invitation_days": _integer_reader("invitation_days", 1, 90),
    "contact": _contact,
    "geofabrik_index_url": _service_url_reader("geofabrik_index_url"),
    "overpass_url": _service_url_reader("overpass_url"),
    "nominatim_url": _service_url_reader("nominatim_url"),
    "stale_days": _integer_reader("stale_days", 1, 36_500),
}
"""How each setting is read; what is not named here is text."""
