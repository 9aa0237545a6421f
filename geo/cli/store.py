"""The store that commands work on, and who works on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from geo.settings import read_settings

if TYPE_CHECKING:
    from geo.store import Store


@contextmanager
def open_store(*, upgrade: bool = True) -> Iterator[Store]:
    """Open the store that the settings name.

    Raises
    ------
    SetupError
        It cannot be reached or written.
    """
    from geo.store import Store

    store = Store.open(read_settings().store_url, upgrade=upgrade)
    try:
        yield store
    finally:
        store.close()
