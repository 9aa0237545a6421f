"""What an operator may set: environment variables that begin with ``CROSSROADS_``, read once.

A name that is not known is refused, so that a typing mistake cannot pass unnoticed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from geo.errors import UnknownName
from geo.tables import checkout

_PREFIX = "CROSSROADS_"


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
    """

    data_dir: Path
    hosts: tuple[str, ...] = ()

    @property
    def regions_dir(self) -> Path:
        """The folder that holds one folder for each region."""
        return self.data_dir / "regions"


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from environment variables; those without the prefix are not looked at.

    Without ``CROSSROADS_DATA_DIR`` everything lives in the checkout's own ``data/`` or, where
    Crossroads was installed as a package, in ``data/`` below the current folder.

    Raises
    ------
    UnknownName
        A variable begins with ``CROSSROADS_`` and is no setting.
    """
    known = {_PREFIX + field.name.upper() for field in fields(Settings)}
    for name in environ:
        if name.startswith(_PREFIX) and name not in known:
            raise UnknownName("setting", name, known)
    data_dir = environ.get(_PREFIX + "DATA_DIR")
    hosts = (host.strip() for host in environ.get(_PREFIX + "HOSTS", "").split(","))
    return Settings(
        data_dir=Path(data_dir).expanduser() if data_dir else (checkout() or Path()) / "data",
        hosts=tuple(host for host in hosts if host),
    )
