"""Services on this computer that behave as those of the internet do on a bad day."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from geo.online import Client, ResponseCache
from tests.online.staging import Hands, Rude, Script


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def client(hands: Hands) -> Iterator[Client]:
    client = Client(clock=hands.clock)
    yield client
    client.close()


@pytest.fixture
def cache(tmp_path: Path, hands: Hands) -> Iterator[ResponseCache]:
    cache = ResponseCache(tmp_path / "cache", clock=hands.clock)
    yield cache
    cache.close()


@pytest.fixture
def server(httpserver: HTTPServer) -> HTTPServer:
    """A server that says what it is told to."""
    return httpserver


@pytest.fixture
def rude() -> Iterator[Rude]:
    """Return a function that starts a server which writes bytes as they are, and its address.

    Each connection gets the next of the scripts, the last one again and again; then it is closed.
    """
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(*scripts: Script) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve() -> None:
            number = 0
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                script = scripts[min(number, len(scripts) - 1)]
                number += 1
                threads.append(threading.Thread(target=answer, args=(connection, script)))
                threads[-1].start()

        def answer(connection: socket.socket, script: Script) -> None:
            with connection, suppress(OSError):
                connection.recv(1 << 16)
                script(connection) if callable(script) else connection.sendall(script)

        threads.append(threading.Thread(target=serve, daemon=True))
        threads[-1].start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener in listeners:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join(5)
