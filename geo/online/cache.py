"""Responses that need not be asked for again, kept on disk with the time at which they came.

The store is that of requests-cache (SQLite); what is put into it was read whole and within limits
by the `Client` first. It is a convenience: where it cannot be written or is damaged, everything is
asked for anew. Responses may say where somebody looked, so the file is its owner's alone.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import RLock
from typing import Any

from requests.structures import CaseInsensitiveDict
from requests_cache.backends.sqlite import SQLiteCache
from requests_cache.models.response import CachedResponse
from requests_cache.serializers import SerializerPipeline, Stage, json_serializer

from geo.cancellation import SYSTEM_CLOCK, Clock
from geo.online.http import Request, Response

_FILE = "answers.sqlite"
_ERRORS = (OSError, ValueError, TypeError, KeyError, zlib.error)
_SERIALIZER = SerializerPipeline(
    [
        json_serializer,
        Stage(dumps=str.encode, loads=bytes.decode),
        Stage(dumps=zlib.compress, loads=zlib.decompress),
    ],
    name="packed-json",
    is_binary=True,
)
"""Data only, no pickled objects: whoever can write the file cannot make us run anything."""


class ResponseCache:
    """Answers by the request that they were given to."""

    def __init__(self, folder: Path, *, clock: Clock = SYSTEM_CLOCK) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = RLock()
        self._store: SQLiteCache | None = None

    def get(self, request: Request, *, max_age: timedelta | None = None) -> Response | None:
        """Return what was answered to the same request; None for nothing, or nothing so young.

        ``max_age`` is the greatest age that will do; None for any.
        """
        found = self._with_store(
            lambda store: store.responses.get(cache_key(request)), create=False
        )
        if found is None or found.created_at is None:
            return None
        age = self._clock.now() - found.created_at
        if max_age is not None and not timedelta(0) <= age <= max_age:
            return None
        return Response(
            url=found.url,
            status=found.status_code,
            content_type=found.headers.get("Content-Type", ""),
            body=found.content,
            at=found.created_at,
        )

    def put(self, request: Request, response: Response, *, expire_after: timedelta) -> None:
        """Keep a response for so long; what is older than was wanted of it goes."""
        packed = CachedResponse(
            content=response.body,
            status_code=response.status,
            url=response.url.partition("?")[0],  # what was asked may be an address that was typed
            headers=CaseInsensitiveDict({"Content-Type": response.content_type}),
            created_at=response.at,
            expires=self._clock.now() + expire_after,
        )

        def store_packed(store: SQLiteCache) -> None:
            store.delete(expired=True, vacuum=False)
            store.responses[cache_key(request)] = packed

        self._with_store(store_packed, create=True)

    def clear(self) -> None:
        """Forget every response."""
        self._with_store(lambda store: store.clear(), create=False)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._store is not None:
                self._store.responses.close()
                self._store.redirects.close()
                self._store = None

    def _with_store(self, action: Callable[[SQLiteCache], Any], *, create: bool) -> Any:
        """Return what comes of an act on the store; None where it fails, or there is no store."""
        with self._lock:
            try:
                store = self._open(create=create)
                return None if store is None else action(store)
            except sqlite3.OperationalError:  # busy, full, or not to be written
                return None
            except sqlite3.DatabaseError:
                self._delete_store()
            except _ERRORS:
                self.close()
        return None

    def _open(self, *, create: bool) -> SQLiteCache | None:
        path = self._folder / _FILE
        if self._store is None and (create or path.is_file()):
            self._folder.mkdir(parents=True, exist_ok=True)
            if not os.access(self._folder, os.W_OK):
                return None  # the store would wait for ever for its right to write
            path.touch(mode=0o600)
            self._store = SQLiteCache(path, serializer=_SERIALIZER, wal=True, busy_timeout=5000)
        return self._store

    def _delete_store(self) -> None:
        """Delete a damaged file; the next response begins a new one."""
        self.close()
        for path in self._folder.glob(f"{_FILE}*"):
            path.unlink(missing_ok=True)


def cache_key(request: Request) -> str:
    """Return what stands for a request: a hash, so that no address is read off the file's keys."""
    parts = [request.verb, request.url, *map(repr, sorted((request.form or {}).items()))]
    return hashlib.sha256("\n".join(parts).encode("utf-8")).hexdigest()
