"""What an operator may set: environment variables that begin with ``CROSSROADS_``, read once.

A name that is not known is refused, so that a typing mistake cannot pass unnoticed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

from geo.errors import InputError, UnknownName, shorten
from geo.tables import checkout

_PREFIX = "CROSSROADS_"
_TILES = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?/(?=\S*\{z\})(?=\S*\{x\})(?=\S*\{y\})[^\s\"'<>;,]*"
)
_DATABASES = ("postgresql://", "postgresql+psycopg://", "sqlite:///")
_COUNTS = {
    "homes_per_area": (20, 5, 10_000),
    "area_days": (365, 7, 3650),
    "origins_per_day": (100, 1, 10_000),
    "invitation_days": (14, 1, 90),
}
"""Settings that are whole numbers: what they are unless told otherwise, the least and the most."""


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

    @property
    def store_url(self) -> str:
        """Where the store is opened: the database that was named, or a file of our own."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'crossroads.sqlite').absolute()}"

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
        The address of the basemap is none of tiles, or the data cannot live where they should.
    """
    known = {_PREFIX + one.name.upper() for one in fields(Settings)}
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
        database_url=_database_url(environ.get(_PREFIX + "DATABASE_URL", "")),
        **{name: _count(environ, name, *limits) for name, limits in _COUNTS.items()},
    )


def _count(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """Return a setting that is a whole number within limits."""
    variable = _PREFIX + name.upper()
    text = environ.get(variable, "").strip() or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise InputError(
            f"{variable} is {shorten(text)!r}; give a whole number from {least} to {most:,}."
        )
    return int(text)


def _database_url(url: str) -> str:
    """Return the address of a database; it may hold a password, so no message repeats it."""
    if url and not url.startswith(_DATABASES):
        raise InputError(
            "CROSSROADS_DATABASE_URL names no database that is known here; write it like"
            " postgresql://user@host/crossroads, or leave it out."
        )
    return url


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
