"""`Store`: the database, and the two ways to use it: to read, and to write in one piece.

``with store.atomic() as db`` is the only way to write: a `Writer` comes from nowhere else, and what
writes asks for one. There is one writer at a time, on SQLite by ``BEGIN IMMEDIATE`` and on
PostgreSQL by an advisory lock: so to read something and write what follows from it is right without
retries (under a deferred transaction five of six such writes fail when threads meet), and both
databases behave alike. Writes are rare and short here; readers are never kept waiting.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import Connection, Engine, Executable, Row, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from geo.errors import InputError, SetupError
from geo.store import migrate

_LOCK = 0x43726F7373
"""The number of our advisory locks on PostgreSQL; "Cross" in ASCII."""

_WAIT_S = 30.0
"""How long a writer waits for another process before it gives up."""


class Reader:
    """One view of the database, the same from its first question to its last."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, question: Executable) -> Sequence[Row[Any]]:
        """Return every row of an answer."""
        return self._connection.execute(question).all()

    def first(self, question: Executable) -> Row[Any] | None:
        """Return the first row of an answer; None where there is none."""
        return self._connection.execute(question).first()

    def value(self, question: Executable) -> Any:
        """Return the first cell of an answer; None where there is none."""
        return self._connection.execute(question).scalar()

    @property
    def connection(self) -> Connection:
        """What migrations and backups work on."""
        return self._connection


class Writer(Reader):
    """The right to write; everything done with one is kept together or not at all."""

    def run(self, statement: Executable, rows: Sequence[dict[str, Any]] | None = None) -> int:
        """Carry out a statement, once or for each of some rows, and return how many it changed."""
        if rows is not None and not rows:
            return 0
        return int(self._connection.execute(statement, rows).rowcount)


class Store:
    """The database. Every thread may use it at the same time.

    Parameters
    ----------
    engine
        `open` makes one.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = threading.Lock()
        self._mine = threading.local()

    @classmethod
    def open(cls, url: str, *, upgrade: bool = True) -> Store:
        """Open a database, and bring it to this version's tables unless told otherwise.

        Parameters
        ----------
        url
            ``sqlite:///path`` or ``postgresql://...``.
        upgrade
            Whether to migrate.

        Raises
        ------
        InputError
            It is no address of a database.
        SetupError
            It cannot be reached or written, or is of a newer version.
        """
        store = cls(_engine(_parsed(url)))
        if upgrade:
            try:
                store.upgrade()
            except BaseException:
                store.close()
                raise
        return store

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of our own."""
        return self._engine.dialect.name == "sqlite"

    def upgrade(self) -> None:
        """Bring the database to this version's tables; one process at a time does it.

        Raises
        ------
        SetupError
            It cannot be reached or written, or is of a newer version.
        """
        with self.read() as db:
            if migrate.revision(db.connection) == migrate.HEAD:
                return
        with self._migration_lock(), self.atomic() as db:
            migrate.upgrade(db.connection)

    @contextmanager
    def atomic(self) -> Iterator[Writer]:
        """Write: what the block does is kept together, or not at all where it raises.

        Raises
        ------
        SetupError
            The database cannot be reached or written.
        """
        if getattr(self._mine, "writes", False):
            raise RuntimeError("a write within a write would wait for itself")
        self._mine.writes = True
        try:
            with self._writing, _told(), self._begin_writing() as connection:
                if not self.is_sqlite:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                yield Writer(connection)
        finally:
            self._mine.writes = False

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """Read: the block sees one state of the database, and the database refuses its writes.

        Raises
        ------
        SetupError
            The database cannot be reached.
        """
        with _told(), self._engine.connect() as connection, connection.begin():
            if self.is_sqlite:
                connection.exec_driver_sql("PRAGMA query_only = ON")
                try:
                    yield Reader(connection)
                finally:
                    connection.exec_driver_sql("PRAGMA query_only = OFF")
            else:
                connection.exec_driver_sql(
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
                )
                yield Reader(connection)

    def scrub(self) -> None:
        """Let nothing of what was deleted stay in a file: empty the journal of SQLite.

        Deleted rows are overwritten in the database itself (``secure_delete``); older pages wait
        in the journal until it is emptied. PostgreSQL does the like by its own vacuum.
        """
        if self.is_sqlite:
            with _told(), self._engine.connect() as connection:
                alone = connection.execution_options(isolation_level="AUTOCOMMIT")
                alone.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close every connection; a use after this opens new ones."""
        self._engine.dispose()

    @contextmanager
    def _begin_writing(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            writing = connection.execution_options(crossroads_writes=True)
            with writing.begin():
                yield writing

    @contextmanager
    def _migration_lock(self) -> Iterator[None]:
        if not self.is_sqlite:  # one writer at a time is lock enough
            yield
            return
        with FileLock(f"{self._engine.url.database}.lock"):
            yield


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _no_url() from error
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "postgresql+psycopg"} or not parsed.database:
        raise _no_url()
    return parsed


def _no_url() -> InputError:
    return InputError(
        "that is no address of a database; write it like postgresql://user@host/crossroads or"
        " sqlite:////srv/crossroads.sqlite."
    )


def _engine(url: URL) -> Engine:
    sqlite = url.drivername == "sqlite"
    if sqlite:
        _make_private(Path(str(url.database)))
    try:
        engine = create_engine(
            url,
            hide_parameters=True,  # they are names and areas, and errors end in logs
            pool_size=8,
            max_overflow=56,
            pool_pre_ping=not sqlite,
            connect_args={"timeout": _WAIT_S} if sqlite else {"connect_timeout": 10},
        )
    except (NoSuchModuleError, ImportError) as error:
        raise SetupError(
            "the driver for PostgreSQL is missing; install it with"
            " 'pip install crossroads[postgres]'."
        ) from error
    if sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_private(path: Path) -> None:
    """Create the file so that nobody else on this computer can read it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise SetupError(
            f"cannot open the database {path}: {error.strerror}; change its rights, or set"
            " CROSSROADS_DATA_DIR."
        ) from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin as `_begin_sqlite` says, nowhere else
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
        "cache_size = -32000",  # kB: what a large import changes is not written out half-way
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("crossroads_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _told() -> Iterator[None]:
    """Tell a database's faults as what somebody can do about them.

    What the database said is not handed on: it repeats rows, and errors end in logs.
    """
    try:
        yield
    except DBAPIError as error:
        raise SetupError(_reason(error)) from None
    except SQLAlchemyError as error:
        raise SetupError(
            f"the database cannot be used ({type(error).__name__}); look at its log."
        ) from None


def _reason(error: DBAPIError) -> str:
    said = str(error.orig).lower()
    for sign, reason in _REASONS.items():
        if sign in said:
            return reason
    return f"the database refused ({type(error).__name__}); look at its log."


_REASONS = {
    "append-only": "the audit is append-only; nothing in it can be changed or deleted.",
    "locked": "another process keeps the database busy; try again when it has finished.",
    "full": "the disk of the database is full; make room.",
    "readonly": "the database may not be written; change the rights of its file and folder.",
    "read-only": "the database may not be written from here.",
    "not a database": "the file of the database is damaged or none; restore a backup.",
    "malformed": "the database is damaged; restore a backup with 'crossroads db restore'.",
    "connection": "the database cannot be reached; check it, and CROSSROADS_DATABASE_URL.",
    "no such table": "the database has no tables yet; run 'crossroads db upgrade'.",
    "does not exist": "the database has no tables yet; run 'crossroads db upgrade'.",
}
