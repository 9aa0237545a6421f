"""The lookup tables of ``data/``: kinds of place, speeds, and the sample county.

They lie in ``data/`` in a checkout and inside the package in a wheel; this module knows which.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent


def checkout() -> Path | None:
    """Return the root of the checkout that this package is part of, or None for a wheel."""
    root = _PACKAGE.parent
    return root if (root / "data" / "speeds.toml").is_file() else None


def table_path(name: str) -> Path:
    """Return the path of a table or shipped file, as ``"speeds.toml"`` or ``"sample"``."""
    root = checkout()
    return (root or _PACKAGE) / "data" / name


def app_path() -> Path:
    """Return the path of ``app.py``, whose folder also holds the app's ``.streamlit/``."""
    root = checkout()
    return root / "app.py" if root else _PACKAGE / "data" / "app.py"


@cache
def read_table(name: str) -> dict[str, Any]:
    """Return a table as nested dicts; cached, so treat it as read-only.

    Parameters
    ----------
    name
        File name without its ending, as ``"speeds"``.
    """
    with table_path(f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
