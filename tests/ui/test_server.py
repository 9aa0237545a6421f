"""The app as it runs, spoken to as browsers and programs do: who may ask it, and whom it asks."""

from __future__ import annotations

import asyncio
import http.client
import os
import shutil
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from geo.region import Region
from tests.browser.conftest import ROOT, free_port, serve

SWALLOWING = '''
"""A network that swallows everything but what stays on this computer, and writes down what."""
import os, socket, time

HERE = ("127.", "::1", "localhost", "/")

def swallow(what):
    with open(os.environ["SWALLOWED"], "a") as log:
        log.write(f"{what}\\n")
    time.sleep(8)
    raise TimeoutError(what)

def watch(name):
    inner = getattr(socket.socket, name)
    def outer(self, *args):
        address = args[-1]
        host = address[0] if isinstance(address, tuple) else address
        if self.family != socket.AF_UNIX and not str(host).startswith(HERE):
            swallow(f"{name} {address}")
        return inner(self, *args)
    setattr(socket.socket, name, outer)

for name in ("connect", "connect_ex", "sendto"):
    watch(name)
resolve = socket.getaddrinfo

def getaddrinfo(host, *args, **options):
    if host is not None and not str(host).startswith((*HERE, "0.0.0.0", "::")):
        swallow(f"getaddrinfo {host}")
    return resolve(host, *args, **options)

socket.getaddrinfo = getaddrinfo
'''
PATIENCE_S = 60


class Proxy:
    """Writes down what it is asked for, and answers nothing."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.asked.append(connection.recv(200))


class Server:
    """A running app, and what it asked of others."""

    def __init__(self, url: str, swallowed: Path, proxy: Proxy, log: Path) -> None:
        self.netloc = urlsplit(url).netloc
        self.url = f"http://{self.netloc}"
        self.swallowed = swallowed
        self.proxy = proxy
        self.log = log

    def asked(self) -> list[str]:
        """Return what it asked of other computers."""
        lines = self.swallowed.read_text().splitlines() if self.swallowed.exists() else []
        return [*lines, *map(str, self.proxy.asked)]

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
        """Return the status and the text of an answer."""
        host, port = self.netloc.split(":")
        with closing(http.client.HTTPConnection(host, int(port), timeout=PATIENCE_S)) as wire:
            wire.request(method, path, headers=headers)
            answer = wire.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")

    @asynccontextmanager
    async def socket(self, **headers: str) -> AsyncIterator[ClientConnection]:
        """Open the WebSocket of a page, as a browser does unless told otherwise."""
        headers = {"Origin": self.url, **headers}
        async with connect(
            f"ws://{self.netloc}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers={key: value for key, value in headers.items() if value},
            max_size=None,
            proxy=None,
        ) as wire:
            yield wire


@pytest.fixture(scope="module")
def server(
    county: Region, regions_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """An app of one's own computer, on a network that swallows everything."""
    data_dir = tmp_path_factory.mktemp("server")
    shutil.copytree(regions_dir / county.name, data_dir / "regions" / county.name)
    hooks = tmp_path_factory.mktemp("hooks")
    (hooks / "sitecustomize.py").write_text(SWALLOWING)
    proxy = Proxy()
    environ = {
        "PYTHONPATH": os.pathsep.join(map(str, (hooks, ROOT))),
        "SWALLOWED": str(hooks / "swallowed"),
        **dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), proxy.url),
        "no_proxy": "",
    }
    for url in serve(ROOT / "app.py", data_dir, port=free_port(), environ=environ):
        yield Server(url, hooks / "swallowed", proxy, data_dir / "app.log")
    proxy.listener.close()


def run(talk: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Talk, in a thread of its own: the browser tests keep an event loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, asyncio.wait_for(talk(), PATIENCE_S)).result()


async def is_refused(server: Server, **headers: str) -> bool:
    try:
        async with server.socket(**headers):
            return False
    except InvalidStatus as refused:
        return refused.response.status_code == 403


def rerun(**widgets: Any) -> bytes:
    """Return the message of a click, with the states of widgets by their ids."""
    message = BackMsg()
    message.rerun_script.query_string = ""
    for key, (field, value) in widgets.items():
        state = message.rerun_script.widget_states.widgets.add()
        state.id = key
        setattr(state, field, value)
    return message.SerializeToString()


async def finished(wire: ClientConnection) -> list[ForwardMsg]:
    """Return what the server sends until a run is over."""
    messages = []
    while True:
        message = ForwardMsg.FromString(await wire.recv())
        messages.append(message)
        if message.WhichOneof("type") == "script_finished":
            return messages


def test_no_page_elsewhere_makes_the_server_call_out_or_wait(server: Server) -> None:
    origins = ["https://evil.example", "http://localhost:3000", "null", "http://10.0.0.7:8501", ""]

    async def talk() -> None:
        refused = asyncio.gather(*(is_refused(server, Origin=origin) for origin in origins))
        health = asyncio.to_thread(server.get, "/crossroads/health")
        status, _ = await asyncio.wait_for(health, 5)  # the network swallows for 8
        assert status == 200
        assert await refused == [True] * len(origins)

    run(talk)
    assert server.asked() == []


def test_a_page_of_its_own_is_drawn(server: Server) -> None:
    async def talk() -> None:
        async with server.socket() as wire:
            await wire.send(rerun())
            kinds = {message.WhichOneof("type") for message in await finished(wire)}
            assert {"new_session", "delta"} <= kinds

    run(talk)
    assert server.asked() == []


def test_the_start_asks_nobody(server: Server) -> None:
    assert server.asked() == []
    assert "External URL" not in server.log.read_text()
