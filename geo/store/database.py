"""`Store`: the database, which is read, and written in transactions.

``with store.atomic() as db`` is the only way to write: a `Writer` comes from nowhere else, and what
writes asks for one. There is one writer at a time, on SQLite by ``BEGIN IMMEDIATE`` and on
PostgreSQL by an advisory lock: so to read something and write what follows from it is right without
retries (under a deferred transaction five of six such writes fail when threads meet), and both
databases behave alike. Writes are rare and short here; readers are never kept waiting. Many rows
are staged in temporary tables first (`Store.staging`), and committed by one write.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Executable,
    MetaData,
    Row,
    Table,
    event,
    func,
    insert,
    select,
)
from sqlalchemy.pool import ConnectionPoolEntry

from geo.errors import SetupError
from geo.store import engine as store_engine
from geo.store.engine import make_engine, parsed_url, run_in_sqlite, translate_db_errors

_ADVISORY_LOCK = 0x43726F7373
"""The number of our advisory locks on PostgreSQL; "Cross" in ASCII."""


class Reader:
    """One view of the database, the same from its first question to its last."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, statement: Executable) -> Sequence[Row[Any]]:
        """Return every row of an answer."""
        return self._connection.execute(statement).all()

    def first(self, statement: Executable) -> Row[Any] | None:
        """Return the first row of an answer; None where there is none."""
        return self._connection.execute(statement).first()

    def scalar(self, statement: Executable) -> Any:
        """Return the first cell of an answer; None where there is none."""
        return self._connection.execute(statement).scalar()

    def count(self, table: Table, *where: ColumnElement[bool]) -> int:
        """Return how many rows of a table there are for which all of some conditions hold."""
        return int(self.scalar(select(func.count()).select_from(table).where(*where)))

    @property
    def connection(self) -> Connection:
        """What migrations and backups work on."""
        return self._connection


class Writer(Reader):
    """The right to write; everything done with one is kept together or not at all."""

    def execute(self, statement: Executable, rows: Sequence[dict[str, Any]] | None = None) -> int:
        """Carry out a statement, once or for each of some rows, and return how many it changed."""
        if rows is not None and not rows:
            return 0
        return int(self._connection.execute(statement, rows).rowcount)


class WriteTarget(Protocol):
    """What can be written to: a `Store`, or `StagedRows`."""

    def atomic(self) -> AbstractContextManager[Writer]:
        """Write: what the block does is kept together, or not at all where it raises."""
        ...


class StagedRows:
    """Rows in temporary tables of one connection, which nobody else sees, for one write.

    Nothing is left of them after a sudden end, and nobody waits while they are staged, which takes
    the longest of a large write.
    """

    def __init__(
        self, connection: Connection, begin: Callable[[], AbstractContextManager[Writer]]
    ) -> None:
        self._connection = connection
        self._begin = begin

    def insert_rows(self, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        """Stage rows in one of the temporary tables."""
        if rows:
            with self._connection.begin():
                self._connection.execute(insert(table), rows)

    def atomic(self) -> AbstractContextManager[Writer]:
        """Write as `Store.atomic` does, where the temporary tables can be read."""
        return self._begin()


class Store:
    """The database. Every thread may use it at the same time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._generation = 0  # how often it was closed
        event.listen(engine, "connect", self._mark_generation)
        event.listen(engine, "checkin", self._close_stale)
        self._write_lock = threading.Lock()
        self._thread = threading.local()
        self._write_count = 0

    @classmethod
    def open(cls, url: str, *, upgrade: bool = True) -> Store:
        """Open a database, and bring it to this version's tables unless ``upgrade`` is false.

        Its address is ``sqlite:///path`` or ``postgresql://...``.

        Raises
        ------
        InputError
            It is no address of a database.
        SetupError
            It cannot be reached or written, or is of a newer version.
        """
        store = cls(make_engine(parsed_url(url)))
        if upgrade:
            try:
                store.upgrade()
            except BaseException:
                store.close()
                raise
        return store

    @property
    def write_count(self) -> int:
        """How often this process has written; what was read before the last time may be stale."""
        return self._write_count

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of our own."""
        return self._engine.dialect.name == "sqlite"

    def upgrade(self) -> None:
        """Bring the database to this version's tables; one process at a time does it.

        Raises
        ------
        SetupError
            It cannot be reached or written, is of a newer version, or has lost what was in it.
        """
        self._refuse_empty_file()
        with self.read() as db:
            if store_engine.revision(db.connection) == store_engine.HEAD:
                return
        with self._migration_lock(), self.atomic() as db:
            store_engine.check_tables(db.connection)
            store_engine.upgrade(db.connection)

    @contextmanager
    def atomic(self) -> Iterator[Writer]:
        """Write: what the block does is kept together, or not at all where it raises.

        Raises
        ------
        SetupError
            The database cannot be reached or written.
        """
        with (
            self._thread_lock(),
            translate_db_errors(),
            self._engine.connect() as connection,
            self._write_transaction(connection) as writer,
        ):
            yield writer

    @contextmanager
    def staging(self, tables: MetaData) -> Iterator[StagedRows]:
        """Stage many rows, then write them at once; see `StagedRows`.

        The temporary tables are there in the block alone.

        Raises
        ------
        SetupError
            The database cannot be reached or written.
        """
        with translate_db_errors(), self._engine.connect() as connection:
            with connection.begin():
                tables.create_all(connection, checkfirst=False)
            try:
                yield StagedRows(connection, partial(self._atomic_on, connection))
            finally:
                with connection.begin():
                    tables.drop_all(connection, checkfirst=False)

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """Read: the block sees one state of the database, and the database refuses its writes.

        Raises
        ------
        SetupError
            The database cannot be reached.
        """
        with translate_db_errors(), self._engine.connect() as connection, connection.begin():
            if self.is_sqlite:
                run_in_sqlite(connection, "PRAGMA query_only = ON")
                try:
                    yield Reader(connection)
                finally:
                    run_in_sqlite(connection, "PRAGMA query_only = OFF")
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
            with translate_db_errors(), self._engine.connect() as connection:
                autocommit = connection.execution_options(isolation_level="AUTOCOMMIT")
                for mode in ("PASSIVE", "TRUNCATE"):  # the first does the most, and stops nobody
                    autocommit.exec_driver_sql(f"PRAGMA wal_checkpoint({mode})").all()

    def is_damaged(self) -> bool:
        """Return whether the file of SQLite cannot be read to its end; it reads all of it."""
        if not self.is_sqlite:
            return False
        if self.path.stat().st_size == 0:
            return True
        try:
            with translate_db_errors(), self._engine.connect() as connection:
                return bool(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok")
        except SetupError:
            return True

    @property
    def path(self) -> Path:
        """The file of SQLite."""
        return Path(str(self._engine.url.database))

    def close(self) -> None:
        """Close every connection; a use after this opens new ones.

        One that another thread has at this moment is closed when it is given back: to dispose of an
        engine leaves such connections open in a pool that nobody has any more.
        """
        self._generation += 1
        self._engine.dispose()

    def _mark_generation(self, _connection: Any, entry: ConnectionPoolEntry) -> None:
        entry.info["generation"] = self._generation

    def _close_stale(self, connection: Any, entry: ConnectionPoolEntry) -> None:
        if connection is not None and entry.info.get("generation") != self._generation:
            entry.close()

    def _refuse_empty_file(self) -> None:
        if self.is_sqlite and self.path.stat().st_size == 0:
            raise SetupError(
                f"the database {self.path} is empty and has lost its contents; restore a backup"
                " with 'crossroads db restore', or delete the file to start with an empty roster."
            )

    @contextmanager
    def _thread_lock(self) -> Iterator[None]:
        """Let one thread of this process write at a time."""
        if getattr(self._thread, "is_writing", False):
            raise RuntimeError("a write within a write would wait for itself")
        self._thread.is_writing = True
        try:
            with self._write_lock:
                try:
                    yield
                finally:
                    self._write_count += 1
        finally:
            self._thread.is_writing = False

    @contextmanager
    def _atomic_on(self, connection: Connection) -> Iterator[Writer]:
        """Write on a connection that is in use already."""
        with self._thread_lock(), self._write_transaction(connection) as writer:
            yield writer

    @contextmanager
    def _write_transaction(self, connection: Connection) -> Iterator[Writer]:
        """Begin to write, when no other process does."""
        write_connection = connection.execution_options(crossroads_writes=True)
        try:
            with write_connection.begin():
                if not self.is_sqlite:
                    write_connection.exec_driver_sql(
                        f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"
                    )
                yield Writer(write_connection)
        finally:
            connection.execution_options(crossroads_writes=False)

    @contextmanager
    def _migration_lock(self) -> Iterator[None]:
        if not self.is_sqlite:  # one writer at a time is lock enough
            yield
            return
        with FileLock(f"{self.path}.lock"):
            yield
