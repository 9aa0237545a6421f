"""Settings of an installation: environment variables that begin with ``CROSSROADS_``.

Each setting stands once, as a field of `Settings` with its default, what reads its text and its
help; ``docs/settings.md`` is made of them. Unknown names are refused, so that a typing mistake
cannot pass unnoticed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from geo.errors import InputError, UnknownName, shorten
from geo.files import checkout_root

_PREFIX = "CROSSROADS_"
_BASEMAP_URL = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?/"
    r"(?:(?=\S*\{z\})(?=\S*\{x\})(?=\S*\{y\})[^\s\"'<>;,]*|[^\s\"'<>;,{}]+)"
)
_DATABASE_URL = re.compile(r"(?:postgresql(?:\+psycopg)?://|sqlite:///).*", re.DOTALL)
_SITE_URL = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?/?")
_CONTACT = re.compile(r"[!-~]{1,100}@[!-~]{1,100}|https?://[!-~]{1,190}")
_YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_GEOFABRIK = "https://download.geofabrik.de/index-v1.json"
_OVERPASS = "https://overpass-api.de/api/interpreter"
_NOMINATIM = "https://nominatim.openstreetmap.org"

T = TypeVar("T")
Reader = Callable[[str, str], T]
"""Takes the name of a variable, for messages, and its text, which is not empty."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table: a variable, as ``CROSSROADS_URL``, its default, reader and help.

    The reader makes a value of its text, or raises `InputError`; help is one sentence in Markdown
    for ``docs/settings.md``, without a full stop.
    """

    name: str
    default: object
    reader: Reader[object]
    help: str


def _text(_variable: str, text: str) -> str:
    return text


def _folder(variable: str, text: str) -> Path:
    try:
        folder = Path(text).expanduser()
        folder.exists()
    except PermissionError:
        return folder  # reported where it is used, with what was wanted of it
    except RuntimeError as error:
        raise _folder_error(variable, text, "there is no such user; write the path out") from error
    except (OSError, ValueError) as error:
        raise _folder_error(variable, text, "it must be a path that this system allows") from error
    return folder


def _folder_error(variable: str, text: str, advice: str) -> InputError:
    return InputError(f"{variable} is {shorten(text)!r}; {advice}.")


def _matching(pattern: re.Pattern[str], advice: str) -> Reader[str]:
    """Return what reads a text that a pattern fits; `advice` may name ``{text}``."""

    def read(variable: str, text: str) -> str:
        if not pattern.fullmatch(text):
            raise InputError(f"{variable} {advice.format(text=repr(shorten(text)))}")
        return text

    return read


def _service_url(example: str, suffix: str = "") -> Reader[str]:
    """Return what reads the URL of a service whose path ends in `suffix`."""

    def read(variable: str, url: str) -> str:
        try:
            parts = urlsplit(url)
            valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and url.isprintable()
            parts.port  # noqa: B018 - raises where it is no port
        except ValueError:
            valid = False
        if not valid:
            raise InputError(
                f"{variable} is {shorten(url)!r}; it must be an address such as {example}."
            )
        if not parts.path.rstrip("/").endswith(suffix):
            raise InputError(f"{variable} is {shorten(url)!r}; it must end in /api{suffix}.")
        return url.rstrip("/")

    return read


def _site_url(variable: str, text: str) -> str:
    """Return the app's own URL, without what would follow its host."""
    if not _SITE_URL.fullmatch(text):
        raise InputError(
            f"{variable} is {shorten(text)!r}; it must look like https://meet.example.org."
        )
    return text.rstrip("/")


def _integer(least: int, most: int) -> Reader[int]:
    def read(variable: str, text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10) or not (
            least <= int(text) <= most
        ):
            raise InputError(
                f"{variable} is {shorten(text)!r}; give a whole number from {least} to {most:,}."
            )
        return int(text)

    return read


def _hours(variable: str, text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = 0.0
    if not 0 < hours <= 720:
        raise InputError(f"{variable} is {shorten(text)!r}; it must be a number up to 720.")
    return hours


def _boolean(variable: str, text: str) -> bool:
    value = _YES_NO.get(text.casefold())
    if value is None:
        raise InputError(f"{variable} is {shorten(text)!r}; it must be yes or no.")
    return value


def _names(_variable: str, text: str) -> tuple[str, ...]:
    return tuple(name for part in text.split(",") if (name := part.strip()))


def _emails(variable: str, text: str) -> tuple[str, ...]:
    return tuple(email.casefold() for email in _names(variable, text))


def _setting(default: T, reader: Reader[T], *, help: str, secret: bool = False) -> T:  # noqa: A002
    """Return the field of one setting; a secret one is left out of ``repr``."""
    made: Any = field(default=default, repr=not secret, metadata={"reader": reader, "help": help})
    return made  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one run; `setting_table` lists them with what each means."""

    data_dir: Path = _setting(  # noqa: RUF009 - a path cannot change
        Path("data"),
        _folder,
        help="folder of regions, the database, downloads and caches; the default is in the"
        " checkout or, where Crossroads is installed as a package, in the current folder",
    )
    database_url: str = _setting(
        "",
        _matching(
            _DATABASE_URL,
            "names no database that is known here; write it like"  # no text: it may hold a password
            " postgresql://user@host/crossroads, or leave it out.",
        ),
        secret=True,
        help="PostgreSQL database for people, plans, company venues and the audit, as"
        " `postgresql://user@host/name`; without it, a SQLite file in the data folder",
    )
    contact: str = _setting(
        "",
        _matching(
            _CONTACT,
            "must be a mail or web address, as maps@example.org: the services write there if"
            " something is wrong.",
        ),
        help="your e-mail address or website, which public map services ask for; without it only"
        " servers of your own are used",
    )
    geofabrik_index_url: str = _setting(
        _GEOFABRIK, _service_url(_GEOFABRIK), help="catalogue of extracts"
    )
    overpass_url: str = _setting(
        _OVERPASS,
        _service_url(_OVERPASS, "/interpreter"),
        help="Overpass server for fresh places and small areas; ends in `/api/interpreter`",
    )
    nominatim_url: str = _setting(
        _NOMINATIM, _service_url(_NOMINATIM), help="Nominatim server for addresses, on request"
    )
    stale_days: int = _setting(
        90, _integer(1, 36_500), help="age of a region from which an update is offered, in days"
    )
    basemap: str = _setting(
        "",
        _matching(
            _BASEMAP_URL,  # its host goes into a header
            "is {text}; it must look like https://host/{{z}}/{{x}}/{{y}}.png, or"
            " https://host/style.json of a MapLibre style.",
        ),
        help="another map: tiles as `https://host/{z}/{x}/{y}.png`, or a MapLibre style as"
        " `https://host/style.json` whose parts come from the same host; visitors' browsers then"
        " tell that server which part of the map they look at. Without it, the region's own map",
    )
    basemap_attribution: str = _setting("", _text, help="attribution of that map, shown on it")
    homes_per_area: int = _setting(
        20, _integer(5, 10_000), help="how many homes a home area holds at least"
    )
    area_days: int = _setting(
        365, _integer(7, 3650), help="a home area not used for so many days is deleted"
    )
    origins_per_day: int = _setting(
        100,
        _integer(1, 10_000),
        help="from how many starting points one person may search for colleagues in a day",
    )
    invitation_days: int = _setting(
        14, _integer(1, 90), help="how long an invitation can be accepted, in days"
    )
    url: str = _setting(
        "", _site_url, help="address of the app for visitors, as `https://meet.example.org`"
    )
    hosts: tuple[str, ...] = _setting(
        (),
        _names,
        help="further host names of the app, separated by commas; `*.example.org` for all below,"
        " `*` for any",
    )
    oidc_metadata_url: str = _setting(
        "",
        _text,
        help="the OpenID provider's `/.well-known/openid-configuration`; without it there is no"
        " sign-in, and the app answers this computer only",
    )
    oidc_client_id: str = _setting("", _text, help="the app's client ID at the provider")
    oidc_client_secret: str = _setting(
        "", _text, secret=True, help="the client secret that the provider gave"
    )
    cookie_secret: str = _setting(
        "", _text, secret=True, help="secret that signs the cookies, at least 32 characters"
    )
    admins: tuple[str, ...] = _setting(
        (),
        _emails,
        help="e-mail addresses of people who are admins whatever the roster says, separated by"
        " commas; the first one gets you in",
    )
    role_claim: str = _setting(
        "",
        _text,
        help="the provider's claim that lists somebody's groups, as `groups`; without it, roles"
        " are those of the roster",
    )
    admin_groups: tuple[str, ...] = _setting(
        (), _names, help="groups of that claim that make somebody an admin, separated by commas"
    )
    planner_groups: tuple[str, ...] = _setting(
        (), _names, help="groups of that claim that make somebody a planner, separated by commas"
    )
    trust_email: bool = _setting(
        False,
        _boolean,
        help="`yes` for a provider that does not say whether e-mail addresses are verified. Only"
        " where nobody can choose an address for themselves: with one they become whoever it"
        " belongs to",
    )
    sign_in_hours: float = _setting(
        12.0, _hours, help="how long a sign-in lasts, used or not, in hours"
    )
    idle_minutes: int = _setting(
        120,
        _integer(5, 43_200),
        help="how long a sign-in lasts without being used, in minutes. OWASP ASVS asks for 30 at"
        " level 2 where people do not have to sign in again each working day",
    )

    @property
    def store_url(self) -> str:
        """The URL of the database: the one that was set, or a SQLite file in `data_dir`."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'crossroads.sqlite').absolute()}"

    @property
    def downloads_dir(self) -> Path:
        """The folder of what is being downloaded."""
        return self.data_dir / "downloads"

    @property
    def cache_dir(self) -> Path:
        """The folder of responses of map services."""
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


def setting_table() -> tuple[Setting, ...]:
    """Return every setting, in the order of the documentation."""
    return tuple(
        Setting(_PREFIX + one.name.upper(), one.default, **one.metadata) for one in fields(Settings)
    )


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from environment variables; those without the prefix are ignored.

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


@lru_cache(maxsize=16)  # a page asks ten times for what stays the same
def _read(variables: tuple[tuple[str, str], ...]) -> Settings:
    known = {setting.name: setting for setting in setting_table()}
    values: dict[str, Any] = {"data_dir": (checkout_root() or Path()) / "data"}
    for name, text in variables:
        if name not in known:
            raise UnknownName("setting", name, known)
        if text:
            values[name.removeprefix(_PREFIX).lower()] = known[name].reader(name, text)
    return Settings(**values)
